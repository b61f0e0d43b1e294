//! Devices that a report may be about, by the marks they bear.

use std::collections::BTreeSet;

use entities::ids::{DeviceId, DonationId};
use entities::{device, device_mark, donation_line, medium, site};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::rules::{self, Because, Identity};
use crate::db::Tx;
use crate::devices::serial;
use crate::error::Result;
use crate::intake::warnings;

/// Most devices compared with one machine: more share a mark only when it is no mark.
const MOST: u64 = 100;

/// The device that a machine is, if it is here, and how it is known.
pub(super) async fn known(
    db: &impl ConnectionTrait,
    machine: &Identity,
) -> Result<Option<(device::Model, Because)>> {
    let mut candidates = BTreeSet::new();
    if let Some(serial) = &machine.serial {
        let found = warnings::with_serials(db, &[serial]).await?;
        candidates.extend(found.into_iter().map(|device| device.id));
    }
    if !machine.marks.is_empty() {
        let found: Vec<DeviceId> = device_mark::Entity::find()
            .select_only()
            .column(device_mark::Column::DeviceId)
            .filter(device_mark::Column::Mark.is_in(&machine.marks))
            .limit(MOST)
            .into_tuple()
            .all(db)
            .await?;
        candidates.extend(found);
    }
    candidates.extend(holders(db, &machine.disks).await?);
    let mut best = None;
    for id in candidates {
        let device = crate::devices::store::by_id(db, id).await?;
        let because = rules::same(machine, &identity(db, &device).await?);
        match (because, &best) {
            (Some(Because::Serial), _) => return Ok(Some((device, Because::Serial))),
            (Some(because), None) => best = Some((device, because)),
            (Some(Because::Marks | Because::Disks) | None, _) => {}
        }
    }
    Ok(best)
}

/// What a device says of itself.
async fn identity(db: &impl ConnectionTrait, device: &device::Model) -> Result<Identity> {
    let marks = device_mark::Entity::find()
        .filter(device_mark::Column::DeviceId.eq(device.id))
        .all(db)
        .await?;
    let media = crate::devices::media::of_device(db, device.id).await?;
    Ok(Identity {
        make: device.make.clone(),
        model: device.model.clone(),
        serial: device
            .serial
            .as_deref()
            .and_then(serial::clean)
            .map(|own| serial::comparable(&own)),
        marks: marks.into_iter().map(|row| row.mark).collect(),
        disks: media
            .into_iter()
            .filter_map(|medium| medium.serial)
            .map(|own| serial::comparable(&own))
            .collect(),
    })
}

/// The devices that have one of these disks in them.
pub(super) async fn holders(
    db: &impl ConnectionTrait,
    disks: &BTreeSet<String>,
) -> Result<BTreeSet<DeviceId>> {
    if disks.is_empty() {
        return Ok(BTreeSet::new());
    }
    // Kept as read; tools write capitals, but for a few drives that don't.
    let spelt = disks
        .iter()
        .flat_map(|disk| [disk.clone(), disk.to_lowercase()]);
    let found: Vec<Option<DeviceId>> = medium::Entity::find()
        .select_only()
        .column(medium::Column::DeviceId)
        .filter(medium::Column::Serial.is_in(spelt))
        .filter(medium::Column::DeviceId.is_not_null())
        .limit(MOST)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().flatten().collect())
}

/// Writes what a device is known by.
pub(super) async fn mark(tx: &Tx, device: DeviceId, machine: &Identity) -> Result<()> {
    if machine.marks.is_empty() {
        return Ok(());
    }
    let rows = machine.marks.iter().map(|mark| device_mark::ActiveModel {
        mark: Set(mark.clone()),
        device_id: Set(device),
    });
    device_mark::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([device_mark::Column::Mark, device_mark::Column::DeviceId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// How many lines a gift has.
pub(super) async fn lines(tx: &Tx, donation: DonationId) -> Result<usize> {
    let last = donation_line::Entity::find()
        .filter(donation_line::Column::DonationId.eq(donation))
        .order_by_desc(donation_line::Column::N)
        .one(tx)
        .await?;
    Ok(last.map_or(0, |line| usize::try_from(line.n).unwrap_or(0)))
}

/// Makes those who import at a site wait for each other where the database lets several write: what one registers,
/// the next finds.
pub(super) async fn take_turns(tx: &Tx, site: &site::Model) -> Result<()> {
    if tx.is_postgres() {
        site::Entity::find_by_id(site.id)
            .lock_exclusive()
            .one(tx)
            .await?;
    }
    Ok(())
}
