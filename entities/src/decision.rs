//! Decisions with every reason.

use sea_orm::entity::prelude::*;

use crate::enums::Outcome;
use crate::ids::{AccountId, DecisionId, RequestId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decision")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DecisionId,
    /// The request.
    pub request_id: RequestId,
    /// First, second, ...
    pub n: i32,
    /// Answer.
    pub outcome: Outcome,
    /// Sealed JSON: codes and sentences with the person's figures.
    pub reasons: Option<Vec<u8>>,
    /// JSON list of codes.
    pub reason_codes: String,
    /// JSON list: proofs missing.
    pub missing: String,
    /// JSON: banded inputs, no exact figure.
    pub bands: String,
    /// Which policy.
    pub policy_version: String,
    /// Contribution.
    pub contribution_cents: Option<i64>,
    /// The algorithm took part.
    pub proposed_by_policy: bool,
    /// The named human; none when policy approves.
    pub decided_by: Option<AccountId>,
    /// When.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
