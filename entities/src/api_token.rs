//! Tokens of the JSON API.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, TokenId};

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
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub created_at: DateTimeUtc,
    /// Last use, to the hour.
    pub used_at: Option<DateTimeUtc>,
    /// No longer valid.
    pub revoked_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
