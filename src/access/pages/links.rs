//! What a link by mail opens, and how one asks for such a link.

use askama::Template;
use axum::extract::State;
use entities::enums::LinkKind;
use serde::Deserialize;
use validator::Validate;

use crate::access::{links, navigation};
use crate::app::App;
use crate::error::{Error, Result};
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{
    Access, Flash, Form, FormState, Frame, PageError, PageResult, Path, Routes, Visit, page,
};

/// Routes of links.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/sign-in/forgotten", Access::Public, forgotten_form)
        .post("/sign-in/forgotten", Access::Public, forgotten)
        .get("/link/{secret}", Access::Public, show)
        .post("/link/{secret}", Access::Public, follow)
}

#[derive(Template)]
#[template(path = "access/pages/forgotten.html")]
struct ForgottenPage {
    frame: Frame,
    form: FormState,
    sent: bool,
}

async fn forgotten_form(visit: Visit) -> PageResult {
    page(&ForgottenPage {
        frame: navigation::anonymous(&visit),
        form: FormState::new(&visit),
        sent: false,
    })
}

#[derive(Debug, Deserialize, Validate)]
struct Forgotten {
    #[validate(
        length(max = 254, message = "Adresse trop longue."),
        email(message = "Cette adresse de courriel n’est pas complète.")
    )]
    email: String,
}

/// The same page whether anybody has the address.
async fn forgotten(State(app): State<App>, visit: Visit, form: Form<Forgotten>) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => links::forgotten(&app, &input.email).await,
        Err(error) => Err(error),
    };
    let frame = navigation::anonymous(&visit);
    match done {
        Ok(()) => page(&ForgottenPage {
            frame,
            form: state,
            sent: true,
        }),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(
                status,
                &ForgottenPage {
                    frame,
                    form,
                    sent: false,
                },
            )
        }
    }
}

#[derive(Template)]
#[template(path = "access/pages/link.html")]
struct LinkPage {
    frame: Frame,
    form: FormState,
    /// Whose account, or the new address.
    who: String,
    password: bool,
    first: bool,
}

#[derive(Template)]
#[template(path = "access/pages/link_over.html")]
struct OverPage {
    frame: Frame,
}

/// The page of a link; looking at it spends nothing.
async fn show(State(app): State<App>, visit: Visit, Path(secret): Path<String>) -> PageResult {
    let form = FormState::new(&visit);
    match link_page(&app, &visit, &secret, form).await {
        Ok(shown) => page(&shown),
        Err(error) => over(&visit, error),
    }
}

async fn link_page(app: &App, visit: &Visit, secret: &str, form: FormState) -> Result<LinkPage> {
    let (link, account) = links::by_mail(app.db.read(), secret, app.clock.now()).await?;
    Ok(LinkPage {
        frame: navigation::anonymous(visit),
        form,
        password: link.kind != LinkKind::Address,
        first: link.kind == LinkKind::Invitation,
        who: link.address.unwrap_or(account.email),
    })
}

/// A link that opens nothing, for whatever reason, is told in the same words.
fn over(visit: &Visit, error: Error) -> PageResult {
    if matches!(error, Error::NotFound(_)) {
        let frame = navigation::anonymous(visit);
        return page_with(axum::http::StatusCode::NOT_FOUND, &OverPage { frame });
    }
    Err(PageError::from(error))
}

#[derive(Debug, Deserialize, Validate)]
struct Followed {
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    password: Option<String>,
}

async fn follow(
    State(app): State<App>,
    visit: Visit,
    Path(secret): Path<String>,
    form: Form<Followed>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => links::follow(&app, &secret, input.password).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(kind) => {
            let said = match kind {
                LinkKind::Address => "Adresse confirmée. Connectez-vous avec elle.",
                LinkKind::Invitation | LinkKind::Reset | LinkKind::SecondStep => {
                    "Mot de passe choisi. Connectez-vous."
                }
            };
            Ok(see_other_saying(
                "/sign-in",
                &Flash::done(said),
                visit.secure,
            ))
        }
        Err(error @ Error::NotFound(_)) => over(&visit, error),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error).with("password", "");
            match link_page(&app, &visit, &secret, form).await {
                Ok(shown) => page_with(status, &shown),
                Err(error) => over(&visit, error),
            }
        }
    }
}
