//! Shared benches: a browser that somebody turned on for the day, where colleagues change by scanning their badge and
//! typing six digits. A badge opens nothing anywhere else, and never a role that sees households from an office.

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::Role;
use entities::ids::{AccountId, BadgeId, BenchId};
use entities::{account, account_role, badge, bench, session, site};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::rules::works_at_a_site;
use super::{Actor, Permission, accounts, assignments, passwords, sessions, store};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::french;
use crate::seal::sha256;

/// Characters of a badge's code, of the alphabet of labels: 4.7 bits each, 84 bits.
const LETTERS: usize = 18;
/// Wrong digits before a badge is locked.
const TRIES: i32 = 5;

/// Turns the browser of a signed-in person into a shared bench for the day, and answers the bench's secret. The
/// person's own session becomes a short one.
///
/// # Errors
/// `not-a-bench-role` unless the person acts at a site.
pub(crate) async fn open_bench(app: &App, actor: &Actor) -> Result<String> {
    let session = actor.own_session()?;
    let (Some(site), true) = (actor.site, works_at_a_site(actor.role)) else {
        return Err(Error::refused("not-a-bench-role", ""));
    };
    let now = app.clock.now();
    let secret = app.chance.secret(sessions::SECRET);
    let id = BenchId(id_at(now));
    let tx = app.db.write().await?;
    super::steps::own_site(&tx, actor, site).await?;
    let tonight = french::midnight(french::midnight(now) + TimeDelta::hours(30));
    bench::Entity::insert(bench::ActiveModel {
        id: Set(id),
        secret_hash: Set(sha256(secret.as_bytes()).to_vec()),
        site_id: Set(site),
        opened_by: Set(actor.assignment),
        created_at: Set(now),
        expires_at: Set(tonight),
        closed_at: Set(None),
    })
    .exec_without_returning(&tx)
    .await?;
    let soon = sessions::idle(app, Some(id), now);
    session::Entity::update_many()
        .set(session::ActiveModel {
            bench_id: Set(Some(id)),
            expires_at: Set(std::cmp::min(soon, tonight)),
            ends_at: Set(tonight),
            ..Default::default()
        })
        .filter(session::Column::Id.eq(session))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    tracing::info!(account = %actor.account, bench = %id, "shared bench opened");
    Ok(secret)
}

/// Turns the bench that one is at off: whoever is at it is out.
pub(crate) async fn close_bench(app: &App, actor: &Actor) -> Result<()> {
    let Some(id) = actor.bench else {
        return Err(Error::NotFound("bench"));
    };
    let now = app.clock.now();
    let tx = app.db.write().await?;
    bench::Entity::update_many()
        .col_expr(bench::Column::ClosedAt, Expr::value(now))
        .filter(bench::Column::Id.eq(id))
        .exec(&tx)
        .await?;
    sessions::revoke(&tx, session::Column::BenchId.eq(id), now).await?;
    tx.commit().await?;
    tracing::info!(account = %actor.account, bench = %id, "shared bench closed");
    Ok(())
}

