//! Locks and function tests of a device, as keys to press.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use entities::device;
use entities::enums::{LockKind, LockState, TestOutcome};
use serde::Deserialize;
use validator::Validate;

use super::head::{Head, standing};
use crate::access::{self, Actor};
use crate::app::App;
use crate::devices;
use crate::error::{Error, Result};
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Flash, Form, FormState, Frame, PageResult, Path, Visit, page};
use crate::workshop::actions::checks::{ASKED, ChecksInput, LockInput, TestInput, check};
use crate::workshop::{store, tables};

/// The page's form: one field a lock and a test.
#[derive(Debug, Deserialize, Validate)]
pub(super) struct ChecksForm {
    #[serde(default)]
    locks_checked: bool,
    #[serde(default)]
    locks: BTreeMap<LockKind, LockState>,
    #[serde(default)]
    asked: BTreeMap<LockKind, String>,
    #[serde(default)]
    tests: BTreeMap<String, TestOutcome>,
}

impl ChecksForm {
    fn input(mut self) -> ChecksInput {
        let asked = &mut self.asked;
        ChecksInput {
            locks_checked: self.locks_checked,
            locks: self
                .locks
                .into_iter()
                .map(|(kind, state)| LockInput {
                    kind,
                    state,
                    asked: asked.remove(&kind),
                })
                .collect(),
            tests: self
                .tests
                .into_iter()
                .map(|(test, outcome)| TestInput {
                    test,
                    outcome: Some(outcome),
                })
                .collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "workshop/pages/checks.html")]
struct ChecksPage {
    frame: Frame,
    head: Head,
    form: FormState,
    note: Option<String>,
    locks: Vec<LockLine>,
    asked: Vec<Choice>,
    tests: Vec<TestLine>,
    left: usize,
}

#[derive(Debug)]
struct LockLine {
    field: String,
    asked_field: String,
    name: String,
    /// Since when it is known to be there.
    open_since: Option<String>,
    choices: Vec<Choice>,
}

#[derive(Debug)]
struct TestLine {
    field: String,
    name: String,
    choices: Vec<Choice>,
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(code): Path<String>,
) -> PageResult {
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let mut form = FormState::new(&visit);
    for row in store::tests_of(app.db.read(), &device).await? {
        form = form.with(&format!("tests[{}]", row.test), row.outcome.as_str());
    }
    for row in store::locks_of(app.db.read(), device.id).await? {
        if let (LockState::Open, Some(asked)) = (row.state, &row.asked) {
            form = form.with(&format!("asked[{}]", row.kind), asked);
        }
    }
    if device.locks_checked {
        form = form.with("locks_checked", "true");
    }
    page(&checks_page(&app, &visit, &actor, &device, form).await?)
}

async fn checks_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    device: &device::Model,
    form: FormState,
) -> Result<ChecksPage> {
    let table = tables::checks()?;
    let rows = store::locks_of(app.db.read(), device.id).await?;
    let recorded = store::tests_of(app.db.read(), device).await?;
    let kind = table
        .kind(device.kind.as_str())
        .ok_or_else(|| Error::broken("a kind without checks"))?;
    let locks = kind
        .locks
        .iter()
        .map(|lock| {
            let open = rows
                .iter()
                .find(|row| row.kind.as_str() == lock && row.state == LockState::Open);
            LockLine {
                field: format!("locks[{lock}]"),
                asked_field: format!("asked[{lock}]"),
                name: table.locks.get(lock).unwrap_or(lock).clone(),
                open_since: open
                    .map(|row| crate::french::date(crate::french::local_date(row.since))),
                choices: if open.is_some() {
                    vec![
                        Choice::new("", "Toujours là"),
                        Choice::new("cleared", "Levé"),
                    ]
                } else {
                    vec![Choice::new("", "Aucun"), Choice::new("open", "Présent")]
                },
            }
        })
        .collect();
    let tests: Vec<TestLine> = kind
        .tests
        .iter()
        .map(|test| {
            let known = table.tests.get(test);
            let mut choices = vec![
                Choice::new("pass", "Bon"),
                Choice::new("fail", "En panne"),
                Choice::new("repaired", "Réparé"),
            ];
            if known.is_some_and(|known| known.absent) {
                choices.push(Choice::new("not_applicable", "N’existe pas"));
            }
            TestLine {
                field: format!("tests[{test}]"),
                name: known.map_or(test, |known| &known.name).clone(),
                choices,
            }
        })
        .collect();
    let left = kind
        .tests
        .iter()
        .filter(|test| !recorded.iter().any(|row| row.test == **test))
        .count();
    Ok(ChecksPage {
        frame: access::frame(app, actor, visit).await?,
        head: Head::of(device),
        form,
        note: standing(device),
        locks,
        asked: ASKED
            .iter()
            .map(|(code, word)| Choice::new(*code, devices::words::capital(word)))
            .collect(),
        tests,
        left,
    })
}

pub(super) async fn record(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(code): Path<String>,
    form: Form<ChecksForm>,
) -> PageResult {
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(form) => check(&app, &actor, &code, &form.input()).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(done) => {
            let flash = if done.device.open_locks > 0 {
                Flash::info(format!(
                    "Contrôlé. {} à lever avant d’être prêt.",
                    crate::french::counted(i64::from(done.device.open_locks), "verrou", "verrous")
                ))
            } else if !done.progress.failed.is_empty() {
                Flash::info("Contrôlé. Une fonction est en panne.")
            } else if done.progress.all_work() {
                Flash::done("Contrôlé : toutes les fonctions marchent.")
            } else {
                Flash::done("Contrôlé.")
            };
            Ok(see_other_saying(
                &Head::of(&done.device).back(),
                &flash,
                visit.secure,
            ))
        }
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(
                status,
                &checks_page(&app, &visit, &actor, &device, form).await?,
            )
        }
    }
}
