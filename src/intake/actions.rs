//! What people do with gifts: take one, close it, correct a description, hand out the receipt.

use chrono::Datelike;
use entities::enums::{DonationStatus, LineOutcome};
use entities::ids::{DonationId, SiteId};
use entities::{device, donation, donation_accessory, donation_line};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::devices::{self, At};
use crate::error::{Error, FieldError, Result};
use crate::french;
use crate::intake::input::{DeviceInput, DonationInput};
use crate::intake::store::{self, Gift};
use crate::intake::{births, receipt, rules, warnings};

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
    let known = warnings::with_serials(app.db.read(), &serials).await?;
    let known: Vec<_> = known.iter().map(warnings::as_known).collect();

    let now = app.clock.now();
    let tx = app.db.write().await?;
    let site = access::steps::standing_site(&tx, actor, input.site.as_deref()).await?;
    let donor = match &input.donor {
        None => None,
        Some(donor) => Some(births::donor(&app.keys, &tx, donor, now).await?),
    };
    let year = french::local_date(now).year();
    let reference = access::steps::next_reference(&tx, "D", year).await?;
    let row = births::donation(actor, &input, &site, donor, reference, hash.clone(), now);
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
        tx.give_way().await?;
        let stored = store::by_id(app.db.read(), id).await?;
        return replay(app, actor, stored.ok_or(Error::Stale("donation"))?, &hash).await;
    }
    let at = At::now(now);
    for (n, (given, label)) in input.devices.iter().zip(labels).enumerate() {
        let place = (row.id, site.id);
        let device = births::device(app, &tx, place, given, label, &actor.by(), at).await?;
        let outcome = rules::outcome(given, &known);
        births::line(&tx, id, n, given, outcome, device.id, now).await?;
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
        receipt::send_later(&tx, id, now).await?;
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
