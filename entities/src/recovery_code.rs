//! Recovery codes of the second factor, single use.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, RecoveryCodeId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_code")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RecoveryCodeId,
    /// Whose.
    pub account_id: AccountId,
    /// Keyed hash of its letters.
    pub code_hash: Vec<u8>,
    /// It is spent.
    pub used_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
