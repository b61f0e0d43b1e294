//! Seats: one place of one slot.

use sea_orm::entity::prelude::*;

use crate::ids::{AppointmentId, OpeningId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "seat")]
pub struct Model {
    /// The opening.
    #[sea_orm(primary_key, auto_increment = false)]
    pub opening_id: OpeningId,
    /// Slot, UTC epoch seconds.
    #[sea_orm(primary_key, auto_increment = false)]
    pub starts_at: i64,
    /// Seat, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub n: i32,
    /// Seats of the slot.
    pub capacity: i32,
    /// Who has it.
    pub appointment_id: AppointmentId,
}

impl ActiveModelBehavior for ActiveModel {}
