//! Tokens of the API: made by their owner, or by the administrator for a program of the instance; shown once, kept as
//! a hash, for a time, within a role, all of it or less.

use chrono::{DateTime, TimeDelta, Utc};
use entities::ids::{AccountId, TokenId};
use entities::{account_role, api_token};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Deserialize;
use validator::Validate;

use super::rules::{self, Scope};
use super::sessions::{SECRET, Who, who};
use super::{Actor, Permission, accounts, assignments, store};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::seal::sha256;

/// Days a token is good for when nobody says otherwise.
pub(crate) const DAYS: i64 = 90;
/// Most days.
pub(crate) const MOST_DAYS: i64 = 365;

/// A token as it is asked for.
#[derive(Clone, Debug, Deserialize, Validate)]
pub(crate) struct TokenInput {
    /// What it is for.
    #[validate(length(min = 1, max = 80, message = "Dites à quoi il sert."))]
    pub(crate) label: String,
    /// Days it is good for.
    #[validate(range(min = 1, max = 365, message = "Entre 1 et 365 jours."))]
    pub(crate) days: Option<i64>,
    /// `all`, `read`, or `chosen`: the permissions named.
    pub(crate) scope: Option<String>,
    /// Codes of permissions.
    #[serde(default)]
    pub(crate) permissions: Vec<String>,
    /// The maker's password.
    #[validate(length(max = 200, message = "Mot de passe trop long."))]
    pub(crate) token_password: String,
}

#[derive(Debug, FromQueryResult)]
struct Found {
    id: TokenId,
    used_at: Option<DateTime<Utc>>,
    scope: String,
    #[sea_orm(nested)]
    who: Who,
}

/// The actor of a request that carries an API token; notes that the token was used.
pub(crate) async fn by_bearer(app: &App, secret: &str) -> Result<Option<Actor>> {
    let Some(found) = find(app, secret).await? else {
        return Ok(None);
    };
    let now = app.clock.now();
    // Kept to the hour: a write at every request would make each read a write.
    if found
        .used_at
        .is_none_or(|used| now - used > TimeDelta::hours(1))
    {
        let tx = app.db.write().await?;
        api_token::Entity::update_many()
            .col_expr(api_token::Column::UsedAt, Expr::value(now))
            .filter(api_token::Column::Id.eq(found.id))
            .exec(&tx)
            .await?;
        tx.commit().await?;
    }
    Ok(Some(actor(found)))
}

/// The actor of an API token, if it is still good.
pub(crate) async fn by_token(app: &App, secret: &str) -> Result<Option<Actor>> {
    Ok(find(app, secret).await?.map(actor))
}

/// One look that brings the token, its account and its role, all of them good.
async fn find(app: &App, secret: &str) -> Result<Option<Found>> {
    let now = app.clock.now();
    let to_assignment = api_token::Entity::belongs_to(account_role::Entity)
        .from(api_token::Column::AssignmentId)
        .to(account_role::Column::Id)
        .into();
    let query = api_token::Entity::find()
        .select_only()
        .columns([
            api_token::Column::Id,
            api_token::Column::UsedAt,
            api_token::Column::Scope,
        ])
        .filter(api_token::Column::TokenHash.eq(sha256(secret.as_bytes()).to_vec()))
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(api_token::Column::ExpiresAt.gt(now));
    Ok(who(query, to_assignment, now)
        .into_model::<Found>()
        .one(app.db.read())
        .await?)
}

fn actor(found: Found) -> Actor {
    Actor {
        scope: Scope::parse(&found.scope),
        ..found.who.actor()
    }
}

/// Makes a token for oneself in the role one acts in, who knows the password, and answers its secret, shown once.
///
/// # Errors
/// A field's fault when the password is wrong or the role does not have a permission.
pub(crate) async fn own(app: &App, actor: &Actor, input: &TokenInput) -> Result<String> {
    actor.own_session()?;
    prove(app, actor, input.token_password.clone()).await?;
    let tx = app.db.write().await?;
    let role = assignments::of_actor(&tx, actor).await?;
    let secret = make(app, &tx, &role, input, actor.account).await?;
    tx.commit().await?;
    Ok(secret)
}

