//! What an administrator does with accounts: add, change, disable, give a new password. Every act asks for
//! [`Permission::Administer`]; the command line acts as the operator of the instance.

use chrono::{DateTime, TimeDelta, Utc};
use entities::account;
use entities::enums::{LinkKind, Role};
use entities::ids::AccountId;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use validator::Validate;

use super::assignments::AssignmentInput;
use super::{
    Actor, Permission, assignments, badges, links, passwords, sessions, steps, store, tokens,
};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, OnConstraint, Result};
use crate::jobs;

/// Letters of a first password: 5 bits each.
const PASSWORD: usize = 16;

/// Hours that a password given by somebody else holds.
const GIVEN_HOURS: i64 = 72;
/// Job that tells somebody by mail what an administrator did to their account.
pub(crate) const TELL: &str = "password-given";

/// Accounts on a page of the list.
const PAGE: u64 = 50;

/// An account as it is filled in, with its first role.
#[derive(Clone, Debug, Deserialize, Validate)]
pub(crate) struct AccountInput {
    /// Sign-in name; none for a program.
    #[validate(
        length(max = 254, message = "Adresse trop longue."),
        email(message = "Cette adresse de courriel n’est pas complète.")
    )]
    pub(crate) email: Option<String>,
    /// Name shown to colleagues.
    #[validate(length(min = 1, max = 80, message = "Entre 1 et 80 caractères."))]
    pub(crate) display_name: String,
    /// A program, not a person.
    #[serde(default)]
    pub(crate) service: bool,
    /// What the person does.
    pub(crate) role: Role,
    /// Slug of the organisation it is done for.
    #[validate(length(min = 1, max = 80, message = "Choisissez une structure."))]
    pub(crate) organisation: String,
    /// Slug of the site where the person usually works.
    #[validate(length(max = 80, message = "Site inconnu."))]
    pub(crate) site: Option<String>,
    /// First day.
    pub(crate) starts_on: Option<chrono::NaiveDate>,
    /// Last day.
    pub(crate) ends_on: Option<chrono::NaiveDate>,
}

/// Who somebody is, as it is changed.
#[derive(Clone, Debug, Deserialize, Validate)]
pub(crate) struct PersonInput {
    /// Name shown to colleagues.
    #[validate(length(min = 1, max = 80, message = "Entre 1 et 80 caractères."))]
    pub(crate) display_name: String,
    /// Sign-in name.
    #[validate(
        length(max = 254, message = "Adresse trop longue."),
        email(message = "Cette adresse de courriel n’est pas complète.")
    )]
    pub(crate) email: Option<String>,
}

/// An account and the password that is told once.
#[derive(Debug)]
pub(crate) struct Fresh {
    /// The account.
    pub(crate) account: account::Model,
    /// Its password.
    pub(crate) password: String,
}

/// What an administrator did that its owner is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    /// Gave a password.
    Password,
    /// Took the second factor away.
    FactorRemoved,
}

/// The payload of [`TELL`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Telling {
    /// Whose account.
    pub(crate) account: AccountId,
    /// Who did it.
    pub(crate) by: AccountId,
    /// What.
    pub(crate) what: Told,
}

/// A page of accounts by name, and where the next begins.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The accounts.
    pub(crate) accounts: Vec<account::Model>,
    /// The last one's name and id, when there are more.
    pub(crate) next: Option<(String, AccountId)>,
}

/// Accounts whose name or address holds some letters, by name, after a place in the list.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    wanted: &str,
    after: Option<(&str, AccountId)>,
) -> Result<Listed> {
    let mut query = account::Entity::find()
        .order_by_asc(account::Column::DisplayName)
        .order_by_asc(account::Column::Id)
        .limit(PAGE + 1);
    if !wanted.is_empty() {
        let low = wanted.to_lowercase();
        let lower = |column| Expr::expr(Func::lower(Expr::col((account::Entity, column))));
        query = query.filter(
            Condition::any()
                .add(account::Column::DisplayName.contains(wanted))
                .add(lower(account::Column::DisplayName).like(format!("%{low}%")))
                .add(account::Column::Email.contains(low.as_str())),
        );
    }
    if let Some((name, id)) = after {
        query = query.filter(
            Condition::any()
                .add(account::Column::DisplayName.gt(name))
                .add(
                    account::Column::DisplayName
                        .eq(name)
                        .and(account::Column::Id.gt(id)),
                ),
        );
    }
    let mut accounts = query.all(db).await?;
    let more = accounts.len() as u64 > PAGE;
    accounts.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let last = accounts.last().filter(|_| more);
    Ok(Listed {
        next: last.map(|a| (a.display_name.clone(), a.id)),
        accounts,
    })
}

