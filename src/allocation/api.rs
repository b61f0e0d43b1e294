//! Allocations and runs as JSON.

use axum::extract::State;
use uuid::Uuid;

use super::actions::{self, AllocateInput, HoldView, ReleaseInput, RunInput, RunView};
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::web::{Access, ApiResult, Created, Json, Path, Routes, ValidJson};

/// JSON routes of allocations.
pub(crate) fn routes() -> Routes {
    let allocates = Access::Needs(Permission::Allocate);
    Routes::new()
        .post("/api/v1/allocations", allocates, allocate)
        .says("Hold this device for this request")
        .takes::<AllocateInput>()
        .answers::<HoldView>(201)
        .post("/api/v1/allocations/runs", allocates, run)
        .says("Match the queue with the devices that are ready: look, or apply")
        .takes::<RunInput>()
        .answers::<RunView>(200)
        .post("/api/v1/allocations/{id}/release", allocates, release)
        .says("Release a hold")
        .takes::<ReleaseInput>()
        .answers::<HoldView>(200)
}

async fn allocate(
    State(app): State<App>,
    actor: Actor,
    ValidJson(input): ValidJson<AllocateInput>,
) -> ApiResult<Created<HoldView>> {
    Ok(Created {
        body: actions::allocate(&app, &actor, &input).await?,
        replayed: false,
    })
}

async fn run(
    State(app): State<App>,
    actor: Actor,
    ValidJson(input): ValidJson<RunInput>,
) -> ApiResult<Json<RunView>> {
    Ok(Json(actions::run(&app, &actor, input).await?))
}

async fn release(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<Uuid>,
    ValidJson(input): ValidJson<ReleaseInput>,
) -> ApiResult<Json<HoldView>> {
    Ok(Json(
        actions::release(&app, &actor, id, input.reason).await?,
    ))
}
