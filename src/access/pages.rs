//! Signing in and out, choosing where one stands and in which role one acts.

mod account_page;
mod accounts;
mod badge;
mod factor;
mod links;
mod organisations;
mod own;
mod places;
mod shown;
mod sites;
mod venues;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use axum_extra::extract::cookie::{Cookie, CookieJar};
use entities::ids::AccountRoleId;
use serde::Deserialize;
use validator::Validate;

use crate::access::sign_in::{self, Entered};
use crate::access::{Actor, assignments, navigation, sessions, store};
use crate::app::App;
use crate::error::Error;
use crate::web::layers::set_cookie;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{
    Access, Flash, Form, FormState, Frame, PageResult, Query, Routes, Visit, cookies, page,
    see_other,
};

/// The page that changes one's password, the only one for whoever was given theirs by somebody else.
pub(crate) const CHANGE_PASSWORD: &str = "/account/password";
/// The page that sets the second factor up, the only one for whoever owes it.
pub(crate) const SECOND_FACTOR: &str = "/account/second-factor";
/// Where another of one's roles is chosen.
pub(crate) const SWITCH: &str = "/role";

/// Routes of access.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/sign-in", Access::Public, form)
        .post("/sign-in", Access::Public, password)
        .get("/sign-in/code", Access::Public, code_form)
        .post("/sign-in/code", Access::Public, code)
        .post("/sign-out", Access::SignedIn, sign_out)
        .post("/place", Access::SignedIn, place)
        .post(SWITCH, Access::SignedIn, switch)
        .merge(links::routes())
        .merge(own::routes())
        .merge(factor::routes())
        .merge(badge::routes())
        .merge(accounts::routes())
        .merge(account_page::routes())
        .merge(places::routes())
        .merge(organisations::routes())
        .merge(sites::routes())
        .merge(venues::routes())
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
    bench: bool,
}

async fn form(visit: Visit, jar: CookieJar, Query(query): Query<Next>) -> PageResult {
    let form = FormState::new(&visit).with("next", local(query.next.as_deref()));
    page(&SignInPage {
        frame: navigation::anonymous(&visit),
        form,
        bench: jar.get(cookies::BENCH).is_some(),
    })
}

/// Goes on after a session was made: its secret is a fresh one, whatever the browser carried before.
fn entered(visit: &Visit, secret: String, next: Option<&str>) -> Response {
    let mut response = see_other(&local(next));
    carry(&mut response, visit, secret);
    response
}

/// Gives the browser the secret of its session.
fn carry(response: &mut Response, visit: &Visit, secret: String) {
    let cookie = cookies::cookie(cookies::SESSION, secret, visit.secure);
    set_cookie(response, &cookie.to_string());
}

async fn password(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    form: Form<SignIn>,
) -> PageResult {
    let (input, state) = form.read();
    let result = match input {
        Ok(input) => sign_in::by_password(&app, &input.email, input.password)
            .await
            .map(|done| (done, input.next)),
        Err(error) => Err(error),
    };
    match result {
        Ok((Entered::In(secret), next)) => Ok(entered(&visit, secret, next.as_deref())),
        Ok((Entered::SecondStep(secret), next)) => {
            let next = local(next.as_deref());
            let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
            let mut response = see_other(&format!("/sign-in/code?next={next}"));
            let cookie = cookies::cookie(cookies::STEP, secret, visit.secure);
            set_cookie(&mut response, &cookie.to_string());
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
                    bench: jar.get(cookies::BENCH).is_some(),
                },
            )
        }
    }
}

#[derive(Template)]
#[template(path = "access/pages/sign_in_code.html")]
struct CodePage {
    frame: Frame,
    form: FormState,
}

fn step(jar: &CookieJar) -> &str {
    jar.get(cookies::STEP).map_or("", Cookie::value)
}

async fn code_form(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    Query(query): Query<Next>,
) -> PageResult {
    if !sign_in::waits_for_a_code(&app, step(&jar)).await? {
        return Ok(see_other("/sign-in"));
    }
    let form = FormState::new(&visit).with("next", local(query.next.as_deref()));
    page(&CodePage {
        frame: navigation::anonymous(&visit),
        form,
    })
}

#[derive(Debug, Deserialize, Validate)]
struct Code {
    #[validate(length(max = 40, message = "Code trop long."))]
    code: String,
    next: Option<String>,
}

async fn code(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    form: Form<Code>,
) -> PageResult {
    let (input, state) = form.read();
    let result = match input {
        Ok(input) => sign_in::by_code(&app, step(&jar), &input.code)
            .await
            .map(|secret| (secret, input.next)),
        Err(error) => Err(error),
    };
    match result {
        Ok((secret, next)) => {
            let mut response = entered(&visit, secret, next.as_deref());
            set_cookie(&mut response, &cookies::gone(cookies::STEP).to_string());
            Ok(response)
        }
        // The step is over: it took too long, or too many codes were wrong.
        Err(Error::SignedOut) => Ok(see_other_saying(
            "/sign-in",
            &Flash::refused("Cette étape est terminée\u{a0}: recommencez par le mot de passe."),
            visit.secure,
        )),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error).with("code", "");
            let frame = navigation::anonymous(&visit);
            page_with(status, &CodePage { frame, form })
        }
    }
}

async fn sign_out(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    actor: Actor,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    sessions::sign_out(&app, &actor).await?;
    // A shared bench waits for the next badge.
    let to = if actor.bench.is_some() && jar.get(cookies::BENCH).is_some() {
        badge::BADGE
    } else {
        "/sign-in"
    };
    let mut response = see_other_saying(to, &Flash::done("Vous êtes déconnecté."), visit.secure);
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

#[derive(Debug, Deserialize, Validate)]
struct RoleInput {
    #[validate(length(max = 36, message = "Rôle inconnu."))]
    assignment: String,
}

async fn switch(
    State(app): State<App>,
    actor: Actor,
    form: Form<RoleInput>,
) -> PageResult<Response> {
    let input = form.read().0?;
    let to: AccountRoleId = input
        .assignment
        .parse()
        .map_err(|_| Error::NotFound("assignment"))?;
    assignments::switch(&app, &actor, to).await?;
    Ok(see_other("/"))
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
