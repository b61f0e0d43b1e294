//! Sessions of pages and tokens of the API: random, kept only as a hash, checked against the
//! account at every request, so that a disabled account is out at once.

use chrono::TimeDelta;
use entities::ids::{AccountId, SessionId, SiteId, TokenId};
use entities::{account, api_token, session};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};

use crate::access::{Actor, passwords};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::seal::sha256;

/// Letters of a session's or API token's secret: 5 bits each, 160 bits.
const SECRET: usize = 32;

/// The actor of a session's cookie, if it is still good.
pub(crate) async fn by_cookie(app: &App, secret: &str) -> Result<Option<Actor>> {
    let now = app.clock.now();
    let found = session::Entity::find()
        .filter(session::Column::TokenHash.eq(sha256(secret.as_bytes()).to_vec()))
        .one(app.db.read())
        .await?;
    let Some(session) = found else {
        return Ok(None);
    };
    let account = account::Entity::find_by_id(session.account_id)
        .one(app.db.read())
        .await?;
    let Some(account) = account else {
        return Ok(None);
    };
    if session.revoked_at.is_some() || session.expires_at <= now || account.disabled_at.is_some() {
        return Ok(None);
    }
    // Kept to the minute: a write at every request would make each page a write.
    if now - session.seen_at > TimeDelta::minutes(1) {
        let tx = app.db.write().await?;
        let expires = now + TimeDelta::hours(app.config.security.session_hours);
        session::Entity::update_many()
            .col_expr(session::Column::SeenAt, Expr::value(now))
            .col_expr(session::Column::ExpiresAt, Expr::value(expires))
            .filter(session::Column::Id.eq(session.id))
            .exec(&tx)
            .await?;
        tx.commit().await?;
    }
    let mut actor = actor(&account, Some(session.id));
    actor.site = session.site_id.or(actor.site);
    Ok(Some(actor))
}

/// The actor of an API token, if it is still good.
pub(crate) async fn by_token(app: &App, secret: &str) -> Result<Option<Actor>> {
    let found = api_token::Entity::find()
        .filter(api_token::Column::TokenHash.eq(sha256(secret.as_bytes()).to_vec()))
        .one(app.db.read())
        .await?;
    let Some(token) = found.filter(|t| t.revoked_at.is_none()) else {
        return Ok(None);
    };
    let account = account::Entity::find_by_id(token.account_id)
        .one(app.db.read())
        .await?;
    Ok(account
        .filter(|a| a.disabled_at.is_none())
        .map(|account| actor(&account, None)))
}

/// Signs in by password: a new session and its secret. Slow tries wait after a few wrong ones.
///
/// # Errors
/// [`Error::Invalid`] when mail or password is wrong (never which), [`Error::TooMany`] while waiting.
pub(crate) async fn sign_in(app: &App, email: &str, password: String) -> Result<(Actor, String)> {
    let now = app.clock.now();
    let email = email.trim().to_lowercase();
    // Counted in this process for any address, so that trying unknown ones costs as much patience as known ones;
    // what several instances must agree on is counted in the account's row below.
    app.limits.sign_in(&email)?;
    let account = account::Entity::find()
        .filter(account::Column::Email.eq(email))
        .one(app.db.read())
        .await?;
    if let Some(until) = account
        .as_ref()
        .and_then(|a| a.locked_until)
        .filter(|until| *until > now)
    {
        return Err(Error::TooMany(
            u64::try_from((until - now).num_seconds()).unwrap_or(60),
        ));
    }
    let usable = account.filter(|a| a.disabled_at.is_none());
    let stored = usable.as_ref().map(|a| a.password_hash.clone());
    let right = passwords::verify(&app.config.security, password, stored).await?;
    let wrong = || Error::field("#/password", "Adresse ou mot de passe incorrect.");
    let Some(account) = usable else {
        return Err(wrong());
    };
    let tx = app.db.write().await?;
    if !right {
        note_failure(app, &tx, account.id).await?;
        tx.commit().await?;
        return Err(wrong());
    }
    account::Entity::update_many()
        .col_expr(account::Column::Failures, Expr::value(0))
        .filter(account::Column::Id.eq(account.id))
        .exec(&tx)
        .await?;
    let secret = app.chance.secret(SECRET);
    let row = session::ActiveModel {
        id: Set(SessionId(app.clock.new_id())),
        account_id: Set(account.id),
        token_hash: Set(sha256(secret.as_bytes()).to_vec()),
        site_id: Set(account.site_id),
        created_at: Set(now),
        seen_at: Set(now),
        expires_at: Set(now + TimeDelta::hours(app.config.security.session_hours)),
        revoked_at: Set(None),
    };
    let session = row.insert(&tx).await?;
    tx.commit().await?;
    Ok((actor(&account, Some(session.id)), secret))
}

async fn note_failure(app: &App, tx: &Tx, id: AccountId) -> Result<()> {
    // Counted in the row: several instances must agree, and tries in parallel all count.
    account::Entity::update_many()
        .col_expr(
            account::Column::Failures,
            Expr::col(account::Column::Failures).add(1),
        )
        .filter(account::Column::Id.eq(id))
        .exec(tx)
        .await?;
    let until = app.clock.now() + TimeDelta::minutes(app.config.security.sign_in_wait_minutes);
    account::Entity::update_many()
        .col_expr(account::Column::LockedUntil, Expr::value(until))
        .col_expr(account::Column::Failures, Expr::value(0))
        .filter(account::Column::Id.eq(id))
        .filter(account::Column::Failures.gte(app.config.security.sign_in_tries))
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends a session.
pub(crate) async fn sign_out(app: &App, actor: &Actor) -> Result<()> {
    let Some(id) = actor.session else {
        return Ok(());
    };
    let tx = app.db.write().await?;
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(app.clock.now()))
        .filter(session::Column::Id.eq(id))
        .exec(&tx)
        .await?;
    tx.commit().await
}

/// Changes the site or bench one stands at. The site is one of the organisation's.
pub(crate) async fn stand_at(app: &App, actor: &Actor, site: SiteId) -> Result<()> {
    let Some(id) = actor.session else {
        return Ok(());
    };
    let tx = app.db.write().await?;
    crate::access::steps::own_site(&tx, actor, site).await?;
    session::Entity::update_many()
        .col_expr(session::Column::SiteId, Expr::value(site))
        .filter(session::Column::Id.eq(id))
        .exec(&tx)
        .await?;
    tx.commit().await
}

/// Makes an API token for an account and answers its secret, shown once.
pub(crate) async fn new_token(
    app: &App,
    tx: &Tx,
    account: AccountId,
    label: &str,
) -> Result<String> {
    let secret = app.chance.secret(SECRET);
    api_token::ActiveModel {
        id: Set(TokenId(app.clock.new_id())),
        account_id: Set(account),
        token_hash: Set(sha256(secret.as_bytes()).to_vec()),
        label: Set(label.to_owned()),
        created_at: Set(app.clock.now()),
        revoked_at: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(secret)
}

fn actor(account: &account::Model, session: Option<SessionId>) -> Actor {
    Actor {
        account: account.id,
        session,
        role: account.role,
        organisation: account.organisation_id,
        site: account.site_id,
        name: account.display_name.clone(),
    }
}
