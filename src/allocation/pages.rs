//! The pages of allocation: look at a run, apply it, hold one device for one request, and past runs.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use serde_json::Value;
use uuid::Uuid;

use super::actions::{self, AllocateInput, DirectReason, RunInput, RunView};
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::french;
use crate::web::frame::Choice;
use crate::web::page::see_other_saying;
use crate::web::{
    Access, Created, Flash, Form, FormState, Frame, PageResult, Path, Routes, Visit, page,
};
use crate::{devices, requests};
use entities::enums::RequestStatus;

/// Past runs shown.
const PAST: u64 = 30;

/// Routes of the pages.
pub(crate) fn routes() -> Routes {
    let allocates = Access::Needs(Permission::Allocate);
    Routes::new()
        .get("/runs", Access::Needs(Permission::Audit), runs)
        .post("/runs", allocates, run)
        .get("/runs/{id}", Access::Needs(Permission::Audit), past)
        .get("/queue/{reference}/hold", allocates, hold_form)
        .post("/allocations", allocates, allocate)
}

struct Past {
    id: String,
    at: String,
    applied: bool,
    pairs: usize,
    unserved: usize,
}

#[derive(Template)]
#[template(path = "allocation/pages/runs.html")]
struct RunsPage {
    frame: Frame,
    form: FormState,
    may_run: bool,
    found: Option<RunView>,
    past: Vec<Past>,
}

async fn runs(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    runs_page(&app, &visit, &actor, None).await
}

async fn runs_page(app: &App, visit: &Visit, actor: &Actor, found: Option<RunView>) -> PageResult {
    let past = actions::history(app, actor, PAST).await?;
    let past = past
        .into_iter()
        .map(|run| {
            let result: Value = serde_json::from_str(&run.result).unwrap_or_default();
            let count = |list: &str| result[list].as_array().map_or(0, Vec::len);
            Past {
                id: run.id.to_string(),
                at: french::date_time(run.at),
                applied: run.applied,
                pairs: count("pairs"),
                unserved: count("unserved"),
            }
        })
        .collect();
    page(&RunsPage {
        frame: access::frame(app, actor, visit).await?,
        form: FormState::new(visit),
        may_run: actor.may(Permission::Allocate),
        found,
        past,
    })
}

async fn run(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<RunInput>,
) -> PageResult {
    let input = form.read().0?;
    let found = actions::run(&app, &actor, input).await?.body;
    if !input.apply {
        return runs_page(&app, &visit, &actor, Some(found)).await;
    }
    let served = i64::try_from(found.allocated.len()).unwrap_or(i64::MAX);
    let flash = Flash::done(format!(
        "{}\u{a0}; chaque foyer reçoit son lien.",
        french::counted(served, "équipement attribué", "équipements attribués")
    ));
    Ok(see_other_saying("/runs", &flash, visit.secure))
}

#[derive(Template)]
#[template(path = "allocation/pages/past.html")]
struct PastPage {
    frame: Frame,
    at: String,
    applied: bool,
    policy: String,
    pairs: Vec<PastLine>,
    unserved: Vec<PastLine>,
    inputs: String,
}

/// A request of a past run: its place in the queue, never its reference.
struct PastLine {
    rank: u64,
    /// Code, and as it is shown.
    device: Option<(String, String)>,
    words: String,
}

