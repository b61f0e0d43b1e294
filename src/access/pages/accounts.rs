//! The administrator's list of accounts, and adding one.

use askama::Template;
use axum::extract::State;
use entities::account;
use entities::enums::Role;
use serde::Deserialize;

use crate::access::accounts::{self, AccountInput};
use crate::access::assignments::{self, Assigned};
use crate::access::{self, Actor, Permission, places, rules, store};
use crate::app::App;
use crate::error::Result;
use crate::french;
use crate::web::frame::{Choice, Tone};
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Access, Flash, Form, FormState, Frame, PageResult, Query, Routes, Visit, page};

/// Routes of the list.
pub(super) fn routes() -> Routes {
    let needs = Access::Needs(Permission::Administer);
    Routes::new()
        .get("/accounts", needs, list)
        .get("/accounts/new", needs, blank)
        .post("/accounts", needs, add)
}

struct Line {
    href: String,
    name: String,
    email: String,
    roles: Vec<(&'static str, String)>,
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
    first: String,
    next: String,
}

#[derive(Debug, Deserialize)]
struct Search {
    q: Option<String>,
    /// Name and id of the last account of the page before.
    after: Option<String>,
    id: Option<String>,
}

async fn list(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Query(search): Query<Search>,
) -> PageResult {
    let db = app.db.read();
    let now = app.clock.now();
    let q = search.q.unwrap_or_default();
    let id = search.id.and_then(|id| id.parse().ok());
    let after = search.after.as_deref().zip(id);
    let listed = accounts::list(db, &q, after).await?;
    let ids = listed.accounts.iter().map(|one| one.id).collect();
    let roles = assignments::assigned(db, ids, false).await?;
    let lines = listed
        .accounts
        .into_iter()
        .map(|one| line(one, &roles, now))
        .collect();
    let active = i64::try_from(store::active_accounts(db).await?).unwrap_or(i64::MAX);
    let address = |pairs: &[(&str, &str)]| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
        format!("/accounts?{}", query.finish())
    };
    page(&AccountsPage {
        frame: access::frame(&app, &actor, &visit).await?,
        sentence: french::counted(active, "compte actif", "comptes actifs"),
        first: if after.is_some() {
            address(&[("q", &q)])
        } else {
            String::new()
        },
        next: listed.next.map_or_else(String::new, |(name, id)| {
            address(&[("q", &q), ("after", &name), ("id", &id.to_string())])
        }),
        q,
        lines,
    })
}

fn line(one: account::Model, roles: &[Assigned], now: chrono::DateTime<chrono::Utc>) -> Line {
    let today = french::local_date(now);
    let (tone, state) = state(&one, now);
    Line {
        href: format!("/accounts/{}", one.id),
        roles: roles
            .iter()
            .filter(|r| r.row.account_id == one.id)
            .filter(|r| r.row.ends_on.is_none_or(|end| end >= today))
            .map(|r| (rules::word(r.row.role), super::shown::place(r)))
            .collect(),
        email: if one.service {
            "programme".to_owned()
        } else {
            one.email
        },
        name: one.display_name,
        tone,
        state,
    }
}

/// How an account stands.
pub(super) fn state(
    one: &account::Model,
    now: chrono::DateTime<chrono::Utc>,
) -> (Tone, &'static str) {
    if one.disabled_at.is_some() {
        (Tone::Plain, "désactivé")
    } else if one.service {
        (Tone::Shown, "programme")
    } else if one.locked_until.is_some_and(|until| until > now) {
        (Tone::Already, "bloqué un moment")
    } else if one.password_hash.is_empty() {
        (Tone::Queued, "invité")
    } else {
        (Tone::Done, "actif")
    }
}

/// What a role is made of, for the form that gives one.
pub(super) struct Choices {
    pub(super) roles: Vec<Choice>,
    pub(super) organisations: Vec<Choice>,
    pub(super) sites: Vec<Choice>,
}

impl Choices {
    /// All that there is.
    pub(super) async fn of(app: &App) -> Result<Self> {
        let db = app.db.read();
        let organisations = places::organisations(db).await?;
        let sites = store::sites(db).await?;
        let site_word = |s: &entities::site::Model| {
            let by = organisations.iter().find(|o| o.id == s.organisation_id);
            format!("{} ({})", s.name, by.map_or("", |o| o.name.as_str()))
        };
        Ok(Self {
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
}

#[derive(Template)]
#[template(path = "access/pages/account_form.html")]
struct NewPage {
    frame: Frame,
    form: FormState,
    choices: Choices,
}

async fn new_page(app: &App, visit: &Visit, actor: &Actor, form: FormState) -> Result<NewPage> {
    Ok(NewPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        choices: Choices::of(app).await?,
    })
}

async fn blank(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let form = FormState::new(&visit);
    page(&new_page(&app, &visit, &actor, form).await?)
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
        Ok(one) => {
            let said = if one.service {
                "Programme ajouté\u{a0}: faites-lui un jeton.".to_owned()
            } else {
                format!("Une invitation part à {}.", one.display_name)
            };
            let to = format!("/accounts/{}", one.id);
            Ok(see_other_saying(&to, &Flash::done(said), visit.secure))
        }
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(status, &new_page(&app, &visit, &actor, form).await?)
        }
    }
}
