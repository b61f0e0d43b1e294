//! Booking and moving: each one transaction.

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::{AppointmentState, OnboardingState, Role};
use entities::ids::{AppointmentId, HouseholdId, OnboardingId};
use entities::{
    allocation as allocation_row, appointment, appointment_request, onboarding, request, venue,
};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use sea_orm::sea_query::OnConflict;

use super::input::{BookInput, MoveInput, Part};
use super::rules::{self, Booker};
use super::slots::{self, Asked};
use super::view::instant;
use super::{reminders, seats, steps, store};
use crate::access::{Actor, By};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices;
use crate::error::{Error, OnConstraint, Result};
use crate::notifications::message::Message;
use crate::{access, allocation, households, notifications, requests};

/// Who books: somebody who works here, or the household by its link.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who<'a> {
    /// An account.
    Account(&'a Actor),
    /// The household itself, after its second factor.
    Household(HouseholdId),
}

impl Who<'_> {
    pub(super) fn by(self) -> By {
        match self {
            Self::Account(actor) => actor.by(),
            Self::Household(_) => By::HOUSEHOLD,
        }
    }

    pub(super) const fn booker(self) -> Booker {
        match self {
            Self::Account(_) => Booker::Professional,
            Self::Household(_) => Booker::Household,
        }
    }

    /// Whether the request may be booked by this one at a venue; what one may not know of is not there.
    fn may_book(self, request: &request::Model, venue: &venue::Model) -> Result<()> {
        let may = match self {
            Self::Household(household) => request.household_id == household,
            Self::Account(actor) if actor.role == Role::SocialWorker => {
                request.organisation_id == actor.organisation
            }
            Self::Account(actor) if actor.role == Role::Mediator => {
                venue.organisation_id == actor.organisation
            }
            Self::Account(_) => false,
        };
        if may {
            Ok(())
        } else {
            Err(Error::NotFound("request"))
        }
    }
}

/// An appointment just booked, or found again by its id.
#[derive(Debug)]
pub(crate) struct Booked {
    /// The pickup.
    pub(crate) appointment: appointment::Model,
    /// The onboarding.
    pub(crate) onboarding: onboarding::Model,
    /// The pickup code: for the household's eyes only, once; none when found again.
    pub(crate) code: Option<String>,
    /// It had been booked before, by the same request.
    pub(crate) replayed: bool,
}

