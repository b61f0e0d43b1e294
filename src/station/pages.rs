//! The station's page, its own endpoint for scans, and the buttons of a device's page. All call the one action.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use entities::enums::ScanOutcome;
use entities::scan;
use serde::Deserialize;
use serde_json::Value;
use validator::Validate;

use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::devices::lifecycle::{self, Action};
use crate::devices::{journal, words};
use crate::error::{Error, Result};
use crate::french;
use crate::station::actions::{self, Outcome};
use crate::station::result::{ResultBlock, refusal};
use crate::station::rules::{self, ScanData, ScanInput};
use crate::station::{api, store};
use crate::web::frame::{Choice, Tone};
use crate::web::page::{page_with, see_other_saying};
use crate::web::problem::{self, Problem, json_response};
use crate::web::{Access, Flash, Form, Frame, PageResult, Path, Query, Routes, ValidJson, Visit};

/// Scans of today that the page counts and lists.
const LOG: usize = 12;
const COUNTED: u64 = 500;

/// What a capture can be set to: the action of every scan until another is chosen.
const MODES: [Action; 7] = [
    Action::Receive,
    Action::StartSanitisation,
    Action::ConfirmSanitisation,
    Action::StartRefurbishment,
    Action::MakeReady,
    Action::Reopen,
    Action::Find,
];

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/station", Access::Needs(Permission::Scan), show)
        .post("/station/scan", Access::Needs(Permission::Scan), by_form)
        .post("/station/scans", Access::Needs(Permission::Scan), by_script)
        .post(
            "/devices/{code}/actions",
            Access::Needs(Permission::Scan),
            by_button,
        )
}

#[derive(Debug, Deserialize)]
struct Mode {
    mode: Option<String>,
}

#[derive(Template)]
#[template(path = "station/pages/station.html")]
struct StationPage {
    frame: Frame,
    site_slug: String,
    site_name: String,
    author: String,
    scan_id: String,
    modes: Vec<Choice>,
    current: String,
    action: &'static str,
    mode_word: &'static str,
    done: usize,
    already: usize,
    refused: usize,
    result: String,
    log: Vec<LogLine>,
}

#[derive(Debug)]
struct LogLine {
    iso: String,
    time: String,
    code: String,
    tone: Tone,
    word: String,
}

async fn show(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Query(query): Query<Mode>,
) -> PageResult {
    let mode = mode_of(&actor, query.mode.as_deref());
    let block = ResultBlock::ready("Le poste est prêt.");
    station(&app, &actor, &visit, mode, StatusCode::OK, &block).await
}

/// Without a script: one scan, one page.
async fn by_form(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Query(query): Query<Mode>,
    form: Form<ScanInput>,
) -> PageResult {
    let mode = mode_of(&actor, query.mode.as_deref());
    let url = format!("/station/scan?mode={}", mode.map_or("show", Action::as_str));
    let (status, block) = match form.read().0 {
        Ok(input) => taken(&app, &actor, &visit, &input, &url).await,
        Err(error) => refused(&error, &visit, &url),
    };
    station(&app, &actor, &visit, mode, status, &block).await
}

async fn taken(
    app: &App,
    actor: &Actor,
    visit: &Visit,
    input: &ScanInput,
    url: &str,
) -> (StatusCode, ResultBlock) {
    match actions::scan(app, actor, input).await {
        Ok(fate) => {
            let status = fate.problem.as_ref().map_or(StatusCode::OK, api::status);
            let csrf = visit.form_token.as_str();
            let block = ResultBlock::of(&fate, input.action, csrf, url, app.clock.now());
            (status, block)
        }
        Err(error) => refused(&error, visit, url),
    }
}

fn refused(error: &Error, visit: &Visit, url: &str) -> (StatusCode, ResultBlock) {
    problem::log(error);
    let status = api::status(&problem::body(error));
    (
        status,
        ResultBlock::refused(error, visit.form_token.as_str(), url),
    )
}

/// With a script: as `/api/v1/scans`, with the result rendered for the page.
async fn by_script(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    headers: HeaderMap,
    ValidJson(input): ValidJson<ScanInput>,
) -> Result<Response, Problem> {
    let given = headers
        .get("x-csrf")
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    visit.form_token.check(given)?;
    let fate = actions::scan(&app, &actor, &input).await?;
    let csrf = visit.form_token.as_str();
    let block = ResultBlock::of(&fate, input.action, csrf, "/station/scan", app.clock.now());
    let mut body = match &fate.problem {
        Some(problem) => problem.clone(),
        None => serde_json::to_value(&fate).map_err(Error::internal)?,
    };
    body["word"] = Value::String(block.word.clone());
    body["html"] = Value::String(block.html()?);
    let status = fate.problem.as_ref().map_or(StatusCode::OK, api::status);
    let media_type = if fate.problem.is_some() {
        "application/problem+json"
    } else {
        "application/json"
    };
    Ok(json_response(status, media_type, &body))
}

/// What a button of the device's page asks for.
#[derive(Debug, Deserialize, Validate)]
struct ButtonInput {
    action: Action,
    data: Option<ScanData>,
}

