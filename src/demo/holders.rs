//! Gives devices to their holders once allocations and handovers stand: the keys go in a circle.

use entities::device;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::db::Tx;
use crate::error::Result;

/// Writes who holds each of these devices.
pub(super) async fn give(tx: &Tx, held: &[device::Model]) -> Result<()> {
    for row in held {
        device::Entity::update_many()
            .col_expr(device::Column::Custody, Expr::value(row.custody))
            .col_expr(device::Column::HeldFor, Expr::value(row.held_for))
            .col_expr(device::Column::AllocationId, Expr::value(row.allocation_id))
            .col_expr(
                device::Column::HandedOverBy,
                Expr::value(row.handed_over_by),
            )
            .filter(device::Column::Id.eq(row.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}
