//! Function tests: the last outcome of each.

use sea_orm::entity::prelude::*;

use crate::enums::TestOutcome;
use crate::ids::{AccountId, DeviceId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_test")]
pub struct Model {
    /// The device.
    #[sea_orm(primary_key, auto_increment = false)]
    pub device_id: DeviceId,
    /// Which function.
    #[sea_orm(primary_key, auto_increment = false)]
    pub test: String,
    /// Result.
    pub outcome: TestOutcome,
    /// Who.
    pub account_id: AccountId,
    /// When.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
