//! Organisations, sites, venues and opening rules of the demo. Public bodies are real by name;
//! associations, addresses and telephone numbers are invented.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::enums::{DecidingBody, Format, OrganisationKind, SiteKind};
use entities::ids::{OpeningId, OrganisationId, SiteId, VenueId};
use entities::{opening, organisation, site, venue};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::rows::insert;

use crate::access::store;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::french::local_date;

/// What the rest of the demo finds by slug.
#[derive(Debug, Default)]
pub(super) struct Territory {
    organisations: HashMap<&'static str, OrganisationId>,
    sites: HashMap<&'static str, (SiteId, OrganisationId)>,
    venues: HashMap<&'static str, venue::Model>,
    /// Opening rules with their venue's slug.
    pub(super) openings: Vec<(&'static str, opening::Model)>,
}

/// Slug of the venue that is open at any hour, for the fresh booking of each start.
pub(super) const ALWAYS_OPEN: &str = "montpellier-permanence";

/// What is known of an organisation.
pub(super) struct Organisation<'a> {
    pub(super) slug: &'a str,
    pub(super) name: &'a str,
    pub(super) kind: OrganisationKind,
    pub(super) deciding: DecidingBody,
    pub(super) address: &'a str,
    /// May sell what public bodies gave, to approved households.
    pub(super) may_sell: bool,
}

const ORGANISATIONS: &[Organisation<'static>] = &[
    Organisation {
        slug: "departement-herault",
        name: "Département de l’Hérault",
        kind: OrganisationKind::Department,
        deciding: DecidingBody::Public,
        address: "Mas d’Alco, 34087 Montpellier",
        may_sell: false,
    },
    Organisation {
        slug: "prefecture-herault",
        name: "Préfecture de l’Hérault",
        kind: OrganisationKind::State,
        deciding: DecidingBody::Public,
        address: "Place des Martyrs-de-la-Résistance, 34000 Montpellier",
        may_sell: false,
    },
    Organisation {
        slug: "beziers-mediterranee",
        name: "CA Béziers-Méditerranée",
        kind: OrganisationKind::Epci,
        deciding: DecidingBody::Public,
        address: "39 boulevard de Verdun, 34500 Béziers",
        may_sell: false,
    },
    Organisation {
        slug: "sete-agglopole",
        name: "CA Sète Agglopôle Méditerranée",
        kind: OrganisationKind::Epci,
        deciding: DecidingBody::Public,
        address: "4 avenue d’Aigues, 34110 Frontignan",
        may_sell: false,
    },
    Organisation {
        slug: "ccas-montpellier",
        name: "CCAS de Montpellier",
        kind: OrganisationKind::PublicBody,
        deciding: DecidingBody::Public,
        address: "125 place Thermidor, 34000 Montpellier",
        may_sell: false,
    },
    Organisation {
        slug: "deuxieme-souffle",
        name: "Atelier Deuxième Souffle",
        kind: OrganisationKind::Association,
        deciding: DecidingBody::Private,
        address: "18 rue des Mûriers, 34070 Montpellier",
        may_sell: true,
    },
    Organisation {
        slug: "herault-en-ligne",
        name: "Hérault en ligne",
        kind: OrganisationKind::Association,
        deciding: DecidingBody::Private,
        address: "7 rue du Figuier, 34000 Montpellier",
        may_sell: true,
    },
];

/// Slug, name, organisation, kind, address, INSEE code of the commune.
type SiteRow = (
    &'static str,
    &'static str,
    &'static str,
    SiteKind,
    &'static str,
    &'static str,
);

