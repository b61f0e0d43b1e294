//! A device and a journal line as the API shows them.

use entities::enums::{Condition, CustodyKind, DeviceKind, Grade, MediumKind, Stage};
use entities::ids::{DeviceId, MediumId};
use entities::{custody_event, device, medium};
use schemars::JsonSchema;
use serde::Serialize;

use crate::access::By;
use crate::devices::At;
use crate::devices::event::{Event, VERSION};
use crate::devices::journal::{Line, moment};
use crate::devices::lifecycle::NextAction;
use crate::devices::state::{State, Status};
use crate::error::Result;

/// Where a device is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CustodyView {
    /// Site, shipment, household, missing or gone. A household is never named.
    pub(crate) kind: CustodyKind,
    /// Slug of the site that has it, or had it last.
    pub(crate) site: Option<String>,
}

/// A medium in a device.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct MediumView {
    /// Identity.
    pub(crate) id: MediumId,
    /// Our code, where it has one.
    pub(crate) code: Option<String>,
    /// Technology.
    pub(crate) kind: MediumKind,
    /// Manufacturer.
    pub(crate) make: Option<String>,
    /// Model.
    pub(crate) model: Option<String>,
    /// Serial number as read.
    pub(crate) serial: Option<String>,
    /// Capacity in bytes.
    pub(crate) capacity_bytes: Option<i64>,
    /// Data may still be on it.
    pub(crate) open: bool,
}

impl From<&medium::Model> for MediumView {
    fn from(row: &medium::Model) -> Self {
        Self {
            id: row.id,
            code: row.code.clone(),
            kind: row.kind,
            make: row.make.clone(),
            model: row.model.clone(),
            serial: row.serial.clone(),
            capacity_bytes: row.capacity_bytes,
            open: row.open,
        }
    }
}

/// A device. Says nothing of the household it is for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the columns of the row, each a fact of its own"
)]
pub(crate) struct DeviceView {
    /// Identity, as the journal names it.
    pub(crate) id: DeviceId,
    /// Code of its label.
    pub(crate) code: String,
    /// What it is.
    pub(crate) kind: DeviceKind,
    /// Manufacturer.
    pub(crate) make: Option<String>,
    /// Model.
    pub(crate) model: Option<String>,
    /// Serial number as read.
    pub(crate) serial: Option<String>,
    /// The donor's own tag.
    pub(crate) asset_tag: Option<String>,
    /// As said at the counter.
    pub(crate) condition: Condition,
    /// As a tool reported it.
    pub(crate) processor: Option<String>,
    /// As a tool reported it.
    pub(crate) memory_bytes: Option<i64>,
    /// As weighed.
    pub(crate) weight_grams: Option<i64>,
    /// The one word.
    pub(crate) status: Status,
    /// How far.
    pub(crate) stage: Stage,
    /// Where.
    pub(crate) custody: CustodyView,
    /// Nothing moves until a dispute is settled.
    pub(crate) frozen: bool,
    /// Current grade.
    pub(crate) grade: Option<Grade>,
    /// Media were inventoried.
    pub(crate) media_known: bool,
    /// Media that may hold data.
    pub(crate) open_media: i32,
    /// The household that gave it back does not agree to the wiping yet.
    pub(crate) wipe_refused: bool,
    /// Somebody looked for locks.
    pub(crate) locks_checked: bool,
    /// Locks not cleared.
    pub(crate) open_locks: i32,
    /// When it got its label.
    pub(crate) registered_at: String,
    /// When it came to its stage.
    pub(crate) stage_since: String,
    /// Number of its last event.
    pub(crate) version: i64,
    /// Its media; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media: Option<Vec<MediumView>>,
    /// What the asker can do next; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_actions: Option<Vec<NextAction>>,
}

impl DeviceView {
    /// A device of a list; `site` is the slug of its site.
    pub(crate) fn of(row: &device::Model, site: Option<&str>) -> Self {
        Self {
            id: row.id,
            code: row.code.clone(),
            kind: row.kind,
            make: row.make.clone(),
            model: row.model.clone(),
            serial: row.serial.clone(),
            asset_tag: row.asset_tag.clone(),
            condition: row.condition,
            processor: row.processor.clone(),
            memory_bytes: row.memory_bytes,
            weight_grams: row.weight_grams,
            status: State::of(row).status(),
            stage: row.stage,
            custody: CustodyView {
                kind: row.custody,
                site: site
                    .filter(|_| matches!(row.custody, CustodyKind::Site | CustodyKind::Missing))
                    .map(str::to_owned),
            },
            frozen: row.frozen,
            grade: row.grade,
            media_known: row.media_known,
            open_media: row.open_media,
            wipe_refused: row.wipe_refused,
            locks_checked: row.locks_checked,
            open_locks: row.open_locks,
            registered_at: moment(row.registered_at),
            stage_since: moment(row.stage_since),
            version: row.version,
            media: None,
            next_actions: None,
        }
    }

    /// The same with its media and what can be done next.
    #[must_use]
    pub(crate) fn with(mut self, media: &[medium::Model], next: Vec<NextAction>) -> Self {
        self.media = Some(media.iter().map(MediumView::from).collect());
        self.next_actions = Some(next);
        self
    }
}

/// A line of the journal: every hashed field, so that anybody can compute the hash again
/// (SHA-256 of the RFC 8785 JSON of item, n, event, version, `occurred_at`, `recorded_at`, actor, data, previous).
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct LineView {
    /// The line as it was hashed.
    #[serde(flatten)]
    pub(crate) line: Line,
    /// SHA-256, hexadecimal.
    pub(crate) hash: String,
}

impl LineView {
    /// The line of a row.
    pub(crate) fn of(row: &custody_event::Model) -> Result<Self> {
        Ok(Self {
            line: Line::of(row)?,
            hash: row.hash.clone(),
        })
    }

    /// The line that `record` has just written: from the row before it and the row after it, without reading it again.
    pub(crate) fn written(
        before: &device::Model,
        after: &device::Model,
        event: &Event,
        by: &By,
        at: At,
    ) -> Self {
        Self {
            line: Line {
                item: after.id.0,
                n: after.version,
                event: event.name().to_owned(),
                version: VERSION,
                occurred_at: at.occurred,
                recorded_at: at.recorded,
                actor: by.into(),
                data: event.data(),
                previous: before.head.clone(),
            },
            hash: after.head.clone(),
        }
    }
}
