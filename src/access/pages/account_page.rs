//! The administrator's page of one account: who it is, its roles, links, tokens, badge, and what may be done with it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use entities::enums::LinkKind;
use entities::ids::{AccountId, AccountRoleId};
use entities::{account, account_link};

use super::Empty;
use super::accounts::{Choices, state};
use super::own::token_id;
use super::shown::{self, RoleLine, TokenLine, role_lines, token_lines, told};
use crate::access::accounts::{self, Address, PersonInput};
use crate::access::assignments::{self, AssignmentInput};
use crate::access::tokens::{self, TokenInput};
use crate::access::{self, Actor, Permission, badges, factor, links, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::french;
use crate::web::frame::{Choice, Tone};
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Access, Flash, Form, FormState, Frame, PageResult, Path, Routes, Visit, page};

/// Routes of one account.
pub(super) fn routes() -> Routes {
    let needs = Access::Needs(Permission::Administer);
    Routes::new()
        .get("/accounts/{id}", needs, show)
        .post("/accounts/{id}", needs, change)
        .post("/accounts/{id}/disable", needs, disable)
        .post("/accounts/{id}/enable", needs, enable)
        .post("/accounts/{id}/invitation", needs, invite)
        .post("/accounts/{id}/password", needs, new_password)
        .post("/accounts/{id}/second-factor/removal", needs, remove_factor)
        .post("/accounts/{id}/roles", needs, give_role)
        .post("/accounts/{id}/roles/{role}/end", needs, end_role)
        .post("/accounts/{id}/tokens", needs, new_token)
        .post("/accounts/{id}/tokens/{token}/removal", needs, revoke_token)
}

struct LinkLine {
    what: &'static str,
    detail: String,
    tone: Tone,
    state: &'static str,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each shows or hides a part of the page"
)]
#[derive(Template)]
#[template(path = "access/pages/account.html")]
struct AccountPage {
    frame: Frame,
    form: FormState,
    /// The account's own address, without a slash at the end.
    at: String,
    name: String,
    email: String,
    tone: Tone,
    state: &'static str,
    disabled: bool,
    own: bool,
    service: bool,
    invited: bool,
    has_factor: bool,
    roles: Vec<RoleLine>,
    choices: Choices,
    links: Vec<LinkLine>,
    tokens: Vec<TokenLine>,
    scopes: Vec<Choice>,
    permissions: Vec<Choice>,
    badge: bool,
}

async fn known(app: &App, id: &str) -> Result<account::Model> {
    let id = id
        .parse::<AccountId>()
        .map_err(|_| Error::NotFound("account"))?;
    store::account(app.db.read(), id).await
}

fn link_line(link: &account_link::Model, now: DateTime<Utc>) -> LinkLine {
    let (tone, state) = if link.used_at.is_some() {
        (Tone::Plain, "servi ou remplacé")
    } else if link.expires_at <= now {
        (Tone::Plain, "expiré")
    } else {
        (Tone::Queued, "en attente")
    };
    LinkLine {
        what: match link.kind {
            LinkKind::Invitation => "Choisir un mot de passe",
            LinkKind::Reset => "Mot de passe oublié",
            LinkKind::Address => "Confirmer une adresse",
            LinkKind::SecondStep => "Connexion",
        },
        detail: format!(
            "demandé le {}, valable jusqu’au {}",
            french::date_time(link.created_at),
            french::date_time(link.expires_at)
        ),
        tone,
        state,
    }
}

async fn account_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: FormState,
    one: &account::Model,
) -> Result<AccountPage> {
    let db = app.db.read();
    let now = app.clock.now();
    let roles = assignments::assigned(db, vec![one.id], true).await?;
    let (tone, state) = state(one, now);
    let mut form = form;
    for (name, value) in [
        ("display_name", one.display_name.clone()),
        ("email", one.email.clone()),
        ("scope", "all".to_owned()),
        ("days", tokens::DAYS.to_string()),
    ] {
        if form.value(name).is_empty() {
            form = form.with(name, value);
        }
    }
    let program = roles.first().filter(|_| one.service);
    Ok(AccountPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        at: format!("/accounts/{}", one.id),
        name: one.display_name.clone(),
        email: one.email.clone(),
        tone,
        state,
        disabled: one.disabled_at.is_some(),
        own: one.id == actor.account,
        service: one.service,
        invited: one.password_hash.is_empty(),
        has_factor: one.factor_since.is_some(),
        choices: Choices::of(app).await?,
        links: links::sent(db, one.id)
            .await?
            .iter()
            .map(|link| link_line(link, now))
            .collect(),
        tokens: token_lines(tokens::of(db, one.id, now).await?, &roles),
        scopes: shown::scopes(),
        permissions: program.map_or_else(Vec::new, |r| shown::permissions(r.row.role)),
        badge: badges::of(db, one.id).await?.is_some(),
        roles: role_lines(&roles, now, actor.assignment),
    })
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
) -> PageResult {
    let one = known(&app, &id).await?;
    let form = FormState::new(&visit);
    page(&account_page(&app, &visit, &actor, form, &one).await?)
}

