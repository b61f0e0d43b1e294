//! Seeds: what fills an instance with invented devices, and whether it came to its end.

use sea_orm::entity::prelude::*;

use crate::ids::SeedingId;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "seeding")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SeedingId,
    /// Devices to be told.
    pub devices: i64,
    /// When it began.
    pub began_at: DateTimeUtc,
    /// When all were told; none while it is under way, and for ever when it was cut short.
    pub ended_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
