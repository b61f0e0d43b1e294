//! Reads of handovers.

use entities::handover;
use entities::ids::{AllocationId, AppointmentId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::error::Result;

/// The handovers of an appointment.
pub(super) async fn of_appointment(
    db: &impl ConnectionTrait,
    id: AppointmentId,
) -> Result<Vec<handover::Model>> {
    Ok(handover::Entity::find()
        .filter(handover::Column::AppointmentId.eq(id))
        .all(db)
        .await?)
}

/// The handover that an allocation ended in.
pub(super) async fn by_allocation(
    db: &impl ConnectionTrait,
    id: AllocationId,
) -> Result<Option<handover::Model>> {
    Ok(handover::Entity::find_by_id(id).one(db).await?)
}
