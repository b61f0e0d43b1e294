//! What the clock does: a hold whose end has come is released, by an event.

use chrono::{DateTime, Utc};
use entities::allocation;
use entities::enums::ReleaseReason;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::steps;
use crate::access::By;
use crate::app::App;
use crate::devices::{self, At};
use crate::error::{Error, Result};

/// Holds ended in one look; the next look takes the rest.
const MOST: u64 = 50;

/// Releases the holds whose end has come. Each is a transaction of its own: one that somebody is just changing is
/// left to the next look.
pub(crate) async fn end_holds(app: &App) -> Result<()> {
    let now = app.clock.now();
    let over = allocation::Entity::find()
        .filter(allocation::Column::EndedAt.is_null())
        .filter(allocation::Column::Kept.is_null())
        .filter(allocation::Column::EndsAt.lte(now))
        .order_by_asc(allocation::Column::EndsAt)
        .limit(MOST)
        .all(app.db.read())
        .await?;
    for hold in over {
        match end_hold(app, &hold, now).await {
            Ok(()) | Err(Error::Stale(_) | Error::Busy | Error::Refused { .. }) => {}
            // One that can't be ended holds up nobody else's.
            Err(error) => tracing::error!(hold = %hold.id, %error, "a hold could not be ended"),
        }
    }
    Ok(())
}

async fn end_hold(app: &App, hold: &allocation::Model, now: DateTime<Utc>) -> Result<()> {
    let tx = app.db.write().await?;
    let device = devices::steps::lock(&tx, hold.device_id).await?;
    // Between the look and the lock it may have been extended, released or handed over.
    let live = crate::allocation::steps::live(&tx, hold.request_id).await?;
    if !live.is_some_and(|l| l.id == hold.id && l.kept.is_none() && l.ends_at <= now) {
        return Ok(());
    }
    // A device leased to a day pack waits for the pack's return.
    if device.pack_id.is_some() {
        return Ok(());
    }
    let (by, at) = (By::CLOCK, At::now(now));
    steps::lose_hold(app, &tx, &device, ReleaseReason::Expired, &by, at).await?;
    tx.commit().await
}
