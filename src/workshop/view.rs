//! What the bench's API answers.

use chrono::{DateTime, Utc};
use entities::enums::{
    DeviceKind, EvidenceKind, Grade, Level, LockKind, LockState, MediumCustody, SanitisationResult,
    Stage, Verification,
};
use entities::ids::{EvidenceId, SanitisationId};
use entities::{device, device_lock, medium, sanitisation};
use schemars::JsonSchema;
use sea_orm::ConnectionTrait;
use serde::Serialize;

use super::actions::checks::Checked;
use super::actions::evidence::{Applied, HandedIn, Refused, Said};
use super::actions::inbox::Loose;
use super::checks::Progress;
use super::evidence::{Kind, Reading};
use super::proposal::Question;
use crate::devices::view::MediumView;
use crate::devices::{State, Status, media};
use crate::error::Result;

/// What the bench says of a device. The whole device is at `GET /api/v1/devices/{code}`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct BenchDevice {
    code: String,
    kind: DeviceKind,
    make: Option<String>,
    model: Option<String>,
    serial: Option<String>,
    status: Status,
    stage: Stage,
    grade: Option<Grade>,
    version: i64,
    media: Vec<BenchMedium>,
    media_known: bool,
    open_media: i32,
}

impl BenchDevice {
    /// A device with its media as they are now.
    pub(super) async fn of(db: &impl ConnectionTrait, row: &device::Model) -> Result<Self> {
        let media = media::of_device(db, row.id).await?;
        Ok(Self {
            code: row.code.clone(),
            kind: row.kind,
            make: row.make.clone(),
            model: row.model.clone(),
            serial: row.serial.clone(),
            status: State::of(row).status(),
            stage: row.stage,
            grade: row.grade,
            version: row.version,
            media: media.iter().map(BenchMedium::from).collect(),
            media_known: row.media_known,
            open_media: row.open_media,
        })
    }
}

/// A medium, in a device or loose.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct BenchMedium {
    #[serde(flatten)]
    medium: MediumView,
    custody: MediumCustody,
}

impl From<&medium::Model> for BenchMedium {
    fn from(row: &medium::Model) -> Self {
        Self {
            medium: MediumView::from(row),
            custody: row.custody,
        }
    }
}

/// What an inventory did.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct MediaAnswer {
    #[serde(flatten)]
    pub(super) device: BenchDevice,
    /// The event recorded; null when nothing was new.
    pub(super) event: Option<&'static str>,
    /// The medium it was about.
    pub(super) medium: Option<BenchMedium>,
    /// A data-breach case was opened.
    pub(super) breach_case: bool,
}

/// A device without the medium that was taken out.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RemovalAnswer {
    #[serde(flatten)]
    pub(super) device: BenchDevice,
    /// The medium, with its own code.
    pub(super) medium: BenchMedium,
}

/// A device without a medium that was not in it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct NotThereAnswer {
    #[serde(flatten)]
    pub(super) device: BenchDevice,
    /// The medium: missing, or taken off the record as a mistake.
    pub(super) medium: BenchMedium,
    /// A data-breach case was opened.
    pub(super) breach_case: bool,
}

/// A medium that was destroyed.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DestructionAnswer {
    /// The line of the register.
    pub(super) sanitisation: SanitisationId,
    /// The medium as it is now.
    pub(super) medium: BenchMedium,
}

/// An erasure that was declared.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SanitisationAnswer {
    id: SanitisationId,
    /// What proves it.
    evidence: EvidenceKind,
    method: String,
    level: Level,
    tool: Option<String>,
    verification: Verification,
    result: SanitisationResult,
    /// Codes of what kept it from counting.
    reasons: Vec<String>,
    at: DateTime<Utc>,
    medium: BenchMedium,
    device: BenchDevice,
}

impl SanitisationAnswer {
    /// The line of the register, with the medium and the device as they are now.
    pub(super) fn of(row: sanitisation::Model, medium: BenchMedium, device: BenchDevice) -> Self {
        Self {
            id: row.id,
            evidence: row.evidence_kind,
            method: row.method,
            level: row.level,
            tool: row.tool,
            verification: row.verification,
            result: row.result,
            reasons: serde_json::from_str(&row.reasons).unwrap_or_default(),
            at: row.at,
            medium,
            device,
        }
    }
}

/// What became of a tool's file.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct EvidenceAnswer {
    id: EvidenceId,
    /// The same file was handed in before.
    already: bool,
    recognised: Kind,
    /// What it says.
    read: Reading,
    /// What was taken over.
    applied: Vec<Said>,
    /// What is not evidence, with the reasons.
    refused: Vec<Refused>,
    /// What a person has to confirm.
    questions: Vec<Question>,
    device: BenchDevice,
}

impl EvidenceAnswer {
    /// What became of it, with the device as it is now.
    pub(super) fn of(done: HandedIn, device: BenchDevice) -> Self {
        Self {
            id: done.evidence.id,
            already: done.again,
            recognised: done.reading.kind,
            read: done.reading,
            applied: done.applied.taken,
            refused: done.applied.refused,
            questions: done.applied.questions,
            device,
        }
    }
}

/// What became of a tool's file without a device.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SortedAnswer {
    pub(super) recognised: Kind,
    /// What it says.
    pub(super) read: Reading,
    /// What it was about.
    pub(super) matched: Vec<Matched>,
    /// The line that waits in the inbox, when something found no place.
    pub(super) inbox: Option<EvidenceId>,
}

/// A device or a loose medium that a file was about.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Matched {
    device: Option<BenchDevice>,
    medium: Option<BenchMedium>,
    applied: Vec<Said>,
    refused: Vec<Refused>,
    questions: Vec<Question>,
}

impl Matched {
    /// A device, as it is now.
    pub(super) fn device(part: Applied, device: BenchDevice) -> Self {
        Self {
            device: Some(device),
            medium: None,
            applied: part.taken,
            refused: part.refused,
            questions: part.questions,
        }
    }

    /// A loose medium.
    pub(super) fn loose(part: Loose) -> Self {
        Self {
            device: None,
            medium: Some(BenchMedium::from(&part.medium)),
            applied: part.applied,
            refused: part.refused,
            questions: Vec::new(),
        }
    }
}

/// Where the checks of a device stand.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ChecksAnswer {
    /// Its code.
    device: String,
    locks_checked: bool,
    open_locks: i32,
    /// The open ones first.
    locks: Vec<BenchLock>,
    tests: Progress,
    stage: Stage,
}

impl From<Checked> for ChecksAnswer {
    fn from(done: Checked) -> Self {
        Self {
            device: done.device.code,
            locks_checked: done.device.locks_checked,
            open_locks: done.device.open_locks,
            locks: done.locks.into_iter().map(BenchLock::from).collect(),
            tests: done.progress,
            stage: done.device.stage,
        }
    }
}

/// What keeps the next person out of a device.
#[derive(Debug, Serialize, JsonSchema)]
struct BenchLock {
    kind: LockKind,
    state: LockState,
    /// Who was asked to clear it.
    asked: Option<String>,
    since: DateTime<Utc>,
    cleared_at: Option<DateTime<Utc>>,
}

impl From<device_lock::Model> for BenchLock {
    fn from(row: device_lock::Model) -> Self {
        Self {
            kind: row.kind,
            state: row.state,
            asked: row.asked,
            since: row.since,
            cleared_at: row.cleared_at,
        }
    }
}
