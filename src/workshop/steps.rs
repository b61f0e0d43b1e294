//! What other domains ask of the workshop inside their transaction.

use entities::enums::{Grade, MediumKind};
use entities::{device, medium};
use sea_orm::ConnectionTrait;

use super::checks::Inside;
use super::tables;
use crate::devices::media;
use crate::error::{Missing, Result};

/// What the minimum specification of its kind still wants of a device; empty when it has enough inside.
/// A figure nobody knows is no refusal unless the table of checks says so.
pub(crate) async fn specification_missing(
    db: &impl ConnectionTrait,
    device: &device::Model,
) -> Result<Vec<Missing>> {
    let media = media::of_device(db, device.id).await?;
    let enough = tables::checks()?.enough(device.kind.as_str(), inside(device, &media));
    let mut missing: Vec<Missing> = enough
        .refusals
        .into_iter()
        .map(|note| Missing::new(note.code, note.text))
        .collect();
    // The table says which grades may be given; today all but D.
    if device.grade == Some(Grade::D) {
        missing.push(Missing::new(
            "grade-not-given",
            "Le grade D ne se remet pas : réparez puis attribuez un autre grade, ou déclarez la fin de vie.",
        ));
    }
    Ok(missing)
}

/// What is known of the inside of a device. A card is no disk to install a system on.
pub(super) fn inside(device: &device::Model, media: &[medium::Model]) -> Inside {
    let disks: Option<i64> = media
        .iter()
        .filter(|medium| medium.kind != MediumKind::Card)
        .map(|medium| medium.capacity_bytes)
        .sum();
    Inside {
        memory_bytes: device.memory_bytes,
        disk_bytes: disks.filter(|_| device.media_known),
    }
}
