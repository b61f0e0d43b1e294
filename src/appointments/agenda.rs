//! The day of those who welcome: who comes when, and one appointment opened.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use entities::enums::{AppointmentState, CustodyKind, OnboardingState};
use entities::ids::AppointmentId;
use entities::{appointment, appointment_request, onboarding};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use super::input::{AttendanceInput, Topic};
use super::view::instant;
use super::{actions, endings, rules, store};
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::devices::words;
use crate::error::{Error, Result};
use crate::web::frame::{Choice, Tone};
use crate::web::page::see_other_saying;
use crate::web::{
    Access, Flash, Form, FormState, Frame, PageResult, Path, Query, Routes, Visit, page, problem,
};
use crate::{allocation, devices, french, households, requests};

/// Routes of the agenda.
pub(crate) fn routes() -> Routes {
    let needs = Access::Needs(Permission::HandOver);
    Routes::new()
        .get("/agenda", needs, day)
        .get("/agenda/{id}", needs, show)
        .post("/agenda/{id}", needs, note)
}

#[derive(Debug, Deserialize)]
struct DayQuery {
    day: Option<String>,
}

struct Line {
    sort: (i64, String),
    iso: String,
    time: String,
    what: String,
    detail: String,
    tone: Tone,
    word: &'static str,
    /// Something is still to be done with it.
    open: bool,
    /// It is what to do now: the first that is open.
    now: bool,
    href: String,
}

#[derive(Template)]
#[template(path = "appointments/pages/agenda.html")]
struct AgendaPage {
    frame: Frame,
    sentence: String,
    day: String,
    venues: String,
    lines: Vec<Line>,
    before: String,
    today: String,
    is_today: bool,
    after: String,
}

/// The first instant of a local day.
fn begins(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    midnight
        .and_local_timezone(french::PARIS)
        .earliest()
        .map_or_else(|| midnight.and_utc(), |local| local.to_utc())
}

