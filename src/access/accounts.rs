//! What an administrator does with accounts: add, change, disable, give a new password. Every act asks for
//! [`Permission::Administer`]; the command line acts as the operator of the instance.

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::Role;
use entities::ids::{AccountId, OrganisationId, SiteId};
use entities::{account, api_token, organisation, session, site};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use validator::Validate;

use super::{Actor, Permission, passwords, sessions, steps, store};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, OnConstraint, Result};
use crate::jobs;

/// Letters of a first password: 5 bits each.
const PASSWORD: usize = 16;

/// Hours that a password given by somebody else holds.
const GIVEN_HOURS: i64 = 72;
/// Job that tells somebody by mail that a password was given for them.
pub(crate) const TELL: &str = "password-given";

/// Most accounts listed at a time.
const MOST: u64 = 1_000;

/// An account as it is filled in.
#[derive(Clone, Debug, Deserialize, Validate)]
pub(crate) struct AccountInput {
    /// Sign-in name.
    #[validate(
        length(max = 254, message = "Adresse trop longue."),
        email(message = "Cette adresse de courriel n’est pas complète.")
    )]
    pub(crate) email: String,
    /// Name shown to colleagues.
    #[validate(length(min = 1, max = 80, message = "Entre 1 et 80 caractères."))]
    pub(crate) display_name: String,
    /// What the person does.
    pub(crate) role: Role,
    /// Slug of the employer.
    #[validate(length(min = 1, max = 80, message = "Choisissez une structure."))]
    pub(crate) organisation: String,
    /// Slug of the site where the person usually works.
    #[validate(length(max = 80, message = "Site inconnu."))]
    pub(crate) site: Option<String>,
}

/// An account and the password that is told once.
#[derive(Debug)]
pub(crate) struct Fresh {
    /// The account.
    pub(crate) account: account::Model,
    /// Its password.
    pub(crate) password: String,
}

/// Whether the role works at a site, so that an account of it needs one.
pub(crate) const fn works_at_a_site(role: Role) -> bool {
    match role {
        Role::CollectionAgent
        | Role::Driver
        | Role::Storekeeper
        | Role::Refurbisher
        | Role::WorkshopLead
        | Role::Mediator
        | Role::Recycler => true,
        Role::SocialWorker | Role::Coordinator | Role::Auditor | Role::Administrator => false,
    }
}

/// All accounts, by name.
pub(crate) async fn list(db: &impl ConnectionTrait) -> Result<Vec<account::Model>> {
    Ok(account::Entity::find()
        .order_by_asc(account::Column::DisplayName)
        .limit(MOST)
        .all(db)
        .await?)
}

/// Adds an account and answers its first password.
pub(crate) async fn add(app: &App, actor: &Actor, input: AccountInput) -> Result<Fresh> {
    actor.require(Permission::Administer)?;
    let fresh = insert_by(app, input, Some(actor)).await?;
    tracing::info!(by = %actor.account, account = %fresh.account.id, "account added");
    Ok(fresh)
}

/// As [`add`], for the operator at the command line.
pub(crate) async fn insert(app: &App, input: AccountInput) -> Result<Fresh> {
    insert_by(app, input, None).await
}

async fn insert_by(app: &App, input: AccountInput, by: Option<&Actor>) -> Result<Fresh> {
    let now = app.clock.now();
    let password = passwords::draw(&app.chance, PASSWORD);
    let password_hash = passwords::hash(&app.config.security, password.clone()).await?;
    let tx = app.db.write().await?;
    let (organisation_id, site_id) = place(&tx, &input).await?;
    let account = account::Model {
        id: AccountId(id_at(now)),
        organisation_id,
        site_id,
        email: input.email.trim().to_lowercase(),
        display_name: input.display_name,
        role: input.role,
        password_hash,
        // The operator who adds somebody at the command line may be that person, and there is nobody above to ask.
        password_until: by.map(|_| now + TimeDelta::hours(GIVEN_HOURS)),
        // Whoever is added to a demo is of the demo: it never signs in under `rebond serve`.
        demo: holds_a_demo(&tx).await?,
        failures: 0,
        locked_until: None,
        disabled_at: None,
        created_at: now,
        version: 1,
    };
    account::Entity::insert(account::ActiveModel::from(account.clone()))
        .exec_without_returning(&tx)
        .await
        .on_constraint("account_email_key", || {
            Error::field("#/email", "Un compte a déjà cette adresse.")
        })?;
    if let Some(by) = by {
        tell(&tx, account.id, by, now).await?;
    }
    tx.commit().await?;
    Ok(Fresh { account, password })
}

/// Changes who somebody is. Whoever is signed in signs in again: what they may do has changed.
pub(crate) async fn change(
    app: &App,
    actor: &Actor,
    id: AccountId,
    input: AccountInput,
) -> Result<()> {
    actor.require(Permission::Administer)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let account = store::account(&tx, id).await?;
    if id == actor.account && input.role != account.role {
        return Err(own());
    }
    let (organisation_id, site_id) = place(&tx, &input).await?;
    let moved = (organisation_id, site_id, input.role)
        != (account.organisation_id, account.site_id, account.role);
    let changed = account::ActiveModel {
        email: Set(input.email.trim().to_lowercase()),
        display_name: Set(input.display_name),
        role: Set(input.role),
        organisation_id: Set(organisation_id),
        site_id: Set(site_id),
        ..Default::default()
    };
    write(&tx, &account, changed)
        .await
        .on_constraint("account_email_key", || {
            Error::field("#/email", "Un compte a déjà cette adresse.")
        })??;
    if moved {
        // A token was made for what the person could do before.
        revoke_tokens(&tx, id, now).await?;
        if id != actor.account {
            revoke_sessions(&tx, id, now).await?;
        }
    }
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %id, "account changed");
    Ok(())
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
    revoke_sessions(&tx, id, now).await?;
    revoke_tokens(&tx, id, now).await?;
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
    let changed = account::ActiveModel {
        password_hash: Set(hash),
        password_until: Set(Some(now + TimeDelta::hours(GIVEN_HOURS))),
        failures: Set(0),
        locked_until: Set(None),
        ..Default::default()
    };
    write(&tx, &account, changed).await??;
    revoke_sessions(&tx, id, now).await?;
    revoke_tokens(&tx, id, now).await?;
    tell(&tx, id, actor, now).await?;
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %id, "new password given");
    Ok(Fresh { account, password })
}

