//! Slots and appointments as JSON.

use axum::extract::State;
use chrono::{DateTime, Utc};
use entities::enums::{Format, RequestStatus, Role};
use entities::ids::AppointmentId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actions::{self, Who};
use super::endings;
use super::input::{AttendanceInput, BookInput, MoveInput, ReleaseInput};
use super::slots::{self, Search};
use super::view::{self, AppointmentView, SlotView};
use crate::access::{self, Actor, Permission};
use crate::allocation::view::HoldView;
use crate::app::App;
use crate::error::{Error, Result};
use crate::requests;
use crate::requests::view::RequestView;
use crate::web::{
    Access, ApiResult, Created, Json, Limit, Path, Query, Routes, ValidJson, problems,
};

/// JSON routes of appointments.
pub(crate) fn routes() -> Routes {
    let book = Access::Needs(Permission::Book);
    Routes::new()
        .get("/api/v1/slots", book, list)
        .says("Slots that can be booked for a request, in order of time")
        .refuses(&["not-found", "not-held", "request-not-waiting"])
        .queries::<SlotsQuery>()
        .answers::<SlotsView>(200)
        .post("/api/v1/appointments", book, create)
        .says("Book a pickup and its onboarding together")
        .refuses(&[
            "not-found",
            "not-held",
            "request-not-waiting",
            "already-booked",
            "id-reused",
            "slot-full",
            "slot-unknown",
            "slot-too-early",
            "slot-too-far",
            "slot-without-pickup",
            "slot-without-onboarding",
            "stale",
        ])
        .takes::<BookInput>()
        .answers::<AppointmentView>(201)
        .answers::<AppointmentView>(200)
        .get("/api/v1/appointments/{id}", book, show)
        .says("One appointment")
        .answers::<AppointmentView>(200)
        .post("/api/v1/appointments/{id}/move", book, shift)
        .says("Move the pickup, the onboarding, or both")
        .refuses(&[
            "appointment-over",
            "too-late-to-move",
            "not-held",
            "slot-full",
            "slot-unknown",
            "slot-too-early",
            "slot-too-far",
            "slot-without-pickup",
            "slot-without-onboarding",
            "stale",
        ])
        .takes::<MoveInput>()
        .answers::<AppointmentView>(200)
        .post("/api/v1/appointments/{id}/cancel", book, cancel)
        .says("Cancel: seats are free again and the holds are released")
        .refuses(problems::RECORDING)
        .refuses(&["appointment-over", "too-late-to-cancel"])
        .answers::<AppointmentView>(200)
        .post(
            "/api/v1/requests/{reference}/withdraw",
            Access::Needs(Permission::FileRequests),
            withdraw,
        )
        .says("Take a request back that is not served; what is held and booked for it ends with it")
        .refuses(problems::RECORDING)
        .refuses(&["request-not-waiting", "appointment-over"])
        .answers::<RequestView>(200)
        .post(
            "/api/v1/allocations/{id}/release",
            Access::Needs(Permission::Allocate),
            release,
        )
        .says("Release a hold; a no-show of a visit that has begun ends the visit too")
        .refuses(problems::RECORDING)
        .refuses(&[
            "appointment-over",
            "slot-not-begun",
            "handover-incomplete",
            "already-booked",
        ])
        .takes::<ReleaseInput>()
        .answers::<HoldView>(200)
        .post(
            "/api/v1/appointments/{id}/attendance",
            Access::Needs(Permission::HandOver),
            attendance,
        )
        .says("Note who came; a missed pickup releases the hold")
        .refuses(problems::RECORDING)
        .refuses(&[
            "appointment-over",
            "slot-not-begun",
            "handover-incomplete",
            "already-booked",
        ])
        .takes::<AttendanceInput>()
        .answers::<AppointmentView>(200)
}

/// What to look for.
#[derive(Debug, Deserialize, JsonSchema)]
struct SlotsQuery {
    request: String,
    venue: Option<String>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    format: Option<Format>,
    /// How many at most: 50 when left out, 500 at most.
    #[serde(default)]
    limit: Limit,
    /// `next_cursor` of the page before.
    #[schemars(regex(pattern = r"^[0-9a-f]{32}-(0|[1-9][0-9]{0,11})$"))]
    cursor: Option<String>,
}

/// A page of slots.
#[derive(Debug, Serialize, JsonSchema)]
struct SlotsView {
    items: Vec<SlotView>,
    next_cursor: Option<String>,
}