const SITES: &[SiteRow] = &[
    (
        "beziers-collecte",
        "Béziers · point de collecte",
        "beziers-mediterranee",
        SiteKind::CollectionPoint,
        "ZA de Montimaran, 34500 Béziers",
        "34032",
    ),
    (
        "sete-collecte",
        "Sète · point de collecte",
        "sete-agglopole",
        SiteKind::CollectionPoint,
        "Route de Cayenne, 34200 Sète",
        "34301",
    ),
    (
        "montpellier-atelier",
        "Atelier de Montpellier",
        "deuxieme-souffle",
        SiteKind::Workshop,
        "18 rue des Mûriers, 34070 Montpellier",
        "34172",
    ),
    (
        "beziers-atelier",
        "Atelier de Béziers",
        "deuxieme-souffle",
        SiteKind::Workshop,
        "5 impasse du Moulin, 34500 Béziers",
        "34032",
    ),
    (
        "montpellier-entrepot",
        "Entrepôt de Montpellier",
        "deuxieme-souffle",
        SiteKind::Warehouse,
        "20 rue des Mûriers, 34070 Montpellier",
        "34172",
    ),
    (
        "fourgon",
        "Fourgon",
        "deuxieme-souffle",
        SiteKind::Vehicle,
        "18 rue des Mûriers, 34070 Montpellier",
        "34172",
    ),
    (
        "montpellier-accueil",
        "Montpellier · accueil",
        "herault-en-ligne",
        SiteKind::Office,
        "7 rue du Figuier, 34000 Montpellier",
        "34172",
    ),
    (
        "beziers-accueil",
        "Béziers · accueil",
        "herault-en-ligne",
        SiteKind::Office,
        "12 place de la Fontaine, 34500 Béziers",
        "34032",
    ),
    (
        "bus-numerique",
        "Bus numérique",
        "herault-en-ligne",
        SiteKind::Vehicle,
        "7 rue du Figuier, 34000 Montpellier",
        "34172",
    ),
];

struct Venue {
    slug: &'static str,
    name: &'static str,
    site: &'static str,
    address: &'static str,
    commune: &'static str,
    directions: &'static str,
    lead_hours: i32,
}

const VENUES: &[Venue] = &[
    Venue {
        slug: ALWAYS_OPEN,
        name: "Permanence de Montpellier",
        site: "montpellier-accueil",
        address: "7 rue du Figuier, 34000 Montpellier",
        commune: "34172",
        directions: "Tram 1, arrêt Corum, puis 4 minutes à pied. Entrée de plain-pied, sonnette à droite.",
        lead_hours: 0,
    },
    Venue {
        slug: "montpellier-maison-numerique",
        name: "Maison du numérique de Montpellier",
        site: "montpellier-accueil",
        address: "7 rue du Figuier, 34000 Montpellier",
        commune: "34172",
        directions: "Tram 1, arrêt Corum. Salle du premier étage, ascenseur.",
        lead_hours: 24,
    },
    Venue {
        slug: "beziers-mediatheque",
        name: "Médiathèque de Béziers",
        site: "beziers-accueil",
        address: "12 place de la Fontaine, 34500 Béziers",
        commune: "34032",
        directions: "Bus A et B, arrêt Fontaine. Demandez l’espace numérique à l’accueil.",
        lead_hours: 48,
    },
    Venue {
        slug: "sete-bus",
        name: "Bus numérique à Sète",
        site: "bus-numerique",
        address: "Quai de la Marine, 34200 Sète",
        commune: "34301",
        directions: "Le bus blanc et vert, devant la halle.",
        lead_hours: 48,
    },
    Venue {
        slug: "lodeve-bus",
        name: "Bus numérique à Lodève",
        site: "bus-numerique",
        address: "Place du Marché, 34700 Lodève",
        commune: "34142",
        directions: "Le bus blanc et vert, près de la fontaine. Ligne liO 681.",
        lead_hours: 48,
    },
];

/// An opening rule.
#[derive(Clone, Copy)]
pub(super) struct Opening {
    pub(super) venue: &'static str,
    pub(super) weekdays: &'static str,
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    pub(super) minutes: i32,
    pub(super) capacity: i32,
    pub(super) format: Format,
    pub(super) pickup: bool,
    pub(super) onboarding: bool,
    pub(super) holidays: bool,
}

