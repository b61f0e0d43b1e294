//! The household's appointment: what is reserved, booked, moved, cancelled.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum_extra::extract::cookie::CookieJar;
use entities::enums::{AppointmentState, Channel};
use entities::ids::HouseholdId;
use entities::{appointment, donation, onboarding, request, venue};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::door::{self, Guest, PlainPage, Trail};
use super::words::Words;
use crate::access::pages::Empty;
use crate::app::App;
use crate::appointments::actions::{self, Who};
use crate::appointments::input::{BookInput, MoveInput};
use crate::appointments::rules::{self, Booker};
use crate::appointments::view::instant;
use crate::appointments::{endings, slots, store};
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
    /// The appointments to come, the next one first.
    pub(super) booked: Vec<appointment::Model>,
}

impl Standing {
    /// Reads it.
    pub(super) async fn of(app: &App, household: HouseholdId) -> Result<Self> {
        let db = app.db.read();
        let mut open = Vec::new();
        let mut booked: Vec<appointment::Model> = Vec::new();
        for request in requests::steps::waiting_of(db, household).await? {
            if let Some(row) = store::live_of(db, request.id).await? {
                let found = store::appointment(db, row.appointment_id).await?;
                let known = booked.iter().any(|one| one.id == found.id);
                if found.state == AppointmentState::Booked && !known {
                    booked.push(found);
                }
            } else if allocation::steps::live(db, request.id)
                .await?
                .is_some_and(|hold| hold.kept.is_none())
            {
                open.push(request);
            }
        }
        booked.sort_by_key(|one| one.starts_at);
        Ok(Self { open, booked })
    }

    /// The appointment that the address names; the next one where it names none. What is named and over is none: a form
    /// sent twice must not reach another visit.
    pub(super) fn visit(&self, asked: Option<&str>) -> Option<&appointment::Model> {
        match asked {
            Some(id) => self.booked.iter().find(|one| one.id.to_string() == id),
            None => self.booked.first(),
        }
    }

    /// Requests that can be taken back on their own: a screen goes with its desktop.
    fn on_their_own(&self) -> impl Iterator<Item = &request::Model> {
        self.open.iter().filter(|one| {
            let desktop = one.companion_of;
            !self.open.iter().any(|other| Some(other.id) == desktop)
        })
    }

    /// The request that the address names, among those whose device is held and not booked.
    pub(super) fn to_withdraw(&self, asked: Option<&str>) -> Option<&request::Model> {
        self.on_their_own()
            .find(|one| asked.is_some_and(|reference| one.reference == reference))
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
    /// Other visits to come: their pages and when they are.
    others: Vec<(String, String)>,
    /// Another device that is held meanwhile.
    ready: Option<Ready>,
}

/// A device that is held and not booked yet.
struct Ready {
    title: String,
    text: String,
    until: Option<String>,
    /// Where a time is chosen, and its word.
    choose: String,
    word: String,
    /// Where it is said that it is no longer needed, and in which words.
    give_up: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "appointments/pages/household/ready.html")]
struct ReadyPage {
    leaf: Leaf,
    ready: Ready,
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
    let guest = door::open(&app, &visit, &jar, &secret, &trail).await?;
    let w = guest.words;
    let standing = Standing::of(&app, guest.household).await?;
    let help = foot(&app, &guest).await?;
    let ready = ready(&app, &guest, &standing).await?;
    if let Some(booked) = standing.visit(trail.visit.as_deref()) {
        let others = standing.booked.iter().filter(|one| one.id != booked.id);
        let others = others.map(|one| {
            let day = w.moment(instant(one.starts_at));
            let title = w.with("page-booked-title", &[("day", &day)]);
            (guest.href("", &[("visit", &one.id.to_string())]), title)
        });
        return page(&MeetingPage {
            others: others.collect(),
            ready,
            ..meeting(&app, &guest, booked, Told::Again).await?
        });
    }
    if let Some(ready) = ready {
        return page(&ReadyPage {
            leaf: guest.leaf("", Some(&[]), help),
            ready,
        });
    }
    page(&PlainPage {
        leaf: guest.leaf("", Some(&[]), help),
        title: w.t("page-nothing-title"),
        text: w.t("page-nothing-text"),
        lines: Vec::new(),
        next: None,
    })
}

