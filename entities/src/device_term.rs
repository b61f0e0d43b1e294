//! Search terms of devices.

use sea_orm::entity::prelude::*;

use crate::ids::DeviceId;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_term")]
pub struct Model {
    /// Upper case, without accents.
    #[sea_orm(primary_key, auto_increment = false)]
    pub term: String,
    /// What it finds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub device_id: DeviceId,
}

impl ActiveModelBehavior for ActiveModel {}
