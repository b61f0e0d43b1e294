//! Anchors: signed roots over every item's journal, chained, append-only.

use sea_orm::entity::prelude::*;

use crate::ids::AnchorId;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "anchor")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AnchorId,
    /// Place in the chain, from 1.
    pub number: i64,
    /// When it was made.
    pub at: DateTimeUtc,
    /// Devices under the root.
    pub devices: i64,
    /// Media under the root.
    pub media: i64,
    /// Merkle root over every item's id, number of lines and last hash.
    pub root: String,
    /// Hash of the previous statement, 64 zeros for the first.
    pub previous: String,
    /// SHA-256 of the statement.
    pub hash: String,
    /// The signed statement as it was mailed, JSON.
    pub statement: String,
}

impl ActiveModelBehavior for ActiveModel {}
