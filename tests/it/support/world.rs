//! The département before a story begins: who runs what, and who works where.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use chrono::TimeDelta;
use entities::enums::{DecidingBody, OrganisationKind, Role, SiteKind};
use entities::ids::{AccountId, AccountRoleId, OrganisationId, SiteId, TokenId, VenueId};
use entities::{account, account_role, api_token, organisation, site, venue};
use rebond::app::App;
use rebond::seal::sha256;
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{Client, TestApp};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "vélo-citron-plafond";

/// What stands in every story. `association` runs the chain from the counter to the handover, `ccas` files
/// requests, `departement` coordinates and audits, `recycler` takes waste, `other` does the same as `association`
/// elsewhere and is foreign to all of them.
pub(crate) struct World {
    /// Runs the chain.
    pub(crate) association: organisation::Model,
    /// Files requests.
    pub(crate) ccas: organisation::Model,
    /// Coordinates, audits, administers.
    pub(crate) departement: organisation::Model,
    /// Takes waste.
    pub(crate) recycler: organisation::Model,
    /// Foreign to all others.
    pub(crate) other: organisation::Model,
    /// `beziers-collecte`, a collection point of the association.
    pub(crate) counter: site::Model,
    /// `montpellier-atelier`, its workshop.
    pub(crate) workshop: site::Model,
    /// `montpellier-magasin`, its warehouse.
    pub(crate) warehouse: site::Model,
    /// `montpellier-accueil`, the site of its venue.
    pub(crate) desk: site::Model,
    /// `ales-atelier`, a workshop of the other organisation.
    pub(crate) foreign_workshop: site::Model,
    /// `ales-accueil`, the site of the other organisation's venue.
    pub(crate) foreign_desk: site::Model,
    /// `lunel-quai`, the recycler's dock.
    pub(crate) dock: site::Model,
    /// `montpellier-mediatheque`, the association's venue, handed out from `desk`.
    pub(crate) venue: venue::Model,
}

impl World {
    /// Writes it.
    pub(super) async fn build(app: &App) -> Self {
        use OrganisationKind::{Association, Commune, Company, Department};
        let departement =
            organisation(app, "herault", "Département de l’Hérault", Department).await;
        let association = organisation(app, "envie", "Atelier solidaire", Association).await;
        let ccas = organisation(app, "ccas-montpellier", "CCAS de Montpellier", Commune).await;
        let recycler = organisation(app, "recyclage", "Recyclage d’Oc", Company).await;
        let other = organisation(app, "ales", "Atelier d’Alès", Association).await;
        let at = async |of: &organisation::Model, slug: &str, kind| site(app, of, slug, kind).await;
        let counter = at(&association, "beziers-collecte", SiteKind::CollectionPoint).await;
        let workshop = at(&association, "montpellier-atelier", SiteKind::Workshop).await;
        let warehouse = at(&association, "montpellier-magasin", SiteKind::Warehouse).await;
        let desk = at(&association, "montpellier-accueil", SiteKind::Office).await;
        let foreign_workshop = at(&other, "ales-atelier", SiteKind::Workshop).await;
        let foreign_desk = at(&other, "ales-accueil", SiteKind::Office).await;
        let dock = at(&recycler, "lunel-quai", SiteKind::Warehouse).await;
        let venue = new_venue(app, &desk, "montpellier-mediatheque").await;
        new_venue(app, &foreign_desk, "ales-mediatheque").await;
        Self {
            association,
            ccas,
            departement,
            recycler,
            other,
            counter,
            workshop,
            warehouse,
            desk,
            foreign_workshop,
            foreign_desk,
            dock,
            venue,
        }
    }

