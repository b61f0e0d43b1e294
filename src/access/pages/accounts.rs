//! The administrator's pages of accounts, and everybody's page of their own.

use askama::Template;
use axum::extract::State;
use entities::account;
use entities::enums::Role;
use entities::ids::{AccountId, TokenId};
use serde::Deserialize;
use validator::Validate;

use super::{CHANGE_PASSWORD, Empty};
use crate::access::accounts::{self, AccountInput, Fresh};
use crate::access::{self, Actor, Permission, places, rules, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::french;
use crate::web::frame::{Choice, Tone};
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{
    Access, Flash, Form, FormState, Frame, PageResult, Path, Query, Routes, Visit, page,
};

/// Routes of accounts.
pub(super) fn routes() -> Routes {
    let needs = Access::Needs(Permission::Administer);
    Routes::new()
        .get("/accounts", needs, list)
        .get("/accounts/new", needs, blank)
        .post("/accounts", needs, add)
        .get("/accounts/{id}", needs, show)
        .post("/accounts/{id}", needs, change)
        .post("/accounts/{id}/disable", needs, disable)
        .post("/accounts/{id}/enable", needs, enable)
        .post("/accounts/{id}/password", needs, new_password)
        .get("/account", Access::SignedIn, own)
        .post(
            "/accounts/{id}/tokens/{token}/removal",
            needs,
            revoke_their_token,
        )
        .get(CHANGE_PASSWORD, Access::SignedIn, change_password)
        .post(CHANGE_PASSWORD, Access::SignedIn, own_password)
        .post("/account/witness", Access::SignedIn, witness)
        .post("/account/tokens", Access::SignedIn, new_token)
        .post(
            "/account/tokens/{id}/removal",
            Access::SignedIn,
            revoke_token,
        )
}

struct Line {
    href: String,
    name: String,
    email: String,
    role: &'static str,
    organisation: String,
    site: String,
    tone: Tone,
    state: &'static str,
}

#[derive(Template)]
#[template(path = "access/pages/accounts.html")]
struct AccountsPage {
    frame: Frame,
    sentence: String,
    q: String,
    lines: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct Search {
    q: Option<String>,
}

async fn list(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Query(search): Query<Search>,
) -> PageResult {
    let db = app.db.read();
    let now = app.clock.now();
    let organisations = places::organisations(db).await?;
    let sites = store::sites(db).await?;
    let q = search.q.unwrap_or_default();
    let wanted = q.to_lowercase();
    let mut lines = Vec::new();
    let mut active = 0;
    for one in accounts::list(db).await? {
        let organisation = organisations
            .iter()
            .find(|o| o.id == one.organisation_id)
            .map(|o| o.name.clone())
            .unwrap_or_default();
        active += i64::from(one.disabled_at.is_none());
        let text = format!(
            "{} {} {organisation} {}",
            one.display_name,
            one.email,
            rules::word(one.role)
        );
        if !text.to_lowercase().contains(&wanted) {
            continue;
        }
        let (tone, state) = state(&one, now);
        lines.push(Line {
            href: format!("/accounts/{}", one.id),
            site: sites
                .iter()
                .find(|s| Some(s.id) == one.site_id)
                .map(|s| s.name.clone())
                .unwrap_or_default(),
            name: one.display_name,
            email: one.email,
            role: rules::word(one.role),
            organisation,
            tone,
            state,
        });
    }
    page(&AccountsPage {
        frame: access::frame(&app, &actor, &visit).await?,
        sentence: french::counted(active, "compte actif", "comptes actifs"),
        q,
        lines,
    })
}

fn state(one: &account::Model, now: chrono::DateTime<chrono::Utc>) -> (Tone, &'static str) {
    if one.disabled_at.is_some() {
        (Tone::Plain, "désactivé")
    } else if one.locked_until.is_some_and(|until| until > now) {
        (Tone::Already, "bloqué un moment")
    } else {
        (Tone::Done, "actif")
    }
}

#[derive(Template)]
#[template(path = "access/pages/account_form.html")]
struct AccountPage {
    frame: Frame,
    form: FormState,
    /// Where the form goes.
    action: String,
    known: Option<Known>,
    roles: Vec<Choice>,
    organisations: Vec<Choice>,
    sites: Vec<Choice>,
    tokens: Vec<TokenLine>,
}

struct Known {
    name: String,
    email: String,
    tone: Tone,
    state: &'static str,
    disabled: bool,
    own: bool,
}

async fn blank(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let form = FormState::new(&visit);
    page(&account_page(&app, &visit, &actor, form, None).await?)
}

async fn account_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: FormState,
    known: Option<&account::Model>,
) -> Result<AccountPage> {
    let db = app.db.read();
    let organisations = places::organisations(db).await?;
    let sites = store::sites(db).await?;
    let site_word = |s: &entities::site::Model| {
        let by = organisations.iter().find(|o| o.id == s.organisation_id);
        format!("{} ({})", s.name, by.map_or("", |o| o.name.as_str()))
    };
    let tokens = match known {
        Some(one) => token_lines(accounts::tokens(db, one.id).await?),
        None => Vec::new(),
    };
    Ok(AccountPage {
        tokens,
        frame: access::frame(app, actor, visit).await?,
        form,
        action: known.map_or_else(|| "/accounts".to_owned(), |k| format!("/accounts/{}", k.id)),
        known: known.map(|k| {
            let (tone, state) = state(k, app.clock.now());
            Known {
                name: k.display_name.clone(),
                email: k.email.clone(),
                tone,
                state,
                disabled: k.disabled_at.is_some(),
                own: k.id == actor.account,
            }
        }),
        roles: Role::ALL
            .iter()
            .map(|r| Choice::new(r.as_str(), rules::word(*r)))
            .collect(),
        sites: sites
            .iter()
            .map(|s| Choice::new(&s.slug, site_word(s)))
            .collect(),
        organisations: organisations
            .iter()
            .map(|o| Choice::new(&o.slug, &o.name))
            .collect(),
    })
}

#[derive(Template)]
#[template(path = "access/pages/account_secret.html")]
struct SecretPage {
    frame: Frame,
    title: &'static str,
    what: &'static str,
    why: String,
    secret: String,
    back: &'static str,
}

/// The password is told on the page itself, never in an address or a cookie.
async fn told(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    fresh: &Fresh,
    title: &'static str,
) -> PageResult {
    page(&SecretPage {
        frame: access::frame(app, actor, visit).await?,
        title,
        what: "Mot de passe provisoire",
        why: format!(
            "Donnez-le à {} ({}) de vive voix ou sous pli. Il ne sera plus montré, vaut 72 heures, et la personne le change à sa première connexion. Un courriel la prévient que vous l’avez donné.",
            fresh.account.display_name, fresh.account.email
        ),
        secret: fresh.password.clone(),
        back: "/accounts",
    })
}

async fn add(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<AccountInput>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => accounts::add(&app, &actor, input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(fresh) => told(&app, &visit, &actor, &fresh, "Compte créé").await,
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(
                status,
                &account_page(&app, &visit, &actor, form, None).await?,
            )
        }
    }
}

