//! Everybody's page of their own: roles, password, address, sessions, tokens, badge.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use entities::ids::{SessionId, TokenId};
use serde::Deserialize;
use validator::Validate;

use super::shown::{self, RoleLine, TokenLine, role_lines, token_lines, told};
use super::{CHANGE_PASSWORD, Empty, carry};
use crate::access::tokens::{self, TokenInput};
use crate::access::{
    self, Actor, Owes, accounts, assignments, badges, factor, links, sessions, store,
};
use crate::app::App;
use crate::error::{Error, Result};
use crate::french;
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Access, Flash, Form, FormState, Frame, PageResult, Path, Routes, Visit, page};

/// Routes of one's own page.
pub(super) fn routes() -> Routes {
    let needs = Access::SignedIn;
    Routes::new()
        .get("/account", needs, own)
        .get(CHANGE_PASSWORD, needs, change_password)
        .post(CHANGE_PASSWORD, needs, own_password)
        .post("/account/address", needs, address)
        .post("/account/witness", needs, witness)
        .post("/account/sessions/others/removal", needs, end_others)
        .post("/account/sessions/{id}/removal", needs, end_session)
        .post("/account/tokens", needs, new_token)
        .post("/account/tokens/{id}/removal", needs, revoke_token)
        .post("/account/pin", needs, pin)
}

struct SessionLine {
    id: String,
    role: String,
    detail: String,
    current: bool,
}

/// What one's badge is at.
struct BadgeState {
    locked: bool,
    without_pin: bool,
}

#[derive(Template)]
#[template(path = "access/pages/own_account.html")]
struct OwnPage {
    frame: Frame,
    form: FormState,
    name: String,
    email: String,
    roles: Vec<RoleLine>,
    sessions: Vec<SessionLine>,
    tokens: Vec<TokenLine>,
    scopes: Vec<Choice>,
    permissions: Vec<Choice>,
    badge: Option<BadgeState>,
    may_open_bench: bool,
    factor: Option<String>,
    codes_left: u64,
    /// A page at a shared bench only shows.
    at_bench: bool,
}

async fn own(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let form = FormState::new(&visit);
    page(&own_page(&app, &visit, &actor, form).await?)
}

/// One's own page, with a form as it came back.
async fn own_page(app: &App, visit: &Visit, actor: &Actor, form: FormState) -> Result<OwnPage> {
    let db = app.db.read();
    let now = app.clock.now();
    let one = store::account(db, actor.account).await?;
    let all = assignments::assigned(db, vec![actor.account], true).await?;
    let badge = badges::of(db, actor.account).await?;
    let sessions = sessions::own(db, actor.account, now).await?;
    let lines = sessions
        .into_iter()
        .map(|s| {
            let role = all.iter().find(|r| r.row.id == s.assignment_id);
            SessionLine {
                id: s.id.to_string(),
                role: role.map_or_else(String::new, |r| {
                    format!("{}, {}", access::role_word(r.row.role), shown::place(r))
                }),
                detail: format!(
                    "depuis le {}, vue {}{}",
                    french::date_time(s.created_at),
                    french::ago(s.seen_at, now),
                    if s.bench_id.is_some() {
                        ", sur un poste partagé"
                    } else {
                        ""
                    }
                ),
                current: Some(s.id) == actor.session,
            }
        })
        .collect();
    let form = if form.value("scope").is_empty() {
        form.with("scope", "all")
    } else {
        form
    };
    let form = if form.value("days").is_empty() {
        form.with("days", tokens::DAYS.to_string())
    } else {
        form
    };
    let current = actor.assignment;
    let tokens = tokens::of(db, actor.account, now).await?;
    Ok(OwnPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        name: one.display_name,
        email: one.email,
        roles: role_lines(&all, now, current)
            .into_iter()
            .filter(|line| line.open)
            .collect(),
        sessions: lines,
        tokens: token_lines(tokens, &all),
        scopes: shown::scopes(),
        permissions: shown::permissions(actor.role),
        badge: badge.map(|b| BadgeState {
            locked: b.locked_at.is_some(),
            without_pin: b.pin_hash.is_none(),
        }),
        may_open_bench: actor.bench.is_none()
            && actor.site.is_some()
            && access::rules::works_at_a_site(actor.role),
        factor: one
            .factor_since
            .map(|at| french::date(french::local_date(at))),
        codes_left: factor::codes_left(db, actor.account).await?,
        at_bench: actor.bench.is_some(),
    })
}

