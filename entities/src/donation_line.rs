//! Donation lines: what was announced and what came of it.

use sea_orm::entity::prelude::*;

use crate::enums::{Condition, DeviceKind, LineOutcome};
use crate::ids::{DeviceId, DonationId, LineId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "donation_line")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LineId,
    /// The gift.
    pub donation_id: DonationId,
    /// Row of the announcement, from 1.
    pub n: i32,
    /// As announced.
    pub kind: DeviceKind,
    /// As announced.
    pub make: Option<String>,
    /// As announced.
    pub model: Option<String>,
    /// As announced.
    pub serial: Option<String>,
    /// As announced.
    pub asset_tag: Option<String>,
    /// As announced.
    pub condition: Condition,
    /// How it was reconciled.
    pub outcome: LineOutcome,
    /// What really came.
    pub device_id: Option<DeviceId>,
}

impl ActiveModelBehavior for ActiveModel {}