async fn past(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
) -> PageResult {
    let (run, devices) = actions::past(&app, &actor, id).await?;
    let result: Value = serde_json::from_str(&run.result).map_err(Error::internal)?;
    let inputs: Value = serde_json::from_str(&run.inputs).map_err(Error::internal)?;
    let lines = |list: &str, words: &str, said: &str| -> Vec<PastLine> {
        let line = |one: &Value| PastLine {
            rank: one["rank"].as_u64().unwrap_or(0),
            device: devices
                .iter()
                .find(|device| Some(device.id.to_string().as_str()) == one["device"].as_str())
                .map(|device| {
                    let shown = devices::words::grouped(&device.code);
                    (device.code.clone(), shown)
                }),
            words: each(&one[words])
                .filter_map(|reason| reason[said].as_str())
                .collect::<Vec<_>>()
                .join(" "),
        };
        each(&result[list]).map(line).collect()
    };
    let pairs = lines("pairs", "reasons", "text");
    let unserved = lines("unserved", "missing", "detail");
    let shown = nameless(inputs.clone(), &numbers(&inputs, &result));
    page(&PastPage {
        frame: access::frame(&app, &actor, &visit).await?,
        at: french::date_time(run.at),
        applied: run.applied,
        policy: run.policy_version,
        pairs,
        unserved,
        inputs: serde_json::to_string_pretty(&shown).map_err(Error::internal)?,
    })
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// What a page calls each request: its rank where it has one. Its random id is shown nowhere.
fn numbers(inputs: &Value, result: &Value) -> HashMap<String, String> {
    let mut names = HashMap::new();
    for one in each(&inputs["requests"]) {
        if let Some(id) = one["id"].as_str() {
            names.insert(id.to_owned(), String::from("hors file"));
        }
    }
    for one in each(&result["pairs"]).chain(each(&result["unserved"])) {
        if let (Some(id), Some(rank)) = (one["request"].as_str(), one["rank"].as_u64()) {
            names.insert(id.to_owned(), format!("demande {rank}"));
        }
    }
    names
}

/// The same with the names of requests in the place of their ids.
fn nameless(value: Value, names: &HashMap<String, String>) -> Value {
    match value {
        Value::String(text) => names
            .get(&text)
            .cloned()
            .map_or_else(|| Value::String(text.clone()), Value::String),
        Value::Array(list) => list.into_iter().map(|one| nameless(one, names)).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, one)| (key, nameless(one, names)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

#[derive(Template)]
#[template(path = "allocation/pages/hold.html")]
struct HoldPage {
    frame: Frame,
    form: FormState,
    back: String,
    reference: String,
    need: String,
    devices: Vec<Choice>,
    reasons: Vec<Choice>,
}

/// Devices shown to hold by hand.
const FREE: u64 = 60;

async fn hold_form(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
) -> PageResult {
    let request = requests::steps::by_reference(app.db.read(), &reference).await?;
    if request.status != RequestStatus::Waiting {
        return Err(Error::refused("request-not-waiting", "").into());
    }
    let free = devices::store::free(app.db.read(), request.kind, FREE).await?;
    let devices = free
        .into_iter()
        .map(|device| {
            let parts = [device.make.as_deref(), device.model.as_deref()];
            let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
            let grade = device
                .grade
                .map(|g| format!(" · grade {g}"))
                .unwrap_or_default();
            Choice::new(
                &*device.code,
                format!("{} · {name}{grade}", devices::words::grouped(&device.code)),
            )
        })
        .collect();
    page(&HoldPage {
        frame: access::frame(&app, &actor, &visit).await?,
        form: FormState::new(&visit),
        need: requests::view::need_words(&request),
        back: format!("/queue/{reference}"),
        reference,
        devices,
        reasons: DirectReason::ALL
            .iter()
            .map(|r| Choice::new(r.as_str(), r.french()))
            .collect(),
    })
}

async fn allocate(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<AllocateInput>,
) -> PageResult {
    let (input, _) = form.read();
    let input = input?;
    match actions::allocate(&app, &actor, &input).await {
        Ok(Created { body: hold, .. }) => {
            let words = format!(
                "{} est réservé pour {}\u{a0}; le foyer reçoit son lien.",
                devices::words::grouped(&hold.device),
                hold.request
            );
            Ok(see_other_saying(
                "/queue",
                &Flash::done(words),
                visit.secure,
            ))
        }
        Err(error @ (Error::Refused { .. } | Error::UnknownCode | Error::WrongCheckCharacter)) => {
            let flash = Flash::refused(crate::web::problem::detail(&error));
            Ok(see_other_saying(
                &format!("/queue/{}/hold", input.request),
                &flash,
                visit.secure,
            ))
        }
        Err(error) => Err(error.into()),
    }
}
