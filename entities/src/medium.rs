//! Media: data-bearing parts, in a device or loose.

use sea_orm::entity::prelude::*;

use crate::enums::{BoundFor, MediumCustody, MediumKind, OpenedBecause};
use crate::ids::{DeviceId, MediumId, SanitisationId, ShipmentId, SiteId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "medium")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MediumId,
    /// Our code, once out of a device or without a readable serial.
    pub code: Option<String>,
    /// The device it is in.
    pub device_id: Option<DeviceId>,
    /// Technology.
    pub kind: MediumKind,
    /// Manufacturer.
    pub make: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Serial number as read.
    pub serial: Option<String>,
    /// Capacity.
    pub capacity_bytes: Option<i64>,
    /// Data may still be on it.
    pub open: bool,
    /// Whose data.
    pub opened_because: OpenedBecause,
    /// The sanitisation that closed it.
    pub closed_by: Option<SanitisationId>,
    /// Destroyed.
    pub destroyed_at: Option<DateTimeUtc>,
    /// Where it is.
    pub custody: MediumCustody,
    /// Where it is when loose.
    pub site_id: Option<SiteId>,
    /// What it travels in.
    pub shipment_id: Option<ShipmentId>,
    /// Why it was taken out.
    pub bound_for: Option<BoundFor>,
    /// SHA-256 of the request that made it.
    pub body_hash: Option<Vec<u8>>,
    /// Number of its last event.
    pub version: i64,
    /// Hash of its last event.
    pub head: String,
}

impl ActiveModelBehavior for ActiveModel {}
