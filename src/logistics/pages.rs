//! The page of data-breach cases: what is lost, by when the authority must know, and how it ended.

use askama::Template;
use axum::extract::State;
use entities::enums::{BreachOutcome, BreachReason};
use entities::ids::BreachCaseId;
use uuid::Uuid;

use super::actions::{self, SettleInput};
use super::store::{self, Case};
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::devices::{journal, words};
use crate::error::{Error, Result};
use crate::french;
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Access, Flash, Form, FormState, Frame, PageResult, Path, Routes, Visit, page};

/// Most cases on the page, open and settled each.
const SHOWN: u64 = 500;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/breaches", Access::Needs(Permission::Audit), show)
        .post(
            "/breaches/{id}",
            Access::Needs(Permission::SettleBreaches),
            settle,
        )
}

#[derive(Debug)]
struct Line {
    id: Uuid,
    code: Option<(String, String)>,
    what: String,
    why: &'static str,
    opened: (String, String),
    due: String,
    late: bool,
    outcome: &'static str,
    by: String,
    settled: String,
}

#[derive(Template)]
#[template(path = "logistics/pages/breaches.html")]
struct BreachesPage {
    frame: Frame,
    form: FormState,
    sentence: String,
    open: Vec<Line>,
    settled: Vec<Line>,
    outcomes: Vec<Choice>,
    may_settle: bool,
}

async fn show(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let form = FormState::new(&visit);
    page(&breaches(&app, &visit, &actor, form).await?)
}

async fn breaches(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: FormState,
) -> Result<BreachesPage> {
    let now = app.clock.now();
    let (open, settled) = store::cases(app.db.read(), SHOWN).await?;
    let line = |case: Case| Line {
        id: case.row.id.0,
        code: match (&case.device, &case.medium) {
            (Some(device), _) => Some((
                words::grouped(&device.code),
                format!("/devices/{}", device.code),
            )),
            (None, Some(medium)) => medium
                .code
                .as_ref()
                .map(|code| (words::grouped(code), format!("/media/{code}"))),
            (None, None) => None,
        },
        what: what(&case),
        why: match case.row.reason {
            BreachReason::Missing => "introuvable, des données peuvent y être",
            BreachReason::MediumFound => "support non effacé trouvé hors de l’atelier",
        },
        opened: (
            journal::moment(case.row.opened_at),
            french::ago(case.row.opened_at, now),
        ),
        due: french::date_time(case.row.due_at),
        late: case.row.due_at < now,
        outcome: case.row.outcome.map_or("", outcome),
        by: case.by.unwrap_or_default(),
        settled: case
            .row
            .closed_at
            .map_or_else(String::new, french::date_time),
    };
    Ok(BreachesPage {
        sentence: match open.len() {
            0 => "Aucun incident de données ouvert".to_owned(),
            many => french::counted(
                i64::try_from(many).unwrap_or(i64::MAX),
                "incident de données ouvert",
                "incidents de données ouverts",
            ),
        },
        open: open.into_iter().map(line).collect(),
        settled: settled.into_iter().map(line).collect(),
        outcomes: BreachOutcome::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), words::capital(outcome(*one))))
            .collect(),
        may_settle: actor.may(Permission::SettleBreaches),
        frame: access::frame(app, actor, visit).await?,
        form,
    })
}

fn what(case: &Case) -> String {
    match (&case.medium, &case.device) {
        (Some(medium), _) => match &medium.serial {
            Some(serial) => format!("{} n° {serial}", words::capital(words::medium(medium.kind))),
            None => words::capital(words::medium(medium.kind)),
        },
        (None, Some(device)) => words::name(device),
        (None, None) => "Objet inconnu".to_owned(),
    }
}

const fn outcome(outcome: BreachOutcome) -> &'static str {
    match outcome {
        BreachOutcome::Notified => "notifié à la CNIL",
        BreachOutcome::NoRisk => "sans risque pour les personnes",
    }
}

async fn settle(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
    form: Form<SettleInput>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => actions::settle(&app, &actor, BreachCaseId(id), input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(see_other_saying(
            "/breaches",
            &Flash::done("L’incident est clos, à votre nom."),
            visit.secure,
        )),
        Err(error @ Error::NotFound(_)) => Err(error.into()),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(status, &breaches(&app, &visit, &actor, form).await?)
        }
    }
}
