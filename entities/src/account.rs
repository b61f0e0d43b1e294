//! Accounts of the people who work with the chain.

use sea_orm::entity::prelude::*;

use crate::enums::Role;
use crate::ids::{AccountId, OrganisationId, SiteId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    /// Employer.
    pub organisation_id: OrganisationId,
    /// Where the person usually works.
    pub site_id: Option<SiteId>,
    /// Sign-in name, lower case.
    pub email: String,
    /// Name shown to colleagues.
    pub display_name: String,
    /// What the person does.
    pub role: Role,
    /// Argon2id, PHC string.
    pub password_hash: String,
    /// The password was given by somebody else: until when it holds, if it is not changed before.
    pub password_until: Option<DateTimeUtc>,
    /// Made by `rebond demo`: refused by `rebond serve`.
    pub demo: bool,
    /// Wrong passwords since the last right one.
    pub failures: i32,
    /// No sign-in before.
    pub locked_until: Option<DateTimeUtc>,
    /// Left.
    pub disabled_at: Option<DateTimeUtc>,
    /// When it was created.
    pub created_at: DateTimeUtc,
    /// Guards concurrent changes.
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