/// The page again, with what was wrong.
async fn refused(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    one: &account::Model,
    state: FormState,
    error: Error,
) -> PageResult {
    let (status, error) = form_status(error)?;
    let form = state.refused(&error).with("token_password", "");
    page_with(status, &account_page(app, visit, actor, form, one).await?)
}

fn back(one: &account::Model, said: impl Into<String>, visit: &Visit) -> Response {
    let to = format!("/accounts/{}", one.id);
    see_other_saying(&to, &Flash::done(said), visit.secure)
}

async fn change(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<PersonInput>,
) -> PageResult {
    let one = known(&app, &id).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => accounts::change(&app, &actor, one.id, input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(Address::Settled) => Ok(back(&one, "Compte enregistré.", &visit)),
        Ok(Address::Asked) => Ok(back(
            &one,
            "Enregistré. La nouvelle adresse comptera une fois le lien qu’elle reçoit ouvert.",
            &visit,
        )),
        Err(error) => refused(&app, &visit, &actor, &one, state, error).await,
    }
}

async fn disable(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let one = known(&app, &id).await?;
    accounts::disable(&app, &actor, one.id).await?;
    let said = format!(
        "{} n’entre plus\u{a0}: sessions, jetons et badge sont révoqués.",
        one.display_name
    );
    Ok(back(&one, said, &visit))
}

async fn enable(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let one = known(&app, &id).await?;
    accounts::enable(&app, &actor, one.id).await?;
    let said = format!("{} peut de nouveau entrer.", one.display_name);
    Ok(back(&one, said, &visit))
}

async fn invite(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let one = known(&app, &id).await?;
    links::invite(&app, &actor, one.id).await?;
    Ok(back(&one, "Un lien part par courriel.", &visit))
}

async fn new_password(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let one = known(&app, &id).await?;
    let fresh = accounts::new_password(&app, &actor, one.id).await?;
    let why = format!(
        "Donnez-le à {} ({}) de vive voix ou sous pli. Il ne sera plus montré, vaut 72 heures, et la personne le \
         change à sa première connexion. Un courriel la prévient que vous l’avez donné.",
        fresh.account.display_name, fresh.account.email
    );
    let words = ("Nouveau mot de passe", "Mot de passe provisoire");
    let to = format!("/accounts/{}", one.id);
    told(&app, &visit, &actor, words, why, fresh.password, &to).await
}

async fn remove_factor(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let one = known(&app, &id).await?;
    factor::remove(&app, &actor, one.id).await?;
    Ok(back(
        &one,
        "Second facteur retiré, sessions fermées.",
        &visit,
    ))
}

async fn give_role(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<AssignmentInput>,
) -> PageResult {
    let one = known(&app, &id).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => assignments::add(&app, &actor, one.id, &input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(back(&one, "Rôle donné.", &visit)),
        Err(error) => refused(&app, &visit, &actor, &one, state, error).await,
    }
}

async fn end_role(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path((id, role)): Path<(String, String)>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let one = known(&app, &id).await?;
    let role: AccountRoleId = role.parse().map_err(|_| Error::NotFound("assignment"))?;
    assignments::end(&app, &actor, one.id, role).await?;
    let said = "Rôle terminé\u{a0}: ses sessions et ses jetons n’ouvrent plus rien.";
    Ok(back(&one, said, &visit))
}

async fn new_token(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<TokenInput>,
) -> PageResult {
    let one = known(&app, &id).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => tokens::service(&app, &actor, one.id, &input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(secret) => {
            let why = "Copiez-le maintenant\u{a0}: il ne sera plus montré. Qui le tient agit au nom de ce programme.";
            let words = ("Jeton créé", "Jeton de l’API");
            let to = format!("/accounts/{}", one.id);
            told(&app, &visit, &actor, words, why.to_owned(), secret, &to).await
        }
        Err(error) => refused(&app, &visit, &actor, &one, state, error).await,
    }
}

async fn revoke_token(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path((id, token)): Path<(String, String)>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let one = known(&app, &id).await?;
    tokens::revoke(&app, &actor, one.id, token_id(&token)?).await?;
    Ok(back(
        &one,
        "Jeton révoqué\u{a0}: il n’ouvre plus rien.",
        &visit,
    ))
}
