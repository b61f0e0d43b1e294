//! Setting the second factor up, and giving it up.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use validator::Validate;

use super::shown::{SecretPage, Symbol};
use super::{SECOND_FACTOR, carry};
use crate::access::{self, Actor, Owes, factor, store};
use crate::app::App;
use crate::error::Result;
use crate::french;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Access, Flash, Form, FormState, Frame, PageResult, Routes, Visit, page};

/// Routes of the second factor.
pub(super) fn routes() -> Routes {
    let needs = Access::SignedIn;
    Routes::new()
        .get(SECOND_FACTOR, needs, show)
        .post(SECOND_FACTOR, needs, set_up)
        .post("/account/second-factor/codes", needs, codes)
        .post("/account/second-factor/removal", needs, give_up)
}

#[derive(Template)]
#[template(path = "access/pages/second_factor.html")]
struct FactorPage {
    frame: Frame,
    form: FormState,
    owed: bool,
    /// Since when it is set up.
    since: Option<String>,
    codes_left: u64,
    symbol: Option<Symbol>,
    letters: String,
}

async fn factor_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: FormState,
) -> Result<FactorPage> {
    let db = app.db.read();
    let account = store::account(db, actor.account).await?;
    let (symbol, letters) = if account.factor_since.is_some() {
        (None, String::new())
    } else {
        let offer = factor::offer(app, actor).await?;
        (Some(Symbol::of(&offer.address)?), offer.letters)
    };
    Ok(FactorPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        owed: actor.owes == Some(Owes::SecondFactor),
        since: account
            .factor_since
            .map(|at| french::date(french::local_date(at))),
        codes_left: factor::codes_left(db, actor.account).await?,
        symbol,
        letters,
    })
}

async fn show(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    actor.own_session()?;
    let form = FormState::new(&visit);
    page(&factor_page(&app, &visit, &actor, form).await?)
}

#[derive(Debug, Deserialize, Validate)]
struct SetUpInput {
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    password: String,
    #[validate(length(max = 20, message = "Six chiffres."))]
    code: String,
}

async fn set_up(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<SetUpInput>,
) -> PageResult {
    actor.own_session()?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => factor::set_up(&app, &actor, input.password, &input.code).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(done) => {
            let actor = Actor {
                owes: None,
                ..actor
            };
            let mut response = recovery(&app, &visit, &actor, done.codes).await?;
            carry(&mut response, &visit, done.session);
            Ok(response)
        }
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error).with("password", "").with("code", "");
            page_with(status, &factor_page(&app, &visit, &actor, form).await?)
        }
    }
}

async fn recovery(app: &App, visit: &Visit, actor: &Actor, codes: Vec<String>) -> PageResult {
    page(&SecretPage {
        frame: access::frame(app, actor, visit).await?,
        title: "Codes de secours",
        what: "À imprimer ou à recopier",
        why: "Sans votre téléphone, chacun de ces codes remplace une fois celui de l’application. Ils ne seront plus \
              montrés. Gardez-les ailleurs que sur cet ordinateur."
            .to_owned(),
        secrets: codes,
        symbol: None,
        back: "/".to_owned(),
    })
}

#[derive(Debug, Deserialize, Validate)]
struct CodesInput {
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    codes_password: String,
}

async fn codes(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<CodesInput>,
) -> PageResult {
    actor.own_session()?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => factor::draw_again(&app, &actor, input.codes_password).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(codes) => recovery(&app, &visit, &actor, codes).await,
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error).with("codes_password", "");
            page_with(status, &factor_page(&app, &visit, &actor, form).await?)
        }
    }
}

#[derive(Debug, Deserialize, Validate)]
struct RemovalInput {
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    factor_password: String,
    #[validate(length(max = 40, message = "Code trop long."))]
    factor_code: String,
}

async fn give_up(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<RemovalInput>,
) -> PageResult {
    actor.own_session()?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => factor::give_up(&app, &actor, input.factor_password, &input.factor_code).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(see_other_saying(
            "/account",
            &Flash::done("Second facteur retiré."),
            visit.secure,
        )),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state
                .refused(&error)
                .with("factor_password", "")
                .with("factor_code", "");
            page_with(status, &factor_page(&app, &visit, &actor, form).await?)
        }
    }
}
