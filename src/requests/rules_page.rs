//! The rules for everybody: what decides, in the words of the law and in its own text (CRPA L312-1-3).

use askama::Template;
use axum::extract::State;

use super::{policy, reasons, steps};
use crate::access;
use crate::app::App;
use crate::french;
use crate::notifications::render::RULES;
use crate::web::{Access, Frame, PageResult, Routes, Visit, page};

/// The public page of the rules.
pub(crate) fn routes() -> Routes {
    Routes::new().get(RULES, Access::Public, show)
}

#[derive(Template)]
#[template(path = "requests/pages/rules.html")]
struct RulesPage {
    frame: Frame,
    name: String,
    version: String,
    since: String,
    mention: &'static str,
    text: String,
}

async fn show(State(app): State<App>, visit: Visit) -> PageResult {
    let rules = steps::policy(&app);
    page(&RulesPage {
        frame: access::anonymous(&visit),
        name: rules.name.clone(),
        version: rules.version.clone(),
        since: french::date(rules.valid_from),
        mention: reasons::mention(),
        text: policy::text(&app.config.rules.policy)?,
    })
}
