//! The coordinator's pages: what is to decide, who waits, files that look alike, and one file of them.

use askama::Template;
use axum::extract::State;
use entities::enums::{Outcome, RequestStatus};
use serde::Deserialize;
use uuid::Uuid;
use validator::Validate;

use super::input::DecisionInput;
use super::pages::{outcome_words, people, status_words};
use super::reasons::{DISTINCT_NEED, human_reasons};
use super::retention;
use super::view::{RequestView, Status};
use super::{actions, steps, store, view};
use crate::access::pages::Empty;
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::error::{Error, Result};
use crate::french;
use crate::households;
use crate::web::frame::{Choice, Tone};
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Access, Flash, Form, FormState, Frame, PageResult, Path, Routes, Visit, page};

/// Lines of each list.
const LINES: u64 = 60;
/// Days of a file before somebody must hurry, and before silence answers (france.md 9.1).
const HURRY: i64 = 45;
const SILENCE: i64 = 60;

/// Routes of coordinators.
pub(crate) fn routes() -> Routes {
    let decides = Access::Needs(Permission::Allocate);
    Routes::new()
        .get("/queue", decides, queue)
        .get("/queue/{reference}", decides, show)
        .post("/queue/{reference}/open", decides, open)
        .post("/queue/{reference}/erasure", decides, erase)
        .post("/queue/{reference}/decision", decides, decide)
        .post("/duplicates/{id}", decides, review)
}

struct Line {
    reference: String,
    need: String,
    age: String,
    late: Option<&'static str>,
    tone: Tone,
    status: &'static str,
}

struct Alike {
    id: String,
    references: Vec<String>,
}

#[derive(Template)]
#[template(path = "requests/pages/queue.html")]
struct QueuePage {
    frame: Frame,
    form: FormState,
    to_decide: Vec<Line>,
    waiting: Vec<Line>,
    alike: Vec<Alike>,
}

async fn queue(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let db = app.db.read();
    let to_decide = lines(&app, store::to_decide(db, LINES).await?).await?;
    let waiting = lines(&app, store::waiting(db, LINES).await?).await?;
    let mut alike = Vec::new();
    for link in households::steps::candidates(db, LINES).await? {
        let requests = store::of_households(db, &[link.household_id, link.other_id]).await?;
        alike.push(Alike {
            id: link.id.to_string(),
            references: requests.into_iter().map(|r| r.reference).collect(),
        });
    }
    let template = QueuePage {
        frame: access::frame(&app, &actor, &visit).await?,
        form: FormState::new(&visit),
        to_decide,
        waiting,
        alike,
    };
    page(&template)
}

async fn lines(app: &App, requests: Vec<entities::request::Model>) -> Result<Vec<Line>> {
    let now = app.clock.now();
    let shown = view::lines(app.db.read(), &requests).await?;
    Ok(requests
        .iter()
        .zip(shown)
        .map(|(request, line)| {
            let (tone, status) = status_words(line.status);
            let days = (now - request.filed_at).num_days();
            let undecided = line.status == Status::NeedsReview;
            Line {
                need: view::need_words(request),
                age: french::ago(request.filed_at, now),
                late: match days {
                    SILENCE.. if undecided => Some("60 jours\u{a0}: le silence vaut réponse"),
                    HURRY.. if undecided => Some("45 jours\u{a0}: à décider vite"),
                    _ => None,
                },
                reference: line.reference,
                tone,
                status,
            }
        })
        .collect())
}

#[derive(Template)]
#[template(path = "requests/pages/file.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a page shows or not")]
struct FilePage {
    frame: Frame,
    form: FormState,
    view: RequestView,
    tone: Tone,
    status: &'static str,
    outcome_tone: Tone,
    outcome: &'static str,
    need: String,
    /// Who lives there, when the file was opened.
    people: Option<Vec<String>>,
    whys: Vec<Choice>,
    can_erase: bool,
    erase_url: String,
    filed: String,
    to_decide: bool,
    can_hold: bool,
    can_release: bool,
    release_url: String,
    mine: bool,
    eligible: Vec<Choice>,
    refused: Vec<Choice>,
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
) -> PageResult {
    let form = FormState::new(&visit);
    file_page(
        &app,
        &visit,
        &actor,
        &reference,
        form,
        axum::http::StatusCode::OK,
    )
    .await
}

#[derive(Debug, Deserialize, Validate)]
struct OpenInput {
    why: actions::Why,
}

