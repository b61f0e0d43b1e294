//! Data-breach cases with their 72-hour clock.

use sea_orm::entity::prelude::*;

use crate::enums::{BreachOutcome, BreachReason};
use crate::ids::{AccountId, BreachCaseId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "breach_case")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BreachCaseId,
    /// The device or medium.
    pub item_id: Uuid,
    /// What happened.
    pub reason: BreachReason,
    /// Clock starts.
    pub opened_at: DateTimeUtc,
    /// 72 hours later (GDPR art. 33).
    pub due_at: DateTimeUtc,
    /// Settled.
    pub closed_at: Option<DateTimeUtc>,
    /// How.
    pub outcome: Option<BreachOutcome>,
    /// By whom.
    pub closed_by: Option<AccountId>,
}

impl ActiveModelBehavior for ActiveModel {}
