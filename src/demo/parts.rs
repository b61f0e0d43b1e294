//! The other parts of the département, for seeds larger than the demo: one for each EPCI, and further sectors of
//! each where that is not enough. Every part has its own counters, benches, venues and people.

use chrono::{DateTime, Utc};
use entities::enums::{DecidingBody, Format, OrganisationKind, Role, SiteKind};
use entities::ids::{AccountId, AccountRoleId, OrganisationId, SiteId, VenueId};
use entities::{account, account_role, opening, organisation, site, venue};

use super::basin::{Basin, Home, Place};
use super::catalogue::{FAMILY_NAMES, GIVEN_NAMES};
use super::giving::Welcome;
use super::people::{Bench, Counter, Stage};
use super::rows::insert;
use super::territory::{Opening, Organisation, opening_row, organisation_row};
use super::waste::Dock;
use crate::access::By;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::french;
use crate::requests::communes::{communes, epci_name};

/// SIREN of an EPCI, the slug of its places, and the town where they are.
const EPCI: &[(&str, &str, &str)] = &[
    ("243400819", "agde", "Agde"),
    ("243400520", "lunel", "Lunel"),
    ("243400470", "mauguio", "Mauguio"),
    ("243400694", "gignac", "Gignac"),
    ("200022986", "saint-gely", "Saint-Gély-du-Fesc"),
    ("243400355", "clermont", "Clermont-l’Hérault"),
    ("243400488", "maureilhan", "Maureilhan"),
    ("200071058", "magalas", "Magalas"),
    ("200017341", "larzac", "Lodève"),
    ("200042646", "bedarieux", "Bédarieux"),
    ("200042653", "capestang", "Capestang"),
    ("200066348", "saint-pons", "Saint-Pons-de-Thomières"),
    ("243400736", "ganges", "Ganges"),
    ("200066553", "la-salvetat", "La Salvetat-sur-Agout"),
    ("243400017", "metropole", "Castelnau-le-Lez"),
    ("243400769", "serignan", "Sérignan"),
    ("200066355", "frontignan", "Frontignan"),
];

/// Openings of the venue in town, and of the bus on market day.
const IN_TOWN: [Opening; 2] = [
    Opening {
        venue: "maison",
        weekdays: "1,2,4,5",
        from: "09:00",
        to: "12:00",
        minutes: 45,
        capacity: 2,
        format: Format::Individual,
        pickup: true,
        onboarding: true,
        holidays: false,
    },
    Opening {
        venue: "maison",
        weekdays: "3",
        from: "14:00",
        to: "17:00",
        minutes: 90,
        capacity: 10,
        format: Format::Group,
        pickup: true,
        onboarding: true,
        holidays: false,
    },
];
const ON_MARKET_DAY: Opening = Opening {
    venue: "bus",
    weekdays: "2,4",
    from: "13:30",
    to: "16:30",
    minutes: 30,
    capacity: 1,
    format: Format::Individual,
    pickup: true,
    onboarding: true,
    holidays: false,
};

/// Who works for the whole département.
#[derive(Clone, Copy, Debug)]
pub(super) struct Everywhere {
    /// Holds devices and settles data-breach cases.
    pub(super) coordinator: By,
    /// Decides what the policy can't settle.
    pub(super) decides: By,
}

/// The rows of a part while it is drawn up.
struct Plan {
    /// Number of the part, from 0.
    n: usize,
    slug: String,
    town: String,
    then: DateTime<Utc>,
    /// A password that nobody knows.
    password_hash: String,
    organisations: Vec<organisation::Model>,
    sites: Vec<site::Model>,
    venues: Vec<venue::Model>,
    openings: Vec<opening::Model>,
    accounts: Vec<account::Model>,
    roles: Vec<account_role::Model>,
}