async fn known(app: &App, id: &str) -> Result<account::Model> {
    let id = id
        .parse::<AccountId>()
        .map_err(|_| Error::NotFound("account"))?;
    store::account(app.db.read(), id).await
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
) -> PageResult {
    let one = known(&app, &id).await?;
    let db = app.db.read();
    let mut form = FormState::new(&visit)
        .with("email", &one.email)
        .with("display_name", &one.display_name)
        .with("role", one.role.as_str())
        .with(
            "organisation",
            store::organisation(db, one.organisation_id).await?.slug,
        );
    if let Some(site) = one.site_id {
        form = form.with("site", store::site_by_id(db, site).await?.slug);
    }
    page(&account_page(&app, &visit, &actor, form, Some(&one)).await?)
}

async fn change(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<String>,
    form: Form<AccountInput>,
) -> PageResult {
    let one = known(&app, &id).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => accounts::change(&app, &actor, one.id, input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(see_other_saying(
            "/accounts",
            &Flash::done(format!("Compte de {} enregistré.", one.display_name)),
            visit.secure,
        )),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(
                status,
                &account_page(&app, &visit, &actor, form, Some(&one)).await?,
            )
        }
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
        "{} n’entre plus : sessions et jetons sont révoqués.",
        one.display_name
    );
    Ok(see_other_saying(
        "/accounts",
        &Flash::done(said),
        visit.secure,
    ))
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
    Ok(see_other_saying(
        "/accounts",
        &Flash::done(said),
        visit.secure,
    ))
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
    told(&app, &visit, &actor, &fresh, "Nouveau mot de passe").await
}

