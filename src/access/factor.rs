//! The second factor: codes of a telephone's application that change every thirty seconds (TOTP, RFC 6238), and ten
//! recovery codes for the day the telephone is lost. The secret is sealed; a code is taken once.

use chrono::{DateTime, Utc};
use entities::ids::{AccountId, RecoveryCodeId};
use entities::{account, recovery_code};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use totp_rs::{Builder, Secret, Totp};

use super::{Actor, Permission, accounts, sessions, store};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};

/// Place of the sealed secret.
const SEALED: &str = "account.factor_secret";
/// Bytes of a secret: as many as HMAC-SHA-1 makes.
const SECRET: usize = 20;
/// Recovery codes given at a time, and letters of each: 5 bits a letter.
const CODES: usize = 10;
const LETTERS: usize = 10;

/// What is shown to whoever sets the second factor up.
#[derive(Debug)]
pub(crate) struct Offer {
    /// For the camera of the application.
    pub(crate) address: String,
    /// To be typed where there is no camera.
    pub(crate) letters: String,
}

/// The secret to be offered to a session. It is made from the key ring and the session, so that looking at the page
/// writes nothing, and is kept only once a code of it has been typed.
fn offered(app: &App, actor: &Actor) -> Result<Vec<u8>> {
    let session = actor.own_session()?;
    let mut secret = app
        .keys
        .keyed_hash("second-factor", session.0.as_bytes())
        .to_vec();
    secret.truncate(SECRET);
    Ok(secret)
}

/// What one's telephone is to learn.
pub(crate) async fn offer(app: &App, actor: &Actor) -> Result<Offer> {
    let account = store::account(app.db.read(), actor.account).await?;
    let letters = Secret::new(offered(app, actor)?.into_boxed_slice()).to_base32();
    let name: String = form_urlencoded::byte_serialize(account.email.as_bytes()).collect();
    Ok(Offer {
        address: format!("otpauth://totp/Rebond:{name}?secret={letters}&issuer=Rebond"),
        letters,
    })
}

/// What setting up answers: the recovery codes, shown once, and the session's new secret.
#[derive(Debug)]
pub(crate) struct SetUp {
    /// The recovery codes.
    pub(crate) codes: Vec<String>,
    /// The session's new secret.
    pub(crate) session: String,
}

/// Sets the second factor up: the password was typed, and a code that the telephone shows. Other sessions end, for
/// they were opened without it.
///
/// # Errors
/// A field's fault when password or code is wrong; `second-factor-set` when there is one already.
pub(crate) async fn set_up(
    app: &App,
    actor: &Actor,
    password: String,
    code: &str,
) -> Result<SetUp> {
    let session = actor.own_session()?;
    let account = store::account(app.db.read(), actor.account).await?;
    accounts::prove(app, &account, password, "#/password").await?;
    let secret = offered(app, actor)?;
    let now = app.clock.now();
    let step = step_of(&secret, code, now)?
        .ok_or_else(|| Error::field("#/code", "Ce code n’est pas celui de l’application."))?;
    let tx = app.db.write().await?;
    let done = account::Entity::update_many()
        .set(account::ActiveModel {
            factor_secret: Set(Some(app.keys.seal(SEALED, account.id.0, &secret)?)),
            factor_since: Set(Some(now)),
            factor_step: Set(step),
            ..Default::default()
        })
        .filter(account::Column::Id.eq(account.id))
        .filter(account::Column::FactorSince.is_null())
        .exec(&tx)
        .await?;
    if done.rows_affected == 0 {
        return Err(Error::refused("second-factor-set", ""));
    }
    let codes = new_codes(app, &tx, account.id, now).await?;
    sessions::revoke_others(&tx, account.id, session, now).await?;
    let session = sessions::rotate(app, &tx, session).await?;
    tx.commit().await?;
    tracing::info!(account = %account.id, "second factor set up");
    Ok(SetUp { codes, session })
}

/// Draws ten new recovery codes for oneself; the older ones are dead.
pub(crate) async fn draw_again(app: &App, actor: &Actor, password: String) -> Result<Vec<String>> {
    actor.own_session()?;
    let account = store::account(app.db.read(), actor.account).await?;
    accounts::prove(app, &account, password, "#/codes_password").await?;
    if account.factor_since.is_none() {
        return Err(Error::NotFound("second factor"));
    }
    let tx = app.db.write().await?;
    let codes = new_codes(app, &tx, account.id, app.clock.now()).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Gives one's own second factor up, who knows the password and a code: for another telephone, say. A role that asks
/// for one leads at once to setting up the next.
pub(crate) async fn give_up(app: &App, actor: &Actor, password: String, code: &str) -> Result<()> {
    actor.own_session()?;
    let account = store::account(app.db.read(), actor.account).await?;
    accounts::prove(app, &account, password, "#/factor_password").await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    if !accepts(app, &tx, &account, code, now).await? {
        return Err(Error::field("#/factor_code", "Ce code n’est pas le bon."));
    }
    forget(&tx, account.id).await?;
    tx.commit().await?;
    tracing::info!(account = %account.id, "second factor given up");
    Ok(())
}

/// Takes the second factor from somebody who lost telephone and recovery codes, and ends their sessions.
pub(crate) async fn remove(app: &App, actor: &Actor, id: AccountId) -> Result<()> {
    actor.require(Permission::Administer)?;
    if id == actor.account {
        return Err(Error::refused("own-account", ""));
    }
    let tx = app.db.write().await?;
    store::account(&tx, id).await?;
    forget(&tx, id).await?;
    sessions::revoke_all(&tx, id, app.clock.now()).await?;
    accounts::tell(
        &tx,
        accounts::Told::FactorRemoved,
        id,
        actor,
        app.clock.now(),
    )
    .await?;
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %id, "second factor removed");
    Ok(())
}

