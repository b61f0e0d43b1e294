//! The journal: one line an event of one item, append-only, chained.

use sea_orm::entity::prelude::*;

use crate::enums::ItemKind;
use crate::ids::{AccountId, OrganisationId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "custody_event")]
pub struct Model {
    /// Order of recording.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// The device or medium.
    pub item_id: Uuid,
    /// Which of the two.
    pub item_kind: ItemKind,
    /// Number within the item, from 1 without gaps.
    pub n: i64,
    /// What happened.
    pub event: String,
    /// Version of the payload's form.
    pub version: i32,
    /// When it is said to have happened.
    pub occurred_at: DateTimeUtc,
    /// When it was written.
    pub recorded_at: DateTimeUtc,
    /// Who, none for the clock and the household.
    pub actor_account: Option<AccountId>,
    /// In what role.
    pub actor_role: String,
    /// For whom.
    pub actor_organisation: Option<OrganisationId>,
    /// JSON payload, no personal datum, no free text.
    pub data: String,
    /// Hash of the item's previous line, 64 zeros for the first.
    pub previous: String,
    /// SHA-256 of the RFC 8785 JSON of the line.
    pub hash: String,
}

impl ActiveModelBehavior for ActiveModel {}
