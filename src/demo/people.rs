//! Who acts in the story.

use std::collections::HashMap;

use entities::account;
use entities::enums::Role;
use entities::ids::{AccountId, OrganisationId, SiteId};

use sea_orm::{ConnectionTrait, EntityTrait};

use super::territory::Territory;
use crate::access::By;
use crate::access::assignments::held;
use crate::error::{Error, Result};

/// The cast: accounts by their sign-in name, and the places where they act.
#[derive(Debug, Default)]
pub(super) struct Cast {
    people: HashMap<String, By>,
}

impl Cast {
    /// Adds somebody.
    pub(super) fn add(
        &mut self,
        email: &str,
        account: AccountId,
        role: Role,
        organisation: OrganisationId,
    ) {
        let by = By {
            account: Some(account),
            role: role.as_str(),
            organisation: Some(organisation),
        };
        self.people.insert(email.to_owned(), by);
    }

    /// The cast of an earlier start.
    pub(super) async fn load(db: &impl ConnectionTrait) -> Result<Self> {
        let mut cast = Self::default();
        let accounts = account::Entity::find().all(db).await?;
        let roles = held(db, accounts.iter().map(|a| a.id).collect()).await?;
        for row in accounts {
            if let Some(role) = roles.iter().find(|role| role.account_id == row.id) {
                cast.add(&row.email, row.id, role.role, role.organisation_id);
            }
        }
        Ok(cast)
    }

    /// Somebody by the part of the sign-in name before the `@`.
    pub(super) fn by(&self, name: &str) -> Result<By> {
        self.people
            .get(&format!("{name}@rebond.example"))
            .copied()
            .ok_or_else(|| Error::broken(format!("the demo has nobody called {name}")))
    }
}

/// Who takes gifts where.
#[derive(Debug)]
pub(super) struct Counter {
    pub(super) site: SiteId,
    pub(super) by: By,
}

/// Who works at which bench.
#[derive(Debug)]
pub(super) struct Bench {
    pub(super) site: SiteId,
    pub(super) by: By,
}

/// The places of the story.
#[derive(Debug)]
pub(super) struct Stage {
    /// The last one is the warehouse, where large gifts come in.
    pub(super) counters: [Counter; 3],
    pub(super) benches: [Bench; 2],
    pub(super) lead: By,
    /// Settles data-breach cases.
    pub(super) coordinator: By,
}

impl Stage {
    /// Everybody at their place.
    pub(super) fn new(territory: &Territory, cast: &Cast) -> Result<Self> {
        let site = |slug: &str| territory.site(slug).map(|s| s.0);
        Ok(Self {
            counters: [
                Counter {
                    site: site("beziers-collecte")?,
                    by: cast.by("collecte")?,
                },
                Counter {
                    site: site("sete-collecte")?,
                    by: cast.by("collecte.sete")?,
                },
                Counter {
                    site: site("montpellier-entrepot")?,
                    by: cast.by("magasin")?,
                },
            ],
            benches: [
                Bench {
                    site: site("montpellier-atelier")?,
                    by: cast.by("atelier")?,
                },
                Bench {
                    site: site("beziers-atelier")?,
                    by: cast.by("atelier.beziers")?,
                },
            ],
            coordinator: cast.by("coordination")?,
            lead: cast.by("responsable")?,
        })
    }
}