/// Recovery codes left to an account.
pub(crate) async fn codes_left(db: &impl ConnectionTrait, id: AccountId) -> Result<u64> {
    Ok(recovery_code::Entity::find()
        .filter(recovery_code::Column::AccountId.eq(id))
        .filter(recovery_code::Column::UsedAt.is_null())
        .count(db)
        .await?)
}

/// Whether a code is right now, and spends it: the same one is wrong from then on, in whatever order two of them come.
pub(super) async fn accepts(
    app: &App,
    tx: &Tx,
    account: &account::Model,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Some(sealed) = &account.factor_secret else {
        return Ok(false);
    };
    let secret = app.keys.open_sealed(SEALED, account.id.0, sealed)?;
    let spent = match step_of(&secret, code, now)? {
        Some(step) => {
            account::Entity::update_many()
                .col_expr(account::Column::FactorStep, Expr::value(step))
                .filter(account::Column::Id.eq(account.id))
                .filter(account::Column::FactorStep.lt(step))
                .exec(tx)
                .await?
        }
        None => {
            recovery_code::Entity::update_many()
                .col_expr(recovery_code::Column::UsedAt, Expr::value(now))
                .filter(recovery_code::Column::AccountId.eq(account.id))
                .filter(recovery_code::Column::CodeHash.eq(hash(app, code)))
                .filter(recovery_code::Column::UsedAt.is_null())
                .exec(tx)
                .await?
        }
    };
    Ok(spent.rows_affected == 1)
}

/// The step of time that a typed code belongs to: now, or one before or after, for clocks that differ.
fn step_of(secret: &[u8], code: &str, now: DateTime<Utc>) -> Result<Option<i64>> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Ok(generator(secret)?
        .check(&digits, seconds)
        .and_then(|step| i64::try_from(step).ok()))
}

fn generator(secret: &[u8]) -> Result<Totp> {
    Builder::new()
        .with_secret(Secret::new(secret.into()))
        .build()
        .map_err(|e| Error::broken(format!("the second factor's secret: {e}")))
}

async fn forget(tx: &Tx, id: AccountId) -> Result<()> {
    account::Entity::update_many()
        .set(account::ActiveModel {
            factor_secret: Set(None),
            factor_since: Set(None),
            ..Default::default()
        })
        .filter(account::Column::Id.eq(id))
        .exec(tx)
        .await?;
    forget_codes(tx, id).await
}

async fn forget_codes(tx: &Tx, id: AccountId) -> Result<()> {
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::AccountId.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn new_codes(app: &App, tx: &Tx, id: AccountId, now: DateTime<Utc>) -> Result<Vec<String>> {
    forget_codes(tx, id).await?;
    let codes: Vec<String> = (0..CODES).map(|_| app.chance.secret(LETTERS)).collect();
    let rows = codes.iter().map(|code| recovery_code::ActiveModel {
        id: Set(RecoveryCodeId(id_at(now))),
        account_id: Set(id),
        code_hash: Set(hash(app, code)),
        used_at: Set(None),
    });
    recovery_code::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    let middle = LETTERS / 2;
    Ok(codes
        .iter()
        .map(|code| format!("{}-{}", &code[..middle], &code[middle..]))
        .collect())
}

/// As it is kept: dashes, blanks and small letters don't matter.
fn hash(app: &App, code: &str) -> Vec<u8> {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    app.keys
        .keyed_hash("recovery-code", plain.as_bytes())
        .to_vec()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    /// RFC 6238, appendix B, for SHA-1; its eight digits end in our six.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let at = Utc.timestamp_opt(seconds, 0).unwrap();
            assert_eq!(
                step_of(secret, code, at).unwrap(),
                Some(seconds / 30),
                "{seconds}"
            );
            let later = Utc.timestamp_opt(seconds + 90, 0).unwrap();
            assert_eq!(step_of(secret, code, later).unwrap(), None);
        }
        let at = Utc.timestamp_opt(59, 0).unwrap();
        assert_eq!(step_of(secret, "287 082", at).unwrap(), Some(1));
        for wrong in ["", "28708", "2870822", "28708a", "२८७०८२"] {
            assert_eq!(step_of(secret, wrong, at).unwrap(), None, "{wrong}");
        }
    }
}
