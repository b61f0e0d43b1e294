//! The household's appointment: what is reserved, booked, moved, cancelled.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum_extra::extract::cookie::CookieJar;
use entities::enums::{AppointmentState, Channel};
use entities::ids::HouseholdId;
use entities::{appointment, donation, onboarding, request, venue};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::door::{self, Door, Guest, PlainPage, Trail};
use super::words::Words;
use crate::access::pages::Empty;
use crate::app::App;
use crate::appointments::actions::{self, Who};
use crate::appointments::input::{BookInput, MoveInput};
use crate::appointments::rules::{self, Booker};
use crate::appointments::view::instant;
use crate::appointments::{slots, store};
use crate::error::{Error, Result};
use crate::web::frame::Leaf;
use crate::web::page::{form_status, page_with};
use crate::web::{Form, FormState, PageResult, Path, Query, Visit, page, problem, see_other};
use crate::{access, allocation, devices, households, requests};

/// What a household may book, and what it has booked.
#[derive(Debug)]
pub(super) struct Standing {
    /// Requests with a device held and no appointment.
    pub(super) open: Vec<request::Model>,
    /// The appointment to come.
    pub(super) booked: Option<appointment::Model>,
}

impl Standing {
    /// Reads it.
    pub(super) async fn of(app: &App, household: HouseholdId) -> Result<Self> {
        let db = app.db.read();
        let (mut open, mut booked) = (Vec::new(), None);
        for request in requests::steps::waiting_of(db, household).await? {
            if let Some(row) = store::live_of(db, request.id).await? {
                let found = store::appointment(db, row.appointment_id).await?;
                if found.state == AppointmentState::Booked {
                    booked = Some(found);
                }
            } else if allocation::steps::live(db, request.id)
                .await?
                .is_some_and(|hold| hold.kept.is_none())
            {
                open.push(request);
            }
        }
        Ok(Self { open, booked })
    }
}

/// The requests that an appointment serves.
pub(super) async fn served(
    db: &impl ConnectionTrait,
    row: &appointment::Model,
) -> Result<Vec<request::Model>> {
    let mut served = Vec::new();
    for one in store::requests_of(db, row.id).await? {
        if one.live {
            served.push(requests::steps::by_id(db, one.request_id).await?);
        }
    }
    Ok(served)
}

/// Name, address and way of a venue.
pub(super) fn place(venue: &venue::Model) -> Vec<String> {
    let lines = [
        Some(&venue.name),
        Some(&venue.postal_address),
        venue.directions.as_ref(),
    ];
    lines.into_iter().flatten().cloned().collect()
}

#[derive(Template)]
#[template(path = "appointments/pages/household/meeting.html")]
struct MeetingPage {
    leaf: Leaf,
    w: Words,
    title: String,
    place: Vec<String>,
    /// The pickup code: once, right after booking.
    code: Option<String>,
    code_sent: String,
    lesson: Option<(String, Vec<String>)>,
    bring: Vec<String>,
    can_move: Option<String>,
    can_cancel: Option<String>,
    late: String,
    home: Option<String>,
}

#[derive(Template)]
#[template(path = "appointments/pages/household/cancel.html")]
struct CancelPage {
    leaf: Leaf,
    w: Words,
    form: FormState,
    text: String,
    action: String,
    back: String,
}

/// The first page: what is reserved, or the appointment.
pub(super) async fn home(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    Path(secret): Path<String>,
    Query(trail): Query<Trail>,
) -> PageResult {
    let guest = match door::open(&app, &visit, &jar, &secret, &trail).await? {
        Door::Open(guest) => guest,
        Door::Closed(page) => return Ok(page),
    };
    let w = guest.words;
    let db = app.db.read();
    let standing = Standing::of(&app, guest.household).await?;
    let help = foot(&app, &guest).await?;
    if let Some(request) = standing.open.first() {
        let device = slots::held_device(db, request).await?;
        let until = allocation::steps::live(db, request.id).await?;
        let until = until.map(|hold| {
            w.with(
                "page-ready-until",
                &[("day", &w.day(crate::french::local_date(hold.ends_at)))],
            )
        });
        return page(&PlainPage {
            leaf: guest.leaf("", Some(&[]), help),
            title: w.ready(device.kind),
            text: w.t("page-ready-text"),
            lines: until.into_iter().collect(),
            next: Some((guest.href("/choose", &[]), w.t("page-choose"))),
        });
    }
    if let Some(booked) = &standing.booked {
        return page(&meeting(&app, &guest, booked, Told::Again).await?);
    }
    page(&PlainPage {
        leaf: guest.leaf("", Some(&[]), help),
        title: w.t("page-nothing-title"),
        text: w.t("page-nothing-text"),
        lines: Vec::new(),
        next: None,
    })
}