/// Books a pickup and its onboarding together.
///
/// # Errors
/// `request-not-waiting`, `not-held`, `already-booked`, `slot-unknown`, `slot-full`, `slot-too-early`, `slot-too-far`,
/// `slot-without-pickup`, `slot-without-onboarding`, `id-reused`.
#[expect(clippy::too_many_lines, reason = "one list told in one go")]
pub(crate) async fn book(app: &App, who: Who<'_>, input: &BookInput) -> Result<Booked> {
    let now = app.clock.now();
    let body = serde_jcs::to_vec(input).map_err(Error::internal)?;
    let hash = app.keys.keyed_hash("appointment-body", &body).to_vec();
    if let Some(stored) = stored(app, input, &hash).await? {
        return Ok(stored);
    }
    let tx = app.db.write().await?;
    slots::lock(&tx, &[&input.pickup_slot, &input.onboarding_slot]).await?;
    let pickup = slots::asked(&tx, &input.pickup_slot).await?;
    let lesson = slots::asked(&tx, &input.onboarding_slot).await?;
    rules::check_couple(&pickup.rule, &lesson.rule)?;
    let mut references = input.requests.clone();
    references.sort();
    references.dedup();
    let mut served = Vec::new();
    for reference in &references {
        let request = requests::steps::waiting(&tx, reference).await?;
        who.may_book(&request, &pickup.venue)?;
        who.may_book(&request, &lesson.venue)?;
        let hold = allocation::steps::live(&tx, request.id)
            .await?
            .filter(|a| a.kept.is_none());
        let hold = hold.ok_or_else(|| {
            Error::refused(
                "not-held",
                "Aucun équipement n’est encore réservé pour cette demande.",
            )
        })?;
        let device = devices::steps::lock(&tx, hold.device_id).await?;
        let lead = slots::transfer(&device, &pickup.venue);
        rules::check_slot(slots::window_of(app, now, lead), pickup.slot)?;
        served.push((request, hold));
    }
    if lesson.key() != pickup.key() {
        rules::check_slot(slots::window_of(app, now, None), lesson.slot)?;
    }
    let household = served
        .first()
        .map(|(r, _)| r.household_id)
        .ok_or_else(|| Error::field("#/requests", "Nommez une demande."))?;
    if served.iter().any(|(r, _)| r.household_id != household) {
        return Err(Error::field(
            "#/requests",
            "Ces demandes ne sont pas du même foyer.",
        ));
    }
    let code = format!("{:06}", app.chance.below(1_000_000));
    let id = AppointmentId(id_at(now));
    let row = appointment::Model {
        id,
        client_id: input.id,
        body_hash: hash.clone(),
        household_id: household,
        venue_id: pickup.venue.id,
        opening_id: pickup.rule.id,
        starts_at: pickup.slot.starts_at.timestamp(),
        ends_at: pickup.slot.ends_at.timestamp(),
        state: AppointmentState::Booked,
        booked_by: who.by().account,
        pickup_code_hash: Some(steps::code_hash(app, id, &code)),
        pickup_code_failures: 0,
        pickup_code_misses: 0,
        pickup_code_renewals: 0,
        pickup_code_sent_at: Some(now),
        created_at: now,
        ended_at: None,
        version: 1,
    };
    let inserted = appointment::Entity::insert(appointment::ActiveModel::from(row.clone()))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&tx)
        .await?;
    if inserted == 0 {
        // The same booking, sent twice at once: the other one won.
        tx.give_way().await?;
        return stored(app, input, &hash)
            .await?
            .ok_or(Error::Stale("appointment"));
    }
    let lesson_row = new_onboarding(&lesson, household, now);
    onboarding::Entity::insert(onboarding::ActiveModel::from(lesson_row.clone()))
        .exec_without_returning(&tx)
        .await?;
    for (request, _) in &served {
        // The key behind it has no name on SQLite, where `(live)` is a column and no expression.
        if store::live_of(&tx, request.id).await?.is_some() {
            return Err(Error::refused("already-booked", ""));
        }
        appointment_request::Entity::insert(appointment_request::ActiveModel {
            appointment_id: Set(id),
            request_id: Set(request.id),
            onboarding_id: Set(lesson_row.id),
            household_id: Set(household),
            live: Set(true),
        })
        .exec_without_returning(&tx)
        .await
        .on_constraint("appointment_request_one_live", || {
            Error::refused("already-booked", "")
        })?;
    }
    seats::take(&tx, &pickup.rule, pickup.slot.starts_at, id).await?;
    if lesson.key() != pickup.key() {
        seats::take(&tx, &lesson.rule, lesson.slot.starts_at, id).await?;
    }
    for (_, hold) in &served {
        allocation::steps::extend(&tx, hold, hold_end(app, &pickup)).await?;
    }
    let link = households::steps::new_link(app, &tx, household, now).await?;
    let message = Message::Booked {
        pickup: steps::meeting(&pickup.venue, pickup.slot.starts_at),
        onboarding: other_meeting(&pickup, &lesson),
        code: code.clone(),
        link,
    };
    notifications::steps::to_household(app, &tx, household, &message, now).await?;
    reminders::queue(&tx, id, pickup.slot.starts_at, now).await?;
    tx.commit().await?;
    Ok(Booked {
        appointment: row,
        onboarding: lesson_row,
        code: Some(code),
        replayed: false,
    })
}

/// What was stored for a client-made id.
async fn stored(app: &App, input: &BookInput, hash: &[u8]) -> Result<Option<Booked>> {
    let Some(id) = input.id else { return Ok(None) };
    let db = app.db.read();
    let Some(row) = store::by_client_id(db, id).await? else {
        return Ok(None);
    };
    if row.body_hash != hash {
        return Err(Error::refused("id-reused", ""));
    }
    let onboarding = onboarding_of(db, &row).await?;
    Ok(Some(Booked {
        appointment: row,
        onboarding,
        code: None,
        replayed: true,
    }))
}

