//! How a visit or a hold ends before its handover: cancelled, missed, released by a coordinator, its request withdrawn;
//! and noting who came. Each one transaction.

use chrono::{DateTime, Utc};
use entities::enums::{AppointmentState, OnboardingState, ReleaseReason};
use entities::ids::{AllocationId, AppointmentId, VenueId};
use entities::{allocation as allocation_row, appointment, onboarding, request};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::actions::{Who, onboarding_of, open, served_by};
use super::input::{Attendance, AttendanceInput, Part};
use super::view::instant;
use super::{rules, steps, store};
use crate::access::{self, Actor, By, Permission};
use crate::allocation::view::HoldView;
use crate::app::App;
use crate::db::Tx;
use crate::devices::{self, At};
use crate::error::{Error, Result};
use crate::notifications::message::Message;
use crate::requests::view::RequestView;
use crate::{allocation, french, notifications, requests};

/// Cancels an appointment: seats are free again and the holds are released. Of one whose pickup was attended, what was
/// not handed over is given up.
///
/// # Errors
/// `appointment-over`, `too-late-to-cancel`.
pub(crate) async fn cancel(
    app: &App,
    who: Who<'_>,
    id: AppointmentId,
) -> Result<(appointment::Model, onboarding::Model)> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let (before, served) = open(&tx, who, id, Part::Both).await?;
    let terms = &requests::steps::policy(app).booking;
    rules::may_cancel(terms, who.booker(), instant(before.starts_at), now)?;
    end(&tx, &before, &served, AppointmentState::Cancelled, now).await?;
    for (_, hold) in &served {
        let reason = ReleaseReason::Cancelled;
        allocation::steps::release(app, &tx, hold, reason, &who.by(), At::now(now)).await?;
    }
    let venue = access::store::venue_by_id(&tx, before.venue_id).await?;
    let message = match before.state {
        AppointmentState::Attended => Message::HoldLost {
            reason: ReleaseReason::Cancelled,
        },
        AppointmentState::Booked | AppointmentState::NoShow | AppointmentState::Cancelled => {
            Message::Cancelled {
                pickup: steps::meeting(&venue, instant(before.starts_at)),
            }
        }
    };
    notifications::steps::to_household(app, &tx, before.household_id, &message, now).await?;
    let after = store::appointment(&tx, id).await?;
    let lesson = onboarding_of(&tx, &after).await?;
    tx.commit().await?;
    Ok((after, lesson))
}

/// Ends an appointment for the requests whose device was not handed over: as a whole, or one by one when another
/// device of the visit was.
async fn end(
    tx: &Tx,
    before: &appointment::Model,
    served: &[(request::Model, allocation_row::Model)],
    state: AppointmentState,
    now: DateTime<Utc>,
) -> Result<()> {
    if before.state != AppointmentState::Attended {
        return steps::end_appointment(tx, before, state, now).await;
    }
    if served.is_empty() {
        return Err(Error::refused("appointment-over", ""));
    }
    for (request, _) in served {
        steps::leave(tx, before.id, request.id).await?;
    }
    Ok(())
}

/// Notes who came. A missed pickup releases the hold; a missed onboarding only waits for another one. Each part is
/// noted by those who receive it.
///
/// # Errors
/// `appointment-over`, `slot-not-begun`, `site-foreign`, `handover-incomplete` when a pickup is noted whose device was
/// not handed over.
pub(crate) async fn attendance(
    app: &App,
    actor: &Actor,
    id: AppointmentId,
    input: &AttendanceInput,
) -> Result<(appointment::Model, onboarding::Model)> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let before = store::lock(&tx, id).await?;
    let lesson = onboarding_of(&tx, &before).await?;
    let pickup_here = receives(&tx, actor, before.venue_id).await?;
    let lesson_here = receives(&tx, actor, lesson.venue_id).await?;
    if !pickup_here && !lesson_here {
        return Err(Error::NotFound("appointment"));
    }
    let (pickup_part, lesson_part) = match input.part {
        Part::Both => (true, true),
        Part::Pickup => (true, false),
        Part::Onboarding => (false, true),
    };
    if (pickup_part && !pickup_here) || (lesson_part && !lesson_here) {
        return Err(Error::refused(
            "site-foreign",
            "Cette partie de la visite a lieu dans une autre structure\u{a0}: c’est elle qui la note.",
        ));
    }
    if lesson_part {
        note_onboarding(&tx, &lesson, input, now).await?;
    }
    if pickup_part {
        match input.outcome {
            Attendance::Attended if before.state == AppointmentState::Attended => {}
            Attendance::Attended => {
                return Err(Error::refused(
                    "handover-incomplete",
                    "Le retrait se note par la remise de l’équipement.",
                ));
            }
            Attendance::NoShow => miss_pickup(app, &tx, &actor.by(), &before, now).await?,
        }
    }
    let after = store::appointment(&tx, id).await?;
    let lesson = onboarding_of(&tx, &after).await?;
    tx.commit().await?;
    Ok((after, lesson))
}

/// Whether an actor's organisation receives people at a venue.
async fn receives(tx: &Tx, actor: &Actor, venue: VenueId) -> Result<bool> {
    let venue = access::store::venue_by_id(tx, venue).await?;
    Ok(venue.organisation_id == actor.organisation)
}

