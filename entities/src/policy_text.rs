//! Policies as they were when they decided.

use sea_orm::entity::prelude::*;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_text")]
pub struct Model {
    /// Version of the policy.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: String,
    /// The file as it was loaded.
    pub body: String,
    /// First use.
    pub loaded_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
