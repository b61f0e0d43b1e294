//! Whether two files are the same household.

use sea_orm::entity::prelude::*;

use crate::enums::LinkVerdict;
use crate::ids::{AccountId, HouseholdId, HouseholdLinkId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_link")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HouseholdLinkId,
    /// One file.
    pub household_id: HouseholdId,
    /// Another.
    pub other_id: HouseholdId,
    /// Reviewed by a coordinator.
    pub verdict: LinkVerdict,
    /// Coordinator.
    pub reviewed_by: Option<AccountId>,
    /// Found or reviewed.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
