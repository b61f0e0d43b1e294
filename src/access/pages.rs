//! Signing in and out, and choosing where one stands.

mod accounts;
mod places;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use validator::Validate;

use crate::access::{Actor, navigation, sessions, store};
use crate::app::App;
use crate::web::layers::set_cookie;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{
    Access, Flash, Form, FormState, Frame, PageResult, Query, Routes, Visit, cookies, page,
    see_other,
};

/// The page that changes one's password, the only one for whoever was given theirs by somebody else.
pub(crate) const CHANGE_PASSWORD: &str = "/account/password";

/// Routes of access.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/sign-in", Access::Public, form)
        .post("/sign-in", Access::Public, sign_in)
        .post("/sign-out", Access::SignedIn, sign_out)
        .post("/place", Access::SignedIn, place)
        .merge(accounts::routes())
        .merge(places::routes())
}

#[derive(Debug, Deserialize)]
struct Next {
    next: Option<String>,
}

#[derive(Debug, Deserialize, Validate)]
struct SignIn {
    #[validate(length(max = 254, message = "Adresse trop longue."))]
    email: String,
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    password: String,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "access/pages/sign_in.html")]
struct SignInPage {
    frame: Frame,
    form: FormState,
}

async fn form(visit: Visit, Query(query): Query<Next>) -> PageResult {
    let form = FormState::new(&visit).with("next", local(query.next.as_deref()));
    page(&SignInPage {
        frame: navigation::anonymous(&visit),
        form,
    })
}

async fn sign_in(State(app): State<App>, visit: Visit, form: Form<SignIn>) -> PageResult {
    let (input, state) = form.read();
    let result = match input {
        Ok(input) => sessions::sign_in(&app, &input.email, input.password)
            .await
            .map(|done| (done, input.next)),
        Err(error) => Err(error),
    };
    match result {
        Ok(((_, secret), next)) => {
            let mut response = see_other(&local(next.as_deref()));
            set_cookie(
                &mut response,
                &cookies::cookie(cookies::SESSION, secret, visit.secure).to_string(),
            );
            Ok(response)
        }
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error).with("password", "");
            page_with(
                status,
                &SignInPage {
                    frame: navigation::anonymous(&visit),
                    form,
                },
            )
        }
    }
}

async fn sign_out(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    sessions::sign_out(&app, &actor).await?;
    let mut response = see_other_saying(
        "/sign-in",
        &Flash::done("Vous êtes déconnecté."),
        visit.secure,
    );
    set_cookie(&mut response, &cookies::gone(cookies::SESSION).to_string());
    Ok(response)
}

/// A form that only carries its token.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct Empty {}

#[derive(Debug, Deserialize, Validate)]
struct PlaceInput {
    #[validate(length(max = 80, message = "Site inconnu."))]
    site: String,
}

async fn place(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<PlaceInput>,
) -> PageResult<Response> {
    let input = form.read().0?;
    let site = store::site(app.db.read(), &input.site).await?;
    sessions::stand_at(&app, &actor, site.id).await?;
    Ok(see_other_saying(
        "/",
        &Flash::done(format!("Vous êtes à {}.", site.name)),
        visit.secure,
    ))
}

/// A path of our own to go on to, the home page otherwise: never another host.
fn local(next: Option<&str>) -> String {
    let ours = |n: &&str| {
        // Browsers drop tabs and line ends from an address and read `\` as `/`.
        n.starts_with('/')
            && !n.starts_with("//")
            && !n.chars().any(|c| c == '\\' || c.is_control())
    };
    next.filter(ours).unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn nobody_is_sent_to_another_host() {
        assert_eq!(local(Some("/devices?q=a%2Fb")), "/devices?q=a%2Fb");
        for elsewhere in [
            "//evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r/evil.example",
            "/\\evil.example",
            "\t//evil.example",
            "https://evil.example",
            "evil.example",
            "",
        ] {
            assert_eq!(local(Some(elsewhere)), "/", "{elsewhere:?}");
        }
    }
}