async fn day(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Query(query): Query<DayQuery>,
) -> PageResult {
    let db = app.db.read();
    let today = french::local_date(app.clock.now());
    let day = query
        .day
        .and_then(|text| text.parse().ok())
        .unwrap_or(today);
    let (from, to) = (
        begins(day).timestamp(),
        begins(day.succ_opt().unwrap_or(day)).timestamp(),
    );
    let venues = access::store::venues_of(db, actor.organisation).await?;
    let ids: Vec<_> = venues.iter().map(|v| v.id).collect();
    let name = |id| {
        let found = venues
            .iter()
            .find(|v| v.id == id)
            .filter(|_| venues.len() > 1);
        found.map(|v| v.name.clone())
    };
    let mut lines = Vec::new();
    for row in store::agenda(db, ids.clone(), from, to).await? {
        lines.push(pickup_line(db, &row, name(row.venue_id)).await?);
    }
    for row in store::onboardings(db, ids, from, to).await? {
        lines.extend(lesson_line(db, &row, name(row.venue_id)).await?);
    }
    lines.sort_by(|a, b| a.sort.cmp(&b.sort));
    if let Some(first) = lines.iter_mut().find(|line| line.open) {
        first.now = true;
    }
    let to_come: Vec<&Line> = lines.iter().filter(|line| line.open).collect();
    let count = i64::try_from(to_come.len()).unwrap_or(i64::MAX);
    let said = french::counted(count, "rendez-vous", "rendez-vous");
    let when = french::relative_day(day, today);
    let sentence = match to_come.first() {
        Some(first) => format!("{said} {when}, le premier à {}.", first.time),
        None if lines.is_empty() => format!("Aucun rendez-vous {when}."),
        None => format!("Tout est noté pour {}.", french::date(day)),
    };
    let link = |day: Option<NaiveDate>| format!("/agenda?day={}", day.unwrap_or(today));
    page(&AgendaPage {
        frame: access::frame(&app, &actor, &visit).await?,
        sentence,
        day: french::weekday_date(day),
        venues: venues
            .iter()
            .map(|v| v.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        lines,
        before: link(day.pred_opt()),
        today: "/agenda".to_owned(),
        is_today: day == today,
        after: link(day.succ_opt()),
    })
}

async fn pickup_line(
    db: &impl ConnectionTrait,
    row: &appointment::Model,
    venue: Option<String>,
) -> Result<Line> {
    let lesson = actions::onboarding_of(db, row).await?;
    let together = lesson.starts_at == row.starts_at && lesson.venue_id == row.venue_id;
    let mut references = Vec::new();
    let mut details = vec![
        if together {
            "Remise et prise en main"
        } else {
            "Remise"
        }
        .to_owned(),
    ];
    let mut elsewhere = false;
    for one in store::requests_of(db, row.id).await? {
        let request = requests::steps::by_id(db, one.request_id).await?;
        references.push(request.reference);
        let Some(hold) = allocation::steps::live(db, request.id).await? else {
            continue;
        };
        let device = devices::store::by_id(db, hold.device_id).await?;
        elsewhere |= device.custody == CustodyKind::Shipment;
        details.push(format!(
            "{} {}",
            words::kind(device.kind),
            words::grouped(&device.code)
        ));
    }
    details.extend(venue);
    let (tone, word) = match row.state {
        AppointmentState::Booked if elsewhere => (Tone::Queued, "Équipement en route"),
        AppointmentState::Booked => (Tone::Plain, "Attendu"),
        AppointmentState::Attended if lesson.state == OnboardingState::Booked && together => {
            (Tone::Shown, "Remis, prise en main à noter")
        }
        AppointmentState::Attended => (Tone::Done, "Remis"),
        AppointmentState::NoShow => (Tone::Refused, "Absence"),
        AppointmentState::Cancelled => (Tone::Already, "Annulé"),
    };
    let open = row.state == AppointmentState::Booked
        || (row.state == AppointmentState::Attended
            && together
            && lesson.state == OnboardingState::Booked);
    Ok(line(
        row.starts_at,
        row.id,
        references.join(", "),
        details,
        (tone, word),
        open,
    ))
}

/// An onboarding that is a visit of its own; none when it is part of a pickup's.
async fn lesson_line(
    db: &impl ConnectionTrait,
    row: &onboarding::Model,
    venue: Option<String>,
) -> Result<Option<Line>> {
    let served = appointment_request::Entity::find()
        .filter(appointment_request::Column::OnboardingId.eq(row.id))
        .one(db)
        .await?;
    let Some(served) = served else {
        return Ok(None);
    };
    let pickup = store::appointment(db, served.appointment_id).await?;
    if pickup.starts_at == row.starts_at && pickup.venue_id == row.venue_id {
        return Ok(None);
    }
    let request = requests::steps::by_id(db, served.request_id).await?;
    let mut details = vec!["Prise en main".to_owned()];
    details.extend(venue);
    let state = match row.state {
        OnboardingState::Booked => (Tone::Plain, "Attendu"),
        OnboardingState::Attended => (Tone::Done, "Faite"),
        OnboardingState::NoShow => (Tone::Refused, "Absence"),
        OnboardingState::Cancelled => (Tone::Already, "Annulée"),
    };
    let open = row.state == OnboardingState::Booked;
    Ok(Some(line(
        row.starts_at,
        pickup.id,
        request.reference,
        details,
        state,
        open,
    )))
}

#[expect(clippy::needless_pass_by_value, reason = "the caller is done with it")]
fn line(
    starts_at: i64,
    id: AppointmentId,
    what: String,
    details: Vec<String>,
    (tone, word): (Tone, &'static str),
    open: bool,
) -> Line {
    let at = instant(starts_at);
    Line {
        sort: (starts_at, what.clone()),
        iso: devices::journal::moment(at),
        time: french::time(at),
        what,
        detail: details.join(" · "),
        tone,
        word,
        open,
        now: false,
        href: format!("/agenda/{id}"),
    }
}

struct Served {
    reference: String,
    device: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "appointments/pages/appointment.html")]
struct AppointmentPage {
    frame: Frame,
    form: FormState,
    title: String,
    /// Given name and initial.
    who: String,
    tone: Tone,
    word: &'static str,
    pickup: String,
    lesson: String,
    served: Vec<Served>,
    topics: Vec<(usize, Choice)>,
    url: String,
    /// The counter, when a device can still be handed over.
    counter: Option<String>,
    can_note_lesson: bool,
    /// An absence from an onboarding that is a visit of its own.
    can_miss_lesson: bool,
    can_miss: bool,
    /// Its page, and the word that leads there.
    book: Option<(String, &'static str)>,
}

/// The appointment, if the actor's organisation receives it: as a pickup or as an onboarding.
async fn own(
    app: &App,
    actor: &Actor,
    id: Uuid,
) -> Result<(appointment::Model, onboarding::Model)> {
    let db = app.db.read();
    let row = store::appointment(db, AppointmentId(id)).await?;
    let lesson = actions::onboarding_of(db, &row).await?;
    for venue in [row.venue_id, lesson.venue_id] {
        if access::store::venue_by_id(db, venue).await?.organisation_id == actor.organisation {
            return Ok((row, lesson));
        }
    }
    Err(Error::NotFound("appointment"))
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
) -> PageResult {
    let (row, lesson) = own(&app, &actor, id).await?;
    let now = app.clock.now();
    // The one read of a name here; it leaves a record.
    let tx = app.db.write().await?;
    let file = households::steps::read(
        &app,
        &tx,
        Some(actor.account),
        row.household_id,
        "serve",
        now,
    )
    .await?;
    tx.commit().await?;
    let who = file.applicant().map_or(String::new(), |one| {
        let initial = one.family_name.chars().next();
        initial.map_or(one.given_name.clone(), |letter| {
            format!("{} {letter}.", one.given_name)
        })
    });
    let db = app.db.read();
    let mut served = Vec::new();
    // What is booked, or what another device of an attended visit left behind.
    let mut to_hand_over = row.state == AppointmentState::Booked;
    for one in store::requests_of(db, row.id).await? {
        let request = requests::steps::by_id(db, one.request_id).await?;
        let attended = row.state == AppointmentState::Attended && one.live;
        let device = match allocation::steps::live(db, request.id).await? {
            Some(hold) => {
                to_hand_over |= attended && hold.kept.is_none();
                let device = devices::store::by_id(db, hold.device_id).await?;
                let name = words::name(&device);
                Some((device.code, name))
            }
            None => None,
        };
        served.push(Served {
            reference: request.reference,
            device,
        });
    }
    let pickup_venue = access::store::venue_by_id(db, row.venue_id).await?;
    let lesson_venue = access::store::venue_by_id(db, lesson.venue_id).await?;
    let starts_at = instant(row.starts_at);
    let same_visit = lesson.starts_at == row.starts_at && lesson.venue_id == row.venue_id;
    let (tone, word) = match row.state {
        AppointmentState::Booked => (Tone::Plain, "Attendu"),
        AppointmentState::Attended => (Tone::Done, "Remis"),
        AppointmentState::NoShow => (Tone::Refused, "Absence"),
        AppointmentState::Cancelled => (Tone::Already, "Annulé"),
    };
    let lesson_word = match lesson.state {
        OnboardingState::Booked => "à faire",
        OnboardingState::Attended => "faite",
        OnboardingState::NoShow => "absence",
        OnboardingState::Cancelled => "annulée",
    };
    let begun = |at: i64| instant(at) <= now;
    let pickup_here = pickup_venue.organisation_id == actor.organisation;
    let lesson_here = lesson_venue.organisation_id == actor.organisation;
    let noted = lesson.state == OnboardingState::Attended;
    let book_word = if row.state == AppointmentState::Booked && pickup_here {
        Some("Déplacer ou annuler ce rendez-vous")
    } else if row.state == AppointmentState::Attended && (!noted || to_hand_over) {
        Some("Choisir une autre date pour ce qui reste à faire")
    } else {
        None
    };
    page(&AppointmentPage {
        frame: access::frame(&app, &actor, &visit).await?,
        form: FormState::new(&visit),
        title: format!("{who}, {}", french::date_time(starts_at)),
        who,
        tone,
        word,
        pickup: format!("{}, {}", french::date_time(starts_at), pickup_venue.name),
        lesson: format!(
            "{}, {} ({lesson_word})",
            french::date_time(instant(lesson.starts_at)),
            lesson_venue.name
        ),
        topics: Topic::ALL
            .iter()
            .map(|topic| Choice::new(topic.as_str(), topic.french()))
            .enumerate()
            .collect(),
        url: format!("/agenda/{}", row.id),
        counter: (to_hand_over && pickup_here).then(|| format!("/handovers/{}", row.id)),
        can_note_lesson: lesson_here
            && lesson.state != OnboardingState::Cancelled
            && rules::may_record_attended(instant(lesson.starts_at), now, french::PARIS).is_ok(),
        can_miss_lesson: begun(lesson.starts_at)
            && (!same_visit || row.state == AppointmentState::Attended),
        can_miss: to_hand_over && pickup_here && begun(row.starts_at),
        book: served
            .first()
            .zip(book_word)
            .map(|(one, word)| (format!("/requests/{}/book", one.reference), word)),
        served,
    })
}

async fn note(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
    form: Form<AttendanceInput>,
) -> PageResult {
    let back = format!("/agenda/{id}");
    let done = match form.read().0 {
        Ok(input) => endings::attendance(&app, &actor, AppointmentId(id), &input)
            .await
            .map(|_| ()),
        Err(error) => Err(error),
    };
    let flash = match done {
        Ok(()) => Flash::done("C’est noté."),
        Err(error @ (Error::Refused { .. } | Error::Stale(_))) => {
            Flash::refused(problem::detail(&error))
        }
        Err(Error::Invalid(faults)) => Flash::refused(
            faults
                .iter()
                .map(|fault| fault.detail.as_str())
                .collect::<Vec<_>>()
                .join(" "),
        ),
        Err(error) => return Err(error.into()),
    };
    Ok(see_other_saying(&back, &flash, visit.secure))
}