/// Writes the part of this number as it is since a moment.
pub(super) async fn build(
    tx: &Tx,
    n: usize,
    everywhere: Everywhere,
    password_hash: &str,
    then: DateTime<Utc>,
) -> Result<Basin> {
    let (siren, slug, town) = EPCI[n % EPCI.len()];
    let sector = n / EPCI.len();
    let (slug, town) = match sector {
        0 => (slug.to_owned(), town.to_owned()),
        // The first sector has the town's own name, the next one is its second.
        more => (
            format!("{slug}-{}", more + 1),
            format!("{town}, secteur {}", more + 1),
        ),
    };
    let mut plan = Plan {
        n,
        slug,
        town,
        then,
        password_hash: password_hash.to_owned(),
        organisations: Vec::new(),
        sites: Vec::new(),
        venues: Vec::new(),
        openings: Vec::new(),
        accounts: Vec::new(),
        roles: Vec::new(),
    };
    let basin = plan.draw_up(siren, everywhere)?;
    insert::<organisation::Entity, _, organisation::ActiveModel>(tx, plan.organisations).await?;
    insert::<site::Entity, _, site::ActiveModel>(tx, plan.sites).await?;
    insert::<venue::Entity, _, venue::ActiveModel>(tx, plan.venues).await?;
    insert::<opening::Entity, _, opening::ActiveModel>(tx, plan.openings).await?;
    insert::<account::Entity, _, account::ActiveModel>(tx, plan.accounts).await?;
    insert::<account_role::Entity, _, account_role::ActiveModel>(tx, plan.roles).await?;
    Ok(basin)
}

impl Plan {
    fn draw_up(&mut self, siren: &'static str, everywhere: Everywhere) -> Result<Basin> {
        use OrganisationKind::{Association, Epci};
        let epci = epci_name(siren)
            .ok_or_else(|| Error::broken(format!("the demo knows no EPCI {siren}")))?;
        let town = self.town.clone();
        let intercommunality = self.organisation("epci", epci, Epci);
        let workshop = self.organisation(
            "atelier",
            &format!("Atelier solidaire · {town}"),
            Association,
        );
        let relay = self.organisation("relais", &format!("Relais numérique · {town}"), Association);
        let collection = self.site(
            "collecte",
            "point de collecte",
            intercommunality,
            SiteKind::CollectionPoint,
        );
        let tip = self.site(
            "decheterie",
            "déchèterie",
            intercommunality,
            SiteKind::CollectionPoint,
        );
        let warehouse = self.site("entrepot", "entrepôt", workshop, SiteKind::Warehouse);
        let first = self.site("atelier-1", "premier atelier", workshop, SiteKind::Workshop);
        let second = self.site("atelier-2", "second atelier", workshop, SiteKind::Workshop);
        let office = self.site("accueil", "accueil", relay, SiteKind::Office);
        let bus = self.site("bus", "bus numérique", relay, SiteKind::Vehicle);
        let house = self.venue("maison", "Maison du numérique", relay, office, 24);
        let stop = self.venue("bus", "Bus numérique", relay, bus, 48);
        let mut places = Vec::new();
        for (known, venue) in IN_TOWN
            .iter()
            .map(|known| (known, &house))
            .chain([(&ON_MARKET_DAY, &stop)])
        {
            let row = opening_row(known, venue.id, self.then);
            places.push(Place::new(row.clone(), venue.clone())?);
            self.openings.push(row);
        }
        let storekeeper = self.person("magasin", Role::Storekeeper, workshop, Some(warehouse));
        let files = self.person("prescription", Role::SocialWorker, intercommunality, None);
        Ok(Basin {
            stage: Stage {
                counters: [
                    Counter {
                        site: collection,
                        by: self.person(
                            "collecte",
                            Role::CollectionAgent,
                            intercommunality,
                            Some(collection),
                        ),
                    },
                    Counter {
                        site: tip,
                        by: self.person(
                            "decheterie",
                            Role::CollectionAgent,
                            intercommunality,
                            Some(tip),
                        ),
                    },
                    Counter {
                        site: warehouse,
                        by: storekeeper,
                    },
                ],
                benches: [
                    Bench {
                        site: first,
                        by: self.person("atelier", Role::Refurbisher, workshop, Some(first)),
                    },
                    Bench {
                        site: second,
                        by: self.person("atelier.2", Role::Refurbisher, workshop, Some(second)),
                    },
                ],
                lead: self.person("responsable", Role::WorkshopLead, workshop, Some(first)),
                coordinator: everywhere.coordinator,
            },
            homes: homes(siren, files, house.id, stop.id),
            decides: everywhere.decides,
            welcome: Welcome {
                holds: everywhere.coordinator,
                hands_over: self.person("mediation", Role::Mediator, relay, Some(office)),
                seller: format!("relais-{}", self.slug),
            },
            dock: Dock {
                fills: storekeeper,
                hands_out: self.person("recyclage", Role::Recycler, workshop, Some(warehouse)),
            },
            places,
        })
    }

