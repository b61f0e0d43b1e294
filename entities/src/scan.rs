//! Scans and their fate, refused ones too.

use sea_orm::entity::prelude::*;

use crate::enums::ScanOutcome;
use crate::ids::{AccountId, DeviceId, SiteId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "scan")]
pub struct Model {
    /// Client-made id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub scan_id: Uuid,
    /// Who.
    pub account_id: AccountId,
    /// As it was read.
    pub code: String,
    /// What was asked, none to show.
    pub action: Option<String>,
    /// Where.
    pub site_id: Option<SiteId>,
    /// What was found.
    pub device_id: Option<DeviceId>,
    /// SHA-256 of the request.
    pub body_hash: Vec<u8>,
    /// Fate.
    pub outcome: ScanOutcome,
    /// JSON: event number, or the problem.
    pub answer: String,
    /// Claimed.
    pub occurred_at: DateTimeUtc,
    /// Written.
    pub recorded_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
