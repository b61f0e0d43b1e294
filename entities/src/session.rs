//! Server-side sessions of the pages.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, AccountRoleId, BenchId, SessionId, SiteId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// Whose.
    pub account_id: AccountId,
    /// The one role one acts in.
    pub assignment_id: AccountRoleId,
    /// At a shared bench: idle for minutes, not hours.
    pub bench_id: Option<BenchId>,
    /// SHA-256 of the cookie's token.
    pub token_hash: Vec<u8>,
    /// The site or bench one stands at.
    pub site_id: Option<SiteId>,
    /// Sign-in.
    pub created_at: DateTimeUtc,
    /// Last use, to the minute.
    pub seen_at: DateTimeUtc,
    /// End, unless it is used before.
    pub expires_at: DateTimeUtc,
    /// End, whatever happens.
    pub ends_at: DateTimeUtc,
    /// Signed out or revoked.
    pub revoked_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
