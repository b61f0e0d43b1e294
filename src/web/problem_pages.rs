//! `/problems/{code}`: each problem type of the API explained.

use askama::Template;

use crate::access;
use crate::error::Error;
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
    problems: Vec<&'static ProblemType>,
}

async fn list(visit: Visit) -> PageResult {
    page(&ProblemsPage {
        frame: access::anonymous(&visit),
        problems: problems::ALL.iter().collect(),
    })
}

async fn show(visit: Visit, Path(code): Path<String>) -> PageResult {
    let problem = problems::ALL
        .iter()
        .find(|p| p.code == code)
        .ok_or(Error::NotFound("problem"))?;
    page(&ProblemsPage {
        frame: access::anonymous(&visit),
        problems: vec![problem],
    })
}