async fn by_button(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Path(code): Path<String>,
    form: Form<ButtonInput>,
) -> PageResult {
    let button = form.read().0?;
    let action = button.action;
    let input = ScanInput {
        scan_id: None,
        code,
        action: Some(action),
        site: None,
        occurred_at: None,
        data: button.data,
    };
    let fate = actions::scan(&app, &actor, &input).await?;
    let Some(row) = &fate.row else {
        // Nothing carries the code: there is no page to go back to.
        return Err(Error::UnknownCode.into());
    };
    let done = words::capital(words::done(action));
    let name = words::grouped(&row.code);
    let flash = match fate.outcome {
        Outcome::Recorded | Outcome::Shown => Flash::done(format!("{name} : {done}.")),
        Outcome::AlreadyRecorded => Flash::already(format!("{name} : déjà fait ({done}).")),
        Outcome::Refused => Flash::refused(sentence(&fate.problem.unwrap_or_default())),
    };
    Ok(see_other_saying(
        &format!("/devices/{}", row.code),
        &flash,
        visit.secure,
    ))
}

/// A stored problem in a sentence or two.
fn sentence(problem: &Value) -> String {
    let details = ["missing", "errors"].into_iter().flat_map(|list| {
        problem[list]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|item| item["detail"].as_str())
    });
    let said: Vec<&str> = problem["detail"]
        .as_str()
        .into_iter()
        .chain(details)
        .collect();
    said.join(" ")
}

/// The mode asked for when the role may use it, else the role's first; none shows.
fn mode_of(actor: &Actor, asked: Option<&str>) -> Option<Action> {
    if asked == Some("show") || actor.site.is_none() {
        return None;
    }
    let mut mine = modes(actor);
    let named = mine.clone().find(|m| Some(m.as_str()) == asked);
    named.or_else(|| mine.next())
}

fn modes(actor: &Actor) -> impl Iterator<Item = Action> + Clone {
    let role = actor.role;
    MODES
        .into_iter()
        .filter(move |m| lifecycle::role_may(rules::event_name(*m), role))
}

async fn station(
    app: &App,
    actor: &Actor,
    visit: &Visit,
    mode: Option<Action>,
    status: StatusCode,
    block: &ResultBlock,
) -> PageResult {
    let now = app.clock.now();
    let db = app.db.read();
    let midnight = french::midnight(now);
    let scans = store::latest(db, actor, midnight, COUNTED).await?;
    let count = |outcome| {
        scans
            .iter()
            .filter(|s| s.outcome == outcome && !already(s))
            .count()
    };
    let mut modes: Vec<Choice> = match actor.site {
        Some(_) => modes(actor)
            .map(|m| Choice::new(m.as_str(), mode_word(Some(m))))
            .collect(),
        None => Vec::new(),
    };
    modes.push(Choice::new("show", mode_word(None)));
    let site = match actor.site {
        Some(id) => Some(access::store::site_by_id(db, id).await?),
        None => None,
    };
    let (site_slug, site_name) = site.map_or_else(
        || (String::new(), "Consultation".to_owned()),
        |s| (s.slug, s.name),
    );
    let page = StationPage {
        frame: Frame {
            // The page's own field is the one that counts.
            has_scan: false,
            ..access::frame(app, actor, visit).await?
        },
        site_slug,
        site_name,
        author: actor.account.to_string(),
        scan_id: app.clock.new_id().to_string(),
        modes,
        current: mode.map_or("show", Action::as_str).to_owned(),
        action: mode.map_or("", Action::as_str),
        mode_word: mode_word(mode),
        done: count(ScanOutcome::Recorded),
        already: scans.iter().filter(|s| already(s)).count(),
        refused: count(ScanOutcome::Refused),
        result: block.html()?,
        log: scans.iter().take(LOG).map(log_line).collect(),
    };
    page_with(status, &page)
}

/// A mode as its key says it.
const fn mode_word(mode: Option<Action>) -> &'static str {
    match mode {
        None => "Consulter",
        Some(Action::Receive | Action::Move) => "Réception",
        Some(Action::StartSanitisation) => "Lancer l’effacement",
        Some(Action::StopSanitisation) => "Interrompre l’effacement",
        Some(Action::ConfirmSanitisation) => "Effacement confirmé",
        Some(Action::StartRefurbishment) => "Reconditionnement",
        Some(Action::MakeReady) => "Prêt",
        Some(Action::Reopen) => "Remettre en atelier",
        Some(Action::DeclareEndOfLife) => "Fin de vie",
        Some(Action::Rescue) => "Sauver",
        Some(Action::DeclareMissing) => "Introuvable",
        Some(Action::Find) => "Retrouvé",
        Some(Action::AgreeToWipe) => "Accord du foyer",
        Some(Action::Undo) => "Annuler",
        Some(Action::Return) => "Reprise",
    }
}

fn already(scan: &scan::Model) -> bool {
    scan.outcome == ScanOutcome::Recorded && scan.answer.contains("\"already\":true")
}

fn log_line(scan: &scan::Model) -> LogLine {
    let action = scan
        .action
        .as_deref()
        .and_then(|word| Action::ALL.into_iter().find(|a| a.as_str() == word));
    let done = action.map_or("affiché", words::done);
    let (tone, word) = match scan.outcome {
        ScanOutcome::Refused => {
            let problem: Value = serde_json::from_str(&scan.answer).unwrap_or_default();
            (
                Tone::Refused,
                format!("Refusé : {}", refusal(&problem).to_lowercase()),
            )
        }
        ScanOutcome::Shown => (Tone::Shown, "Affiché".to_owned()),
        ScanOutcome::Recorded if already(scan) => (Tone::Already, format!("Déjà : {done}")),
        ScanOutcome::Recorded => (Tone::Done, words::capital(done)),
    };
    LogLine {
        iso: journal::moment(scan.recorded_at),
        time: french::clock_time(scan.recorded_at),
        code: words::grouped(&scan.code),
        tone,
        word,
    }
}
