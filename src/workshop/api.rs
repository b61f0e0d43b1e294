//! The bench in JSON: media, sanitisations, evidence, checks, grades.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use entities::ids::{EvidenceId, MediumId};
use entities::{device, medium, sanitisation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use validator::Validate;

use super::actions::checks::{Checked, ChecksInput};
use super::actions::destruction::DestructionInput;
use super::actions::evidence::HandedIn;
use super::actions::grading::GradingInput;
use super::actions::media::{Inventoried, MediaInput};
use super::actions::removal::{NotThereInput, RemovalInput};
use super::actions::sanitise::DeclaredInput;
use super::actions::{self};
use super::{checks, grading, tables};
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::devices::{State as Facts, media};
use crate::error::Error;
use crate::web::problem::json_response;
use crate::web::upload::ApiFile;
use crate::web::{Access, ApiResult, Created, Json, Path, Query, Routes, ValidJson};

/// Routes of the bench's API.
pub(crate) fn routes() -> Routes {
    let bench = Access::Needs(Permission::Refurbish);
    let reads = Access::Needs(Permission::SeeDevices);
    Routes::new()
        // Anybody who handles a device may report a medium found; the action asks for more where it must.
        .post(
            "/api/v1/devices/{code}/media",
            Access::Needs(Permission::Scan),
            add_media,
        )
        .says("Inventory a medium; once the inventory is done, report one found; or fit a loose one by its code")
        .takes::<MediaInput>()
        .post(
            "/api/v1/devices/{code}/media/{id}/sanitisations",
            bench,
            declare,
        )
        .says("Declare an erasure that no tool wrote a file about")
        .takes::<DeclaredInput>()
        .post("/api/v1/devices/{code}/media/{id}/removal", bench, remove)
        .says("Take a medium out: it gets its own code")
        .takes::<RemovalInput>()
        .post(
            "/api/v1/devices/{code}/media/{id}/missing",
            bench,
            not_there,
        )
        .says("Say that a medium is not in its device: missing, or entered by mistake")
        .takes::<NotThereInput>()
        .post("/api/v1/media/{code}/destruction", bench, destroy)
        .says("Destroy a loose medium before a witness")
        .takes::<DestructionInput>()
        .post("/api/v1/devices/{code}/evidence", bench, hand_in)
        .says("Hand in a tool's file, as the body or the one file of a form; `confirm` answers its questions")
        .post(
            "/api/v1/devices/{code}/evidence/{id}/answers",
            bench,
            answer,
        )
        .says("Answer the questions of a file with yes")
        .takes::<AnswersInput>()
        .post("/api/v1/evidence", bench, sort)
        .says("Hand in a tool's file without a device: its disks are matched by serial number, else it waits")
        .post("/api/v1/evidence/{id}/device", bench, attach)
        .says("Say which device a waiting file is about")
        .takes::<AttachInput>()
        .post("/api/v1/devices/{code}/checks", bench, check)
        .says("Record locks and function tests")
        .takes::<ChecksInput>()
        .get("/api/v1/checks", reads, checks_table)
        .says("The table of checks: tests, places to look at, locks, minimum specification by kind")
        .post("/api/v1/devices/{code}/gradings", bench, grade)
        .says("Record observations; the table computes the grade")
        .takes::<GradingInput>()
        .get("/api/v1/grading", reads, grading_table)
        .says("The grading table: observations, their values, the grades")
}

async fn add_media(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    ValidJson(input): ValidJson<MediaInput>,
) -> ApiResult<Response> {
    let done = actions::media::inventory(&app, &actor, &code, input).await?;
    let mut body = device_body(&app, &done.device).await?;
    body["event"] = json!(done.event);
    body["medium"] = done.medium.as_ref().map_or(Value::Null, medium_body);
    body["breach_case"] = json!(done.breach);
    let status = match done {
        Inventoried { replayed: true, .. } => StatusCode::OK,
        Inventoried { event: Some(_), .. } | Inventoried { breach: true, .. } => {
            StatusCode::CREATED
        }
        Inventoried { .. } => StatusCode::OK,
    };
    Ok(json_response(status, "application/json", &body))
}

async fn declare(
    State(app): State<App>,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
    ValidJson(input): ValidJson<DeclaredInput>,
) -> ApiResult<Created<Value>> {
    let done = actions::sanitise::declare(&app, &actor, &code, MediumId(id), &input).await?;
    let mut body = sanitisation_body(&done.sanitisation);
    body["medium"] = medium_body(&done.medium);
    body["device"] = device_body(&app, &done.device).await?;
    Ok(Created {
        body,
        replayed: done.replayed,
    })
}

async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
    ValidJson(input): ValidJson<RemovalInput>,
) -> ApiResult<Json<Value>> {
    let (device, medium) =
        actions::removal::remove(&app, &actor, &code, MediumId(id), &input).await?;
    let mut body = device_body(&app, &device).await?;
    body["medium"] = medium_body(&medium);
    Ok(Json(body))
}

