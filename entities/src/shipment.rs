//! Shipments: things moved together.

use sea_orm::entity::prelude::*;

use crate::enums::ShipmentStatus;
use crate::ids::{ShipmentId, SiteId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shipment")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ShipmentId,
    /// Leaves.
    pub from_site_id: SiteId,
    /// Goes to.
    pub to_site_id: SiteId,
    /// Where it stands.
    pub status: ShipmentStatus,
    /// Sealed, open media, to an operator flagged for it.
    pub certified_destruction: bool,
    /// When it was opened.
    pub created_at: DateTimeUtc,
    /// Guards concurrent changes.
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
