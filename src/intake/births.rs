//! The rows a gift is made of, written in the transaction that takes it.

use chrono::{DateTime, Utc};
use entities::enums::{DonationStatus, LineOutcome};
use entities::ids::{DeviceId, DonationId, DonorId, LineId, SiteId};
use entities::{device, donation, donation_line, donor, site};
use labels::Code;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;

use crate::access::{Actor, By};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::record::Newborn;
use crate::devices::{self, At};
use crate::error::{Error, Result};
use crate::intake::input::{DeviceInput, DonationInput, DonorInput};
use crate::intake::rules;
use crate::seal::KeyRing;

/// Writes a donor, name and contacts sealed.
pub(super) async fn donor(
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

/// The row of a gift.
pub(super) fn donation(
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
pub(super) async fn device(
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
    let newborn = Newborn {
        code: code.as_str().to_owned(),
        kind: given.kind,
        make: given.make.clone(),
        model: given.model.clone(),
        serial: given.serial.clone(),
        asset_tag: given.asset_tag.clone(),
        condition: given.condition,
        donation,
        site,
    };
    let (row, event) = newborn.born(at.recorded);
    let device = devices::record::register(tx, row, &event, by, at).await?;
    devices::steps::claim_code(tx, &code, device.id).await?;
    Ok(device)
}

/// Writes a line and what came of it.
pub(super) async fn line(
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
