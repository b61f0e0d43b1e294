//! Links and letter codes that open a household’s pages.

use sea_orm::entity::prelude::*;

use crate::ids::{HouseholdAccessId, HouseholdId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_access")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HouseholdAccessId,
    /// Whose pages it opens.
    pub household_id: HouseholdId,
    /// Keyed hash of the link or letter code (80 bits).
    pub token_hash: Vec<u8>,
    /// Made.
    pub created_at: DateTimeUtc,
    /// End.
    pub expires_at: DateTimeUtc,
    /// Wrong second factors since the household's last right one.
    pub failures: i32,
    /// No try before.
    pub locked_until: Option<DateTimeUtc>,
    /// Replaced: from when it opens nothing.
    pub revoked_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