/// The page again, with what was wrong.
async fn refused(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    state: FormState,
    error: Error,
    secrets: &[&str],
) -> PageResult {
    let (status, error) = form_status(error)?;
    let form = secrets
        .iter()
        .fold(state.refused(&error), |form, name| form.with(name, ""));
    page_with(status, &own_page(app, visit, actor, form).await?)
}

fn back(said: impl Into<String>, visit: &Visit) -> Response {
    see_other_saying("/account", &Flash::done(said), visit.secure)
}

#[derive(Template)]
#[template(path = "access/pages/change_password.html")]
struct ChangePage {
    frame: Frame,
    form: FormState,
}

async fn change_password(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    page(&ChangePage {
        frame: access::frame(&app, &actor, &visit).await?,
        form: FormState::new(&visit),
    })
}

#[derive(Debug, Deserialize, Validate)]
struct PasswordInput {
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    old: String,
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    password: String,
}

async fn own_password(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<PasswordInput>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => accounts::own_password(&app, &actor, input.old, input.password).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(fresh) => {
            let said = "Mot de passe changé. Vos autres sessions et vos jetons sont fermés.";
            let mut response = back(said, &visit);
            if let Some(secret) = fresh {
                carry(&mut response, &visit, secret);
            }
            Ok(response)
        }
        Err(error) if actor.owes == Some(Owes::Password) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error).with("old", "").with("password", "");
            let frame = access::frame(&app, &actor, &visit).await?;
            page_with(status, &ChangePage { frame, form })
        }
        Err(error) => refused(&app, &visit, &actor, state, error, &["old", "password"]).await,
    }
}

#[derive(Debug, Deserialize, Validate)]
struct AddressInput {
    #[validate(
        length(max = 254, message = "Adresse trop longue."),
        email(message = "Cette adresse de courriel n’est pas complète.")
    )]
    email: String,
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    address_password: String,
}

async fn address(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<AddressInput>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => {
            links::change_address(&app, &actor, &input.email, input.address_password).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(back(
            "Un lien est parti à la nouvelle adresse\u{a0}: elle comptera une fois le lien ouvert.",
            &visit,
        )),
        Err(error) => refused(&app, &visit, &actor, state, error, &["address_password"]).await,
    }
}

async fn witness(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let code = accounts::witness_code(&app, &actor).await?;
    let why = "Il vaut dix minutes et une seule fois\u{a0}: il dit que vous avez vu ce que fait votre collègue.";
    let words = ("Code de témoin", "À taper devant votre collègue");
    told(
        &app,
        &visit,
        &actor,
        words,
        why.to_owned(),
        code,
        "/account",
    )
    .await
}

async fn end_session(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let id: SessionId = id.parse().map_err(|_| Error::NotFound("session"))?;
    sessions::end_one(&app, &actor, id).await?;
    Ok(back("Session fermée.", &visit))
}

async fn end_others(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let ended = sessions::end_others(&app, &actor).await?;
    let ended = i64::try_from(ended).unwrap_or(i64::MAX);
    let said = french::counted(ended, "autre session fermée", "autres sessions fermées");
    Ok(back(format!("{said}."), &visit))
}

async fn new_token(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<TokenInput>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => tokens::own(&app, &actor, &input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(secret) => {
            let why = "Copiez-le maintenant\u{a0}: il ne sera plus montré. Qui le tient agit en votre nom.";
            let words = ("Jeton créé", "Jeton de l’API");
            told(
                &app,
                &visit,
                &actor,
                words,
                why.to_owned(),
                secret,
                "/account",
            )
            .await
        }
        Err(error) => refused(&app, &visit, &actor, state, error, &["token_password"]).await,
    }
}

pub(super) fn token_id(id: &str) -> Result<TokenId> {
    id.parse().map_err(|_| Error::NotFound("token"))
}

async fn revoke_token(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    tokens::revoke(&app, &actor, actor.account, token_id(&id)?).await?;
    Ok(back("Jeton révoqué\u{a0}: il n’ouvre plus rien.", &visit))
}

#[derive(Debug, Deserialize, Validate)]
struct PinInput {
    #[validate(length(max = 6, message = "Six chiffres."))]
    pin: String,
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    pin_password: String,
}

async fn pin(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<PinInput>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => badges::set_pin(&app, &actor, input.pin, input.pin_password).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(back("Code du badge enregistré.", &visit)),
        Err(error) => refused(&app, &visit, &actor, state, error, &["pin", "pin_password"]).await,
    }
}