/// The bench of a browser's secret and its site, as long as it is open and whoever opened it still works there.
pub(crate) async fn bench_of(
    db: &impl ConnectionTrait,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Option<(bench::Model, site::Model)>> {
    let found = bench::Entity::find()
        .filter(bench::Column::SecretHash.eq(sha256(secret.as_bytes()).to_vec()))
        .filter(bench::Column::ClosedAt.is_null())
        .filter(bench::Column::ExpiresAt.gt(now))
        .one(db)
        .await?;
    let Some(bench) = found else {
        return Ok(None);
    };
    let opener = account_role::Entity::find_by_id(bench.opened_by)
        .filter(assignments::live(french::local_date(now)))
        .one(db)
        .await?;
    let Some(opener) = opener else {
        return Ok(None);
    };
    if store::account(db, opener.account_id)
        .await?
        .disabled_at
        .is_some()
    {
        return Ok(None);
    }
    let site = store::site_by_id(db, bench.site_id).await?;
    Ok(site.active.then_some((bench, site)))
}

/// Signs in at a bench by badge and digits; the session that was there ends. One answer for everything that is wrong.
///
/// # Errors
/// Signed out where there is no bench; a fault of the field when badge or digits are not right.
pub(crate) async fn by_badge(
    app: &App,
    bench: &str,
    before: Option<&Actor>,
    code: &str,
    pin: String,
) -> Result<String> {
    let now = app.clock.now();
    let Some((bench, site)) = bench_of(app.db.read(), bench, now).await? else {
        return Err(Error::SignedOut);
    };
    app.limits.bench(&bench.id.to_string())?;
    let badge = by_code(app, app.db.read(), code).await?;
    let usable = badge.filter(|b| b.locked_at.is_none());
    let stored = usable.as_ref().and_then(|b| b.pin_hash.clone());
    let right = passwords::verify(&app.config.security, pin, stored).await?;
    let wrong = || {
        Error::field(
            "#/pin",
            "Badge ou code incorrect. Après cinq erreurs le badge est bloqué\u{a0}: son titulaire refait son code.",
        )
    };
    let Some(badge) = usable else {
        return Err(wrong());
    };
    let tx = app.db.write().await?;
    if !right {
        note_failure(&tx, badge.id, now).await?;
        tx.commit().await?;
        return Err(wrong());
    }
    let account = store::account(&tx, badge.account_id).await?;
    let role = role_at(&tx, &account, &site, now).await?;
    let Some(role) = role.filter(|_| may_enter(&account)) else {
        return Err(wrong());
    };
    // Guarded: tries in parallel that locked it meanwhile count.
    let done = badge::Entity::update_many()
        .col_expr(badge::Column::Failures, Expr::value(0))
        .filter(badge::Column::Id.eq(badge.id))
        .filter(badge::Column::LockedAt.is_null())
        .filter(badge::Column::RevokedAt.is_null())
        .exec(&tx)
        .await?;
    if done.rows_affected == 0 {
        return Err(wrong());
    }
    if let Some(before) = before.and_then(|actor| actor.session) {
        sessions::revoke(&tx, session::Column::Id.eq(before), now).await?;
    }
    let secret = sessions::begin(app, &tx, &role, Some(&bench), now).await?;
    tx.commit().await?;
    Ok(secret)
}

/// A person whose password is their own.
const fn may_enter(account: &account::Model) -> bool {
    account.disabled_at.is_none() && !account.service && account.password_until.is_none()
}

/// The role somebody has at a site: one that works there, of its organisation, the site's own before others.
async fn role_at(
    db: &impl ConnectionTrait,
    account: &account::Model,
    site: &site::Model,
    now: DateTime<Utc>,
) -> Result<Option<account_role::Model>> {
    let mut here: Vec<_> = assignments::live_of(db, account.id, now)
        .await?
        .into_iter()
        .filter(|row| row.organisation_id == site.organisation_id && works_at_a_site(row.role))
        .collect();
    here.sort_by_key(|row| row.site_id != Some(site.id));
    Ok(here.into_iter().next())
}

async fn note_failure(tx: &Tx, id: BadgeId, now: DateTime<Utc>) -> Result<()> {
    badge::Entity::update_many()
        .col_expr(
            badge::Column::Failures,
            Expr::col(badge::Column::Failures).add(1),
        )
        .filter(badge::Column::Id.eq(id))
        .exec(tx)
        .await?;
    badge::Entity::update_many()
        .col_expr(badge::Column::LockedAt, Expr::value(now))
        .filter(badge::Column::Id.eq(id))
        .filter(badge::Column::LockedAt.is_null())
        .filter(badge::Column::Failures.gte(TRIES))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether one may issue a badge to somebody: the administrator, or the lead of a workshop to colleagues.
async fn require_issuer(
    db: &impl ConnectionTrait,
    actor: &Actor,
    to: AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    if actor.may(Permission::Administer) {
        return Ok(());
    }
    actor.require(Permission::IssueBadges)?;
    let colleague = assignments::live_of(db, to, now)
        .await?
        .iter()
        .any(|row| row.organisation_id == actor.organisation && works_at_a_site(row.role));
    if colleague {
        Ok(())
    } else {
        Err(Error::NotFound("account"))
    }
}

/// Issues a badge and answers its code, shown once, to be printed; an older one is dead. Its digits are the owner's.
pub(crate) async fn issue(app: &App, actor: &Actor, to: AccountId) -> Result<String> {
    let now = app.clock.now();
    let code = draw(app);
    let tx = app.db.write().await?;
    require_issuer(&tx, actor, to, now).await?;
    let account = store::account(&tx, to).await?;
    if !may_enter(&account) {
        return Err(Error::refused("no-sign-in", ""));
    }
    // The digits go along: they are the owner's, whatever card carries the code.
    let pin_hash = of(&tx, to).await?.and_then(|old| old.pin_hash);
    revoke_of(&tx, to, now).await?;
    badge::Entity::insert(badge::ActiveModel {
        id: Set(BadgeId(id_at(now))),
        account_id: Set(to),
        code_hash: Set(hash(app, &code)),
        pin_hash: Set(pin_hash),
        failures: Set(0),
        locked_at: Set(None),
        issued_by: Set(actor.account),
        created_at: Set(now),
        revoked_at: Set(None),
    })
    .exec_without_returning(&tx)
    .await?;
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %to, "badge issued");
    Ok(code)
}

/// Revokes somebody's badge: lost, or no longer needed.
pub(crate) async fn revoke(app: &App, actor: &Actor, of: AccountId) -> Result<()> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    if of != actor.account {
        require_issuer(&tx, actor, of, now).await?;
    }
    revoke_of(&tx, of, now).await?;
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %of, "badge revoked");
    Ok(())
}