/// What the page of an appointment tells.
enum Told {
    /// Just booked, with its code unless it was found again.
    Booked(Option<String>),
    /// Just moved.
    Moved,
    /// Looked at.
    Again,
}

async fn meeting(
    app: &App,
    guest: &Guest,
    row: &appointment::Model,
    told: Told,
) -> Result<MeetingPage> {
    let w = guest.words;
    let db = app.db.read();
    let starts_at = instant(row.starts_at);
    let venue = access::store::venue_by_id(db, row.venue_id).await?;
    let lesson: onboarding::Model = actions::onboarding_of(db, row).await?;
    let apart = lesson.starts_at != row.starts_at || lesson.venue_id != row.venue_id;
    let lesson = if apart {
        let venue = access::store::venue_by_id(db, lesson.venue_id).await?;
        let when = w.moment(instant(lesson.starts_at));
        Some((w.with("page-lesson-when", &[("day", &when)]), place(&venue)))
    } else {
        None
    };
    let key = match told {
        Told::Booked(_) => "page-done-title",
        Told::Moved => "page-moved-title",
        Told::Again => "page-booked-title",
    };
    let channel = households::steps::find(db, guest.household).await?.channel;
    let code_sent = match told {
        Told::Moved => w.t("page-code-same"),
        Told::Booked(_) | Told::Again => w.t(match channel {
            Channel::Email => "page-code-sent-email",
            Channel::Text => "page-code-sent-text",
            Channel::Letter => "page-code-sent-letter",
        }),
    };
    let terms = &requests::steps::policy(app).booking;
    let now = app.clock.now();
    let can_move = rules::may_move(terms, Booker::Household, starts_at, now).is_ok();
    let can_cancel = rules::may_cancel(terms, Booker::Household, starts_at, now).is_ok();
    let late = if can_cancel {
        String::new()
    } else {
        let organisation = access::store::organisation(db, venue.organisation_id).await?;
        match &organisation.contact_phone {
            Some(phone) => w.with("page-late", &[("phone", phone)]),
            None => w.t("page-late-short"),
        }
    };
    let fresh = !matches!(told, Told::Again);
    Ok(MeetingPage {
        // What a post answered is not shown again in another language.
        leaf: guest.leaf("", (!fresh).then_some(&[]), foot(app, guest).await?),
        w,
        title: w.with(key, &[("day", &w.moment(starts_at))]),
        bring: bring(db, app, row, &venue, w).await?,
        place: place(&venue),
        code: match told {
            Told::Booked(code) => code.map(|code| spaced(&code)),
            Told::Moved | Told::Again => None,
        },
        code_sent,
        lesson,
        can_move: (can_move && !fresh).then(|| guest.href("/move", &[])),
        can_cancel: (can_cancel && !fresh).then(|| guest.href("/cancel", &[])),
        late,
        home: fresh.then(|| guest.href("", &[])),
    })
}

/// What to bring: the code and, when something is due, how much.
async fn bring(
    db: &impl ConnectionTrait,
    app: &App,
    row: &appointment::Model,
    venue: &venue::Model,
    w: Words,
) -> Result<Vec<String>> {
    let organisation = access::store::organisation(db, venue.organisation_id).await?;
    let mut due = 0;
    for request in served(db, row).await? {
        let Some(hold) = allocation::steps::live(db, request.id).await? else {
            continue;
        };
        let device = devices::store::by_id(db, hold.device_id).await?;
        let gift = donation::Entity::find_by_id(device.donation_id)
            .one(db)
            .await?;
        let may_be_sold = organisation.may_sell || !gift.is_some_and(|gift| gift.public_donor);
        due += requests::rules::contribution_due(
            requests::steps::policy(app),
            request.contribution_cents,
            device.kind,
            may_be_sold,
        );
    }
    let money = if due > 0 {
        w.with("page-bring-money", &[("amount", &w.amount(due))])
    } else {
        w.t("page-bring-nothing")
    };
    Ok(vec![w.t("page-bring-code"), money])
}

fn spaced(code: &str) -> String {
    match code.split_at_checked(3) {
        Some((one, other)) => format!("{one}\u{a0}{other}"),
        None => code.to_owned(),
    }
}

async fn foot(app: &App, guest: &Guest) -> Result<String> {
    let service = door::service(app, guest.household).await?;
    door::help(app, guest.words, service).await
}

