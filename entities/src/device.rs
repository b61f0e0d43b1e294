//! Devices: serialised items that somebody has held and labelled.

#![expect(
    clippy::struct_excessive_bools,
    reason = "columns, each a fact of its own"
)]

use sea_orm::entity::prelude::*;

use crate::enums::{Condition, CustodyKind, DeviceKind, Grade, Stage};
use crate::ids::{AllocationId, DeviceId, DonationId, RequestId, ShipmentId, SiteId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeviceId,
    /// The code its label carries now.
    pub code: String,
    /// What it is.
    pub kind: DeviceKind,
    /// Manufacturer.
    pub make: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Serial number as read, not unique.
    pub serial: Option<String>,
    /// The donor's own tag.
    pub asset_tag: Option<String>,
    /// As said at the counter.
    pub condition: Condition,
    /// The gift that gave ownership.
    pub donation_id: DonationId,
    /// As a tool reported it.
    pub processor: Option<String>,
    /// As a tool reported it.
    pub memory_bytes: Option<i64>,
    /// As weighed.
    pub weight_grams: Option<i64>,
    /// How far.
    pub stage: Stage,
    /// Where.
    pub custody: CustodyKind,
    /// The site that has it, or had it last while missing.
    pub site_id: Option<SiteId>,
    /// The shipment it travels in.
    pub shipment_id: Option<ShipmentId>,
    /// For whom, kept while the household keeps it.
    pub held_for: Option<RequestId>,
    /// The allocation behind `held_for`.
    pub allocation_id: Option<AllocationId>,
    /// The handover that gave it to the household.
    pub handed_over_by: Option<AllocationId>,
    /// Leased to a day pack.
    pub pack_id: Option<Uuid>,
    /// Disputed: nothing moves until settled.
    pub frozen: bool,
    /// Its media were inventoried.
    pub media_known: bool,
    /// Media whose data are not yet unrecoverable.
    pub open_media: i32,
    /// The household that gave it back does not agree to the wiping yet.
    pub wipe_refused: bool,
    /// Current grade.
    pub grade: Option<Grade>,
    /// Somebody looked for locks.
    pub locks_checked: bool,
    /// Locks not cleared.
    pub open_locks: i32,
    /// When it came to its stage.
    pub stage_since: DateTimeUtc,
    /// When it got its label.
    pub registered_at: DateTimeUtc,
    /// Number of its last event.
    pub version: i64,
    /// Hash of its last event.
    pub head: String,
}

impl ActiveModelBehavior for ActiveModel {}
