//! The pages of openings: when each venue receives, and changing it.

use askama::Template;
use axum::extract::State;
use entities::enums::Format;
use entities::opening;
use uuid::Uuid;

use super::openings::{self, DayInput, OpeningInput};
use super::{rules, store};
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::error::{Error, Result};
use crate::french;
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Access, Flash, Form, FormState, Frame, PageResult, Path, Routes, Visit, page};

/// Days of the week, from Monday.
const WEEKDAYS: [&str; 7] = [
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
];

/// Routes of openings.
pub(crate) fn routes() -> Routes {
    let needs = Access::Needs(Permission::SetOpenings);
    Routes::new()
        .get("/openings", needs, list)
        .get("/openings/new", needs, new)
        .post("/openings/new", needs, add)
        .get("/openings/{id}", needs, show)
        .post("/openings/{id}", needs, edit)
        .post("/openings/{id}/close-day", needs, close_day)
        .post("/openings/{id}/end", needs, end)
}

struct Line {
    href: String,
    days: String,
    hours: String,
    what: String,
    until: String,
    closed: String,
}

struct Venue {
    name: String,
    address: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "appointments/pages/openings.html")]
struct ListPage {
    frame: Frame,
    venues: Vec<Venue>,
}

#[derive(Template)]
#[template(path = "appointments/pages/opening.html")]
struct OpeningPage {
    frame: Frame,
    form: FormState,
    title: String,
    action: String,
    venues: Vec<Choice>,
    weekdays: Vec<(usize, Choice)>,
    formats: Vec<Choice>,
    /// The opening that is changed.
    id: Option<String>,
    closed: Vec<String>,
}

fn formats() -> Vec<Choice> {
    Format::ALL
        .iter()
        .map(|format| Choice::new(format.as_str(), format_word(*format)))
        .collect()
}

const fn format_word(format: Format) -> &'static str {
    match format {
        Format::Individual => "Individuel",
        Format::Group => "En groupe",
        Format::DropIn => "Sans heure fixe",
    }
}

fn purpose(row: &opening::Model) -> &'static str {
    match (row.pickup, row.onboarding) {
        (true, true) => "remise et prise en main",
        (true, false) => "remise",
        (false, _) => "prise en main",
    }
}

fn days_of(row: &opening::Model) -> Vec<&'static str> {
    row.weekdays
        .split(',')
        .filter_map(|day| day.parse::<usize>().ok())
        .filter_map(|day| WEEKDAYS.get(day.checked_sub(1)?).copied())
        .collect()
}

async fn list(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let db = app.db.read();
    let today = french::local_date(app.clock.now());
    let mut venues = Vec::new();
    for venue in openings::venues(db, &actor).await? {
        let mut lines = Vec::new();
        for row in store::openings_of(db, vec![venue.id]).await? {
            if row.valid_until.is_some_and(|last| last < today) {
                continue;
            }
            let rule = store::rule(&row)?;
            let closed: Vec<String> = rule
                .closed_days
                .iter()
                .filter(|day| **day >= today)
                .map(|day| french::date(*day))
                .collect();
            let seats = french::counted(row.capacity.into(), "place", "places");
            let from = (row.valid_from > today)
                .then(|| format!("à partir du {}", french::date(row.valid_from)));
            let until = row
                .valid_until
                .map(|last| format!("jusqu’au {}", french::date(last)));
            lines.push(Line {
                href: format!("/openings/{}", row.id),
                days: crate::devices::words::capital(&days_of(&row).join(", ")),
                hours: format!("de {} à {}", row.local_start, row.local_end),
                what: format!(
                    "{}, {}, {seats} par créneau de {} minutes",
                    purpose(&row),
                    format_word(row.format).to_lowercase(),
                    row.slot_minutes
                ),
                until: [from, until]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" "),
                closed: closed.join(", "),
            });
        }
        venues.push(Venue {
            name: venue.name,
            address: venue.postal_address,
            lines,
        });
    }
    page(&ListPage {
        frame: access::frame(&app, &actor, &visit).await?,
        venues,
    })
}

async fn new(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let today = french::local_date(app.clock.now());
    let form = FormState::new(&visit)
        .with("valid_from", today.to_string())
        .with("slot_minutes", "60")
        .with("capacity", "1")
        .with("format", "individual")
        .with("pickup", "true")
        .with("onboarding", "true");
    page(&form_page(&app, &visit, &actor, form, None).await?)
}

