//! Files kept beside the database, named by their SHA-256.

use sea_orm::entity::prelude::*;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stored_file")]
pub struct Model {
    /// Name of the file: SHA-256 of its bytes, in hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sha256: String,
    /// Length.
    pub size_bytes: i64,
    /// As sniffed by us, never as sent.
    pub media_type: String,
    /// First seen.
    pub stored_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
