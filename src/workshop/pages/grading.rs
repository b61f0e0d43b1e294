//! The grade: observations as keys, and what the table makes of them.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use entities::device;

use super::head::{Head, standing};
use crate::access::{self, Actor};
use crate::app::App;
use crate::devices;
use crate::error::Result;
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Flash, Form, FormState, Frame, PageResult, Path, Visit, page};
use crate::workshop::actions::evidence::read_kept;
use crate::workshop::actions::grading::{GradingInput, grade};
use crate::workshop::grading::{Grade, Table};
use crate::workshop::{store, tables};

#[derive(Template)]
#[template(path = "workshop/pages/grading.html")]
struct GradingPage {
    frame: Frame,
    head: Head,
    form: FormState,
    note: Option<String>,
    observations: Vec<Line>,
    last: Option<Last>,
    letters: Vec<(String, String)>,
    battery: Option<String>,
}

/// One observation.
#[derive(Debug)]
struct Line {
    field: String,
    name: String,
    optional: &'static str,
    choices: Vec<Choice>,
}

/// The grade it has, or had.
#[derive(Debug)]
struct Last {
    letter: String,
    meaning: String,
    reasons: Vec<String>,
    current: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(code): Path<String>,
) -> PageResult {
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let mut form = FormState::new(&visit);
    let battery = battery(&app, &device).await?;
    if let Some((value, _)) = &battery {
        form = form.with("observations[battery]", value);
    }
    let told = battery.map(|(_, told)| told);
    page(&grading_page(&app, &visit, &actor, &device, form, told).await?)
}

/// What the newest file says of the battery: the value of the table, and the figure.
async fn battery(app: &App, device: &device::Model) -> Result<Option<(String, String)>> {
    let table = tables::grading()?;
    let Some(values) = table
        .of_kind(device.kind.as_str())
        .find(|observation| observation.code == "battery")
        .map(|observation| &observation.values)
    else {
        return Ok(None);
    };
    for row in store::evidence_of(app.db.read(), device.id).await? {
        let Ok(reading) = read_kept(app, &row.sha256).await else {
            continue;
        };
        let health = reading
            .machine
            .and_then(|machine| machine.batteries.iter().find_map(|b| b.health_percent));
        let Some(health) = health else {
            continue;
        };
        let value = values.iter().find(|v| {
            v.from_percent
                .is_some_and(|least| health >= u32::from(least))
        });
        return Ok(value.map(|v| {
            let told = format!("{health} % de la capacité d’origine, mesuré par l’outil");
            (v.value.clone(), told)
        }));
    }
    Ok(None)
}

async fn grading_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    device: &device::Model,
    form: FormState,
    battery: Option<String>,
) -> Result<GradingPage> {
    let table = tables::grading()?;
    let observations = table
        .of_kind(device.kind.as_str())
        .map(|observation| Line {
            field: format!("observations[{}]", observation.code),
            name: observation.name.clone(),
            optional: if observation.required {
                ""
            } else {
                "sinon B au mieux"
            },
            choices: observation
                .values
                .iter()
                .map(|v| Choice::new(&v.value, devices::words::capital(&v.text)))
                .collect(),
        })
        .collect();
    let last = store::last_grading(app.db.read(), device.id)
        .await?
        .map(|row| Last {
            letter: row.grade.to_string(),
            meaning: meaning(table, row.grade.as_str()),
            reasons: sentences(table, &row.reasons),
            current: device.grade == Some(row.grade),
        });
    Ok(GradingPage {
        frame: access::frame(app, actor, visit).await?,
        head: Head::of(device),
        form,
        note: standing(device),
        observations,
        last,
        letters: table
            .grades
            .iter()
            .map(|(grade, meaning)| (grade.code().to_owned(), meaning.text.clone()))
            .collect(),
        battery,
    })
}

fn meaning(table: &Table, letter: &str) -> String {
    Grade::from_code(letter)
        .and_then(|grade| table.meaning(grade))
        .map(|meaning| meaning.text.clone())
        .unwrap_or_default()
}

/// The sentences of kept codes (`screen.marks`), by the table of today.
fn sentences(table: &Table, codes: &str) -> Vec<String> {
    let codes: Vec<String> = serde_json::from_str(codes).unwrap_or_default();
    let texts: BTreeMap<String, String> = table
        .observations
        .iter()
        .flat_map(|observation| {
            observation.values.iter().map(|value| {
                (
                    format!("{}.{}", observation.code, value.value),
                    format!("{}\u{a0}: {}", observation.name, value.text),
                )
            })
        })
        .collect();
    codes
        .iter()
        .map(|code| match code.as_str() {
            "nothing_against" => "Tout a été observé, sans défaut.".to_owned(),
            "unobserved" => "Une observation n’a pas été faite.".to_owned(),
            code => texts.get(code).cloned().unwrap_or_else(|| code.to_owned()),
        })
        .collect()
}

pub(super) async fn record(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(code): Path<String>,
    form: Form<GradingInput>,
) -> PageResult {
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => grade(&app, &actor, &code, &input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(done) => {
            let (device, graded) = (done.device, done.graded);
            let reasons: Vec<&str> = graded.reasons.iter().map(|r| r.text.as_str()).collect();
            let text = format!(
                "Grade {} : {}.",
                graded.grade.code(),
                reasons.join(" ; ").trim_end_matches('.')
            );
            let flash = if graded.grade == Grade::D {
                Flash::info(text)
            } else {
                Flash::done(text)
            };
            Ok(see_other_saying(
                &Head::of(&device).back(),
                &flash,
                visit.secure,
            ))
        }
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(
                status,
                &grading_page(&app, &visit, &actor, &device, form, None).await?,
            )
        }
    }
}