/// Adds an account. A person is sent a link by which they choose their password; a program has none.
pub(crate) async fn add(app: &App, actor: &Actor, input: AccountInput) -> Result<account::Model> {
    actor.require(Permission::Administer)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let account = insert(&tx, input, String::new(), now).await?;
    if !account.service {
        let by = Some(actor.account);
        links::queue(&tx, account.id, LinkKind::Invitation, None, by, now).await?;
    }
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %account.id, "account added");
    Ok(account)
}

/// Adds an account for the operator at the command line, with a password to be told: there may be nobody yet who
/// could invite, and no mail.
pub(crate) async fn add_with_password(app: &App, input: AccountInput) -> Result<Fresh> {
    let password = passwords::draw(&app.chance, PASSWORD);
    let hash = passwords::hash(&app.config.security, password.clone()).await?;
    let tx = app.db.write().await?;
    let account = insert(&tx, input, hash, app.clock.now()).await?;
    tx.commit().await?;
    Ok(Fresh { account, password })
}

async fn insert(
    tx: &Tx,
    input: AccountInput,
    password_hash: String,
    now: DateTime<Utc>,
) -> Result<account::Model> {
    let id = AccountId(id_at(now));
    let email = match (input.email, input.service) {
        (Some(email), false) => email.trim().to_lowercase(),
        // No mail address, so that nobody signs in with it or is written to.
        (_, true) => format!("{id}.program"),
        (None, false) => {
            return Err(Error::field(
                "#/email",
                "Une personne se connecte avec son adresse.",
            ));
        }
    };
    let account = account::Model {
        id,
        email,
        display_name: input.display_name,
        password_hash,
        password_until: None,
        // Whoever is added to a demo is of the demo: it never signs in under `rebond serve`.
        demo: store::has_demo_accounts(tx).await?,
        failures: 0,
        locked_until: None,
        disabled_at: None,
        created_at: now,
        version: 1,
        service: input.service,
        factor_secret: None,
        factor_since: None,
        factor_step: 0,
        last_assignment_id: None,
    };
    account::Entity::insert(account::ActiveModel::from(account.clone()))
        .exec_without_returning(tx)
        .await
        .on_constraint("account_email_key", taken)?;
    let role = AssignmentInput {
        role: input.role,
        organisation: input.organisation,
        site: input.site,
        starts_on: input.starts_on,
        ends_on: input.ends_on,
    };
    assignments::insert(tx, &account, &role, now).await?;
    Ok(account)
}

fn taken() -> Error {
    Error::field("#/email", "Un compte a déjà cette adresse.")
}

/// What became of an address that an administrator changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// Kept, or taken at once: nobody has signed in with the old one yet.
    Settled,
    /// A link was sent to the new one.
    Asked,
}

/// Changes who somebody is. An address that somebody signs in with changes once they opened the link sent to the new
/// one; an invitation that went to a wrong address is sent again to the right one.
pub(crate) async fn change(
    app: &App,
    actor: &Actor,
    id: AccountId,
    input: PersonInput,
) -> Result<Address> {
    actor.require(Permission::Administer)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let account = store::account(&tx, id).await?;
    let email = input.email.map(|email| email.trim().to_lowercase());
    let other = email.filter(|email| *email != account.email && !account.service);
    let never_in = account.password_hash.is_empty();
    let mut changed = account::ActiveModel {
        display_name: Set(input.display_name),
        ..Default::default()
    };
    if let (Some(email), true) = (&other, never_in) {
        changed.email = Set(email.clone());
    }
    write(&tx, &account, changed)
        .await
        .on_constraint("account_email_key", taken)??;
    let by = Some(actor.account);
    let address = match (other, never_in) {
        (None, _) => Address::Settled,
        (Some(_), true) => {
            links::queue(&tx, id, LinkKind::Invitation, None, by, now).await?;
            Address::Settled
        }
        (Some(email), false) => {
            links::queue(&tx, id, LinkKind::Address, Some(email), by, now).await?;
            Address::Asked
        }
    };
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %id, "account changed");
    Ok(address)
}

/// Disables an account: it is out at once, on every device and for every token.
pub(crate) async fn disable(app: &App, actor: &Actor, id: AccountId) -> Result<()> {
    actor.require(Permission::Administer)?;
    if id == actor.account {
        return Err(own());
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let account = store::account(&tx, id).await?;
    if account.disabled_at.is_none() {
        let changed = account::ActiveModel {
            disabled_at: Set(Some(now)),
            ..Default::default()
        };
        write(&tx, &account, changed).await??;
    }
    sessions::revoke_all(&tx, id, now).await?;
    tokens::revoke_all(&tx, id, now).await?;
    links::void(&tx, id, LinkKind::ALL, now).await?;
    badges::revoke_of(&tx, id, now).await?;
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %id, "account disabled");
    Ok(())
}

