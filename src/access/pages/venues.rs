//! The administrator's pages of one venue.

use askama::Template;
use axum::extract::State;
use entities::venue;

use super::places::saved;
use crate::access::places::{self, VenueInput};
use crate::access::{self, Actor, Permission, store};
use crate::app::App;
use crate::error::Result;
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with};
use crate::web::{Access, Form, FormState, Frame, PageResult, Path, Routes, Visit, page};

/// Routes of one venue.
pub(super) fn routes() -> Routes {
    let needs = Access::Needs(Permission::Administer);
    Routes::new()
        .get("/venues/new", needs, new_venue)
        .post("/venues", needs, add_venue)
        .get("/venues/{slug}", needs, show_venue)
        .post("/venues/{slug}", needs, change_venue)
}

#[derive(Template)]
#[template(path = "access/pages/venue_form.html")]
struct VenuePage {
    frame: Frame,
    form: FormState,
    name: Option<String>,
    action: String,
    sites: Vec<Choice>,
}

async fn venue_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: FormState,
    known: Option<&venue::Model>,
) -> Result<VenuePage> {
    let sites = store::sites(app.db.read()).await?;
    Ok(VenuePage {
        frame: access::frame(app, actor, visit).await?,
        form,
        name: known.map(|k| k.name.clone()),
        action: known.map_or_else(|| "/venues".to_owned(), |k| format!("/venues/{}", k.slug)),
        sites: sites
            .iter()
            .map(|s| Choice::new(&s.slug, &s.name))
            .collect(),
    })
}

async fn new_venue(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let form = FormState::new(&visit)
        .with("transfer_lead_hours", "24")
        .with("active", "true");
    page(&venue_page(&app, &visit, &actor, form, None).await?)
}

async fn show_venue(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(slug): Path<String>,
) -> PageResult {
    let db = app.db.read();
    let one = store::venue(db, &slug).await?;
    let form = FormState::new(&visit)
        .with("site", store::site_by_id(db, one.site_id).await?.slug)
        .with("slug", &one.slug)
        .with("name", &one.name)
        .with("postal_address", &one.postal_address)
        .with("commune", &one.commune)
        .with("directions", one.directions.clone().unwrap_or_default())
        .with("transfer_lead_hours", one.transfer_lead_hours.to_string())
        .with("active", one.active.to_string());
    page(&venue_page(&app, &visit, &actor, form, Some(&one)).await?)
}

async fn add_venue(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<VenueInput>,
) -> PageResult {
    write_venue(&app, &visit, &actor, form, None).await
}

async fn change_venue(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(slug): Path<String>,
    form: Form<VenueInput>,
) -> PageResult {
    let one = store::venue(app.db.read(), &slug).await?;
    write_venue(&app, &visit, &actor, form, Some(one)).await
}

async fn write_venue(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: Form<VenueInput>,
    known: Option<venue::Model>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => {
            let name = input.name.clone();
            places::save_venue(app, actor, known.as_ref().map(|k| k.id), input)
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
                &venue_page(app, visit, actor, form, known.as_ref()).await?,
            )
        }
    }
}
