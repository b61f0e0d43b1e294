//! When upkeep was last done.

use sea_orm::entity::prelude::*;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "upkeep")]
pub struct Model {
    /// Which upkeep.
    #[sea_orm(primary_key, auto_increment = false)]
    pub what: String,
    /// When it was last done.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
