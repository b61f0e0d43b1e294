//! Accounts of the demo: one for each role, two coordinators, with passwords and tokens of their own.

use chrono::{DateTime, Utc};
use entities::enums::Role;
use entities::ids::{AccountId, AccountRoleId};
use entities::{account, account_role, api_token};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::announcement::{Announcement, Entry};
use super::people::Cast;
use super::territory::Territory;
use crate::access::{Scope, assignments, passwords, tokens};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::french;

/// Letters of a password: 5 bits each, in groups that can be read aloud.
const PASSWORD: usize = 16;

/// Letters of an API token.
const TOKEN: usize = 32;

struct Known {
    email: &'static str,
    name: &'static str,
    role: Role,
    organisation: &'static str,
    site: Option<&'static str>,
}

const fn known(
    email: &'static str,
    name: &'static str,
    role: Role,
    organisation: &'static str,
    site: Option<&'static str>,
) -> Known {
    Known {
        email,
        name,
        role,
        organisation,
        site,
    }
}

/// Everybody, in the order in which a laptop meets them.
#[rustfmt::skip]
const PEOPLE: &[Known] = &[
    known("collecte@rebond.example", "Inès Castan", Role::CollectionAgent, "beziers-mediterranee", Some("beziers-collecte")),
    known("transport@rebond.example", "Yanis Roumégas", Role::Driver, "deuxieme-souffle", Some("fourgon")),
    known("magasin@rebond.example", "Maud Lacassagne", Role::Storekeeper, "deuxieme-souffle", Some("montpellier-entrepot")),
    known("atelier@rebond.example", "Karim Belhadj", Role::Refurbisher, "deuxieme-souffle", Some("montpellier-atelier")),
    known("responsable@rebond.example", "Lucie Fabrègue", Role::WorkshopLead, "deuxieme-souffle", Some("montpellier-atelier")),
    known("prescription@rebond.example", "Sandrine Olivet", Role::SocialWorker, "ccas-montpellier", None),
    known("mediation@rebond.example", "Théo Marcorelles", Role::Mediator, "herault-en-ligne", Some("montpellier-accueil")),
    known("recyclage@rebond.example", "Awa Diarra", Role::Recycler, "deuxieme-souffle", Some("montpellier-entrepot")),
    known("coordination@rebond.example", "Hélène Vidalou", Role::Coordinator, "departement-herault", None),
    known("prefecture@rebond.example", "Bastien Couderc", Role::Coordinator, "prefecture-herault", None),
    known("audit@rebond.example", "Mireille Serres", Role::Auditor, "prefecture-herault", None),
    known("administration@rebond.example", "Olivier Maurin", Role::Administrator, "departement-herault", None),
];

/// Colleagues who fill the story and whose password nobody knows.
#[rustfmt::skip]
const COLLEAGUES: &[Known] = &[
    known("collecte.sete@rebond.example", "Paul Azéma", Role::CollectionAgent, "sete-agglopole", Some("sete-collecte")),
    known("atelier.beziers@rebond.example", "Noémie Saumade", Role::Refurbisher, "deuxieme-souffle", Some("beziers-atelier")),
    known("mediation.beziers@rebond.example", "Rachid Benali", Role::Mediator, "herault-en-ligne", Some("beziers-accueil")),
    known("prescription.beziers@rebond.example", "Claire Montagnac", Role::SocialWorker, "departement-herault", None),
];

/// A password and its hash, made before the transaction: hashing is slow on purpose.
pub(super) struct Secret {
    password: String,
    hash: String,
}

/// The accounts that were written.
pub(super) struct Told {
    pub(super) entries: Vec<Entry>,
    pub(super) cast: Cast,
    /// Hash of a password that nobody knows, for colleagues.
    pub(super) unknown: String,
}

/// Draws and hashes a password for each person.
pub(super) async fn secrets(app: &App) -> Result<Vec<Secret>> {
    // One more than people: the password of the colleagues, which is told to nobody.
    let mut secrets = Vec::with_capacity(PEOPLE.len() + 1);
    for _ in 0..=PEOPLE.len() {
        let password = passwords::draw(&app.chance, PASSWORD);
        let hash = passwords::hash(&app.config.security, password.clone()).await?;
        secrets.push(Secret { password, hash });
    }
    Ok(secrets)
}

