//! The facts of a device that laws speak of, and the status derived from them.

use entities::device;
use entities::enums::{CustodyKind, DeviceKind, Grade, Stage};
use entities::ids::{AllocationId, RequestId, ShipmentId, SiteId};
use serde::{Deserialize, Serialize};

/// What replaying a journal gives, and what the row keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the columns of the row, each a fact of its own"
)]
pub struct State {
    /// What it is.
    pub kind: DeviceKind,
    /// How far.
    pub stage: Stage,
    /// Where.
    pub custody: CustodyKind,
    /// The site that has it, or had it last.
    pub site: Option<SiteId>,
    /// The shipment it travels in.
    pub shipment: Option<ShipmentId>,
    /// For whom.
    pub held_for: Option<RequestId>,
    /// The allocation behind it.
    pub allocation: Option<AllocationId>,
    /// The handover that gave it away.
    pub handed_over_by: Option<AllocationId>,
    /// Disputed.
    pub frozen: bool,
    /// Its media were inventoried.
    pub media_known: bool,
    /// Media whose data are not yet unrecoverable.
    pub open_media: i32,
    /// The household that gave it back said no, or not yet, to the wiping of its data.
    pub wipe_refused: bool,
    /// Current grade.
    pub grade: Option<Grade>,
    /// Somebody looked for locks.
    pub locks_checked: bool,
    /// Locks not cleared.
    pub open_locks: i32,
}

impl State {
    /// The facts on a row.
    pub fn of(row: &device::Model) -> Self {
        Self {
            kind: row.kind,
            stage: row.stage,
            custody: row.custody,
            site: row.site_id,
            shipment: row.shipment_id,
            held_for: row.held_for,
            allocation: row.allocation_id,
            handed_over_by: row.handed_over_by,
            frozen: row.frozen,
            media_known: row.media_known,
            open_media: row.open_media,
            wipe_refused: row.wipe_refused,
            grade: row.grade,
            locks_checked: row.locks_checked,
            open_locks: row.open_locks,
        }
    }

    /// A newborn device at a site. Kinds without a place for media are born with media known and locks checked.
    pub const fn born(kind: DeviceKind, site: SiteId) -> Self {
        let without_media = !may_hold_data(kind);
        Self {
            kind,
            stage: Stage::Intake,
            custody: CustodyKind::Site,
            site: Some(site),
            shipment: None,
            held_for: None,
            allocation: None,
            handed_over_by: None,
            frozen: false,
            media_known: without_media,
            open_media: 0,
            wipe_refused: false,
            grade: None,
            locks_checked: without_media,
            open_locks: 0,
        }
    }

    /// The status that people and the API see.
    pub const fn status(&self) -> Status {
        match self.custody {
            CustodyKind::Missing => Status::Missing,
            CustodyKind::Household => Status::HandedOver,
            CustodyKind::Gone => Status::Recycled,
            CustodyKind::Shipment => Status::InTransit,
            CustodyKind::Site if self.held_for.is_some() => Status::Allocated,
            CustodyKind::Site => Status::of_stage(self.stage),
        }
    }

    /// Whether the laws of the row hold; each broken one by the name of its constraint.
    pub fn broken_laws(&self) -> Vec<&'static str> {
        let clean = self.media_known && self.open_media == 0;
        let household = self.custody == CustodyKind::Household;
        let at_hand = matches!(self.custody, CustodyKind::Site | CustodyKind::Shipment);
        let ready = self.stage == Stage::Ready;
        [
            (
                "device_clean_when_sanitised",
                !matches!(self.stage, Stage::Sanitised | Stage::Ready) || clean,
            ),
            (
                "device_ready_is_graded",
                !ready || (self.grade.is_some() && self.locks_checked && self.open_locks == 0),
            ),
            (
                "device_held_is_ready",
                self.held_for.is_none() || household || (ready && at_hand),
            ),
            (
                "device_held_by_allocation",
                self.held_for.is_none() == self.allocation.is_none(),
            ),
            (
                "device_household_is_holder",
                !household || self.held_for.is_some(),
            ),
            (
                "device_household_by_handover",
                household == self.handed_over_by.is_some()
                    && (self.handed_over_by.is_none() || self.handed_over_by == self.allocation),
            ),
            (
                "device_gone_is_clean",
                self.custody != CustodyKind::Gone || (self.stage == Stage::EndOfLife && clean),
            ),
            (
                "device_at_a_site",
                self.custody != CustodyKind::Site || self.site.is_some(),
            ),
            (
                "device_in_a_shipment",
                (self.custody == CustodyKind::Shipment) == self.shipment.is_some(),
            ),
            ("device_open_media_positive", self.open_media >= 0),
            ("device_open_locks_positive", self.open_locks >= 0),
        ]
        .into_iter()
        .filter_map(|(name, holds)| (!holds).then_some(name))
        .collect()
    }
}

/// Whether a kind has any place for a medium; a monitor has none.
pub const fn may_hold_data(kind: DeviceKind) -> bool {
    match kind {
        DeviceKind::Laptop
        | DeviceKind::Desktop
        | DeviceKind::AllInOne
        | DeviceKind::Tablet
        | DeviceKind::Smartphone => true,
        DeviceKind::Monitor | DeviceKind::Other => false,
    }
}

/// The one word for where a device stands, derived and never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody knows where it is.
    Missing,
    /// With a household.
    HandedOver,
    /// Left as waste.
    Recycled,
    /// In a shipment.
    InTransit,
    /// Held for a request.
    Allocated,
    /// Just taken in.
    Intake,
    /// Being wiped.
    Sanitising,
    /// Wiped with evidence.
    Sanitised,
    /// On the bench.
    Refurbishing,
    /// Can be given.
    Ready,
    /// Beyond use.
    EndOfLife,
}

impl Status {
    /// All statuses.
    pub const ALL: [Self; 11] = [
        Self::Intake,
        Self::Sanitising,
        Self::Sanitised,
        Self::Refurbishing,
        Self::Ready,
        Self::Allocated,
        Self::HandedOver,
        Self::InTransit,
        Self::EndOfLife,
        Self::Recycled,
        Self::Missing,
    ];

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::HandedOver => "handed_over",
            Self::Recycled => "recycled",
            Self::InTransit => "in_transit",
            Self::Allocated => "allocated",
            Self::Intake => "intake",
            Self::Sanitising => "sanitising",
            Self::Sanitised => "sanitised",
            Self::Refurbishing => "refurbishing",
            Self::Ready => "ready",
            Self::EndOfLife => "end_of_life",
        }
    }

    const fn of_stage(stage: Stage) -> Self {
        match stage {
            Stage::Intake => Self::Intake,
            Stage::Sanitising => Self::Sanitising,
            Stage::Sanitised => Self::Sanitised,
            Stage::Refurbishing => Self::Refurbishing,
            Stage::Ready => Self::Ready,
            Stage::EndOfLife => Self::EndOfLife,
        }
    }
}
