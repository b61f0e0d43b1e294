//! What a machine's firmware and network cards say of it: knows a device again that has no serial number.

use sea_orm::entity::prelude::*;

use crate::ids::DeviceId;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_mark")]
pub struct Model {
    /// `uuid:…` or `mac:…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub mark: String,
    /// What bears it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub device_id: DeviceId,
}

impl ActiveModelBehavior for ActiveModel {}
