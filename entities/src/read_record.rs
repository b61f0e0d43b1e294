//! Who read what of a household, and why.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, HouseholdId, ReadRecordId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "read_record")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReadRecordId,
    /// Whose data were read.
    pub household_id: HouseholdId,
    /// By whom, none for the household itself.
    pub account_id: Option<AccountId>,
    /// Serve, decide, duplicate, complaint, `hand_over`, `break_glass`.
    pub purpose: String,
    /// Code given when breaking the glass.
    pub reason: Option<String>,
    /// When.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
