//! Badges: a printed code that, with six digits, signs in at a shared bench.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, BadgeId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "badge")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BadgeId,
    /// Whose.
    pub account_id: AccountId,
    /// Keyed hash of the printed code.
    pub code_hash: Vec<u8>,
    /// Argon2id of its six digits, once the owner has set them.
    pub pin_hash: Option<String>,
    /// Wrong digits since the last right ones.
    pub failures: i32,
    /// Too many wrong digits: the owner sets new ones.
    pub locked_at: Option<DateTimeUtc>,
    /// Who handed it out.
    pub issued_by: AccountId,
    /// When it was issued.
    pub created_at: DateTimeUtc,
    /// Lost, or replaced.
    pub revoked_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
