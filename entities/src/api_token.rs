//! Tokens of the JSON API.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, AccountRoleId, TokenId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TokenId,
    /// Whose.
    pub account_id: AccountId,
    /// The role it acts in.
    pub assignment_id: AccountRoleId,
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// What it is for.
    pub label: String,
    /// `all`, `read`, or codes of permissions apart by spaces.
    pub scope: String,
    /// Who made it.
    pub created_by: AccountId,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// End.
    pub expires_at: DateTimeUtc,
    /// Last use, to the hour.
    pub used_at: Option<DateTimeUtc>,
    /// No longer valid.
    pub revoked_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