pub(super) async fn revoke_of(tx: &Tx, account: AccountId, now: DateTime<Utc>) -> Result<()> {
    badge::Entity::update_many()
        .col_expr(badge::Column::RevokedAt, Expr::value(now))
        .filter(badge::Column::AccountId.eq(account))
        .filter(badge::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// The badge of an account.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Option<badge::Model>> {
    Ok(badge::Entity::find()
        .filter(badge::Column::AccountId.eq(account))
        .filter(badge::Column::RevokedAt.is_null())
        .one(db)
        .await?)
}

/// Sets the six digits of one's own badge, who knows the password; a locked badge works again.
pub(crate) async fn set_pin(app: &App, actor: &Actor, pin: String, password: String) -> Result<()> {
    actor.own_session()?;
    if pin.len() != 6 || !pin.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::field("#/pin", "Six chiffres."));
    }
    if is_guessed_first(&pin) {
        return Err(Error::field(
            "#/pin",
            "Trop facile à deviner\u{a0}: évitez les suites et les répétitions.",
        ));
    }
    let account = store::account(app.db.read(), actor.account).await?;
    accounts::prove(app, &account, password, "#/pin_password").await?;
    let hash = passwords::hash(&app.config.security, pin).await?;
    let tx = app.db.write().await?;
    let done = badge::Entity::update_many()
        .set(badge::ActiveModel {
            pin_hash: Set(Some(hash)),
            failures: Set(0),
            locked_at: Set(None),
            ..Default::default()
        })
        .filter(badge::Column::AccountId.eq(actor.account))
        .filter(badge::Column::RevokedAt.is_null())
        .exec(&tx)
        .await?;
    if done.rows_affected == 0 {
        return Err(Error::NotFound("badge"));
    }
    tx.commit().await
}

/// The same digit six times, or digits in a row: what is tried first.
fn is_guessed_first(pin: &str) -> bool {
    let digits: Vec<i16> = pin.bytes().map(i16::from).collect();
    let steps: Vec<i16> = digits.windows(2).map(|w| w[1] - w[0]).collect();
    steps
        .first()
        .is_some_and(|first| first.abs() <= 1 && steps.iter().all(|step| step == first))
}

/// The roles of those a lead may issue badges to, for the list.
pub(crate) async fn colleagues(
    db: &impl ConnectionTrait,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<account::Model>> {
    actor.require(Permission::IssueBadges)?;
    let bench_roles: Vec<Role> = Role::ALL
        .iter()
        .copied()
        .filter(|role| works_at_a_site(*role))
        .collect();
    let roles = account_role::Entity::find()
        .filter(account_role::Column::OrganisationId.eq(actor.organisation))
        .filter(account_role::Column::Role.is_in(bench_roles))
        .filter(assignments::live(french::local_date(now)))
        .all(db)
        .await?;
    store::accounts_of(db, roles.iter().map(|role| role.account_id).collect()).await
}

fn draw(app: &App) -> String {
    let alphabet = labels::code::ALPHABET;
    let size = u32::try_from(alphabet.len()).unwrap_or(1);
    (0..LETTERS)
        .map(|_| char::from(alphabet[app.chance.below(size) as usize]))
        .collect()
}

/// The badge of a scanned code, however the scanner's keyboard spelled it.
async fn by_code(
    app: &App,
    db: &impl ConnectionTrait,
    scanned: &str,
) -> Result<Option<badge::Model>> {
    let hashes: Vec<_> = labels::code::readings(scanned)
        .iter()
        .map(|reading| hash(app, reading))
        .collect();
    Ok(badge::Entity::find()
        .filter(badge::Column::CodeHash.is_in(hashes))
        .filter(badge::Column::RevokedAt.is_null())
        .one(db)
        .await?)
}

fn hash(app: &App, code: &str) -> Vec<u8> {
    app.keys.keyed_hash("badge", code.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_are_tried_first_are_refused() {
        for pin in ["000000", "999999", "123456", "654321", "456789"] {
            assert!(is_guessed_first(pin), "{pin}");
        }
        for pin in ["493027", "112233", "121212", "135790"] {
            assert!(!is_guessed_first(pin), "{pin}");
        }
    }
}
