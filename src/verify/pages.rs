//! The page that shows the last verification and runs one now.

use askama::Template;
use axum::extract::State;

use super::{Check, Report, latest, night};
use crate::access::pages::Empty;
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::web::page::see_other_saying;
use crate::web::{Access, Flash, Form, FormState, Frame, PageResult, Routes, Visit, page};

/// Routes of the verification.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/verify", Access::Needs(Permission::Audit), show)
        .post("/verify", Access::Needs(Permission::Audit), run_now)
}

#[derive(Template)]
#[template(path = "verify/pages/verify.html")]
struct VerifyPage {
    frame: Frame,
    form: FormState,
    when: Option<(String, String)>,
    items: u64,
    lines: u64,
    breaches: u64,
    partial: bool,
    checks: Vec<Check>,
}

async fn show(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let last = latest(&app).await?;
    let report: Report = last
        .as_ref()
        .and_then(|l| serde_json::from_str(&l.report).ok())
        .unwrap_or_default();
    page(&VerifyPage {
        frame: access::frame(&app, &actor, &visit).await?,
        form: FormState::new(&visit),
        when: last.map(|l| {
            (
                crate::devices::journal::moment(l.at),
                crate::french::date_time(l.at),
            )
        }),
        items: report.items,
        lines: report.lines,
        breaches: report.breaches(),
        partial: report.partial,
        checks: report.checks,
    })
}

async fn run_now(
    State(app): State<App>,
    visit: Visit,
    _actor: Actor,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let report = night::run_whole(&app).await?;
    let flash = if report.is_clean() {
        Flash::done("Tout est vérifié : aucune loi n’est enfreinte.")
    } else {
        Flash::refused("Des lois sont enfreintes : voyez le détail.")
    };
    Ok(see_other_saying("/verify", &flash, visit.secure))
}