async fn form_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: FormState,
    row: Option<&opening::Model>,
) -> Result<OpeningPage> {
    let db = app.db.read();
    let closed = match row {
        Some(row) => store::rule(row)?.closed_days,
        None => Vec::new(),
    };
    Ok(OpeningPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        title: row.map_or("Nouvel horaire".to_owned(), |row| {
            format!(
                "{} de {} à {}",
                days_of(row).join(", "),
                row.local_start,
                row.local_end
            )
        }),
        action: row.map_or("/openings/new".to_owned(), |row| {
            format!("/openings/{}", row.id)
        }),
        venues: openings::venues(db, actor)
            .await?
            .iter()
            .filter(|venue| row.is_none_or(|row| row.venue_id == venue.id))
            .map(|venue| Choice::new(&venue.slug, &venue.name))
            .collect(),
        weekdays: WEEKDAYS
            .iter()
            .enumerate()
            .map(|(n, word)| (n, Choice::new((n + 1).to_string(), *word)))
            .collect(),
        formats: formats(),
        id: row.map(|row| row.id.to_string()),
        closed: closed.into_iter().map(french::date).collect(),
    })
}

/// The form of an opening as it is.
fn filled(visit: &Visit, row: &opening::Model, venue: &str) -> FormState {
    let yes = |on: bool| if on { "true" } else { "" };
    let mut form = FormState::new(visit)
        .with("venue", venue)
        .with("local_start", &row.local_start)
        .with("local_end", &row.local_end)
        .with("slot_minutes", row.slot_minutes.to_string())
        .with("capacity", row.capacity.to_string())
        .with("format", row.format.as_str())
        .with("pickup", yes(row.pickup))
        .with("onboarding", yes(row.onboarding))
        .with("on_holidays", yes(row.on_holidays))
        .with("valid_from", row.valid_from.to_string())
        .with(
            "valid_until",
            row.valid_until.map_or(String::new(), |d| d.to_string()),
        )
        .with("version", row.version.to_string());
    for day in rules::parse_weekdays(&row.weekdays).unwrap_or_default() {
        let n = day.num_days_from_monday();
        form = form.with(&format!("weekdays[{n}]"), (n + 1).to_string());
    }
    form
}

async fn add(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<OpeningInput>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => openings::add(&app, &actor, &input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(saved(
            &visit,
            "L’horaire est ajouté : ses créneaux se réservent dès maintenant.",
        )),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(status, &form_page(&app, &visit, &actor, form, None).await?)
        }
    }
}

fn saved(visit: &Visit, words: &str) -> axum::response::Response {
    see_other_saying("/openings", &Flash::done(words), visit.secure)
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
) -> PageResult {
    let (row, venue) = openings::own(app.db.read(), &actor, id).await?;
    let form = filled(&visit, &row, &venue.slug);
    page(&form_page(&app, &visit, &actor, form, Some(&row)).await?)
}

async fn edit(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
    form: Form<OpeningInput>,
) -> PageResult {
    let (row, _) = openings::own(app.db.read(), &actor, id).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => openings::edit(&app, &actor, id, &input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(saved(&visit, "L’horaire est changé.")),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(
                status,
                &form_page(&app, &visit, &actor, form, Some(&row)).await?,
            )
        }
    }
}

async fn close_day(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
    form: Form<DayInput>,
) -> PageResult {
    let done = match form.read().0 {
        Ok(input) => openings::close_day(&app, &actor, id, input.day).await,
        Err(error) => Err(error),
    };
    after(&app, &visit, &actor, id, done, "Ce jour est fermé.").await
}

async fn end(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
    form: Form<DayInput>,
) -> PageResult {
    let done = match form.read().0 {
        Ok(input) => openings::end(&app, &actor, id, input.day).await,
        Err(error) => Err(error),
    };
    after(
        &app,
        &visit,
        &actor,
        id,
        done,
        "L’horaire s’arrête ce jour-là.",
    )
    .await
}

/// The list after a change, or the opening with what said no.
async fn after(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    id: Uuid,
    done: Result<(), Error>,
    words: &str,
) -> PageResult {
    let Err(error) = done else {
        return Ok(saved(visit, words));
    };
    let (status, error) = form_status(error)?;
    let (row, venue) = openings::own(app.db.read(), actor, id).await?;
    let form = filled(visit, &row, &venue.slug).refused(&error);
    page_with(
        status,
        &form_page(app, visit, actor, form, Some(&row)).await?,
    )
}