/// Lets somebody in again. Tokens stay revoked.
pub(crate) async fn enable(app: &App, actor: &Actor, id: AccountId) -> Result<()> {
    actor.require(Permission::Administer)?;
    let tx = app.db.write().await?;
    let account = store::account(&tx, id).await?;
    let changed = account::ActiveModel {
        disabled_at: Set(None),
        ..Default::default()
    };
    write(&tx, &account, changed).await??;
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %id, "account enabled");
    Ok(())
}

/// Gives somebody a new password, told once, and signs them out everywhere, programs included. It must be changed at
/// the next sign-in, and the person is told by mail who gave it: nobody takes an account over unseen.
pub(crate) async fn new_password(app: &App, actor: &Actor, id: AccountId) -> Result<Fresh> {
    actor.require(Permission::Administer)?;
    let now = app.clock.now();
    let password = passwords::draw(&app.chance, PASSWORD);
    let hash = passwords::hash(&app.config.security, password.clone()).await?;
    let tx = app.db.write().await?;
    let account = store::account(&tx, id).await?;
    if account.service {
        return Err(Error::refused("no-sign-in", ""));
    }
    let changed = account::ActiveModel {
        password_hash: Set(hash),
        password_until: Set(Some(now + TimeDelta::hours(GIVEN_HOURS))),
        failures: Set(0),
        locked_until: Set(None),
        ..Default::default()
    };
    write(&tx, &account, changed).await??;
    sessions::revoke_all(&tx, id, now).await?;
    tokens::revoke_all(&tx, id, now).await?;
    tell(&tx, Told::Password, id, actor, now).await?;
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %id, "new password given");
    Ok(Fresh { account, password })
}

/// Changes one's own password, who knows the old one, and answers the session's new secret. Other sessions end, and
/// tokens with them.
///
/// # Errors
/// A field's fault when the old one is wrong or the new one is weak.
pub(crate) async fn own_password(
    app: &App,
    actor: &Actor,
    old: String,
    new: String,
) -> Result<Option<String>> {
    if actor.bench.is_some() {
        actor.own_session()?;
    }
    passwords::check(&new)?;
    let stored = store::account(app.db.read(), actor.account).await?;
    if old == new {
        return Err(Error::field("#/password", "C’est le mot de passe actuel."));
    }
    prove(app, &stored, old, "#/old").await?;
    let hash = passwords::hash(&app.config.security, new).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let changed = account::ActiveModel {
        password_hash: Set(hash),
        password_until: Set(None),
        ..Default::default()
    };
    write(&tx, &stored, changed).await??;
    let fresh = if let Some(own) = actor.session {
        sessions::revoke_others(&tx, actor.account, own, now).await?;
        Some(sessions::rotate(app, &tx, own).await?)
    } else {
        sessions::revoke_all(&tx, actor.account, now).await?;
        None
    };
    tokens::revoke_all(&tx, actor.account, now).await?;
    links::void(&tx, actor.account, LinkKind::ALL, now).await?;
    tx.commit().await?;
    tracing::info!(account = %actor.account, "own password changed");
    Ok(fresh)
}

/// Whoever asks knows the account's password.
pub(super) async fn prove(
    app: &App,
    account: &account::Model,
    password: String,
    at: &str,
) -> Result<()> {
    let stored = Some(account.password_hash.clone());
    if passwords::verify(&app.config.security, password, stored).await? {
        Ok(())
    } else {
        Err(Error::field(at, "Ce n’est pas votre mot de passe actuel."))
    }
}

/// Makes a code by which oneself is the second person of one act, soon; an older one no longer works.
///
/// # Errors
/// Forbidden to a program: a person who is signed in makes it.
pub(crate) async fn witness_code(app: &App, actor: &Actor) -> Result<String> {
    if actor.session.is_none() {
        return Err(Error::Forbidden("witness"));
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let code = steps::new_witness_code(app, &tx, actor, now).await?;
    tx.commit().await?;
    Ok(code)
}

fn own() -> Error {
    Error::refused(
        "own-account",
        "Demandez à quelqu’un d’autre : on ne se retire pas soi-même l’administration.",
    )
}

/// Writes an account that nobody changed meanwhile. The inner result is [`Error::Stale`] when somebody did.
async fn write(
    tx: &Tx,
    account: &account::Model,
    changed: account::ActiveModel,
) -> std::result::Result<Result<()>, sea_orm::DbErr> {
    let done = account::Entity::update_many()
        .set(changed)
        .col_expr(
            account::Column::Version,
            Expr::col(account::Column::Version).add(1),
        )
        .filter(account::Column::Id.eq(account.id))
        .filter(account::Column::Version.eq(account.version))
        .exec(tx)
        .await?;
    Ok(if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::Stale("account"))
    })
}

/// Queues the mail that says what an administrator did; it holds no password.
pub(super) async fn tell(
    tx: &Tx,
    what: Told,
    account: AccountId,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let by = by.account;
    let payload = serde_json::to_value(Telling { account, by, what }).map_err(Error::internal)?;
    jobs::enqueue(tx, TELL, &payload, now).await
}
