//! Allocations: a device held for a request, then kept by it.

use sea_orm::entity::prelude::*;

use crate::enums::ReleaseReason;
use crate::ids::{AccountId, AllocationId, DeviceId, RequestId, RunId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "allocation")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AllocationId,
    /// The device.
    pub device_id: DeviceId,
    /// The request.
    pub request_id: RequestId,
    /// The run that made it; none when a coordinator did.
    pub run_id: Option<RunId>,
    /// Who.
    pub allocated_by: AccountId,
    /// Code.
    pub reason: String,
    /// JSON list: why this device.
    pub reasons: String,
    /// When.
    pub at: DateTimeUtc,
    /// The hold's end.
    pub ends_at: DateTimeUtc,
    /// Over.
    pub ended_at: Option<DateTimeUtc>,
    /// Why.
    pub end_reason: Option<ReleaseReason>,
    /// Null on hold, true for good once handed over, false released.
    pub kept: Option<bool>,
}

impl ActiveModelBehavior for ActiveModel {}
