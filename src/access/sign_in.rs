//! Signing in: a password, and for whoever has a second factor a code of it. The session is made after the last step.

use chrono::{DateTime, TimeDelta, Utc};
use entities::account;
use entities::enums::LinkKind;
use entities::ids::AccountId;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{assignments, factor, links, passwords, sessions, store};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};

/// How far somebody got.
#[derive(Debug)]
pub(crate) enum Entered {
    /// In: the session's secret.
    In(String),
    /// The password was right; a code of the second factor is asked for. The secret of this step.
    SecondStep(String),
}

/// Signs in by password: a new session and its secret, or the next step. After a few wrong tries an account waits, in
/// silence: while it does, the right password is wrong too, after the same work and in the same words as for an
/// address that nobody has, so that trying tells nobody who works here.
///
/// # Errors
/// [`Error::Invalid`] when mail or password is wrong (never which), [`Error::TooMany`] for an address tried too often.
pub(crate) async fn by_password(app: &App, email: &str, password: String) -> Result<Entered> {
    let now = app.clock.now();
    let email = email.trim().to_lowercase();
    // Counted in this process for any address, so that trying unknown ones costs as much patience as known ones;
    // what several instances must agree on is counted in the account's row below.
    app.limits.sign_in(&email)?;
    let account = store::account_by_email(app.db.read(), &email).await?;
    let usable = account.filter(|a| may_enter(a, now));
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
            "Ce mot de passe provisoire n’est plus valable\u{a0}: demandez-en un autre à l’administration.",
        ));
    }
    let entered = if account.factor_since.is_some() {
        // Wrong codes count where wrong passwords do: a right password alone forgives none.
        Entered::SecondStep(links::begin_second_step(app, &tx, account.id, now).await?)
    } else {
        Entered::In(enter(app, &tx, &account, now).await?)
    };
    tx.commit().await?;
    Ok(entered)
}

/// Whether a step of signing in is still open, so that its page is worth showing.
pub(crate) async fn waits_for_a_code(app: &App, step: &str) -> Result<bool> {
    let found = links::open(app.db.read(), step, app.clock.now()).await?;
    Ok(found.is_some_and(|(link, _)| link.kind == LinkKind::SecondStep))
}

/// The second step: a code of the second factor, or one of the recovery codes.
///
/// # Errors
/// Signed out when the step is over; a fault of the field when the code is wrong, was used, or was tried too often.
pub(crate) async fn by_code(app: &App, step: &str, code: &str) -> Result<String> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let Some((link, account)) = links::open(&tx, step, now).await? else {
        return Err(Error::SignedOut);
    };
    if link.kind != LinkKind::SecondStep || !may_enter(&account, now) {
        return Err(Error::SignedOut);
    }
    if !factor::accepts(app, &tx, &account, code, now).await? {
        links::note_failure(&tx, link.id).await?;
        note_failure(app, &tx, account.id).await?;
        tx.commit().await?;
        return Err(Error::field(
            "#/code",
            "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant.",
        ));
    }
    links::spend(&tx, link.id, now).await?;
    let secret = enter(app, &tx, &account, now).await?;
    tx.commit().await?;
    Ok(secret)
}

fn may_enter(account: &account::Model, now: DateTime<Utc>) -> bool {
    let waits = account.locked_until.is_some_and(|until| until > now);
    account.disabled_at.is_none() && !account.service && !waits
}

/// Makes the session: all steps are behind.
async fn enter(app: &App, tx: &Tx, account: &account::Model, now: DateTime<Utc>) -> Result<String> {
    let Some(role) = assignments::usual(tx, account, now).await? else {
        return Err(Error::field(
            "#/password",
            "Votre compte n’a pas de rôle aujourd’hui\u{a0}: adressez-vous à l’administration.",
        ));
    };
    account::Entity::update_many()
        .col_expr(account::Column::Failures, Expr::value(0))
        .filter(account::Column::Id.eq(account.id))
        .exec(tx)
        .await?;
    sessions::begin(app, tx, &role, None, now).await
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