const OPENINGS: &[Opening] = &[
    Opening {
        venue: ALWAYS_OPEN,
        weekdays: "1,2,3,4,5,6,7",
        from: "00:00",
        to: "24:00",
        minutes: 30,
        capacity: 60,
        format: Format::DropIn,
        pickup: true,
        onboarding: true,
        holidays: true,
    },
    Opening {
        venue: "montpellier-maison-numerique",
        weekdays: "1,2,4,5",
        from: "09:00",
        to: "12:00",
        minutes: 45,
        capacity: 3,
        format: Format::Individual,
        pickup: true,
        onboarding: true,
        holidays: false,
    },
    Opening {
        venue: "montpellier-maison-numerique",
        weekdays: "3",
        from: "14:00",
        to: "17:00",
        minutes: 90,
        capacity: 12,
        format: Format::Group,
        pickup: true,
        onboarding: true,
        holidays: false,
    },
    Opening {
        venue: "beziers-mediatheque",
        weekdays: "2,4,6",
        from: "09:30",
        to: "12:30",
        minutes: 45,
        capacity: 2,
        format: Format::Individual,
        pickup: true,
        onboarding: true,
        holidays: false,
    },
    Opening {
        venue: "beziers-mediatheque",
        weekdays: "3",
        from: "14:00",
        to: "16:00",
        minutes: 120,
        capacity: 8,
        format: Format::Group,
        pickup: false,
        onboarding: true,
        holidays: false,
    },
    Opening {
        venue: "sete-bus",
        weekdays: "2",
        from: "09:00",
        to: "12:00",
        minutes: 30,
        capacity: 1,
        format: Format::Individual,
        pickup: true,
        onboarding: true,
        holidays: false,
    },
    Opening {
        venue: "lodeve-bus",
        weekdays: "4",
        from: "13:30",
        to: "16:30",
        minutes: 30,
        capacity: 1,
        format: Format::Individual,
        pickup: true,
        onboarding: true,
        holidays: false,
    },
];

impl Territory {
    /// The territory of an earlier start.
    pub(super) async fn load(db: &impl ConnectionTrait) -> Result<Self> {
        let mut territory = Self::default();
        let known = opening::Entity::find().all(db).await?;
        for &(slug, ..) in SITES {
            let row = store::site(db, slug).await?;
            territory.sites.insert(slug, (row.id, row.organisation_id));
        }
        for Venue { slug, .. } in VENUES {
            let row = store::venue(db, slug).await?;
            let own = known.iter().filter(|o| o.venue_id == row.id);
            territory.openings.extend(own.map(|o| (*slug, o.clone())));
            territory.venues.insert(slug, row);
        }
        Ok(territory)
    }

    /// An organisation of the lists above.
    pub(super) fn organisation(&self, slug: &str) -> Result<OrganisationId> {
        self.organisations
            .get(slug)
            .copied()
            .ok_or_else(|| Error::broken(format!("the demo has no organisation {slug}")))
    }

    /// A venue of the lists above.
    pub(super) fn venue(&self, slug: &str) -> Result<&venue::Model> {
        self.venues
            .get(slug)
            .ok_or_else(|| Error::broken(format!("the demo has no venue {slug}")))
    }

    /// A site of the lists above, with who runs it.
    pub(super) fn site(&self, slug: &str) -> Result<(SiteId, OrganisationId)> {
        self.sites
            .get(slug)
            .copied()
            .ok_or_else(|| Error::broken(format!("the demo has no site {slug}")))
    }
}

/// Writes the territory as it is since a moment.
pub(super) async fn build(tx: &Tx, then: DateTime<Utc>) -> Result<Territory> {
    let mut territory = Territory::default();
    let rows: Vec<_> = ORGANISATIONS
        .iter()
        .map(|o| organisation_row(o, then))
        .collect();
    for (known, row) in ORGANISATIONS.iter().zip(&rows) {
        territory.organisations.insert(known.slug, row.id);
    }
    insert::<organisation::Entity, _, organisation::ActiveModel>(tx, rows).await?;
    sites(tx, &mut territory, then).await?;
    venues(tx, &mut territory, then).await?;
    openings(tx, &mut territory, then).await?;
    Ok(territory)
}