async fn not_there(
    State(app): State<App>,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
    ValidJson(input): ValidJson<NotThereInput>,
) -> ApiResult<Json<Value>> {
    let gone = actions::removal::not_there(&app, &actor, &code, MediumId(id), &input).await?;
    let mut body = device_body(&app, &gone.device).await?;
    body["medium"] = medium_body(&gone.medium);
    body["breach_case"] = json!(gone.breach);
    Ok(Json(body))
}

async fn destroy(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    ValidJson(input): ValidJson<DestructionInput>,
) -> ApiResult<Created<Value>> {
    let done = actions::destruction::destroy(&app, &actor, &code, &input).await?;
    let body = json!({ "sanitisation": done.sanitisation, "medium": medium_body(&done.medium) });
    Ok(Created {
        body,
        replayed: done.replayed,
    })
}

/// The answers to the questions of a file, in the address of the request: `?confirm=serial,inventory`.
#[derive(Debug, Deserialize)]
struct Confirm {
    confirm: Option<String>,
}

impl Confirm {
    fn codes(&self) -> BTreeSet<String> {
        self.confirm
            .as_deref()
            .unwrap_or_default()
            .split(',')
            .map(|code| code.trim().to_owned())
            .filter(|code| !code.is_empty())
            .collect()
    }
}

async fn hand_in(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    Query(confirm): Query<Confirm>,
    ApiFile(bytes): ApiFile,
) -> ApiResult<Json<Value>> {
    let done = actions::evidence::hand_in(&app, &actor, &code, bytes, &confirm.codes()).await?;
    Ok(Json(handed_in_body(&app, &done).await?))
}

/// The questions answered with yes.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
struct AnswersInput {
    #[validate(length(min = 1, max = 20, message = "De 1 à 20 réponses."))]
    confirm: BTreeSet<String>,
}

async fn answer(
    State(app): State<App>,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
    ValidJson(input): ValidJson<AnswersInput>,
) -> ApiResult<Json<Value>> {
    let done =
        actions::evidence::answer(&app, &actor, &code, EvidenceId(id), &input.confirm).await?;
    Ok(Json(handed_in_body(&app, &done).await?))
}

async fn sort(
    State(app): State<App>,
    actor: Actor,
    ApiFile(bytes): ApiFile,
) -> ApiResult<Json<Value>> {
    let sorted = actions::inbox::sort(&app, &actor, bytes).await?;
    let mut matched = Vec::new();
    for part in &sorted.devices {
        matched.push(json!({
            "device": device_body(&app, &part.device).await?,
            "medium": null,
            "applied": part.taken,
            "refused": part.refused,
            "questions": part.questions,
        }));
    }
    for loose in &sorted.loose {
        matched.push(json!({
            "device": null,
            "medium": medium_body(&loose.medium),
            "applied": loose.applied,
            "refused": loose.refused,
            "questions": [],
        }));
    }
    Ok(Json(json!({
        "recognised": sorted.reading.kind.code(),
        "read": sorted.reading,
        "matched": matched,
        "inbox": sorted.inbox,
    })))
}

