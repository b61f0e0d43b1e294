//! Assignments: what an account does, for whom, where, from when to when.

use sea_orm::entity::prelude::*;

use crate::enums::Role;
use crate::ids::{AccountId, AccountRoleId, OrganisationId, SiteId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_role")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountRoleId,
    /// Whose.
    pub account_id: AccountId,
    /// What the person does.
    pub role: Role,
    /// For whom.
    pub organisation_id: OrganisationId,
    /// Where the person usually works.
    pub site_id: Option<SiteId>,
    /// First day.
    pub starts_on: Date,
    /// Last day, none for no end.
    pub ends_on: Option<Date>,
    /// Ended before its last day.
    pub ended_at: Option<DateTimeUtc>,
    /// When it was given.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