async fn note_onboarding(
    tx: &Tx,
    lesson: &onboarding::Model,
    input: &AttendanceInput,
    now: DateTime<Utc>,
) -> Result<()> {
    if lesson.state == OnboardingState::Cancelled {
        return Err(Error::refused("appointment-over", ""));
    }
    let starts_at = instant(lesson.starts_at);
    let state = match input.outcome {
        Attendance::Attended => {
            rules::may_record_attended(starts_at, now, french::PARIS)?;
            OnboardingState::Attended
        }
        Attendance::NoShow => {
            rules::may_record_no_show(starts_at, now)?;
            OnboardingState::NoShow
        }
    };
    let topics: Vec<_> = input.topics.iter().map(|t| t.as_str()).collect();
    let changed = onboarding::ActiveModel {
        state: Set(state),
        topics: Set(serde_json::to_string(&topics).map_err(Error::internal)?),
        minutes: Set(input.minutes),
        ..Default::default()
    };
    store::update_onboarding(tx, lesson, changed).await
}

/// The household did not come for what is still to be handed over.
async fn miss_pickup(
    app: &App,
    tx: &Tx,
    by: &By,
    before: &appointment::Model,
    now: DateTime<Utc>,
) -> Result<()> {
    let served = match before.state {
        AppointmentState::Booked | AppointmentState::Attended => served_by(tx, before).await?,
        AppointmentState::NoShow | AppointmentState::Cancelled => {
            return Err(Error::refused("appointment-over", ""));
        }
    };
    rules::may_record_no_show(instant(before.starts_at), now)?;
    end(tx, before, &served, AppointmentState::NoShow, now).await?;
    for (request, hold) in &served {
        let reason = ReleaseReason::NoShow;
        allocation::steps::release(app, tx, hold, reason, by, At::now(now)).await?;
        requests::steps::no_show(app, tx, request, now).await?;
    }
    let message = Message::HoldLost {
        reason: ReleaseReason::NoShow,
    };
    notifications::steps::to_household(app, tx, before.household_id, &message, now).await
}

/// Releases a hold, as a coordinator. A no-show of a visit that has begun ends the visit too, as its attendance would.
///
/// # Errors
/// Not found; `not-held`; `already-booked` while an appointment stands that was not missed.
pub(crate) async fn release(
    app: &App,
    actor: &Actor,
    id: Uuid,
    reason: ReleaseReason,
) -> Result<HoldView> {
    actor.require(Permission::Allocate)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let hold = allocation::steps::by_id(&tx, AllocationId(id)).await?;
    let visit = match store::live_of(&tx, hold.request_id).await? {
        Some(row) => Some(store::lock(&tx, row.appointment_id).await?),
        None => None,
    };
    let request = requests::steps::lock(&tx, hold.request_id).await?;
    if hold.ended_at.is_some() || hold.kept.is_some() {
        return Err(Error::refused("not-held", ""));
    }
    match visit {
        Some(visit) if reason == ReleaseReason::NoShow && instant(visit.starts_at) <= now => {
            miss_pickup(app, &tx, &actor.by(), &visit, now).await?;
        }
        Some(visit) if reason == ReleaseReason::NoShow => {
            return Err(Error::refused(
                "already-booked",
                format!(
                    "Le rendez-vous commence le {}\u{a0}: l’absence se note ensuite (/api/v1/appointments/{}/attendance).",
                    french::date_time(instant(visit.starts_at)),
                    visit.id
                ),
            ));
        }
        Some(_) => {
            return Err(Error::refused(
                "already-booked",
                "Un rendez-vous est pris\u{a0}: il s’annule d’abord.",
            ));
        }
        None => {
            let by = actor.by();
            // Nobody was expected: whatever the reason says, it is no absence of the household's.
            allocation::steps::release(app, &tx, &hold, reason, &by, At::now(now)).await?;
        }
    }
    let device = devices::store::by_id(&tx, hold.device_id).await?;
    tx.commit().await?;
    Ok(HoldView {
        ends_at: now,
        ..HoldView::of(&hold, request, device)
    })
}

/// Withdraws a request that waits or is looked at, with the screen that goes with it. A device held for it is released
/// first, its visit ends, and the household is told.
///
/// # Errors
/// Not found for another service's or household's; `request-not-waiting` once it is over.
pub(crate) async fn withdraw(app: &App, who: Who<'_>, reference: &str) -> Result<RequestView> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let found = requests::steps::by_reference(&tx, reference).await?;
    match who {
        Who::Account(actor) => {
            actor.require(Permission::FileRequests)?;
            requests::actions::may_see(actor, &found)?;
        }
        Who::Household(household) if found.household_id == household => {}
        Who::Household(_) => return Err(Error::NotFound("request")),
    }
    let screen = requests::steps::companion(&tx, found.id).await?;
    let ids: Vec<_> = [Some(found.id), screen.map(|one| one.id)]
        .into_iter()
        .flatten()
        .collect();
    // Appointments before requests, requests before devices: the order of everybody who ends a visit.
    for id in &ids {
        if let Some(row) = store::live_of(&tx, *id).await? {
            store::lock(&tx, row.appointment_id).await?;
        }
    }
    let mut released = false;
    for (n, id) in ids.iter().enumerate() {
        let request = requests::steps::lock(&tx, *id).await?;
        if !requests::steps::is_open(&request) {
            if n == 0 {
                return Err(Error::refused("request-not-waiting", ""));
            }
            continue;
        }
        if let Some(hold) = allocation::steps::live(&tx, request.id).await? {
            let device = devices::steps::lock(&tx, hold.device_id).await?;
            let reason = ReleaseReason::Withdrawn;
            steps::free(app, &tx, &device, reason, &who.by(), At::now(now)).await?;
            released = true;
        }
        requests::steps::withdraw(&tx, &request, now).await?;
    }
    if released {
        let message = Message::HoldLost {
            reason: ReleaseReason::Withdrawn,
        };
        notifications::steps::to_household(app, &tx, found.household_id, &message, now).await?;
    }
    let after = requests::steps::by_id(&tx, found.id).await?;
    let view = requests::view::of(app, &tx, &after).await?;
    tx.commit().await?;
    Ok(view)
}