/// Books what the summary said. Sent again, it answers the booking without its code.
pub(super) async fn book(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    Path(secret): Path<String>,
    Query(trail): Query<Trail>,
    form: Form<BookInput>,
) -> PageResult {
    let guest = match door::open(&app, &visit, &jar, &secret, &trail).await? {
        Door::Open(guest) => guest,
        Door::Closed(page) => return Ok(page),
    };
    let done = match form.read().0 {
        Ok(input) => actions::book(&app, Who::Household(guest.household), &input).await,
        Err(error) => Err(error),
    };
    match done {
        // A booking found again by its id is shown to its own household only.
        Ok(booked) if booked.appointment.household_id == guest.household => {
            page(&meeting(&app, &guest, &booked.appointment, Told::Booked(booked.code)).await?)
        }
        Ok(_) => Err(Error::NotFound("appointment").into()),
        Err(error) => refused(&app, &guest, error, "/choose").await,
    }
}

/// Moves the appointment.
pub(super) async fn shift(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    Path(secret): Path<String>,
    Query(trail): Query<Trail>,
    form: Form<MoveInput>,
) -> PageResult {
    let guest = match door::open(&app, &visit, &jar, &secret, &trail).await? {
        Door::Open(guest) => guest,
        Door::Closed(page) => return Ok(page),
    };
    let Some(booked) = Standing::of(&app, guest.household).await?.booked else {
        return Ok(see_other(&guest.href("", &[])));
    };
    let done = match form.read().0 {
        Ok(input) => {
            let who = Who::Household(guest.household);
            actions::shift(&app, who, booked.id, &input).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok((row, _)) => page(&meeting(&app, &guest, &row, Told::Moved).await?),
        Err(error) => refused(&app, &guest, error, "/move").await,
    }
}

/// Says what cancelling does.
pub(super) async fn ask_cancel(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    Path(secret): Path<String>,
    Query(trail): Query<Trail>,
) -> PageResult {
    let guest = match door::open(&app, &visit, &jar, &secret, &trail).await? {
        Door::Open(guest) => guest,
        Door::Closed(page) => return Ok(page),
    };
    let w = guest.words;
    let Some(booked) = Standing::of(&app, guest.household).await?.booked else {
        return Ok(see_other(&guest.href("", &[])));
    };
    page(&CancelPage {
        leaf: guest.leaf("/cancel", Some(&[]), foot(&app, &guest).await?),
        w,
        form: FormState::new(&visit),
        text: w.with(
            "page-cancel-text",
            &[("day", &w.moment(instant(booked.starts_at)))],
        ),
        action: guest.href("/cancel", &[]),
        back: guest.href("", &[]),
    })
}

/// Cancels.
pub(super) async fn cancel(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    Path(secret): Path<String>,
    Query(trail): Query<Trail>,
    form: Form<Empty>,
) -> PageResult {
    let guest = match door::open(&app, &visit, &jar, &secret, &trail).await? {
        Door::Open(guest) => guest,
        Door::Closed(page) => return Ok(page),
    };
    form.read().0?;
    let w = guest.words;
    let Some(booked) = Standing::of(&app, guest.household).await?.booked else {
        return Ok(see_other(&guest.href("", &[])));
    };
    match actions::cancel(&app, Who::Household(guest.household), booked.id).await {
        Ok(_) => page(&PlainPage {
            leaf: guest.leaf("", None, foot(&app, &guest).await?),
            title: w.t("page-cancelled-title"),
            text: w.t("page-cancelled-text"),
            lines: Vec::new(),
            next: None,
        }),
        Err(error) => refused(&app, &guest, error, "").await,
    }
}

/// A refusal in the household's words, with the way back to the choice.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only these are told apart here"
)]
async fn refused(app: &App, guest: &Guest, error: Error, back: &str) -> PageResult {
    let w = guest.words;
    let (status, error) = match error {
        Error::NotFound(_) => (StatusCode::NOT_FOUND, error),
        other => form_status(other)?,
    };
    let (title, text) = match problem::code(&error) {
        "slot-full" | "slot-too-early" | "slot-unknown" => ("page-taken-title", "page-taken-text"),
        "too-late-to-move" | "too-late-to-cancel" => ("page-refused-title", "page-late-short"),
        _ => ("page-refused-title", "page-refused-text"),
    };
    page_with(
        status,
        &PlainPage {
            leaf: guest.leaf("", None, foot(app, guest).await?),
            title: w.t(title),
            text: w.t(text),
            lines: Vec::new(),
            next: Some((guest.href(back, &[]), w.t("page-again"))),
        },
    )
}
