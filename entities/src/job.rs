//! Background work, queued in the transaction that wants it.

use sea_orm::entity::prelude::*;

use crate::ids::JobId;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobId,
    /// Which job.
    pub kind: String,
    /// JSON arguments, no personal datum.
    pub payload: String,
    /// Not before.
    pub run_at: DateTimeUtc,
    /// Tries so far.
    pub attempts: i32,
    /// A worker has it until then.
    pub claimed_until: Option<DateTimeUtc>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// Finished.
    pub done_at: Option<DateTimeUtc>,
    /// Will not be tried again.
    pub gave_up_at: Option<DateTimeUtc>,
    /// When it was queued.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
