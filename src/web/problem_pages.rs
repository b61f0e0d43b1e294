//! `/problems/{code}`: each problem type of the API explained, and the health of the instance.

use askama::Template;
use axum::extract::State;
use serde_json::json;

use crate::access;
use crate::app::App;
use crate::error::{Error, Result};
use crate::web::advice::{self, Advice};
use crate::web::problem::Json;
use crate::web::problems::{self, ProblemType};
use crate::web::{Access, ApiResult, Frame, PageResult, Path, Routes, Visit, page};

/// Routes that explain and those that watch.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/problems", Access::Public, list)
        .get("/problems/{code}", Access::Public, show)
        .get("/health/live", Access::Public, live)
        .get("/health/ready", Access::Public, ready)
}

#[derive(Template)]
#[template(path = "web/templates/problems.html")]
struct ProblemsPage {
    frame: Frame,
    problems: &'static [ProblemType],
}

#[derive(Template)]
#[template(path = "web/templates/problem.html")]
struct ProblemPage {
    frame: Frame,
    problem: &'static ProblemType,
    advice: Option<&'static Advice>,
    /// The shape of the answer, to copy.
    example: String,
}

async fn list(visit: Visit) -> PageResult {
    page(&ProblemsPage {
        frame: access::anonymous(&visit),
        problems: problems::ALL,
    })
}

async fn show(visit: Visit, Path(code): Path<String>) -> PageResult {
    let problem = problems::ALL
        .iter()
        .find(|p| p.code == code)
        .ok_or(Error::NotFound("problem"))?;
    let example = json!({
        "type": format!("/problems/{}", problem.code), "title": problem.title,
        "status": problem.status, "detail": problem.meaning,
    });
    page(&ProblemPage {
        frame: access::anonymous(&visit),
        problem,
        advice: advice::of(problem.code),
        example: format!("{example:#}"),
    })
}

async fn live() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok" }))
}

/// Ready when the database answers and is migrated.
async fn ready(State(app): State<App>) -> ApiResult<Json<serde_json::Value>> {
    let pending: Result<usize> = app.db.pending_migrations().await;
    if pending? == 0 {
        Ok(Json(json!({ "status": "ok" })))
    } else {
        Err(Error::Busy.into())
    }
}
