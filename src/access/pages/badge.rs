//! The shared bench: turning a browser into one, changing who works there, and handing badges out.

use askama::Template;
use axum::extract::State;
use axum_extra::extract::cookie::{Cookie, CookieJar};
use entities::ids::AccountId;
use serde::Deserialize;
use validator::Validate;

use super::shown::{SecretPage, Symbol};
use super::{Empty, entered};
use crate::access::{self, Actor, Permission, badges, navigation};
use crate::app::App;
use crate::error::{Error, Result};
use crate::web::layers::set_cookie;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{
    Access, Flash, Form, FormState, Frame, PageResult, Path, Routes, Visit, cookies, page,
};

/// Where one badge follows another.
pub(super) const BADGE: &str = "/badge";

/// Routes of shared benches and badges.
pub(super) fn routes() -> Routes {
    let issues = Access::Needs(Permission::IssueBadges);
    let administers = Access::Needs(Permission::Administer);
    Routes::new()
        .get(BADGE, Access::Public, form)
        .post(BADGE, Access::Public, enter)
        .post("/bench", Access::SignedIn, open)
        .post("/bench/close", Access::SignedIn, close)
        .get("/badges", issues, list)
        .post("/badges/{id}", issues, issue)
        .post("/badges/{id}/removal", issues, revoke)
        .post("/accounts/{id}/badge", administers, issue)
        .post("/accounts/{id}/badge/removal", administers, revoke)
}

#[derive(Template)]
#[template(path = "access/pages/badge.html")]
struct BadgePage {
    frame: Frame,
    form: FormState,
    site: String,
}

fn bench(jar: &CookieJar) -> &str {
    jar.get(cookies::BENCH).map_or("", Cookie::value)
}

async fn badge_page(
    app: &App,
    visit: &Visit,
    jar: &CookieJar,
    form: FormState,
) -> Result<Option<BadgePage>> {
    let found = badges::bench_of(app.db.read(), bench(jar), app.clock.now()).await?;
    Ok(found.map(|(_, site)| BadgePage {
        frame: navigation::anonymous(visit),
        form,
        site: site.name,
    }))
}

async fn form(State(app): State<App>, visit: Visit, jar: CookieJar) -> PageResult {
    let form = FormState::new(&visit);
    match badge_page(&app, &visit, &jar, form).await? {
        Some(shown) => page(&shown),
        None => Ok(no_bench(&visit)),
    }
}

fn no_bench(visit: &Visit) -> axum::response::Response {
    let said = "Ce navigateur n’est pas un poste partagé aujourd’hui\u{a0}: quelqu’un du site se connecte par mot de \
                passe et l’ouvre dans « Mon compte ».";
    see_other_saying("/sign-in", &Flash::refused(said), visit.secure)
}

#[derive(Debug, Deserialize, Validate)]
struct BadgeInput {
    #[validate(length(max = 100, message = "Ce n’est pas un badge."))]
    badge: String,
    #[validate(length(max = 20, message = "Six chiffres."))]
    pin: String,
}

async fn enter(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    parts: Option<axum::Extension<Actor>>,
    form: Form<BadgeInput>,
) -> PageResult {
    let before = parts.as_ref().map(|axum::Extension(actor)| actor);
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => badges::by_badge(&app, bench(&jar), before, &input.badge, input.pin).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(secret) => Ok(entered(&visit, secret, None)),
        Err(Error::SignedOut) => Ok(no_bench(&visit)),
        Err(error) => {
            let (status, error) = form_status(error)?;
            // The badge is scanned again too: its code is never sent back.
            let form = state.refused(&error).with("pin", "").with("badge", "");
            match badge_page(&app, &visit, &jar, form).await? {
                Some(shown) => page_with(status, &shown),
                None => Ok(no_bench(&visit)),
            }
        }
    }
}

#[derive(Debug, Deserialize, Validate)]
struct Wanted {
    #[validate(length(max = 10, message = "Poste inconnu."))]
    bench: String,
}

async fn open(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<Wanted>,
) -> PageResult {
    form.read().0?;
    let secret = badges::open_bench(&app, &actor).await?;
    let said = "Poste partagé jusqu’à ce soir\u{a0}: vos collègues y entrent par leur badge.";
    let mut response = see_other_saying("/", &Flash::done(said), visit.secure);
    let cookie = cookies::cookie(cookies::BENCH, secret, visit.secure);
    set_cookie(&mut response, &cookie.to_string());
    Ok(response)
}

async fn close(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<Wanted>,
) -> PageResult {
    form.read().0?;
    badges::close_bench(&app, &actor).await?;
    let said = Flash::done("Ce n’est plus un poste partagé.");
    let mut response = see_other_saying("/sign-in", &said, visit.secure);
    set_cookie(&mut response, &cookies::gone(cookies::BENCH).to_string());
    set_cookie(&mut response, &cookies::gone(cookies::SESSION).to_string());
    Ok(response)
}

struct Colleague {
    id: String,
    name: String,
}

#[derive(Template)]
#[template(path = "access/pages/badges.html")]
struct BadgesPage {
    frame: Frame,
    form: FormState,
    colleagues: Vec<Colleague>,
}

async fn list(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let all = badges::colleagues(app.db.read(), &actor, app.clock.now()).await?;
    page(&BadgesPage {
        frame: access::frame(&app, &actor, &visit).await?,
        form: FormState::new(&visit),
        colleagues: all
            .into_iter()
            .map(|one| Colleague {
                id: one.id.to_string(),
                name: one.display_name,
            })
            .collect(),
    })
}

fn whose(id: &str) -> Result<AccountId> {
    id.parse().map_err(|_| Error::NotFound("account"))
}

/// Where the actor came from: the account's page, or the lead's list.
fn from(actor: &Actor, id: AccountId) -> String {
    if actor.may(Permission::Administer) {
        format!("/accounts/{id}")
    } else {
        "/badges".to_owned()
    }
}

async fn issue(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let id = whose(&id)?;
    let code = badges::issue(&app, &actor, id).await?;
    let name = access::store::account(app.db.read(), id)
        .await?
        .display_name;
    page(&SecretPage {
        frame: access::frame(&app, &actor, &visit).await?,
        title: "Badge",
        what: "À imprimer et à remettre",
        why: format!(
            "Pour {name}. Il ne sera plus montré, et le badge d’avant ne vaut plus. La personne choisit ses six \
             chiffres dans « Mon compte »."
        ),
        symbol: Some(Symbol::of(&code)?),
        secrets: vec![code],
        back: from(&actor, id),
    })
}

async fn revoke(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let id = whose(&id)?;
    badges::revoke(&app, &actor, id).await?;
    let said = Flash::done("Badge révoqué\u{a0}: il n’ouvre plus rien.");
    Ok(see_other_saying(&from(&actor, id), &said, visit.secure))
}
