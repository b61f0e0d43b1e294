//! Accounts of the people who work with the chain.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, AccountRoleId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    /// Sign-in name, lower case.
    pub email: String,
    /// Name shown to colleagues.
    pub display_name: String,
    /// Argon2id, PHC string; empty as long as nobody has chosen one.
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
    /// A program's, not a person's: has no password.
    pub service: bool,
    /// Sealed secret of the second factor.
    pub factor_secret: Option<Vec<u8>>,
    /// When it was confirmed; before, it is not asked for.
    pub factor_since: Option<DateTimeUtc>,
    /// Last step of time whose code was taken.
    pub factor_step: i64,
    /// The role acted in last.
    pub last_assignment_id: Option<AccountRoleId>,
}

impl ActiveModelBehavior for ActiveModel {}