    /// Where somebody of a role usually works: the organisation, and the site of roles that have one.
    pub(crate) const fn place(&self, role: Role) -> (&organisation::Model, Option<&site::Model>) {
        match role {
            Role::CollectionAgent => (&self.association, Some(&self.counter)),
            Role::Driver | Role::Storekeeper => (&self.association, Some(&self.warehouse)),
            Role::Refurbisher | Role::WorkshopLead => (&self.association, Some(&self.workshop)),
            Role::Mediator => (&self.association, Some(&self.desk)),
            Role::Recycler => (&self.recycler, Some(&self.dock)),
            Role::SocialWorker => (&self.ccas, None),
            Role::Coordinator | Role::Auditor | Role::Administrator => (&self.departement, None),
        }
    }

    /// The same for the other organisation, foreign to everything of the first.
    pub(crate) const fn foreign_place(
        &self,
        role: Role,
    ) -> (&organisation::Model, Option<&site::Model>) {
        match role {
            Role::CollectionAgent
            | Role::Driver
            | Role::Storekeeper
            | Role::Refurbisher
            | Role::WorkshopLead
            | Role::Recycler => (&self.other, Some(&self.foreign_workshop)),
            Role::Mediator => (&self.other, Some(&self.foreign_desk)),
            Role::SocialWorker | Role::Coordinator | Role::Auditor | Role::Administrator => {
                (&self.other, None)
            }
        }
    }
}

impl TestApp {
    /// Somebody of a role, where that role usually works.
    pub(crate) async fn person(&self, role: Role) -> Client {
        let (organisation, site) = self.world.place(role);
        self.person_at(role, organisation, site).await
    }

    /// Somebody of the same role in the other organisation.
    pub(crate) async fn stranger(&self, role: Role) -> Client {
        let (organisation, site) = self.world.foreign_place(role);
        self.person_at(role, organisation, site).await
    }

    /// Somebody of a role, of an organisation, at a site.
    pub(crate) async fn person_at(
        &self,
        role: Role,
        organisation: &organisation::Model,
        site: Option<&site::Model>,
    ) -> Client {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let row = account::Model {
            id: AccountId(self.clock.new_id()),
            email: format!("{}-{n}@rebond.example", role.as_str().replace('_', "-")),
            display_name: format!("{} {n}", role.as_str()),
            password_hash: password_hash(),
            password_until: None,
            demo: false,
            failures: 0,
            locked_until: None,
            disabled_at: None,
            created_at: self.clock.now(),
            version: 1,
            service: false,
            factor_secret: None,
            factor_since: None,
            factor_step: 0,
            last_assignment_id: None,
        };
        let part = assignment(self, &row, role, organisation, site);
        let secret = self.chance.secret(32);
        let token = api_token::Model {
            id: TokenId(self.clock.new_id()),
            account_id: row.id,
            assignment_id: part.id,
            token_hash: sha256(secret.as_bytes()).to_vec(),
            label: "test".to_owned(),
            scope: "all".to_owned(),
            created_by: row.id,
            created_at: self.clock.now(),
            // Stories outlast what a token is given in real life.
            expires_at: self.clock.now() + TimeDelta::days(3_650),
            used_at: None,
            revoked_at: None,
        };
        let tx = self.db.write().await.unwrap();
        row.clone().into_active_model().insert(&tx).await.unwrap();
        part.clone().into_active_model().insert(&tx).await.unwrap();
        token.into_active_model().insert(&tx).await.unwrap();
        tx.commit().await.unwrap();
        Client::new(&self.app, Some((row, part)), Some(secret))
    }

    /// Gives somebody one more role, from today on.
    pub(crate) async fn also(
        &self,
        who: &Client,
        role: Role,
        (organisation, site): (&organisation::Model, Option<&site::Model>),
    ) -> account_role::Model {
        let mut part = assignment(self, who.account(), role, organisation, site);
        // The first one stays the first, although the clock stands still.
        part.created_at += TimeDelta::seconds(1);
        insert(&self.app, part.clone()).await;
        part
    }

