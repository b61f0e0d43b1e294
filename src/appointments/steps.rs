//! What other domains do with appointments inside their transaction.

use chrono::{DateTime, Utc};
use entities::enums::{AppointmentState, CustodyKind, OnboardingState, ReleaseReason};
use entities::ids::{AppointmentId, HouseholdId, RequestId};
use entities::{appointment, appointment_request, device, onboarding, venue};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{actions, seats, store};
use crate::access::By;
use crate::app::App;
use crate::db::Tx;
use crate::devices::At;
use crate::error::{Error, Result};
use crate::notifications::message::{Meeting, Message};
use crate::{allocation, notifications, requests};

/// The keyed hash of an appointment's pickup code: of another appointment it is another.
pub(crate) fn code_hash(app: &App, appointment: AppointmentId, code: &str) -> Vec<u8> {
    app.keys
        .keyed_hash("pickup-code", format!("{appointment}:{code}").as_bytes())
        .to_vec()
}

/// Where and when, as a message tells it.
pub(crate) fn meeting(venue: &venue::Model, starts_at: DateTime<Utc>) -> Meeting {
    Meeting {
        starts_at,
        venue: venue.name.clone(),
        address: venue.postal_address.clone(),
        directions: venue.directions.clone(),
    }
}

/// A device is lost to its request (missing, a medium found, wrong, expired): its appointment is cancelled, its seats
/// are free, the hold is released and the household is told. A device that is not held, or that the household has,
/// stays as it is.
pub(crate) async fn lose_hold(
    app: &App,
    tx: &Tx,
    device: &device::Model,
    reason: ReleaseReason,
    by: &By,
    at: At,
) -> Result<device::Model> {
    let Some((device, household)) = free(app, tx, device, reason, by, at).await? else {
        return Ok(device.clone());
    };
    let message = Message::HoldLost { reason };
    notifications::steps::to_household(app, tx, household, &message, at.recorded).await?;
    Ok(device)
}

/// The same without a word to the household, which is answered; none when there is nothing to lose.
pub(super) async fn free(
    app: &App,
    tx: &Tx,
    device: &device::Model,
    reason: ReleaseReason,
    by: &By,
    at: At,
) -> Result<Option<(device::Model, HouseholdId)>> {
    if device.held_for.is_none() || device.custody == CustodyKind::Household {
        return Ok(None);
    }
    let hold = allocation::steps::live_of_device(tx, device.id)
        .await?
        .ok_or_else(|| Error::broken("a held device without its allocation"))?;
    let request = requests::steps::by_id(tx, hold.request_id).await?;
    if let Some(row) = store::live_of(tx, hold.request_id).await? {
        let appointment = store::lock(tx, row.appointment_id).await?;
        let others = store::requests_of(tx, appointment.id).await?;
        if others
            .iter()
            .any(|other| other.live && other.request_id != row.request_id)
        {
            leave(tx, row.appointment_id, row.request_id).await?;
        } else {
            end_appointment(tx, &appointment, AppointmentState::Cancelled, at.recorded).await?;
        }
    }
    let device = allocation::steps::release(app, tx, &hold, reason, by, at).await?;
    Ok(Some((device, request.household_id)))
}

/// Ends a booked appointment that nobody will honour: cancelled or missed. Its requests can be booked again, and its
/// seats to come are free.
///
/// # Errors
/// `appointment-over`, [`Error::Stale`] when somebody handed over meanwhile.
pub(crate) async fn end_appointment(
    tx: &Tx,
    before: &appointment::Model,
    state: AppointmentState,
    now: DateTime<Utc>,
) -> Result<()> {
    if before.state != AppointmentState::Booked {
        return Err(Error::refused("appointment-over", ""));
    }
    let changed = appointment::ActiveModel {
        state: Set(state),
        ended_at: Set(Some(now)),
        pickup_code_hash: Set(None),
        ..Default::default()
    };
    store::update(tx, before, changed).await?;
    let lesson = actions::onboarding_of(tx, before).await?;
    let same_visit = lesson.opening_id == before.opening_id && lesson.starts_at == before.starts_at;
    let missed = state == AppointmentState::NoShow;
    if lesson.state == OnboardingState::Booked {
        let ended = if missed && same_visit {
            OnboardingState::NoShow
        } else {
            OnboardingState::Cancelled
        };
        let changed = onboarding::ActiveModel {
            state: Set(ended),
            ..Default::default()
        };
        store::update_onboarding(tx, &lesson, changed).await?;
    }
    // What was missed was taken; what is still to come is free for others.
    let kept = if missed {
        vec![(before.opening_id, before.starts_at)]
    } else {
        Vec::new()
    };
    seats::keep_only(tx, before.id, &kept).await?;
    appointment_request::Entity::update_many()
        .col_expr(appointment_request::Column::Live, Expr::value(false))
        .filter(appointment_request::Column::AppointmentId.eq(before.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// One request leaves an appointment that serves others too.
pub(super) async fn leave(tx: &Tx, appointment: AppointmentId, request: RequestId) -> Result<()> {
    appointment_request::Entity::update_many()
        .col_expr(appointment_request::Column::Live, Expr::value(false))
        .filter(appointment_request::Column::AppointmentId.eq(appointment))
        .filter(appointment_request::Column::RequestId.eq(request))
        .exec(tx)
        .await?;
    Ok(())
}