/// Writes the accounts and their tokens.
pub(super) async fn build(
    app: &App,
    tx: &Tx,
    territory: &Territory,
    secrets: Vec<Secret>,
    (then, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Told> {
    let mut cast = Cast::default();
    let mut accounts = Vec::new();
    let mut tokens = Vec::new();
    let mut entries = Vec::new();
    let unknown = secrets.last().map(|s| s.hash.clone()).unwrap_or_default();
    for colleague in COLLEAGUES {
        accounts.push(row(&mut cast, territory, colleague, unknown.clone(), then)?);
    }
    for (person, secret) in PEOPLE.iter().zip(secrets) {
        let (account, role) = row(&mut cast, territory, person, secret.hash, then)?;
        let token = app.chance.secret(TOKEN);
        tokens.push(token_row(&role, &token, now));
        entries.push(entry(person, secret.password, token));
        accounts.push((account, role));
    }
    let (accounts, roles): (Vec<_>, Vec<_>) = accounts.into_iter().unzip();
    let accounts = accounts.into_iter().map(account::ActiveModel::from);
    account::Entity::insert_many(accounts)
        .exec_without_returning(tx)
        .await?;
    let roles = roles.into_iter().map(account_role::ActiveModel::from);
    account_role::Entity::insert_many(roles)
        .exec_without_returning(tx)
        .await?;
    api_token::Entity::insert_many(tokens)
        .exec_without_returning(tx)
        .await?;
    Ok(Told {
        entries,
        cast,
        unknown,
    })
}

fn row(
    cast: &mut Cast,
    territory: &Territory,
    person: &Known,
    password_hash: String,
    then: DateTime<Utc>,
) -> Result<(account::Model, account_role::Model)> {
    let id = AccountId(id_at(then));
    let organisation_id = territory.organisation(person.organisation)?;
    cast.add(person.email, id, person.role, organisation_id);
    let site = person.site.map(|s| territory.site(s)).transpose()?;
    let role = account_role::Model {
        id: AccountRoleId(id_at(then)),
        account_id: id,
        role: person.role,
        organisation_id,
        site_id: site.map(|s| s.0),
        starts_on: french::local_date(then),
        ends_on: None,
        ended_at: None,
        created_at: then,
    };
    let account = account::Model {
        id,
        email: person.email.to_owned(),
        display_name: person.name.to_owned(),
        password_hash,
        password_until: None,
        demo: true,
        failures: 0,
        locked_until: None,
        disabled_at: None,
        created_at: then,
        version: 1,
        service: false,
        factor_secret: None,
        factor_since: None,
        factor_step: 0,
        last_assignment_id: None,
    };
    Ok((account, role))
}

fn entry(person: &Known, password: String, token: String) -> Entry {
    Entry {
        role: person.role,
        email: person.email.to_owned(),
        password,
        token,
        site: person.site.map(str::to_owned),
    }
}

fn token_row(
    role: &account_role::Model,
    token: &str,
    now: DateTime<Utc>,
) -> api_token::ActiveModel {
    let days = tokens::MOST_DAYS;
    tokens::row(
        role,
        token,
        "demo.json",
        &Scope::All,
        now,
        days,
        role.account_id,
    )
}

/// The accounts of an earlier start, as `demo.json` told them; drawn again when the file is gone.
pub(super) async fn again(app: &App) -> Result<Vec<Entry>> {
    if let Some(told) = Announcement::accounts_of(&app.config.data.dir) {
        return Ok(told);
    }
    let now = app.clock.now();
    let secrets = secrets(app).await?;
    let tx = app.db.write().await?;
    let mut entries = Vec::new();
    for (person, secret) in PEOPLE.iter().zip(secrets) {
        let found = account::Entity::find()
            .filter(account::Column::Email.eq(person.email))
            .one(&tx)
            .await?
            .ok_or_else(|| {
                Error::setup("the demo's accounts were changed: begin again in a new --dir")
            })?;
        account::Entity::update_many()
            .col_expr(account::Column::PasswordHash, Expr::value(secret.hash))
            .filter(account::Column::Id.eq(found.id))
            .exec(&tx)
            .await?;
        let token = app.chance.secret(TOKEN);
        let role = assignments::acting(app, person.email).await?;
        let role = assignments::of_actor(&tx, &role).await?;
        api_token::Entity::insert(token_row(&role, &token, now))
            .exec_without_returning(&tx)
            .await?;
        entries.push(entry(person, secret.password, token));
    }
    tx.commit().await?;
    Ok(entries)
}
