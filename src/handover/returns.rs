//! Taking a device back: its label, why, and whether the household agrees that its data are wiped.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use validator::Validate;

use super::actions;
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::devices::event::ReturnReason;
use crate::devices::words;
use crate::error::Error;
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Access, Flash, Form, FormState, Frame, PageResult, Query, Routes, Visit, page};

/// Routes of returns.
pub(crate) fn routes() -> Routes {
    let needs = Access::Needs(Permission::TakeBack);
    Routes::new()
        .get("/returns", needs, show)
        .post("/returns", needs, take)
}

#[derive(Debug, Deserialize)]
struct Scanned {
    code: Option<String>,
}

/// What the household says.
#[derive(Debug, Deserialize, Validate)]
struct ReturnInput {
    #[validate(length(max = 200, message = "Code trop long."))]
    code: String,
    reason: ReturnReason,
    /// `yes` or `no`: neither is assumed.
    #[validate(length(max = 3, message = "Oui ou non."))]
    wipe: String,
}

#[derive(Template)]
#[template(path = "handover/pages/returns.html")]
struct ReturnPage {
    frame: Frame,
    form: FormState,
    reasons: Vec<Choice>,
    wipes: Vec<Choice>,
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Query(scanned): Query<Scanned>,
) -> PageResult {
    let form = FormState::new(&visit).with("code", scanned.code.unwrap_or_default());
    page(&form_page(&app, &visit, &actor, form).await?)
}

async fn form_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: FormState,
) -> Result<ReturnPage, Error> {
    Ok(ReturnPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        reasons: ReturnReason::ALL
            .iter()
            .map(|r| Choice::new(r.as_str(), words::capital(r.french())))
            .collect(),
        wipes: vec![
            Choice::new("yes", "Oui, tout peut être effacé"),
            Choice::new("no", "Non, ou pas encore"),
        ],
    })
}

async fn take(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<ReturnInput>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => {
            let may_wipe = input.wipe == "yes";
            actions::take_back(&app, &actor, &input.code, None, input.reason, may_wipe).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(device) => Ok(see_other_saying(
            "/returns",
            &Flash::done(format!(
                "{} est repris. Il repart à l’atelier : ses supports sont de nouveau à effacer.",
                words::grouped(&device.code)
            )),
            visit.secure,
        )),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(status, &form_page(&app, &visit, &actor, form).await?)
        }
    }
}
