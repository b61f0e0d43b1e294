//! The administrator's list of organisations with their sites and venues, and the words for them.

use askama::Template;
use axum::extract::State;
use entities::enums::{OrganisationKind, SiteKind};
use entities::{site, venue};

use crate::access::{self, Actor, Permission, places, store};
use crate::app::App;
use crate::french;
use crate::web::page::see_other_saying;
use crate::web::{Access, Flash, Frame, PageResult, Routes, Visit, page};

/// Routes of the list.
pub(super) fn routes() -> Routes {
    let needs = Access::Needs(Permission::Administer);
    Routes::new().get("/sites", needs, list)
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

/// What an organisation is, in a word.
pub(super) const fn organisation_kind(kind: OrganisationKind) -> &'static str {
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

/// What is done at a site, in a word.
pub(super) const fn site_kind(kind: SiteKind) -> &'static str {
    match kind {
        SiteKind::CollectionPoint => "Point de collecte",
        SiteKind::Workshop => "Atelier",
        SiteKind::Warehouse => "Entrepôt",
        SiteKind::Vehicle => "Véhicule",
        SiteKind::Office => "Bureau ou accueil",
    }
}

/// Back to the list, saying what was saved.
pub(super) fn saved(visit: &Visit, name: &str) -> axum::response::Response {
    let flash = Flash::done(format!("{name} : enregistré."));
    see_other_saying("/sites", &flash, visit.secure)
}