struct TokenLine {
    id: String,
    label: String,
    since: String,
    used: String,
}

fn token_lines(tokens: Vec<entities::api_token::Model>) -> Vec<TokenLine> {
    let day = |at| french::short_date(french::local_date(at));
    tokens
        .into_iter()
        .map(|t| TokenLine {
            id: t.id.to_string(),
            label: t.label,
            since: day(t.created_at),
            used: t.used_at.map_or_else(
                || "jamais utilisé".to_owned(),
                |at| format!("utilisé le {}", day(at)),
            ),
        })
        .collect()
}

#[derive(Template)]
#[template(path = "access/pages/own_account.html")]
struct OwnPage {
    frame: Frame,
    form: FormState,
    name: String,
    facts: Vec<(&'static str, String)>,
    tokens: Vec<TokenLine>,
}

async fn own(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let form = FormState::new(&visit);
    page(&own_page(&app, &visit, &actor, form).await?)
}

async fn own_page(app: &App, visit: &Visit, actor: &Actor, form: FormState) -> Result<OwnPage> {
    let db = app.db.read();
    let one = store::account(db, actor.account).await?;
    let organisation = store::organisation(db, one.organisation_id).await?;
    let mut facts = vec![
        ("Adresse", one.email),
        ("Rôle", rules::word(one.role).to_owned()),
        ("Structure", organisation.name),
    ];
    if let Some(site) = one.site_id {
        facts.push(("Site habituel", store::site_by_id(db, site).await?.name));
    }
    let tokens = accounts::tokens(db, actor.account).await?;
    Ok(OwnPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        name: one.display_name,
        facts,
        tokens: token_lines(tokens),
    })
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
        Ok(()) => Ok(see_other_saying(
            "/account",
            &Flash::done("Mot de passe changé. Vos autres sessions et vos jetons sont fermés."),
            visit.secure,
        )),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error).with("old", "").with("password", "");
            if actor.must_change_password {
                let frame = access::frame(&app, &actor, &visit).await?;
                return page_with(status, &ChangePage { frame, form });
            }
            page_with(status, &own_page(&app, &visit, &actor, form).await?)
        }
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
    page(&SecretPage {
        frame: access::frame(&app, &actor, &visit).await?,
        title: "Code de témoin",
        what: "À taper devant votre collègue",
        why: "Il vaut dix minutes et une seule fois : il dit que vous avez vu ce que fait votre collègue."
            .to_owned(),
        secret: code,
        back: "/account",
    })
}

#[derive(Debug, Deserialize, Validate)]
struct TokenInput {
    #[validate(length(min = 1, max = 80, message = "Dites à quoi il sert."))]
    label: String,
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    token_password: String,
}

async fn new_token(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<TokenInput>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => accounts::own_token(&app, &actor, &input.label, input.token_password).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(secret) => page(&SecretPage {
            frame: access::frame(&app, &actor, &visit).await?,
            title: "Jeton créé",
            what: "Jeton de l’API",
            why: "Copiez-le maintenant : il ne sera plus montré. Qui le tient agit en votre nom."
                .to_owned(),
            secret,
            back: "/account",
        }),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error).with("token_password", "");
            page_with(status, &own_page(&app, &visit, &actor, form).await?)
        }
    }
}

fn token_id(id: &str) -> Result<TokenId> {
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
    accounts::revoke_token(&app, &actor, actor.account, token_id(&id)?).await?;
    let flash = Flash::done("Jeton révoqué : il n’ouvre plus rien.");
    Ok(see_other_saying("/account", &flash, visit.secure))
}

async fn revoke_their_token(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path((id, token)): Path<(String, String)>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let one = known(&app, &id).await?;
    accounts::revoke_token(&app, &actor, one.id, token_id(&token)?).await?;
    let flash = Flash::done("Jeton révoqué : il n’ouvre plus rien.");
    Ok(see_other_saying(
        &format!("/accounts/{}", one.id),
        &flash,
        visit.secure,
    ))
}
