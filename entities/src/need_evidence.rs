//! Evidence of need: somebody authorised saw a proof. Never the document.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, NeedEvidenceId, RequestId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "need_evidence")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: NeedEvidenceId,
    /// The request.
    pub request_id: RequestId,
    /// `Low_income_status`, `quotient_familial`, resources, schooling.
    pub kind: String,
    /// The proof was seen.
    pub seen_on: Date,
    /// It holds until.
    pub valid_until: Date,
    /// Who saw it.
    pub seen_by: AccountId,
}

impl ActiveModelBehavior for ActiveModel {}