    fn organisation(&mut self, what: &str, name: &str, kind: OrganisationKind) -> OrganisationId {
        let association = kind == OrganisationKind::Association;
        let row = organisation_row(
            &Organisation {
                slug: &format!("{what}-{}", self.slug),
                name,
                kind,
                deciding: if association {
                    DecidingBody::Private
                } else {
                    DecidingBody::Public
                },
                address: &format!("1 place de la République, {}", self.town),
                may_sell: association,
            },
            self.then,
        );
        let id = row.id;
        self.organisations.push(row);
        id
    }

    fn site(
        &mut self,
        what: &str,
        name: &str,
        organisation_id: OrganisationId,
        kind: SiteKind,
    ) -> SiteId {
        let id = SiteId(id_at(self.then));
        self.sites.push(site::Model {
            id,
            organisation_id,
            slug: format!("{}-{what}", self.slug),
            name: format!("{} · {name}", self.town),
            kind,
            postal_address: Some(format!("Zone artisanale, {}", self.town)),
            commune: None,
            active: true,
            created_at: self.then,
        });
        id
    }

    fn venue(
        &mut self,
        what: &str,
        name: &str,
        organisation_id: OrganisationId,
        site_id: SiteId,
        transfer_lead_hours: i32,
    ) -> venue::Model {
        let (_, _, town) = EPCI[self.n % EPCI.len()];
        let row = venue::Model {
            id: VenueId(id_at(self.then)),
            organisation_id,
            site_id,
            slug: format!("{}-{what}", self.slug),
            name: format!("{name} · {}", self.town),
            postal_address: format!("Place de la République, {}", self.town),
            commune: communes()
                .iter()
                .find(|one| one.name == town.replace('’', "'"))
                .map_or("34172", |one| one.code)
                .to_owned(),
            directions: Some("Entrée de plain-pied, sonnette à droite.".to_owned()),
            transfer_lead_hours,
            active: true,
            created_at: self.then,
        };
        self.venues.push(row.clone());
        row
    }

    fn person(
        &mut self,
        what: &str,
        role: Role,
        organisation_id: OrganisationId,
        site_id: Option<SiteId>,
    ) -> By {
        let id = AccountId(id_at(self.then));
        // Another name for each, without a throw of the dice: the same at each folder.
        let nth = self.n * 11 + self.accounts.len() * 7;
        self.roles.push(account_role::Model {
            id: AccountRoleId(id_at(self.then)),
            account_id: id,
            role,
            organisation_id,
            site_id,
            starts_on: french::local_date(self.then),
            ends_on: None,
            ended_at: None,
            created_at: self.then,
        });
        self.accounts.push(account::Model {
            id,
            email: format!("{what}.{}@rebond.example", self.slug),
            display_name: format!(
                "{} {}",
                GIVEN_NAMES[nth % GIVEN_NAMES.len()],
                FAMILY_NAMES[(nth / 3) % FAMILY_NAMES.len()]
            ),
            password_hash: self.password_hash.clone(),
            password_until: None,
            demo: true,
            failures: 0,
            locked_until: None,
            disabled_at: None,
            created_at: self.then,
            version: 1,
            service: false,
            factor_secret: None,
            factor_since: None,
            factor_step: 0,
            last_assignment_id: None,
        });
        By {
            account: Some(id),
            role: role.as_str(),
            organisation: Some(organisation_id),
        }
    }
}

/// The communes of an EPCI: one in seven households goes to the bus.
fn homes(siren: &str, files: By, house: VenueId, stop: VenueId) -> Vec<(u32, Home)> {
    communes()
        .iter()
        .filter(|one| one.epci == siren)
        .flat_map(|one| {
            [(6, house), (1, stop)].map(|(weight, venue)| {
                let home = Home {
                    commune: one.code,
                    files,
                    venue,
                };
                (weight, home)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each EPCI is one of the list, and its town a commune of it: a part has people and a place.
    #[test]
    fn each_part_has_its_town_and_its_communes() {
        for (siren, _, town) in EPCI {
            let found = communes()
                .iter()
                .find(|one| one.name == town.replace('’', "'"))
                .unwrap_or_else(|| panic!("{town}"));
            assert_eq!(&found.epci, siren, "{town}");
        }
    }

    /// Places of a part are named after it, those of the demo after three towns and a bus: never the same.
    #[test]
    fn no_part_is_named_as_a_place_of_the_demo() {
        for (_, slug, _) in EPCI {
            for place in crate::demo::territory::slugs() {
                assert!(!place.starts_with(slug), "{slug} {place}");
            }
        }
    }
}
