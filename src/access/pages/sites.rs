//! The administrator's pages of one site.

use askama::Template;
use axum::extract::State;
use entities::enums::SiteKind;
use entities::site;
use serde::Deserialize;

use super::places::{saved, site_kind};
use crate::access::places::{self, SiteInput};
use crate::access::{self, Actor, Permission, store};
use crate::app::App;
use crate::error::Result;
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with};
use crate::web::{Access, Form, FormState, Frame, PageResult, Path, Query, Routes, Visit, page};

/// Routes of one site.
pub(super) fn routes() -> Routes {
    let needs = Access::Needs(Permission::Administer);
    Routes::new()
        .get("/sites/new", needs, new_site)
        .post("/sites", needs, add_site)
        .get("/sites/{slug}", needs, show_site)
        .post("/sites/{slug}", needs, change_site)
}

#[derive(Template)]
#[template(path = "access/pages/site_form.html")]
struct SitePage {
    frame: Frame,
    form: FormState,
    name: Option<String>,
    action: String,
    organisations: Vec<Choice>,
    kinds: Vec<Choice>,
}

async fn site_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: FormState,
    known: Option<&site::Model>,
) -> Result<SitePage> {
    let organisations = places::organisations(app.db.read()).await?;
    Ok(SitePage {
        frame: access::frame(app, actor, visit).await?,
        form,
        name: known.map(|k| k.name.clone()),
        action: known.map_or_else(|| "/sites".to_owned(), |k| format!("/sites/{}", k.slug)),
        organisations: organisations
            .iter()
            .filter(|o| known.is_none_or(|k| k.organisation_id == o.id))
            .map(|o| Choice::new(&o.slug, &o.name))
            .collect(),
        kinds: SiteKind::ALL
            .iter()
            .map(|k| Choice::new(k.as_str(), site_kind(*k)))
            .collect(),
    })
}

#[derive(Debug, Deserialize)]
struct Within {
    organisation: Option<String>,
}

async fn new_site(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Query(within): Query<Within>,
) -> PageResult {
    let form = FormState::new(&visit)
        .with("organisation", within.organisation.unwrap_or_default())
        .with("active", "true");
    page(&site_page(&app, &visit, &actor, form, None).await?)
}

async fn show_site(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(slug): Path<String>,
) -> PageResult {
    let db = app.db.read();
    let one = store::site(db, &slug).await?;
    let form = FormState::new(&visit)
        .with(
            "organisation",
            store::organisation(db, one.organisation_id).await?.slug,
        )
        .with("slug", &one.slug)
        .with("name", &one.name)
        .with("kind", one.kind.as_str())
        .with(
            "postal_address",
            one.postal_address.clone().unwrap_or_default(),
        )
        .with("commune", one.commune.clone().unwrap_or_default())
        .with("active", one.active.to_string());
    page(&site_page(&app, &visit, &actor, form, Some(&one)).await?)
}

async fn add_site(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<SiteInput>,
) -> PageResult {
    write_site(&app, &visit, &actor, form, None).await
}

async fn change_site(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(slug): Path<String>,
    form: Form<SiteInput>,
) -> PageResult {
    let one = store::site(app.db.read(), &slug).await?;
    write_site(&app, &visit, &actor, form, Some(one)).await
}

async fn write_site(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: Form<SiteInput>,
    known: Option<site::Model>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => {
            let name = input.name.clone();
            places::save_site(app, actor, known.as_ref().map(|k| k.id), input)
                .await
                .map(|()| name)
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(name) => Ok(saved(visit, &name)),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(
                status,
                &site_page(app, visit, actor, form, known.as_ref()).await?,
            )
        }
    }
}