/// Opens the household's file for a reason of the list: a post, as it leaves its record.
async fn open(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
    form: Form<OpenInput>,
) -> PageResult {
    let (input, state) = form.read();
    let Ok(input) = input else {
        let error = Error::field("#/why", "Choisissez un motif de la liste.");
        let (status, error) = form_status(error)?;
        let form = state.refused(&error);
        return file_page(&app, &visit, &actor, &reference, form, status).await;
    };
    let looked = actions::open_file(&app, &actor, &reference, input.why).await?;
    let form = FormState::new(&visit);
    looked_page(
        &app,
        &visit,
        &actor,
        looked,
        form,
        axum::http::StatusCode::OK,
    )
    .await
}

async fn erase(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    retention::erase_asked(&app, &actor, &reference).await?;
    let flash = Flash::done("Les données du foyer sont effacées.");
    Ok(see_other_saying("/queue", &flash, visit.secure))
}

async fn file_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    reference: &str,
    form: FormState,
    status_code: axum::http::StatusCode,
) -> PageResult {
    let looked = actions::queue_file(app, actor, reference).await?;
    looked_page(app, visit, actor, looked, form, status_code).await
}

async fn looked_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    opened: actions::Looked,
    form: FormState,
    status_code: axum::http::StatusCode,
) -> PageResult {
    let (tone, status) = status_words(opened.view.status);
    let (outcome_tone, outcome) = outcome_words(opened.view.decision.outcome);
    let choices = |of| {
        human_reasons(of)
            .map(|r| Choice::new(r.code, r.text))
            .collect::<Vec<_>>()
    };
    let (db, now) = (app.db.read(), app.clock.now());
    // Of one that waits beyond the quota, only whether its need is a distinct one is still to decide.
    let beyond = opened.request.status == RequestStatus::Waiting
        && steps::over_quota(app, db, &opened.request, now).await?;
    let mut eligible = choices(Outcome::Eligible);
    let mut refused = choices(Outcome::NotEligible);
    if beyond {
        eligible.retain(|one| one.value == DISTINCT_NEED);
        refused.clear();
    }
    let can_hold = opened.view.status == Status::Waiting && !beyond;
    let template = FilePage {
        frame: access::frame(app, actor, visit).await?,
        form,
        tone,
        status,
        outcome_tone,
        outcome,
        need: view::need_words(&opened.request),
        people: opened.file.as_ref().map(people),
        whys: actions::Why::ALL
            .iter()
            .map(|why| Choice::new(why.as_str(), why.french()))
            .collect(),
        can_erase: opened.file.is_some()
            && !matches!(
                opened.view.status,
                Status::NeedsReview | Status::Waiting | Status::Held | Status::Booked
            ),
        erase_url: format!("/queue/{}/erasure", opened.view.reference),
        filed: french::date_time(opened.view.filed_at),
        to_decide: opened.view.status == Status::NeedsReview || beyond,
        can_hold,
        can_release: opened.view.status == Status::Held,
        release_url: opened.view.held.as_ref().map_or_else(String::new, |held| {
            format!("/allocations/{}/release", held.allocation)
        }),
        mine: opened.request.filed_by == actor.account,
        eligible,
        refused,
        view: opened.view,
    };
    page_with(status_code, &template)
}

async fn decide(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
    form: Form<DecisionInput>,
) -> PageResult {
    let (input, state) = form.read();
    let result = match input {
        Ok(input) => actions::decide(&app, &actor, &reference, &input).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(view) => {
            let (_, word) = outcome_words(view.decision.outcome);
            let flash = Flash::done(format!("{reference}\u{a0}: {}.", word.to_lowercase()));
            Ok(see_other_saying("/queue", &flash, visit.secure))
        }
        Err(error) => {
            let (status, error) = form_status(error)?;
            file_page(
                &app,
                &visit,
                &actor,
                &reference,
                state.refused(&error),
                status,
            )
            .await
        }
    }
}

#[derive(Debug, Deserialize, Validate)]
struct ReviewInput {
    same: bool,
}

async fn review(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
    form: Form<ReviewInput>,
) -> PageResult {
    let input = form.read().0?;
    let verdict = if input.same {
        actions::Reviewed::Same
    } else {
        actions::Reviewed::Different
    };
    actions::review_link(&app, &actor, id, verdict).await?;
    Ok(see_other_saying(
        "/queue",
        &Flash::done("Doublon examiné."),
        visit.secure,
    ))
}
