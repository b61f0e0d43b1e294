//! Locks: BIOS or disk password, activation, MDM, Autopilot.

use sea_orm::entity::prelude::*;

use crate::enums::{LockKind, LockState};
use crate::ids::{AccountId, DeviceId, LockId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_lock")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LockId,
    /// The device.
    pub device_id: DeviceId,
    /// What locks.
    pub kind: LockKind,
    /// Still there?.
    pub state: LockState,
    /// Finder.
    pub found_by: AccountId,
    /// Who was asked to clear it: donor, maker, organisation.
    pub asked: Option<String>,
    /// Found.
    pub since: DateTimeUtc,
    /// Gone.
    pub cleared_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
