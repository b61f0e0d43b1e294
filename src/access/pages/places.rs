//! The administrator's pages of organisations, sites and venues.

use askama::Template;
use axum::extract::State;
use entities::enums::{DecidingBody, OrganisationKind, SiteKind};
use entities::{organisation, site, venue};
use serde::Deserialize;

use crate::access::places::{self, OrganisationInput, SiteInput, VenueInput};
use crate::access::{self, Actor, Permission, store};
use crate::app::App;
use crate::error::Result;
use crate::french;
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{
    Access, Flash, Form, FormState, Frame, PageResult, Path, Query, Routes, Visit, page,
};

/// Routes of places.
pub(super) fn routes() -> Routes {
    let needs = Access::Needs(Permission::Administer);
    Routes::new()
        .get("/sites", needs, list)
        .get("/sites/new", needs, new_site)
        .post("/sites", needs, add_site)
        .get("/sites/{slug}", needs, show_site)
        .post("/sites/{slug}", needs, change_site)
        .get("/organisations/new", needs, new_organisation)
        .post("/organisations", needs, add_organisation)
        .get("/organisations/{slug}", needs, show_organisation)
        .post("/organisations/{slug}", needs, change_organisation)
        .get("/venues/new", needs, new_venue)
        .post("/venues", needs, add_venue)
        .get("/venues/{slug}", needs, show_venue)
        .post("/venues/{slug}", needs, change_venue)
}

struct Group {
    slug: String,
    name: String,
    kind: &'static str,
    sites: Vec<PlaceLine>,
    venues: Vec<PlaceLine>,
}

struct PlaceLine {
    href: String,
    name: String,
    detail: String,
    active: bool,
}

#[derive(Template)]
#[template(path = "access/pages/sites.html")]
struct SitesPage {
    frame: Frame,
    sentence: String,
    groups: Vec<Group>,
}

async fn list(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let db = app.db.read();
    let sites = store::sites(db).await?;
    let venues = places::venues(db).await?;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let sentence = format!(
        "{}, {}",
        french::counted(count(sites.len()), "site", "sites"),
        french::counted(count(venues.len()), "lieu d’accueil", "lieux d’accueil")
    );
    let groups = places::organisations(db)
        .await?
        .into_iter()
        .map(|o| Group {
            sites: sites
                .iter()
                .filter(|s| s.organisation_id == o.id)
                .map(site_line)
                .collect(),
            venues: venues
                .iter()
                .filter(|v| v.organisation_id == o.id)
                .map(|v| venue_line(v, &sites))
                .collect(),
            kind: organisation_kind(o.kind),
            slug: o.slug,
            name: o.name,
        })
        .collect();
    page(&SitesPage {
        frame: access::frame(&app, &actor, &visit).await?,
        sentence,
        groups,
    })
}

fn site_line(one: &site::Model) -> PlaceLine {
    PlaceLine {
        href: format!("/sites/{}", one.slug),
        name: one.name.clone(),
        detail: site_kind(one.kind).to_owned(),
        active: one.active,
    }
}

fn venue_line(one: &venue::Model, sites: &[site::Model]) -> PlaceLine {
    let from = sites.iter().find(|s| s.id == one.site_id);
    PlaceLine {
        href: format!("/venues/{}", one.slug),
        name: one.name.clone(),
        detail: format!("remet depuis {}", from.map_or("?", |s| s.name.as_str())),
        active: one.active,
    }
}

const fn organisation_kind(kind: OrganisationKind) -> &'static str {
    match kind {
        OrganisationKind::State => "État",
        OrganisationKind::Department => "Département",
        OrganisationKind::Epci => "Intercommunalité",
        OrganisationKind::Commune => "Commune",
        OrganisationKind::Association => "Association",
        OrganisationKind::Company => "Entreprise",
        OrganisationKind::PublicBody => "Établissement public",
    }
}

const fn site_kind(kind: SiteKind) -> &'static str {
    match kind {
        SiteKind::CollectionPoint => "Point de collecte",
        SiteKind::Workshop => "Atelier",
        SiteKind::Warehouse => "Entrepôt",
        SiteKind::Vehicle => "Véhicule",
        SiteKind::Office => "Bureau ou accueil",
    }
}

#[derive(Template)]
#[template(path = "access/pages/organisation_form.html")]
struct OrganisationPage {
    frame: Frame,
    form: FormState,
    name: Option<String>,
    action: String,
    kinds: Vec<Choice>,
    bodies: Vec<Choice>,
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

#[derive(Template)]
#[template(path = "access/pages/venue_form.html")]
struct VenuePage {
    frame: Frame,
    form: FormState,
    name: Option<String>,
    action: String,
    sites: Vec<Choice>,
}

async fn organisation_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: FormState,
    known: Option<&organisation::Model>,
) -> Result<OrganisationPage> {
    Ok(OrganisationPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        name: known.map(|k| k.name.clone()),
        action: known.map_or_else(
            || "/organisations".to_owned(),
            |k| format!("/organisations/{}", k.slug),
        ),
        kinds: OrganisationKind::ALL
            .iter()
            .map(|k| Choice::new(k.as_str(), organisation_kind(*k)))
            .collect(),
        bodies: vec![
            Choice::new(
                DecidingBody::Public.as_str(),
                "Publique : ses refus sont des actes administratifs",
            ),
            Choice::new(DecidingBody::Private.as_str(), "Privée"),
        ],
    })
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

#[derive(Debug, Deserialize)]
struct Within {
    organisation: Option<String>,
}

fn saved(visit: &Visit, name: &str) -> axum::response::Response {
    let flash = Flash::done(format!("{name} : enregistré."));
    see_other_saying("/sites", &flash, visit.secure)
}

async fn new_organisation(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let form = FormState::new(&visit);
    page(&organisation_page(&app, &visit, &actor, form, None).await?)
}

async fn show_organisation(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(slug): Path<String>,
) -> PageResult {
    let one = places::organisation(app.db.read(), &slug).await?;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let form = FormState::new(&visit)
        .with("slug", &one.slug)
        .with("name", &one.name)
        .with("kind", one.kind.as_str())
        .with("siret", text(&one.siret))
        .with("may_sell", one.may_sell.to_string())
        .with("resale_status", text(&one.resale_status))
        .with(
            "may_issue_tax_receipts",
            one.may_issue_tax_receipts.to_string(),
        )
        .with(
            "certified_destruction",
            one.certified_destruction.to_string(),
        )
        .with("deciding_body", one.deciding_body.as_str())
        .with("contact_email", text(&one.contact_email))
        .with("contact_phone", text(&one.contact_phone))
        .with("postal_address", text(&one.postal_address))
        .with("remedies", text(&one.remedies))
        .with(
            "data_protection_contact",
            text(&one.data_protection_contact),
        );
    page(&organisation_page(&app, &visit, &actor, form, Some(&one)).await?)
}

async fn add_organisation(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<OrganisationInput>,
) -> PageResult {
    write_organisation(&app, &visit, &actor, form, None).await
}

async fn change_organisation(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(slug): Path<String>,
    form: Form<OrganisationInput>,
) -> PageResult {
    let one = places::organisation(app.db.read(), &slug).await?;
    write_organisation(&app, &visit, &actor, form, Some(one)).await
}

async fn write_organisation(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: Form<OrganisationInput>,
    known: Option<organisation::Model>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => {
            let name = input.name.clone();
            places::save_organisation(app, actor, known.as_ref().map(|k| k.id), input)
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
            let back = organisation_page(app, visit, actor, form, known.as_ref()).await?;
            page_with(status, &back)
        }
    }
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
