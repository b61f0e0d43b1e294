//! What people do with gifts: take one, close it, correct a description, hand out the receipt.

use chrono::{DateTime, Datelike, Utc};
use entities::enums::{DonationStatus, LineOutcome};
use entities::ids::{DeviceId, DonationId, DonorId, LineId, SiteId};
use entities::{device, donation, donation_accessory, donation_line, donor, site};
use labels::Code;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::access::{self, Actor, By, Permission};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::{self, At, Event, State};
use crate::error::{Error, FieldError, Result};
use crate::french;
use crate::intake::input::{DeviceInput, DonationInput, DonorInput};
use crate::intake::store::{self, Gift};
use crate::intake::{receipt, rules};
use crate::jobs;
use crate::seal::KeyRing;

/// The job that mails a donor the receipt.
pub(crate) const MAIL_RECEIPT: &str = "donation_receipt";

/// A gift taken, or found again by its id.
#[derive(Debug)]
pub(crate) struct Taken {
    /// What was taken.
    pub(crate) gift: Gift,
    /// It had been taken before, by the same form.
    pub(crate) replayed: bool,
}

/// Takes a gift: donor, donation, lines and devices with their codes and journals, all or nothing.
///
/// # Errors
/// `site-foreign`; faults of the input; a pre-printed label that is unknown, misread or `code-taken`;
/// `id-reused` when the id served for another gift.
pub(crate) async fn take(app: &App, actor: &Actor, input: DonationInput) -> Result<Taken> {
    actor.require(Permission::TakeDonations)?;
    let input = rules::tidied(input);
    rules::check(&input)?;
    let labels = input
        .devices
        .iter()
        .map(|d| d.code.as_deref().map(devices::store::read_code).transpose())
        .collect::<Result<Vec<_>>>()?;
    let hash = body_hash(app, &input)?;
    if let Some(id) = input.id
        && let Some(stored) = store::by_id(app.db.read(), DonationId(id)).await?
    {
        return replay(app, actor, stored, &hash).await;
    }
    let serials: Vec<&str> = input
        .devices
        .iter()
        .filter_map(|d| d.serial.as_deref())
        .collect();
    let known = store::with_serials(app.db.read(), &serials).await?;
    let known: Vec<_> = known.iter().map(store::as_known).collect();

    let now = app.clock.now();
    let tx = app.db.write().await?;
    let site = access::steps::standing_site(&tx, actor, input.site.as_deref()).await?;
    let donor = match &input.donor {
        None => None,
        Some(donor) => Some(add_donor(&app.keys, &tx, donor, now).await?),
    };
    let year = french::local_date(now).year();
    let reference = access::steps::next_reference(&tx, "D", year).await?;
    let row = donation_row(actor, &input, &site, donor, reference, hash.clone(), now);
    let id = row.id;
    let inserted = donation::Entity::insert(donation::ActiveModel::from(row.clone()))
        .on_conflict(
            OnConflict::column(donation::Column::Id)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(&tx)
        .await?;
    if inserted == 0 {
        // The same form, sent twice at once: the other one won.
        drop(tx);
        let stored = store::by_id(app.db.read(), id).await?;
        return replay(app, actor, stored.ok_or(Error::Stale("donation"))?, &hash).await;
    }
    let at = At::now(now);
    for (n, (given, label)) in input.devices.iter().zip(labels).enumerate() {
        let place = (row.id, site.id);
        let device = add_device(app, &tx, place, given, label, &actor.by(), at).await?;
        let outcome = rules::outcome(given, &known);
        add_line(&tx, id, n, given, outcome, device.id, now).await?;
    }
    for accessory in &input.accessories {
        donation_accessory::Entity::insert(donation_accessory::ActiveModel {
            donation_id: Set(id),
            kind: Set(accessory.kind.as_str().to_owned()),
            count: Set(accessory.count),
        })
        .exec_without_returning(&tx)
        .await?;
    }
    if input.donor.as_ref().is_some_and(|d| d.email.is_some()) {
        let payload = serde_json::json!({ "donation": id });
        jobs::enqueue(&tx, MAIL_RECEIPT, &payload, now).await?;
    }
    tx.commit().await?;
    let gift = store::gift(app, app.db.read(), row).await?;
    Ok(Taken {
        gift,
        replayed: false,
    })
}

/// What was stored for an id that is sent again.
async fn replay(app: &App, actor: &Actor, stored: donation::Model, hash: &[u8]) -> Result<Taken> {
    let same = stored.body_hash == hash && may_see(app, actor, &stored).await?;
    if !same {
        return Err(Error::refused("id-reused", ""));
    }
    let gift = store::gift(app, app.db.read(), stored).await?;
    Ok(Taken {
        gift,
        replayed: true,
    })
}

/// A keyed hash, because a donor's name and mail are in the body and a plain hash can be guessed.
fn body_hash(app: &App, input: &DonationInput) -> Result<Vec<u8>> {
    let body = serde_jcs::to_vec(input).map_err(Error::internal)?;
    Ok(app.keys.keyed_hash("donation-body", &body).to_vec())
}

async fn add_donor(
    keys: &KeyRing,
    tx: &Tx,
    donor: &DonorInput,
    now: DateTime<Utc>,
) -> Result<DonorId> {
    let id = DonorId(id_at(now));
    let seal = |place: &str, text: &Option<String>| -> Result<Option<Vec<u8>>> {
        text.as_deref()
            .map(|text| keys.seal(place, id.0, text.as_bytes()))
            .transpose()
    };
    donor::Entity::insert(donor::ActiveModel {
        id: Set(id),
        kind: Set(donor.kind),
        name: Set(seal("donor.name", &donor.name)?),
        email: Set(seal("donor.email", &donor.email)?),
        phone: Set(seal("donor.phone", &donor.phone)?),
        siret: Set(donor.siret.clone()),
        created_at: Set(now),
        erased_at: Set(None),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(id)
}

fn donation_row(
    actor: &Actor,
    input: &DonationInput,
    site: &site::Model,
    donor: Option<DonorId>,
    reference: String,
    body_hash: Vec<u8>,
    now: DateTime<Utc>,
) -> donation::Model {
    donation::Model {
        id: DonationId(input.id.unwrap_or_else(|| id_at(now))),
        reference,
        site_id: site.id,
        donor_id: donor,
        entered_as: input.entered_as,
        legal_basis: input.legal_basis.clone(),
        unit_value_cents: input.unit_value_cents,
        transfer_reference: input.transfer_reference.clone(),
        public_donor: input
            .donor
            .as_ref()
            .is_some_and(|d| rules::is_public(d.kind)),
        consent_to_erasure: input.consent_to_erasure,
        status: DonationStatus::Open,
        received_by: actor.account,
        received_at: now,
        closed_at: None,
        body_hash,
        version: 1,
    }
}

/// Births a device with its code: a new one, or the pre-printed label it got.
async fn add_device(
    app: &App,
    tx: &Tx,
    (donation, site): (DonationId, SiteId),
    given: &DeviceInput,
    label: Option<Code>,
    by: &By,
    at: At,
) -> Result<device::Model> {
    let code = match label {
        Some(code) => code,
        None => devices::steps::draw_code(tx, &app.chance, at.recorded).await?,
    };
    let state = State::born(given.kind, site);
    let row = device::Model {
        id: DeviceId(id_at(at.recorded)),
        code: code.as_str().to_owned(),
        kind: given.kind,
        make: given.make.clone(),
        model: given.model.clone(),
        serial: given.serial.clone(),
        asset_tag: given.asset_tag.clone(),
        condition: given.condition,
        donation_id: donation,
        processor: None,
        memory_bytes: None,
        weight_grams: None,
        stage: state.stage,
        custody: state.custody,
        site_id: state.site,
        shipment_id: None,
        held_for: None,
        allocation_id: None,
        handed_over_by: None,
        pack_id: None,
        frozen: false,
        media_known: state.media_known,
        open_media: state.open_media,
        grade: None,
        locks_checked: state.locks_checked,
        open_locks: state.open_locks,
        stage_since: at.recorded,
        registered_at: at.recorded,
        version: 1,
        head: String::new(),
    };
    let event = Event::Registered {
        kind: given.kind,
        site,
        donation,
        code: row.code.clone(),
    };
    let device = devices::record::register(tx, row, &event, by, at).await?;
    devices::steps::claim_code(tx, &code, device.id).await?;
    devices::steps::index(tx, &device).await?;
    Ok(device)
}

async fn add_line(
    tx: &Tx,
    donation: DonationId,
    index: usize,
    given: &DeviceInput,
    outcome: LineOutcome,
    device: DeviceId,
    now: DateTime<Utc>,
) -> Result<()> {
    let n = i32::try_from(index + 1).map_err(Error::internal)?;
    donation_line::Entity::insert(donation_line::ActiveModel {
        id: Set(LineId(id_at(now))),
        donation_id: Set(donation),
        n: Set(n),
        kind: Set(given.kind),
        make: Set(given.make.clone()),
        model: Set(given.model.clone()),
        serial: Set(given.serial.clone()),
        asset_tag: Set(given.asset_tag.clone()),
        condition: Set(given.condition),
        outcome: Set(outcome),
        device_id: Set(Some(device)),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// A gift that the actor may see: its organisation's, or any for a coordinator. Another one does not exist.
pub(crate) async fn see(app: &App, actor: &Actor, reference: &str) -> Result<Gift> {
    actor.require(Permission::SeeDonations)?;
    let donation = store::by_reference(app.db.read(), reference).await?;
    if !may_see(app, actor, &donation).await? {
        return Err(Error::NotFound("donation"));
    }
    store::gift(app, app.db.read(), donation).await
}

async fn may_see(app: &App, actor: &Actor, donation: &donation::Model) -> Result<bool> {
    if actor.role == entities::enums::Role::Coordinator {
        return Ok(true);
    }
    let site = access::store::site_by_id(app.db.read(), donation.site_id).await?;
    Ok(site.organisation_id == actor.organisation)
}

/// The sites whose gifts an actor may list: none means all.
pub(crate) async fn visible_sites(app: &App, actor: &Actor) -> Result<Option<Vec<SiteId>>> {
    if actor.role == entities::enums::Role::Coordinator {
        return Ok(None);
    }
    let sites = access::store::sites_of(app.db.read(), actor.organisation).await?;
    Ok(Some(sites.into_iter().map(|s| s.id).collect()))
}

/// Closes a gift: what was announced and did not come is absent. Closing twice changes nothing.
pub(crate) async fn close(app: &App, actor: &Actor, reference: &str) -> Result<Gift> {
    actor.require(Permission::TakeDonations)?;
    let gift = see(app, actor, reference).await?;
    let donation = gift.donation;
    if donation.status == DonationStatus::Closed {
        return store::gift(app, app.db.read(), donation).await;
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let done = donation::Entity::update_many()
        .col_expr(
            donation::Column::Status,
            Expr::value(DonationStatus::Closed),
        )
        .col_expr(donation::Column::ClosedAt, Expr::value(now))
        .col_expr(
            donation::Column::Version,
            Expr::col(donation::Column::Version).add(1),
        )
        .filter(donation::Column::Id.eq(donation.id))
        .filter(donation::Column::Status.eq(DonationStatus::Open))
        .exec(&tx)
        .await?;
    if done.rows_affected == 1 {
        donation_line::Entity::update_many()
            .col_expr(
                donation_line::Column::Outcome,
                Expr::value(LineOutcome::Absent),
            )
            .filter(donation_line::Column::DonationId.eq(donation.id))
            .filter(donation_line::Column::Outcome.eq(LineOutcome::Announced))
            .exec(&tx)
            .await?;
    }
    tx.commit().await?;
    see(app, actor, reference).await
}

/// Corrects what the counter wrote of a device while its gift is open. The journal holds none of it, so no
/// line is written; the line of the gift keeps what was announced.
///
/// # Errors
/// `donation-closed` once the gift is closed; not found when the device is not of this gift.
pub(crate) async fn correct(
    app: &App,
    actor: &Actor,
    reference: &str,
    code: &str,
    mut input: DeviceInput,
) -> Result<()> {
    actor.require(Permission::TakeDonations)?;
    rules::tidy_device(&mut input);
    let faults = rules::device_faults(&input, "#");
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let gift = see(app, actor, reference).await?;
    if gift.donation.status == DonationStatus::Closed {
        return Err(Error::refused("donation-closed", ""));
    }
    let tx = app.db.write().await?;
    let device = devices::steps::find(&tx, code).await?;
    if device.donation_id != gift.donation.id {
        return Err(Error::NotFound("device"));
    }
    if device.kind != input.kind {
        return Err(Error::Invalid(vec![FieldError::new(
            "#/kind",
            "Le type est inscrit au journal et ne se corrige pas.",
        )]));
    }
    let row = device::Model {
        make: input.make,
        model: input.model,
        serial: input.serial,
        asset_tag: input.asset_tag,
        condition: input.condition,
        ..device
    };
    device::Entity::update_many()
        .col_expr(device::Column::Make, Expr::value(row.make.clone()))
        .col_expr(device::Column::Model, Expr::value(row.model.clone()))
        .col_expr(device::Column::Serial, Expr::value(row.serial.clone()))
        .col_expr(device::Column::AssetTag, Expr::value(row.asset_tag.clone()))
        .col_expr(device::Column::Condition, Expr::value(row.condition))
        .filter(device::Column::Id.eq(row.id))
        .exec(&tx)
        .await?;
    devices::steps::reindex(&tx, &row).await?;
    tx.commit().await
}

/// The codes of a gift's devices, for whoever prints labels in the organisation that received it.
pub(crate) async fn codes(app: &App, actor: &Actor, reference: &str) -> Result<Vec<String>> {
    actor.require(Permission::PrintLabels)?;
    let donation = store::by_reference(app.db.read(), reference).await?;
    if !may_see(app, actor, &donation).await? {
        return Err(Error::NotFound("donation"));
    }
    let gift = store::gift(app, app.db.read(), donation).await?;
    Ok(gift.devices().map(|device| device.code.clone()).collect())
}

/// The receipt of a gift, as PDF.
pub(crate) async fn receipt(app: &App, actor: &Actor, reference: &str) -> Result<Vec<u8>> {
    let gift = see(app, actor, reference).await?;
    receipt::pdf(app, gift).await
}
