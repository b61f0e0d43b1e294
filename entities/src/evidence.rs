//! Evidence files, as a tool wrote them.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountId, DeviceId, EvidenceId, SiteId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "evidence")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EvidenceId,
    /// The file as the tool wrote it.
    pub sha256: String,
    /// `nwipe_log`, `ereuse_snapshot`, ...
    pub kind: String,
    /// Tool and version, as read.
    pub tool: Option<String>,
    /// What it speaks of, none while in the inbox.
    pub device_id: Option<DeviceId>,
    /// Where it was handed in.
    pub site_id: Option<SiteId>,
    /// Who handed it in.
    pub account_id: AccountId,
    /// When.
    pub received_at: DateTimeUtc,
    /// Left the inbox.
    pub settled_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
