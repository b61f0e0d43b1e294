//! The outbox: sealed messages, forgotten after delivery.

use sea_orm::entity::prelude::*;

use crate::enums::Channel;
use crate::ids::{HouseholdId, MessageId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    /// Which message.
    pub kind: String,
    /// How it goes.
    pub channel: Channel,
    /// Sealed address, forgotten once delivered or given up.
    pub recipient: Option<Vec<u8>>,
    /// Sealed JSON: subject, text, attachments by name; forgotten once delivered or given up.
    pub content: Option<Vec<u8>>,
    /// The household it is for, so that its service can print a letter.
    pub household_id: Option<HouseholdId>,
    /// When it was queued.
    pub created_at: DateTimeUtc,
    /// Not before.
    pub next_at: DateTimeUtc,
    /// Tries so far.
    pub attempts: i32,
    /// Why the last try failed, no address in it.
    pub last_error: Option<String>,
    /// A letter: last looked at by its service.
    pub opened_at: Option<DateTimeUtc>,
    /// Handed to the carrier, or printed.
    pub delivered_at: Option<DateTimeUtc>,
    /// Will not be tried again.
    pub gave_up_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
