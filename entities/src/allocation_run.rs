//! Allocation runs with frozen inputs.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, RunId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "allocation_run")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RunId,
    /// Who.
    pub by_account: AccountId,
    /// When.
    pub at: DateTimeUtc,
    /// Previewed or applied.
    pub applied: bool,
    /// Which policy.
    pub policy_version: String,
    /// JSON: frozen inputs, no personal datum.
    pub inputs: String,
    /// JSON: pairs and unserved with reasons.
    pub result: String,
}

impl ActiveModelBehavior for ActiveModel {}