async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<SlotsQuery>,
) -> ApiResult<Json<SlotsView>> {
    let request = requests::steps::by_reference(app.db.read(), &query.request).await?;
    // A mediator books at their own venues only, whoever's request it is.
    let own_request =
        actor.role == Role::SocialWorker && request.organisation_id == actor.organisation;
    if !own_request && actor.role != Role::Mediator {
        return Err(Error::NotFound("request").into());
    }
    let venue = match &query.venue {
        Some(name) => Some(access::store::venue(app.db.read(), name).await?),
        None => None,
    };
    let after =
        match query.cursor.as_deref() {
            None => None,
            Some(cursor) => Some(slots::position(cursor).ok_or_else(|| {
                Error::field("#/cursor", "Ce curseur ne vient pas de cette liste.")
            })?),
        };
    let search = Search {
        venue,
        organisation: (!own_request).then_some(actor.organisation),
        from: query.from,
        to: query.to,
        format: query.format,
    };
    // Once the device is at home, only its onboarding is still to be booked.
    let mut found = if request.status == RequestStatus::Served {
        slots::lessons(&app, &search).await?
    } else {
        slots::offers(&app, &request, &search).await?
    };
    found.retain(|offer| after.as_ref().is_none_or(|after| offer.position() > *after));
    let more = query.limit.cut(&mut found);
    let items: Vec<SlotView> = found.iter().map(slots::Offer::view).collect();
    let next_cursor = items.last().filter(|_| more).map(|one| one.id.clone());
    Ok(Json(SlotsView { items, next_cursor }))
}

async fn create(
    State(app): State<App>,
    actor: Actor,
    ValidJson(input): ValidJson<BookInput>,
) -> ApiResult<Created<AppointmentView>> {
    let booked = actions::book(&app, Who::Account(&actor), &input).await?;
    let body = view::of(app.db.read(), &booked.appointment, &booked.onboarding).await?;
    Ok(Created {
        body,
        replayed: booked.replayed,
    })
}

async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<AppointmentView>> {
    let db = app.db.read();
    let row = super::store::appointment(db, AppointmentId(id)).await?;
    let venue = access::store::venue_by_id(db, row.venue_id).await?;
    let mut own = actor.role == Role::Mediator && venue.organisation_id == actor.organisation;
    for served in super::store::requests_of(db, row.id).await? {
        let request = requests::steps::by_id(db, served.request_id).await?;
        own |= actor.role == Role::SocialWorker && request.organisation_id == actor.organisation;
    }
    if !own {
        return Err(Error::NotFound("appointment").into());
    }
    answer(&app, &row).await
}

async fn shift(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<Uuid>,
    ValidJson(input): ValidJson<MoveInput>,
) -> ApiResult<Json<AppointmentView>> {
    let (row, lesson) =
        actions::shift(&app, Who::Account(&actor), AppointmentId(id), &input).await?;
    Ok(Json(view::of(app.db.read(), &row, &lesson).await?))
}

async fn cancel(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<Uuid>,
) -> ApiResult<Json<AppointmentView>> {
    let (row, lesson) = endings::cancel(&app, Who::Account(&actor), AppointmentId(id)).await?;
    Ok(Json(view::of(app.db.read(), &row, &lesson).await?))
}

async fn attendance(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<Uuid>,
    ValidJson(input): ValidJson<AttendanceInput>,
) -> ApiResult<Json<AppointmentView>> {
    let (row, lesson) = endings::attendance(&app, &actor, AppointmentId(id), &input).await?;
    Ok(Json(view::of(app.db.read(), &row, &lesson).await?))
}

async fn withdraw(
    State(app): State<App>,
    actor: Actor,
    Path(reference): Path<String>,
) -> ApiResult<Json<RequestView>> {
    Ok(Json(
        endings::withdraw(&app, Who::Account(&actor), &reference).await?,
    ))
}

async fn release(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<Uuid>,
    ValidJson(input): ValidJson<ReleaseInput>,
) -> ApiResult<Json<HoldView>> {
    Ok(Json(
        endings::release(&app, &actor, id, input.reason.into()).await?,
    ))
}

async fn answer(app: &App, row: &entities::appointment::Model) -> ApiResult<Json<AppointmentView>> {
    let lesson: Result<_> = actions::onboarding_of(app.db.read(), row).await;
    Ok(Json(view::of(app.db.read(), row, &lesson?).await?))
}
