//! Withdrawing a request and releasing a hold, from the request's page and the queue's.

use axum::extract::State;
use uuid::Uuid;

use super::actions::Who;
use super::endings;
use super::input::ReleaseInput;
use crate::access::pages::Empty;
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::web::page::see_other_saying;
use crate::web::{Access, Flash, Form, PageResult, Path, Routes, Visit, problem};

/// Routes of endings.
pub(crate) fn routes() -> Routes {
    let files = Access::Needs(Permission::FileRequests);
    let allocates = Access::Needs(Permission::Allocate);
    Routes::new()
        .post("/requests/{reference}/withdraw", files, withdraw)
        .post("/allocations/{id}/release", allocates, release)
}

async fn withdraw(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let back = format!("/requests/{reference}");
    let flash = match endings::withdraw(&app, Who::Account(&actor), &reference).await {
        Ok(_) => Flash::done("La demande est retirée."),
        Err(error @ (Error::Refused { .. } | Error::Stale(_))) => {
            Flash::refused(problem::detail(&error))
        }
        Err(error) => return Err(error.into()),
    };
    Ok(see_other_saying(&back, &flash, visit.secure))
}

async fn release(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
    form: Form<ReleaseInput>,
) -> PageResult {
    let input = form.read().0?;
    let flash = match endings::release(&app, &actor, id, input.reason.into()).await {
        Ok(hold) => Flash::done(format!("{} est de nouveau libre.", hold.device)),
        Err(error @ (Error::Refused { .. } | Error::Stale(_))) => {
            Flash::refused(problem::detail(&error))
        }
        Err(error) => return Err(error.into()),
    };
    Ok(see_other_saying("/queue", &flash, visit.secure))
}