/// Moves the pickup, the onboarding, or both. The pickup code stays.
///
/// # Errors
/// `appointment-over`, `too-late-to-move`, and what a booking's slots are refused for.
pub(crate) async fn shift(
    app: &App,
    who: Who<'_>,
    id: AppointmentId,
    input: &MoveInput,
) -> Result<(appointment::Model, onboarding::Model)> {
    if input.pickup_slot.is_none() && input.onboarding_slot.is_none() {
        return Err(Error::field(
            "#/pickup_slot",
            "Choisissez un nouveau créneau.",
        ));
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let part = if input.pickup_slot.is_some() {
        Part::Both
    } else {
        Part::Onboarding
    };
    let (before, served) = open(&tx, who, id, part).await?;
    let lesson_before = onboarding_of(&tx, &before).await?;
    // After the pickup only an onboarding that was not held is offered again.
    let handed_over = before.state == AppointmentState::Attended;
    if handed_over && (part == Part::Both || lesson_before.state == OnboardingState::Attended) {
        return Err(Error::refused("appointment-over", ""));
    }
    let terms = &requests::steps::policy(app).booking;
    if input.pickup_slot.is_some() {
        rules::may_move(terms, who.booker(), instant(before.starts_at), now)?;
    }
    let (pickup, lesson) = wanted(&tx, &before, &lesson_before, input).await?;
    if input.pickup_slot.is_some() {
        rules::check_couple(&pickup.rule, &lesson.rule)?;
    } else {
        rules::check_onboarding(&lesson.rule)?;
    }
    if input.onboarding_slot.is_some() {
        // Also of what was handed over already.
        for row in store::requests_of(&tx, before.id).await? {
            let request = requests::steps::by_id(&tx, row.request_id).await?;
            who.may_book(&request, &lesson.venue)?;
        }
    }
    for (request, hold) in &served {
        if input.pickup_slot.is_some() {
            who.may_book(request, &pickup.venue)?;
            let device = devices::steps::lock(&tx, hold.device_id).await?;
            let lead = slots::transfer(&device, &pickup.venue);
            rules::check_slot(slots::window_of(app, now, lead), pickup.slot)?;
        }
    }
    if input.onboarding_slot.is_some() && lesson.key() != pickup.key() {
        rules::check_slot(slots::window_of(app, now, None), lesson.slot)?;
    }
    let needed = [pickup.key(), lesson.key()];
    let kept = seats::keep_only(&tx, id, &needed).await?;
    for slot in [&pickup, &lesson] {
        let first = std::ptr::eq(slot, &raw const pickup) || lesson.key() != pickup.key();
        if first && !kept.contains(&slot.key()) {
            seats::take(&tx, &slot.rule, slot.slot.starts_at, id).await?;
        }
    }
    let changed = appointment::ActiveModel {
        venue_id: Set(pickup.venue.id),
        opening_id: Set(pickup.rule.id),
        starts_at: Set(pickup.slot.starts_at.timestamp()),
        ends_at: Set(pickup.slot.ends_at.timestamp()),
        ..Default::default()
    };
    store::update(&tx, &before, changed).await?;
    let state = if input.onboarding_slot.is_some() {
        OnboardingState::Booked
    } else {
        lesson_before.state
    };
    let changed = onboarding::ActiveModel {
        venue_id: Set(lesson.venue.id),
        opening_id: Set(lesson.rule.id),
        starts_at: Set(lesson.slot.starts_at.timestamp()),
        ends_at: Set(lesson.slot.ends_at.timestamp()),
        state: Set(state),
        ..Default::default()
    };
    store::update_onboarding(&tx, &lesson_before, changed).await?;
    let message = if handed_over {
        Message::Onboarding {
            onboarding: steps::meeting(&lesson.venue, lesson.slot.starts_at),
        }
    } else {
        for (_, hold) in &served {
            allocation::steps::extend(&tx, hold, hold_end(app, &pickup)).await?;
        }
        Message::Moved {
            pickup: steps::meeting(&pickup.venue, pickup.slot.starts_at),
            onboarding: other_meeting(&pickup, &lesson),
            link: households::steps::new_link(app, &tx, before.household_id, now).await?,
        }
    };
    notifications::steps::to_household(app, &tx, before.household_id, &message, now).await?;
    if input.pickup_slot.is_some() && pickup.slot.starts_at != instant(before.starts_at) {
        reminders::queue(&tx, id, pickup.slot.starts_at, now).await?;
    }
    let after = store::appointment(&tx, id).await?;
    let lesson_after = store::onboarding(&tx, lesson_before.id).await?;
    tx.commit().await?;
    Ok((after, lesson_after))
}

/// The slots of a visit once it is moved: those asked for, and what stays. Their openings are kept as they are.
async fn wanted(
    tx: &Tx,
    before: &appointment::Model,
    lesson: &onboarding::Model,
    input: &MoveInput,
) -> Result<(Asked, Asked)> {
    let asked = [&input.pickup_slot, &input.onboarding_slot];
    let asked: Vec<&str> = asked.into_iter().flatten().map(String::as_str).collect();
    slots::lock(tx, &asked).await?;
    let pickup = match &input.pickup_slot {
        Some(slot) => slots::asked(tx, slot).await?,
        None => current(tx, before.opening_id, before.starts_at, before.ends_at).await?,
    };
    let lesson = match &input.onboarding_slot {
        Some(slot) => slots::asked(tx, slot).await?,
        None => current(tx, lesson.opening_id, lesson.starts_at, lesson.ends_at).await?,
    };
    Ok((pickup, lesson))
}

/// An appointment that stands, or whose pickup was attended, with the requests whose device is still to be handed
/// over and their holds, all locked. It is opened by its household, by the service of its requests, and where one of
/// its `parts` takes place.
pub(super) async fn open(
    tx: &Tx,
    who: Who<'_>,
    id: AppointmentId,
    part: Part,
) -> Result<(
    appointment::Model,
    Vec<(request::Model, allocation_row::Model)>,
)> {
    let before = store::lock(tx, id).await?;
    if let Who::Household(household) = who
        && before.household_id != household
    {
        return Err(Error::NotFound("appointment"));
    }
    let mut venues = vec![access::store::venue_by_id(tx, before.venue_id).await?];
    if part == Part::Onboarding {
        let lesson = onboarding_of(tx, &before).await?;
        venues.push(access::store::venue_by_id(tx, lesson.venue_id).await?);
    }
    for row in store::requests_of(tx, id).await? {
        let request = requests::steps::by_id(tx, row.request_id).await?;
        if !venues.iter().any(|v| who.may_book(&request, v).is_ok()) {
            return Err(Error::NotFound("appointment"));
        }
    }
    let served = match before.state {
        AppointmentState::Booked | AppointmentState::Attended => served_by(tx, &before).await?,
        AppointmentState::NoShow | AppointmentState::Cancelled => {
            return Err(Error::refused("appointment-over", ""));
        }
    };
    Ok((before, served))
}

/// The live requests of an appointment with their holds.
pub(super) async fn served_by(
    tx: &Tx,
    appointment: &appointment::Model,
) -> Result<Vec<(request::Model, allocation_row::Model)>> {
    let mut served = Vec::new();
    for row in store::requests_of(tx, appointment.id)
        .await?
        .into_iter()
        .filter(|r| r.live)
    {
        let request = requests::steps::lock(tx, row.request_id).await?;
        if let Some(hold) = allocation::steps::live(tx, request.id)
            .await?
            .filter(|a| a.kept.is_none())
        {
            served.push((request, hold));
        }
    }
    Ok(served)
}

/// The onboarding of an appointment.
pub(crate) async fn onboarding_of(
    db: &impl sea_orm::ConnectionTrait,
    appointment: &appointment::Model,
) -> Result<onboarding::Model> {
    let rows = store::requests_of(db, appointment.id).await?;
    let id = rows
        .first()
        .map(|r| r.onboarding_id)
        .ok_or_else(|| Error::broken("an appointment for no request"))?;
    store::onboarding(db, id).await
}

/// A slot that is already booked: its opening may have changed since.
async fn current(
    tx: &Tx,
    opening: entities::ids::OpeningId,
    starts_at: i64,
    ends_at: i64,
) -> Result<Asked> {
    let row = store::opening(tx, opening).await?;
    let rule = store::rule(&row)?;
    let venue = access::store::venue_by_id(tx, row.venue_id).await?;
    let slot = rules::SlotTime {
        starts_at: instant(starts_at),
        ends_at: instant(ends_at),
    };
    Ok(Asked { rule, venue, slot })
}

fn new_onboarding(lesson: &Asked, household: HouseholdId, now: DateTime<Utc>) -> onboarding::Model {
    onboarding::Model {
        id: OnboardingId(id_at(now)),
        household_id: household,
        venue_id: lesson.venue.id,
        opening_id: lesson.rule.id,
        starts_at: lesson.slot.starts_at.timestamp(),
        ends_at: lesson.slot.ends_at.timestamp(),
        state: OnboardingState::Booked,
        topics: "[]".to_owned(),
        minutes: None,
        version: 1,
    }
}

fn other_meeting(pickup: &Asked, lesson: &Asked) -> Option<notifications::message::Meeting> {
    (pickup.key() != lesson.key()).then(|| steps::meeting(&lesson.venue, lesson.slot.starts_at))
}

fn hold_end(app: &App, pickup: &Asked) -> DateTime<Utc> {
    let grace: TimeDelta = requests::steps::policy(app).hold_grace();
    rules::hold_end(pickup.slot.ends_at, grace)
}
