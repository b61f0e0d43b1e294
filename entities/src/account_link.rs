//! Single-use links and steps of an account: invitation, new password, new address, second step of a sign-in.

use sea_orm::entity::prelude::*;

use crate::enums::LinkKind;
use crate::ids::{AccountId, AccountLinkId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_link")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountLinkId,
    /// Whose.
    pub account_id: AccountId,
    /// What it opens.
    pub kind: LinkKind,
    /// SHA-256 of the secret, drawn when the message is written.
    pub secret_hash: Option<Vec<u8>>,
    /// The new address of mail.
    pub address: Option<String>,
    /// Who sent it, none when nobody signed in asked.
    pub created_by: Option<AccountId>,
    /// Wrong tries.
    pub failures: i32,
    /// When it was asked for.
    pub created_at: DateTimeUtc,
    /// End.
    pub expires_at: DateTimeUtc,
    /// It is spent.
    pub used_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