/// The row of an organisation.
pub(super) fn organisation_row(
    known: &Organisation<'_>,
    then: DateTime<Utc>,
) -> organisation::Model {
    let remedies = match known.deciding {
        DecidingBody::Public => {
            "Vous pouvez demander à l’auteur de cette décision de la revoir, ou saisir le tribunal \
            administratif de Montpellier (6 rue Pitot, ou telerecours.fr) dans les deux mois."
        }
        DecidingBody::Private => {
            "Vous pouvez nous demander de revoir cette réponse, et saisir la coordination du Département."
        }
    };
    organisation::Model {
        id: OrganisationId(id_at(then)),
        slug: known.slug.to_owned(),
        name: known.name.to_owned(),
        kind: known.kind,
        siret: None,
        may_sell: known.may_sell,
        resale_status: known
            .may_sell
            .then(|| "Association agréée entreprise solidaire d’utilité sociale".to_owned()),
        may_issue_tax_receipts: known.kind == OrganisationKind::Association,
        certified_destruction: known.slug == "deuxieme-souffle",
        deciding_body: known.deciding,
        contact_email: Some(format!("contact@{}.example", known.slug)),
        contact_phone: Some("04 00 00 00 00".to_owned()),
        postal_address: Some(known.address.to_owned()),
        remedies: Some(remedies.to_owned()),
        vat_mention: None,
        data_protection_contact: Some(format!("dpo@{}.example", known.slug)),
        created_at: then,
    }
}

async fn sites(tx: &Tx, territory: &mut Territory, then: DateTime<Utc>) -> Result<()> {
    let mut rows = Vec::new();
    for &(slug, name, organisation, kind, address, commune) in SITES {
        let row = site::Model {
            id: SiteId(id_at(then)),
            organisation_id: territory.organisation(organisation)?,
            slug: slug.to_owned(),
            name: name.to_owned(),
            kind,
            postal_address: Some(address.to_owned()),
            commune: Some(commune.to_owned()),
            active: true,
            created_at: then,
        };
        territory.sites.insert(slug, (row.id, row.organisation_id));
        rows.push(row);
    }
    insert::<site::Entity, _, site::ActiveModel>(tx, rows).await
}

async fn venues(tx: &Tx, territory: &mut Territory, then: DateTime<Utc>) -> Result<()> {
    let mut rows = Vec::new();
    for known in VENUES {
        let (site_id, organisation_id) = territory.site(known.site)?;
        let row = venue::Model {
            id: VenueId(id_at(then)),
            organisation_id,
            site_id,
            slug: known.slug.to_owned(),
            name: known.name.to_owned(),
            postal_address: known.address.to_owned(),
            commune: known.commune.to_owned(),
            directions: Some(known.directions.to_owned()),
            transfer_lead_hours: known.lead_hours,
            active: true,
            created_at: then,
        };
        territory.venues.insert(known.slug, row.clone());
        rows.push(row);
    }
    insert::<venue::Entity, _, venue::ActiveModel>(tx, rows).await
}

async fn openings(tx: &Tx, territory: &mut Territory, then: DateTime<Utc>) -> Result<()> {
    let mut rows = Vec::new();
    for known in OPENINGS {
        let venue_id = territory
            .venues
            .get(known.venue)
            .map(|v| v.id)
            .ok_or_else(|| Error::broken("an opening of the demo without its venue"))?;
        let row = opening_row(known, venue_id, then);
        territory.openings.push((known.venue, row.clone()));
        rows.push(row);
    }
    insert::<opening::Entity, _, opening::ActiveModel>(tx, rows).await
}

/// Slugs of the demo's sites and venues.
#[cfg(test)]
pub(super) fn slugs() -> impl Iterator<Item = &'static str> {
    let sites = SITES.iter().map(|(slug, ..)| *slug);
    sites.chain(VENUES.iter().map(|venue| venue.slug))
}

/// The row of an opening rule.
pub(super) fn opening_row(
    known: &Opening,
    venue_id: VenueId,
    then: DateTime<Utc>,
) -> opening::Model {
    opening::Model {
        id: OpeningId(id_at(then)),
        venue_id,
        capacity: known.capacity,
        format: known.format,
        pickup: known.pickup,
        onboarding: known.onboarding,
        weekdays: known.weekdays.to_owned(),
        local_start: known.from.to_owned(),
        local_end: known.to.to_owned(),
        slot_minutes: known.minutes,
        on_holidays: known.holidays,
        valid_from: local_date(then),
        valid_until: None,
        closed_days: "[]".to_owned(),
        version: 1,
    }
}