    /// A token of one role, limited to a scope.
    pub(crate) async fn token_of(&self, part: &account_role::Model, scope: &str) -> String {
        let secret = self.chance.secret(32);
        let row = api_token::Model {
            id: TokenId(self.clock.new_id()),
            account_id: part.account_id,
            assignment_id: part.id,
            token_hash: sha256(secret.as_bytes()).to_vec(),
            label: "test".to_owned(),
            scope: scope.to_owned(),
            created_by: part.account_id,
            created_at: self.clock.now(),
            expires_at: self.clock.now() + TimeDelta::days(90),
            used_at: None,
            revoked_at: None,
        };
        insert(&self.app, row).await;
        secret
    }

    /// Somebody without an account: a donor, a citizen, a household.
    pub(crate) fn nobody(&self) -> Client {
        Client::new(&self.app, None, None)
    }
}

/// One role of an account, from today on.
fn assignment(
    app: &TestApp,
    of: &account::Model,
    role: Role,
    organisation: &organisation::Model,
    site: Option<&site::Model>,
) -> account_role::Model {
    account_role::Model {
        id: AccountRoleId(app.clock.new_id()),
        account_id: of.id,
        role,
        organisation_id: organisation.id,
        site_id: site.map(|s| s.id),
        starts_on: rebond::french::local_date(app.clock.now()),
        ends_on: None,
        ended_at: None,
        created_at: app.clock.now(),
    }
}

async fn organisation(
    app: &App,
    slug: &str,
    name: &str,
    kind: OrganisationKind,
) -> organisation::Model {
    let row = organisation::Model {
        id: OrganisationId(app.clock.new_id()),
        slug: slug.to_owned(),
        name: name.to_owned(),
        kind,
        siret: None,
        may_sell: false,
        resale_status: None,
        may_issue_tax_receipts: false,
        certified_destruction: false,
        deciding_body: DecidingBody::Public,
        contact_email: Some(format!("contact@{slug}.example")),
        contact_phone: None,
        postal_address: Some("1 rue de la Paix, 34000 Montpellier".to_owned()),
        remedies: None,
        vat_mention: None,
        data_protection_contact: None,
        created_at: app.clock.now(),
    };
    insert(app, row.clone()).await;
    row
}

async fn site(app: &App, of: &organisation::Model, slug: &str, kind: SiteKind) -> site::Model {
    let row = site::Model {
        id: SiteId(app.clock.new_id()),
        organisation_id: of.id,
        slug: slug.to_owned(),
        name: slug.replace('-', " "),
        kind,
        postal_address: Some("2 avenue du Port, 34500 Béziers".to_owned()),
        commune: Some("34032".to_owned()),
        active: true,
        created_at: app.clock.now(),
    };
    insert(app, row.clone()).await;
    row
}

async fn new_venue(app: &App, from: &site::Model, slug: &str) -> venue::Model {
    let row = venue::Model {
        id: VenueId(app.clock.new_id()),
        organisation_id: from.organisation_id,
        site_id: from.id,
        slug: slug.to_owned(),
        name: slug.replace('-', " "),
        postal_address: "3 place de la Comédie, 34000 Montpellier".to_owned(),
        commune: "34172".to_owned(),
        directions: Some("Tram 1, arrêt Comédie".to_owned()),
        transfer_lead_hours: 0,
        active: true,
        created_at: app.clock.now(),
    };
    insert(app, row.clone()).await;
    row
}

async fn insert<M, A>(app: &App, row: M)
where
    M: IntoActiveModel<A> + Send,
    A: ActiveModelTrait + sea_orm::ActiveModelBehavior + Send,
    <A::Entity as sea_orm::EntityTrait>::Model: IntoActiveModel<A> + Sync,
{
    let tx = app.db.write().await.unwrap();
    row.into_active_model().insert(&tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// One hash for all: hashing is slow even when it is cheap.
fn password_hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| {
        let params = Params::new(8, 1, 1, None).unwrap();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password(PASSWORD.as_bytes())
            .unwrap()
            .to_string()
    })
    .clone()
}