/// Makes a token for a program of the instance, who administers and knows the own password.
pub(crate) async fn service(
    app: &App,
    actor: &Actor,
    account: AccountId,
    input: &TokenInput,
) -> Result<String> {
    actor.require(Permission::Administer)?;
    actor.own_session()?;
    prove(app, actor, input.token_password.clone()).await?;
    let tx = app.db.write().await?;
    let of = store::account(&tx, account).await?;
    // In the name of a person only that person makes tokens.
    if !of.service || of.disabled_at.is_some() {
        return Err(Error::NotFound("account"));
    }
    let role = assignments::usual(&tx, &of, app.clock.now())
        .await?
        .ok_or_else(|| Error::field("#/label", "Ce programme n’a pas de rôle aujourd’hui."))?;
    let secret = make(app, &tx, &role, input, actor.account).await?;
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %account, "token made for a program");
    Ok(secret)
}

async fn prove(app: &App, actor: &Actor, password: String) -> Result<()> {
    let stored = store::account(app.db.read(), actor.account).await?;
    accounts::prove(app, &stored, password, "#/token_password").await
}

/// What is asked for, of what the role has.
fn scope(role: &account_role::Model, input: &TokenInput) -> Result<Scope> {
    match input.scope.as_deref() {
        None | Some("all") => Ok(Scope::All),
        Some("read") => Ok(Scope::Read),
        Some("chosen") => {
            let mut chosen = Vec::new();
            for code in &input.permissions {
                let permission = Permission::by_code(code)
                    .filter(|p| rules::may(role.role, *p))
                    .ok_or_else(|| {
                        Error::field("#/permissions", "Ce rôle n’a pas cette permission.")
                    })?;
                chosen.push(permission);
            }
            if chosen.is_empty() {
                return Err(Error::field(
                    "#/permissions",
                    "Choisissez au moins une permission.",
                ));
            }
            Ok(Scope::Only(chosen))
        }
        Some(_) => Err(Error::field(
            "#/scope",
            "Choisissez ce que le jeton permet.",
        )),
    }
}

async fn make(
    app: &App,
    tx: &Tx,
    role: &account_role::Model,
    input: &TokenInput,
    by: AccountId,
) -> Result<String> {
    let scope = scope(role, input)?;
    let days = input.days.unwrap_or(DAYS);
    insert(app, tx, role, &input.label, &scope, days, by).await
}

/// Writes a token and answers its secret.
pub(crate) async fn insert(
    app: &App,
    tx: &Tx,
    role: &account_role::Model,
    label: &str,
    scope: &Scope,
    days: i64,
    by: AccountId,
) -> Result<String> {
    let now = app.clock.now();
    let secret = app.chance.secret(SECRET);
    api_token::Entity::insert(row(role, &secret, label, scope, now, days, by))
        .exec_without_returning(tx)
        .await?;
    Ok(secret)
}

/// A token's row.
pub(crate) fn row(
    role: &account_role::Model,
    secret: &str,
    label: &str,
    scope: &Scope,
    now: DateTime<Utc>,
    days: i64,
    by: AccountId,
) -> api_token::ActiveModel {
    api_token::ActiveModel {
        id: Set(TokenId(id_at(now))),
        account_id: Set(role.account_id),
        assignment_id: Set(role.id),
        token_hash: Set(sha256(secret.as_bytes()).to_vec()),
        label: Set(label.to_owned()),
        scope: Set(scope.text()),
        created_by: Set(by),
        created_at: Set(now),
        expires_at: Set(now + TimeDelta::days(days)),
        used_at: Set(None),
        revoked_at: Set(None),
    }
}

/// Tokens of an account that still work, the newest first.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<api_token::Model>> {
    Ok(api_token::Entity::find()
        .filter(api_token::Column::AccountId.eq(account))
        .filter(api_token::Column::RevokedAt.is_null())
        .filter(api_token::Column::ExpiresAt.gt(now))
        .order_by_desc(api_token::Column::Id)
        .all(db)
        .await?)
}

/// Revokes one of one's own tokens, or one of an account that one administers.
pub(crate) async fn revoke(app: &App, actor: &Actor, of: AccountId, id: TokenId) -> Result<()> {
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

/// Revokes all tokens of an account.
pub(super) async fn revoke_all(tx: &Tx, account: AccountId, now: DateTime<Utc>) -> Result<()> {
    api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(now))
        .filter(api_token::Column::AccountId.eq(account))
        .filter(api_token::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}
