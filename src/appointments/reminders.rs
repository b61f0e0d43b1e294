//! The reminder before a visit: a job queued with the booking, that looks again when its hour comes.

use chrono::{DateTime, TimeDelta, Utc};
use entities::appointment;
use entities::enums::{AppointmentState, Channel};
use entities::ids::AppointmentId;
use serde::{Deserialize, Serialize};

use super::view::instant;
use super::{steps, store};
use crate::access;
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::notifications::message::Message;
use crate::{households, jobs, notifications};

/// Kind of the job.
pub(crate) const REMIND: &str = "remind";

/// How long before the visit.
const BEFORE: TimeDelta = TimeDelta::hours(48);

/// Which visit, as it was booked or moved: a visit moved since is reminded of by the job of its move.
#[derive(Debug, Serialize, Deserialize)]
struct Visit {
    appointment: AppointmentId,
    starts_at: i64,
}

/// Queues the reminder of a visit, unless it is so near that the booking itself says it.
pub(super) async fn queue(
    tx: &Tx,
    appointment: AppointmentId,
    starts_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let due = starts_at - BEFORE;
    if due <= now {
        return Ok(());
    }
    let visit = Visit {
        appointment,
        starts_at: starts_at.timestamp(),
    };
    let payload = serde_json::to_value(visit).map_err(Error::internal)?;
    jobs::enqueue(tx, REMIND, &payload, due).await
}

/// Reminds the household, when the visit still stands as it was and is still to come. Who is written to by letter has
/// the date on paper.
pub(crate) async fn send(app: &App, payload: &str) -> Result<()> {
    let visit: Visit = serde_json::from_str(payload).map_err(Error::internal)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let row: appointment::Model = store::lock(&tx, visit.appointment).await?;
    let stands = row.state == AppointmentState::Booked
        && row.starts_at == visit.starts_at
        && instant(row.starts_at) > now;
    let contact = households::steps::find(&tx, row.household_id).await;
    let by_letter = match contact {
        Ok(household) => household.channel == Channel::Letter,
        // A household that was erased is reminded of nothing.
        Err(Error::NotFound(_)) => true,
        Err(error) => return Err(error),
    };
    if !stands || by_letter {
        return Ok(());
    }
    let venue = access::store::venue_by_id(&tx, row.venue_id).await?;
    let message = Message::Reminder {
        pickup: steps::meeting(&venue, instant(row.starts_at)),
    };
    notifications::steps::to_household(app, &tx, row.household_id, &message, now).await?;
    tx.commit().await
}
