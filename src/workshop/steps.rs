//! What other domains ask of the workshop inside their transaction.

use entities::enums::{Grade, MediumKind};
use entities::{device, evidence, medium};
use sea_orm::ConnectionTrait;

use super::actions::evidence::{File, Handing, note, take_over};
use super::checks::Inside;
use super::evidence::{Machine, Reading};
use super::{store, tables};
use crate::access::Actor;
use crate::app::App;
use crate::db::Tx;
use crate::devices::At;
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

/// A tool's report as it was read, with the name under which it is kept.
#[derive(Debug)]
pub(crate) struct Report {
    /// SHA-256 of the file.
    pub(crate) sha256: String,
    /// Bytes.
    pub(crate) size: usize,
    /// What it says.
    pub(crate) reading: Reading,
}

/// The model of a machine as a device's page names it: what people call it, without its maker's name in front.
pub(crate) fn model_of(machine: &Machine) -> Option<String> {
    let name = machine.commercial()?;
    Some(super::proposal::without_make(name, machine.make.as_deref()))
}

/// What followed from a report for a device.
#[derive(Debug)]
pub(crate) struct TakenOver {
    /// The device as it is now.
    pub(crate) device: device::Model,
    /// What a person should settle, in French.
    pub(crate) questions: Vec<String>,
}

/// Keeps a report as evidence of a device, in the transaction of whoever registers it, and takes over what it says:
/// facts where nothing was known, disks while nobody looked inside. Twice the same file is one line.
pub(crate) async fn take_report(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    report: Report,
    device: device::Model,
    at: At,
) -> Result<TakenOver> {
    let file = File {
        sha256: report.sha256,
        size: report.size,
        reading: report.reading,
    };
    let evidence = match store::same_evidence(tx, &file.sha256, Some(device.id)).await? {
        Some(row) => row,
        None => note(tx, actor, &file, Some(&device), device.site_id, at.recorded).await?,
    };
    let by = Handing {
        app,
        tx,
        actor,
        evidence: &evidence,
        at,
    };
    let applied = take_over(by, device, &file.reading).await?;
    let questions = applied
        .questions
        .into_iter()
        // The bench asks it of every device.
        .filter(|question| question.code != "look-here")
        .map(|question| question.text);
    Ok(TakenOver {
        device: applied.device,
        questions: questions.collect(),
    })
}

/// The evidence of a device that a file already is, whichever device that was.
pub(crate) async fn evidence_by_content(
    db: &impl ConnectionTrait,
    sha256: &str,
) -> Result<Option<evidence::Model>> {
    store::evidence_by_content(db, sha256).await
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
