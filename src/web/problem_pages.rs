//! `/problems/{code}`: each problem type of the API explained.

use askama::Template;
use serde_json::json;

use crate::access;
use crate::error::Error;
use crate::web::advice::{self, Advice};
use crate::web::problems::{self, ProblemType};
use crate::web::{Access, Frame, PageResult, Path, Routes, Visit, page};

/// Routes that explain.
pub(crate) fn routes() -> Routes {
    Routes::new().get("/problems", Access::Public, list).get(
        "/problems/{code}",
        Access::Public,
        show,
    )
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