/// The device that a waiting file is about.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
struct AttachInput {
    #[validate(length(min = 1, max = 200, message = "Donnez le code de l’équipement."))]
    device: String,
}

async fn attach(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<Uuid>,
    ValidJson(input): ValidJson<AttachInput>,
) -> ApiResult<Json<Value>> {
    let done = actions::inbox::attach(&app, &actor, EvidenceId(id), &input.device).await?;
    Ok(Json(handed_in_body(&app, &done).await?))
}

async fn check(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    ValidJson(input): ValidJson<ChecksInput>,
) -> ApiResult<Created<Value>> {
    let Checked {
        device,
        locks,
        progress,
    } = actions::checks::check(&app, &actor, &code, &input).await?;
    let locks: Vec<Value> = locks
        .iter()
        .map(|lock| {
            json!({
                "kind": lock.kind,
                "state": lock.state,
                "asked": lock.asked,
                "since": lock.since,
                "cleared_at": lock.cleared_at,
            })
        })
        .collect();
    Ok(Created {
        body: json!({
            "device": device.code,
            "locks_checked": device.locks_checked,
            "open_locks": device.open_locks,
            "locks": locks,
            "tests": progress,
            "stage": device.stage,
        }),
        replayed: false,
    })
}

async fn checks_table() -> ApiResult<Json<&'static checks::Table>> {
    Ok(Json(tables::checks()?))
}

async fn grade(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    ValidJson(input): ValidJson<GradingInput>,
) -> ApiResult<Created<grading::Graded>> {
    let done = actions::grading::grade(&app, &actor, &code, &input).await?;
    Ok(Created {
        body: done.graded,
        replayed: done.replayed,
    })
}

async fn grading_table() -> ApiResult<Json<&'static grading::Table>> {
    Ok(Json(tables::grading()?))
}

/// What the bench says of a device. The whole device is at `GET /api/v1/devices/{code}`.
async fn device_body(app: &App, device: &device::Model) -> Result<Value, Error> {
    let media = media::of_device(app.db.read(), device.id).await?;
    Ok(json!({
        "code": device.code,
        "kind": device.kind,
        "make": device.make,
        "model": device.model,
        "serial": device.serial,
        "status": Facts::of(device).status(),
        "stage": device.stage,
        "grade": device.grade,
        "version": device.version,
        "media": media.iter().map(medium_body).collect::<Vec<_>>(),
        "media_known": device.media_known,
        "open_media": device.open_media,
    }))
}

/// A medium as the API shows it.
fn medium_body(medium: &medium::Model) -> Value {
    json!({
        "id": medium.id,
        "code": medium.code,
        "kind": medium.kind,
        "make": medium.make,
        "model": medium.model,
        "serial": medium.serial,
        "capacity_bytes": medium.capacity_bytes,
        "open": medium.open,
        "custody": medium.custody,
    })
}

fn sanitisation_body(row: &sanitisation::Model) -> Value {
    json!({
        "id": row.id,
        "evidence": row.evidence_kind,
        "method": row.method,
        "level": row.level,
        "tool": row.tool,
        "verification": row.verification,
        "result": row.result,
        "reasons": serde_json::from_str::<Value>(&row.reasons).unwrap_or_default(),
        "at": row.at,
    })
}

async fn handed_in_body(app: &App, done: &HandedIn) -> Result<Value, Error> {
    Ok(json!({
        "id": done.evidence.id,
        "already": done.again,
        "recognised": done.reading.kind.code(),
        "read": done.reading,
        "applied": done.applied.taken,
        "refused": done.applied.refused,
        "questions": done.applied.questions,
        "device": device_body(app, &done.applied.device).await?,
    }))
}
