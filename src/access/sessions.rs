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

/// The actor of a request that carries an API token; notes that the token was used.
pub(crate) async fn by_bearer(app: &App, secret: &str) -> Result<Option<Actor>> {
    let Some((actor, token)) = find_token(app, secret).await? else {
        return Ok(None);
    };
    let now = app.clock.now();
    // Kept to the hour: a write at every request would make each read a write.
    if token
        .used_at
        .is_none_or(|used| now - used > TimeDelta::hours(1))
    {
        let tx = app.db.write().await?;
        api_token::Entity::update_many()
            .col_expr(api_token::Column::UsedAt, Expr::value(now))
            .filter(api_token::Column::Id.eq(token.id))
            .exec(&tx)
            .await?;
        tx.commit().await?;
    }
    Ok(Some(actor))
}

/// The actor of an API token, if it is still good.
pub(crate) async fn by_token(app: &App, secret: &str) -> Result<Option<Actor>> {
    Ok(find_token(app, secret).await?.map(|(actor, _)| actor))
}

async fn find_token(app: &App, secret: &str) -> Result<Option<(Actor, api_token::Model)>> {
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
        .map(|account| (actor(&account, None), token)))
}

/// Signs in by password: a new session and its secret. After a few wrong tries an account waits, in silence: while
/// it does, the right password is wrong too, after the same work and in the same words as for an address that nobody
/// has, so that trying tells nobody who works here.
///
/// # Errors
/// [`Error::Invalid`] when mail or password is wrong (never which), [`Error::TooMany`] for an address tried too often.
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
    let waits = |a: &account::Model| a.locked_until.is_some_and(|until| until > now);
    let usable = account.filter(|a| a.disabled_at.is_none() && !waits(a));
    let stored = usable.as_ref().map(|a| a.password_hash.clone());
    let right = passwords::verify(&app.config.security, password, stored).await?;
    let security = &app.config.security;
    let wrong = || {
        Error::field(
            "#/password",
            format!(
                "Adresse ou mot de passe incorrect. Après {} essais faux, attendez {} minutes.",
                security.sign_in_tries, security.sign_in_wait_minutes
            ),
        )
    };
    let Some(account) = usable else {
        return Err(wrong());
    };
    let tx = app.db.write().await?;
    if !right {
        note_failure(app, &tx, account.id).await?;
        tx.commit().await?;
        return Err(wrong());
    }
    if account.password_until.is_some_and(|until| until <= now) {
        return Err(Error::field(
            "#/password",
            "Ce mot de passe provisoire n’est plus valable : demandez-en un autre à l’administration.",
        ));
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
        used_at: Set(None),
        revoked_at: Set(None),
    }
    .insert(tx)
    .await?;
    Ok(secret)
}

/// An account as who acts, by its session or without.
pub(crate) fn actor(account: &account::Model, session: Option<SessionId>) -> Actor {
    Actor {
        account: account.id,
        session,
        role: account.role,
        organisation: account.organisation_id,
        site: account.site_id,
        name: account.display_name.clone(),
        // A token was made by somebody who was in already, or by the operator.
        must_change_password: session.is_some() && account.password_until.is_some(),
    }
}
