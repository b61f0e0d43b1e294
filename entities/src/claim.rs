//! Claims of a person or a room, five minutes each.

use sea_orm::entity::prelude::*;

use crate::ids::AppointmentId;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "claim")]
pub struct Model {
    /// A person or a room.
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource_id: Uuid,
    /// UTC epoch seconds / 300.
    #[sea_orm(primary_key, auto_increment = false)]
    pub quantum: i64,
    /// Who has it.
    pub appointment_id: AppointmentId,
}

impl ActiveModelBehavior for ActiveModel {}
