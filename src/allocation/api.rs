//! Allocations and runs as JSON.

use axum::extract::State;

use super::actions::{self, AllocateInput, RunInput, RunView};
use super::view::HoldView;
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::web::{Access, ApiResult, Created, Routes, ValidJson, problems};

/// JSON routes of allocations.
pub(crate) fn routes() -> Routes {
    let allocates = Access::Needs(Permission::Allocate);
    Routes::new()
        .post("/api/v1/allocations", allocates, allocate)
        .says("Hold this device for this request")
        .refuses(problems::RECORDING)
        .refuses(&[
            "device-already-held",
            "request-already-held",
            "request-not-waiting",
            "kind-mismatch",
            "waits-for-desktop",
            "quota-reached",
            "one-person-two-steps",
        ])
        .takes::<AllocateInput>()
        .answers::<HoldView>(201)
        .answers::<HoldView>(200)
        .post("/api/v1/allocations/runs", allocates, run)
        .says("Match the queue with the devices that are ready: look, or apply")
        .refuses(&["id-reused", "stale"])
        .takes::<RunInput>()
        .answers::<RunView>(201)
        .answers::<RunView>(200)
}

async fn allocate(
    State(app): State<App>,
    actor: Actor,
    ValidJson(input): ValidJson<AllocateInput>,
) -> ApiResult<Created<HoldView>> {
    Ok(actions::allocate(&app, &actor, &input).await?)
}

async fn run(
    State(app): State<App>,
    actor: Actor,
    ValidJson(input): ValidJson<RunInput>,
) -> ApiResult<Created<RunView>> {
    Ok(actions::run(&app, &actor, input).await?)
}
