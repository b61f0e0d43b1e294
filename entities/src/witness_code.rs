//! Codes by which somebody is the second person of one act.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, AccountRoleId, WitnessCodeId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "witness_code")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WitnessCodeId,
    /// Who witnesses.
    pub account_id: AccountId,
    /// Keyed hash of the eight letters.
    pub code_hash: Vec<u8>,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// End.
    pub expires_at: DateTimeUtc,
    /// It witnessed one act: it is spent.
    pub used_at: Option<DateTimeUtc>,
    /// The role in which one witnesses.
    pub assignment_id: Option<AccountRoleId>,
}

impl ActiveModelBehavior for ActiveModel {}
