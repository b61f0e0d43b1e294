//! Codes: what labels carry, blank ones too.

use sea_orm::entity::prelude::*;

use crate::enums::CodeState;
use crate::ids::{DeviceId, MediumId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device_code")]
pub struct Model {
    /// The 8 characters.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Whose it is or was.
    pub device_id: Option<DeviceId>,
    /// A medium out of a device.
    pub medium_id: Option<MediumId>,
    /// Blank labels wait for their device.
    pub state: CodeState,
    /// When it was drawn.
    pub printed_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
