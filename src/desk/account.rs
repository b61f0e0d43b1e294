//! One's own account: who one is here, and changing the password.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use validator::Validate;

use crate::access::{self, Actor};
use crate::app::App;
use crate::error::Error;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Access, Flash, Form, FormState, Frame, PageResult, Routes, Visit, page};

pub(super) fn routes() -> Routes {
    Routes::new().get("/account", Access::SignedIn, show).post(
        "/account/password",
        Access::SignedIn,
        change,
    )
}

#[derive(Debug, Deserialize, Validate)]
struct Change {
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    current: String,
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    password: String,
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    again: String,
}

#[derive(Template)]
#[template(path = "desk/pages/account.html")]
struct AccountPage {
    frame: Frame,
    form: FormState,
    facts: Vec<(&'static str, String)>,
}

async fn account_page(
    app: &App,
    actor: &Actor,
    visit: &Visit,
    form: FormState,
) -> crate::error::Result<AccountPage> {
    let db = app.db.read();
    let me = access::store::account(db, actor.account).await?;
    let organisation = access::store::organisation(db, actor.organisation).await?;
    let mut facts = vec![
        ("Nom", me.display_name),
        ("Adresse", me.email),
        ("Rôle", access::role_word(me.role).to_owned()),
        ("Structure", organisation.name),
    ];
    if let Some(site) = actor.site {
        facts.push((
            "Vous êtes à",
            access::store::site_by_id(db, site).await?.name,
        ));
    }
    Ok(AccountPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        facts,
    })
}

async fn show(State(app): State<App>, actor: Actor, visit: Visit) -> PageResult {
    page(&account_page(&app, &actor, &visit, FormState::new(&visit)).await?)
}

async fn change(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    form: Form<Change>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) if input.password != input.again => Err(Error::field(
            "#/again",
            "Les deux mots de passe ne sont pas les mêmes.",
        )),
        Ok(input) => {
            access::sessions::change_password(&app, &actor, input.current, input.password).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(see_other_saying(
            "/account",
            &Flash::done("Mot de passe changé. Vos autres sessions sont fermées."),
            visit.secure,
        )),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(status, &account_page(&app, &actor, &visit, form).await?)
        }
    }
}
