//! Verifications: what each replay of the journals found.

use sea_orm::entity::prelude::*;

use crate::ids::VerificationId;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "verification")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VerificationId,
    /// When it ended.
    pub at: DateTimeUtc,
    /// Devices and media whose journals were replayed.
    pub items: i64,
    /// Journal lines read.
    pub lines: i64,
    /// Laws broken, 0 when all is well.
    pub breaches: i32,
    /// JSON: each check with what it found.
    pub report: String,
}

impl ActiveModelBehavior for ActiveModel {}
