//! Lots: waste that leaves together.

use sea_orm::entity::prelude::*;

use crate::enums::{LotStatus, WasteCategory};
use crate::ids::{AccountId, LotId, SiteId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lot")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LotId,
    /// `L-2026-000004`.
    pub reference: String,
    /// Where it stands.
    pub site_id: SiteId,
    /// WEEE annex III, batteries and media apart.
    pub category: WasteCategory,
    /// Where it stands.
    pub status: LotStatus,
    /// Weighed at closing.
    pub weight_grams: Option<i64>,
    /// Who carries.
    pub carrier: Option<String>,
    /// Who treats.
    pub operator: Option<String>,
    /// Note or BSD number.
    pub collection_reference: Option<String>,
    /// Who opened it.
    pub created_by: AccountId,
    /// Opened.
    pub created_at: DateTimeUtc,
    /// Weighed and sealed.
    pub closed_at: Option<DateTimeUtc>,
    /// Gone.
    pub collected_at: Option<DateTimeUtc>,
    /// SHA-256 of the request that made it.
    pub body_hash: Option<Vec<u8>>,
    /// Guards concurrent changes.
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