/// What is held and not booked, as the page says it.
async fn ready(app: &App, guest: &Guest, standing: &Standing) -> Result<Option<Ready>> {
    let w = guest.words;
    let db = app.db.read();
    let alone = standing.on_their_own().count() == 1;
    let mut ready: Option<Ready> = None;
    for request in standing.on_their_own() {
        let kind = slots::held_device(db, request).await?.kind;
        let word = if alone {
            w.t("page-withdraw")
        } else {
            format!("{} {}", w.ready(kind), w.t("page-withdraw"))
        };
        let give_up = (
            guest.href("/withdraw", &[("request", &request.reference)]),
            word,
        );
        if let Some(ready) = &mut ready {
            ready.give_up.push(give_up);
            continue;
        }
        let hold = allocation::steps::live(db, request.id).await?;
        let until = hold.map(|hold| {
            let day = w.day(crate::french::last_day(hold.ends_at));
            w.with("page-ready-until", &[("day", &day)])
        });
        ready = Some(Ready {
            title: w.ready(kind),
            text: w.t("page-ready-text"),
            until,
            choose: guest.href("/choose", &[]),
            word: w.t("page-choose"),
            give_up: vec![give_up],
        });
    }
    Ok(ready)
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
    let id = row.id.to_string();
    let pairs = [("visit", id.as_str())];
    Ok(MeetingPage {
        // What a post answered is not shown again in another language.
        leaf: guest.leaf("", (!fresh).then_some(&pairs), foot(app, guest).await?),
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
        can_move: (can_move && !fresh).then(|| guest.href("/move", &pairs)),
        can_cancel: (can_cancel && !fresh).then(|| guest.href("/cancel", &pairs)),
        late,
        home: fresh.then(|| guest.href("", &pairs)),
        others: Vec::new(),
        ready: None,
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

pub(super) async fn foot(app: &App, guest: &Guest) -> Result<String> {
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
    let guest = door::open(&app, &visit, &jar, &secret, &trail).await?;
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
        Err(error) => refused(&app, &guest, error, guest.href("/choose", &[])).await,
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
    let guest = door::open(&app, &visit, &jar, &secret, &trail).await?;
    let standing = Standing::of(&app, guest.household).await?;
    let Some(booked) = standing.visit(trail.visit.as_deref()) else {
        return Ok(see_other(&guest.href("", &[])));
    };
    let id = booked.id.to_string();
    let pairs = [("visit", id.as_str())];
    let done = match form.read().0 {
        Ok(input) => {
            let who = Who::Household(guest.household);
            actions::shift(&app, who, booked.id, &input).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok((row, _)) => page(&meeting(&app, &guest, &row, Told::Moved).await?),
        Err(error) => refused(&app, &guest, error, guest.href("/move", &pairs)).await,
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
    let guest = door::open(&app, &visit, &jar, &secret, &trail).await?;
    let w = guest.words;
    let standing = Standing::of(&app, guest.household).await?;
    let Some(booked) = standing.visit(trail.visit.as_deref()) else {
        return Ok(see_other(&guest.href("", &[])));
    };
    let id = booked.id.to_string();
    let pairs = [("visit", id.as_str())];
    page(&CancelPage {
        leaf: guest.leaf("/cancel", Some(&pairs), foot(&app, &guest).await?),
        w,
        form: FormState::new(&visit),
        text: w.with(
            "page-cancel-text",
            &[("day", &w.moment(instant(booked.starts_at)))],
        ),
        action: guest.href("/cancel", &pairs),
        back: guest.href("", &pairs),
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
    let guest = door::open(&app, &visit, &jar, &secret, &trail).await?;
    form.read().0?;
    let w = guest.words;
    let standing = Standing::of(&app, guest.household).await?;
    let Some(booked) = standing.visit(trail.visit.as_deref()) else {
        return Ok(see_other(&guest.href("", &[])));
    };
    match endings::cancel(&app, Who::Household(guest.household), booked.id).await {
        Ok(_) => page(&PlainPage {
            leaf: guest.leaf("", None, foot(&app, &guest).await?),
            title: w.t("page-cancelled-title"),
            text: w.t("page-cancelled-text"),
            lines: Vec::new(),
            next: None,
        }),
        Err(error) => refused(&app, &guest, error, guest.href("", &[])).await,
    }
}

/// A refusal in the household's words, with the way back to the choice.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only these are told apart here"
)]
pub(super) async fn refused(app: &App, guest: &Guest, error: Error, back: String) -> PageResult {
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
            next: Some((back, w.t("page-again"))),
        },
    )
}
