//! Scans as JSON.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use validator::Validate;

use crate::access::{Actor, Permission};
use crate::app::App;
use crate::devices::lifecycle::NextAction;
use crate::devices::view::{DeviceView, LineView};
use crate::error::Error;
use crate::station::actions::{self, Fate, Outcome};
use crate::station::pages;
use crate::station::rules::{BATCH, ScanInput};
use crate::web::extract::parse_json;
use crate::web::openapi;
use crate::web::problem::{self, json_response};
use crate::web::{Access, ApiResult, Json, Routes, ValidJson, problems};

/// Routes of the station.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/scans", Access::Needs(Permission::Scan), scan)
        .says("Scan a label: show the item, or record what happened to it")
        .refuses(problems::RECORDING)
        .refuses(&["nothing-to-undo", "one-person-two-steps", "wipe-refused"])
        .takes::<ScanInput>()
        .answers::<Fate>(200)
        .post(
            "/api/v1/scans/batch",
            Access::Needs(Permission::Scan),
            batch,
        )
        .says("Up to 500 scans, each with its own fate")
        .takes::<Batch>()
        .answers::<Results>(200)
        .merge(pages::routes())
}

async fn scan(
    State(app): State<App>,
    actor: Actor,
    ValidJson(input): ValidJson<ScanInput>,
) -> ApiResult<Response> {
    Ok(answer(&actions::scan(&app, &actor, &input).await?))
}

/// A fate as an answer: 200, or the problem of its refusal.
pub(super) fn answer(fate: &Fate) -> Response {
    match &fate.problem {
        Some(problem) => json_response(status(problem), "application/problem+json", problem),
        None => Json(fate).into_response(),
    }
}

/// The status that a stored problem says.
pub(super) fn status(problem: &Value) -> StatusCode {
    problem["status"]
        .as_u64()
        .and_then(|s| u16::try_from(s).ok())
        .and_then(|s| StatusCode::from_u16(s).ok())
        .unwrap_or(StatusCode::CONFLICT)
}

/// What a batch holds: scans, and what is none is refused by itself.
fn scans_or_not(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let scan = generator.subschema_for::<ScanInput>();
    schemars::json_schema!({ "type": "array", "items": { "anyOf": [scan, { "description": "Refused by itself." }] } })
}

/// Scans in their order. Each is read by itself: one that is malformed is refused and the others go on.
#[derive(Debug, Deserialize, Validate, JsonSchema)]
#[schemars(rename = "ScanBatch")]
struct Batch {
    #[validate(length(max = 500, message = "Au plus 500 scans à la fois."))]
    #[schemars(schema_with = "scans_or_not")]
    scans: Vec<Value>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ScanResults")]
struct Results {
    results: Vec<BatchResult>,
}

/// The fate of one scan of a batch.
#[derive(Debug, Serialize, JsonSchema)]
struct BatchResult {
    /// Which scan; null when it had no readable id.
    scan_id: Option<Uuid>,
    /// What became of it.
    outcome: Outcome,
    /// The device as it is now.
    device: Option<DeviceView>,
    /// The line of the journal.
    event: Option<LineView>,
    /// What the scanner can do next.
    next_actions: Vec<NextAction>,
    /// Another moment was claimed than is kept.
    occurred_at_adjusted: bool,
    /// Why it was refused, as problem details.
    #[schemars(schema_with = "openapi::problem")]
    problem: Option<Value>,
}

impl From<Fate> for BatchResult {
    fn from(fate: Fate) -> Self {
        Self {
            scan_id: Some(fate.scan_id),
            outcome: fate.outcome,
            device: fate.device,
            event: fate.event,
            next_actions: fate.next_actions,
            occurred_at_adjusted: fate.occurred_at_adjusted,
            problem: fate.problem,
        }
    }
}

impl BatchResult {
    /// One that could not even be tried.
    fn refused(scan_id: Option<Uuid>, error: &Error) -> Self {
        Self {
            scan_id,
            outcome: Outcome::Refused,
            device: None,
            event: None,
            next_actions: Vec::new(),
            occurred_at_adjusted: false,
            problem: Some(problem::body(error)),
        }
    }
}

async fn batch(
    State(app): State<App>,
    actor: Actor,
    ValidJson(batch): ValidJson<Batch>,
) -> ApiResult<Json<Results>> {
    debug_assert!(batch.scans.len() <= BATCH, "validated above");
    let mut results = Vec::with_capacity(batch.scans.len());
    for item in batch.scans {
        results.push(one(&app, &actor, item).await);
    }
    Ok(Json(Results { results }))
}

/// One scan of a batch, in transactions of its own.
async fn one(app: &App, actor: &Actor, item: Value) -> BatchResult {
    let id = item["scan_id"]
        .as_str()
        .and_then(|id| Uuid::parse_str(id).ok());
    let input = serde_json::to_vec(&item)
        .map_err(Error::internal)
        .and_then(|bytes| parse_json::<ScanInput>(&bytes));
    let done = match input {
        Ok(input) => actions::scan(app, actor, &input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(fate) => fate.into(),
        Err(error) => {
            problem::log(&error);
            BatchResult::refused(id, &error)
        }
    }
}