/// Changes one's own password, who knows the old one. Other sessions end, and tokens with them.
///
/// # Errors
/// A field's fault when the old one is wrong or the new one is weak.
pub(crate) async fn own_password(app: &App, actor: &Actor, old: String, new: String) -> Result<()> {
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
    let mut others = session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::Column::AccountId.eq(actor.account))
        .filter(session::Column::RevokedAt.is_null());
    if let Some(own) = actor.session {
        others = others.filter(session::Column::Id.ne(own));
    }
    others.exec(&tx).await?;
    revoke_tokens(&tx, actor.account, now).await?;
    tx.commit().await
}

/// Whoever asks knows the account's password.
async fn prove(app: &App, account: &account::Model, password: String, at: &str) -> Result<()> {
    let stored = Some(account.password_hash.clone());
    if passwords::verify(&app.config.security, password, stored).await? {
        Ok(())
    } else {
        Err(Error::field(at, "Ce n’est pas votre mot de passe actuel."))
    }
}

/// Makes an API token for oneself, who knows the password, and answers its secret, shown once.
///
/// # Errors
/// A field's fault when the password is wrong.
pub(crate) async fn own_token(
    app: &App,
    actor: &Actor,
    label: &str,
    password: String,
) -> Result<String> {
    let stored = store::account(app.db.read(), actor.account).await?;
    prove(app, &stored, password, "#/token_password").await?;
    let tx = app.db.write().await?;
    let secret = sessions::new_token(app, &tx, actor.account, label).await?;
    tx.commit().await?;
    Ok(secret)
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
    let code = steps::new_witness_code(app, &tx, actor.account, now).await?;
    tx.commit().await?;
    Ok(code)
}

/// Tokens of an account that still work, the newest first.
pub(crate) async fn tokens(
    db: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<api_token::Model>> {
    Ok(api_token::Entity::find()
        .filter(api_token::Column::AccountId.eq(account))
        .filter(api_token::Column::RevokedAt.is_null())
        .order_by_desc(api_token::Column::Id)
        .all(db)
        .await?)
}

/// Revokes one of one's own tokens, or one of an account that one administers.
pub(crate) async fn revoke_token(
    app: &App,
    actor: &Actor,
    of: AccountId,
    id: entities::ids::TokenId,
) -> Result<()> {
    if of != actor.account {
        actor.require(Permission::Administer)?;
    }
    let tx = app.db.write().await?;
    let done = api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(app.clock.now()))
        .filter(api_token::Column::Id.eq(id))
        .filter(api_token::Column::AccountId.eq(of))
        .exec(&tx)
        .await?;
    if done.rows_affected == 0 {
        return Err(Error::NotFound("token"));
    }
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %of, "token revoked");
    Ok(())
}

fn own() -> Error {
    Error::refused(
        "own-account",
        "Demandez à quelqu’un d’autre : on ne se retire pas soi-même l’administration.",
    )
}

/// The employer and the site of an input, which must be the employer's.
async fn place(tx: &Tx, input: &AccountInput) -> Result<(OrganisationId, Option<SiteId>)> {
    let organisation = organisation::Entity::find()
        .filter(organisation::Column::Slug.eq(input.organisation.as_str()))
        .one(tx)
        .await?
        .ok_or_else(|| Error::field("#/organisation", "Cette structure n’existe pas."))?;
    let Some(name) = &input.site else {
        return if works_at_a_site(input.role) {
            Err(Error::field(
                "#/site",
                "Ce rôle travaille à un site : choisissez-le.",
            ))
        } else {
            Ok((organisation.id, None))
        };
    };
    let site = site::Entity::find()
        .filter(site::Column::Slug.eq(name.as_str()))
        .one(tx)
        .await?
        .filter(|s| s.organisation_id == organisation.id)
        .ok_or_else(|| Error::field("#/site", "Ce site n’est pas à cette structure."))?;
    Ok((organisation.id, Some(site.id)))
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

async fn revoke_sessions(tx: &Tx, account: AccountId, now: DateTime<Utc>) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::Column::AccountId.eq(account))
        .filter(session::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

async fn revoke_tokens(tx: &Tx, account: AccountId, now: DateTime<Utc>) -> Result<()> {
    api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(now))
        .filter(api_token::Column::AccountId.eq(account))
        .filter(api_token::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Queues the mail that says who gave somebody a password; it holds none.
async fn tell(tx: &Tx, account: AccountId, by: &Actor, now: DateTime<Utc>) -> Result<()> {
    let payload = serde_json::json!({"account": account, "by": by.account});
    jobs::enqueue(tx, TELL, &payload, now).await
}

async fn holds_a_demo(tx: &Tx) -> Result<bool> {
    Ok(account::Entity::find()
        .filter(account::Column::Demo.eq(true))
        .one(tx)
        .await?
        .is_some())
}
