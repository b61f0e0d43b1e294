//! Gradings: observations and the grade the table gave.

use sea_orm::entity::prelude::*;

use crate::enums::Grade;
use crate::ids::{AccountId, DeviceId, GradingId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "grading")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GradingId,
    /// The device.
    pub device_id: DeviceId,
    /// JSON: observation to value.
    pub observations: String,
    /// Result.
    pub grade: Grade,
    /// JSON list of codes.
    pub reasons: String,
    /// Which table.
    pub table_version: String,
    /// Who.
    pub account_id: AccountId,
    /// When.
    pub at: DateTimeUtc,
    /// SHA-256 of the request that made it.
    pub body_hash: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
