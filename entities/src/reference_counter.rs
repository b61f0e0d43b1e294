//! Numbers given to references, a series a kind and year.

use sea_orm::entity::prelude::*;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reference_counter")]
pub struct Model {
    /// `D-2026`, `R-2026`, ...
    #[sea_orm(primary_key, auto_increment = false)]
    pub series: String,
    /// Last number given.
    pub last: i64,
}

impl ActiveModelBehavior for ActiveModel {}
