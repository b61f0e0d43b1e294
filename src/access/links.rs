//! Single-use links by mail: an invitation, a new password, a new address; and the second step of a sign-in, which is
//! the same thing carried by a cookie. Only a hash of the secret is kept, and it is drawn when the message is written,
//! so that in clear it stands nowhere but in the mail. Looking at a link's page spends nothing: mail scanners look.

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::LinkKind;
use entities::ids::{AccountId, AccountLinkId};
use entities::{account, account_link};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Actor, Permission, accounts, passwords, sessions, store, tokens};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, OnConstraint, Result};
use crate::jobs;
use crate::seal::sha256;

/// Job that writes the message of a link.
pub(crate) const WRITE: &str = "account-link";
/// Job that looks whether somebody has the address a new password was asked for.
pub(crate) const FORGOTTEN: &str = "password-forgotten";
/// Place of the sealed address in the job.
const FORGOTTEN_ADDRESS: &str = "job.forgotten";

/// Letters of a link's secret: 5 bits each, 160 bits.
const SECRET: usize = 32;
/// Wrong codes before a second step is over.
const TRIES: i32 = 5;
/// Links of an account that are shown.
const SHOWN: u64 = 5;

/// How long each kind opens something.
const fn lasts(kind: LinkKind) -> TimeDelta {
    match kind {
        LinkKind::Invitation => TimeDelta::hours(72),
        LinkKind::Reset => TimeDelta::hours(1),
        LinkKind::Address => TimeDelta::hours(24),
        LinkKind::SecondStep => TimeDelta::minutes(5),
    }
}

/// Whose link a message is for: the payload of [`WRITE`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// The link.
    pub(crate) link: AccountLinkId,
}

/// The payload of [`FORGOTTEN`]: the address is sealed, a job holds no personal datum.
#[derive(Debug, Serialize, Deserialize)]
struct Forgotten {
    id: Uuid,
    address: String,
}

/// Sends somebody a link by which they choose their password.
pub(crate) async fn invite(app: &App, actor: &Actor, id: AccountId) -> Result<()> {
    actor.require(Permission::Administer)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let account = store::account(&tx, id).await?;
    if account.service || account.disabled_at.is_some() {
        return Err(Error::refused(
            "no-sign-in",
            "Ce compte ne se connecte pas\u{a0}: c’est un programme, ou il est désactivé.",
        ));
    }
    queue(
        &tx,
        id,
        LinkKind::Invitation,
        None,
        Some(actor.account),
        now,
    )
    .await?;
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %id, "link sent");
    Ok(())
}

/// Queues a link and the message that carries it; older ones of its kind are dead.
pub(super) async fn queue(
    tx: &Tx,
    account: AccountId,
    kind: LinkKind,
    address: Option<String>,
    by: Option<AccountId>,
    now: DateTime<Utc>,
) -> Result<AccountLinkId> {
    void(tx, account, &[kind], now).await?;
    let link = insert(tx, account, kind, None, address, by, now).await?;
    let payload = serde_json::to_value(Wanted { link }).map_err(Error::internal)?;
    jobs::enqueue(tx, WRITE, &payload, now).await?;
    Ok(link)
}

async fn insert(
    tx: &Tx,
    account: AccountId,
    kind: LinkKind,
    secret_hash: Option<Vec<u8>>,
    address: Option<String>,
    by: Option<AccountId>,
    now: DateTime<Utc>,
) -> Result<AccountLinkId> {
    let id = AccountLinkId(id_at(now));
    account_link::Entity::insert(account_link::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        kind: Set(kind),
        secret_hash: Set(secret_hash),
        address: Set(address),
        created_by: Set(by),
        failures: Set(0),
        created_at: Set(now),
        expires_at: Set(now + lasts(kind)),
        used_at: Set(None),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(id)
}

/// Makes links of an account that are still open dead.
pub(super) async fn void(
    tx: &Tx,
    account: AccountId,
    kinds: &[LinkKind],
    now: DateTime<Utc>,
) -> Result<()> {
    account_link::Entity::update_many()
        .col_expr(account_link::Column::UsedAt, Expr::value(now))
        .filter(account_link::Column::AccountId.eq(account))
        .filter(account_link::Column::Kind.is_in(kinds.iter().copied()))
        .filter(account_link::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// What the message of a link is written from.
#[derive(Debug)]
pub(crate) struct Letter {
    /// The link.
    pub(crate) link: account_link::Model,
    /// Whose.
    pub(crate) account: account::Model,
    /// Where it leads; stands nowhere else.
    pub(crate) address: String,
}

/// Draws a link's secret, for the message that is written in the same transaction. None when it is spent meanwhile,
/// over, or its account is disabled.
pub(crate) async fn draw(app: &App, tx: &Tx, id: AccountLinkId) -> Result<Option<Letter>> {
    let now = app.clock.now();
    let found = account_link::Entity::find_by_id(id).one(tx).await?;
    let Some(link) = found.filter(|l| l.used_at.is_none() && l.expires_at > now) else {
        return Ok(None);
    };
    let account = store::account(tx, link.account_id).await?;
    if account.disabled_at.is_some() {
        return Ok(None);
    }
    let secret = app.chance.secret(SECRET);
    account_link::Entity::update_many()
        .col_expr(
            account_link::Column::SecretHash,
            Expr::value(sha256(secret.as_bytes()).to_vec()),
        )
        .filter(account_link::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(Some(Letter {
        // From the settings, never from what a request says its host is.
        address: format!("{}/link/{secret}", app.config.server.base_url),
        link,
        account,
    }))
}

/// Somebody forgot their password, or says so. The same work and the same answer whether anybody has the address:
/// who has it is looked up later, by a job.
pub(crate) async fn forgotten(app: &App, email: &str) -> Result<()> {
    let email = email.trim().to_lowercase();
    app.limits.reset(&email)?;
    let id = app.chance.random_id();
    let sealed = app.keys.seal(FORGOTTEN_ADDRESS, id, email.as_bytes())?;
    let payload = serde_json::to_value(Forgotten {
        id,
        address: hex::encode(sealed),
    })
    .map_err(Error::internal)?;
    let tx = app.db.write().await?;
    jobs::enqueue(&tx, FORGOTTEN, &payload, app.clock.now()).await?;
    tx.commit().await
}

/// The job of [`forgotten`]: queues a link for whoever has the address.
pub(crate) async fn look_up_forgotten(app: &App, payload: &str) -> Result<()> {
    let asked: Forgotten = serde_json::from_str(payload).map_err(Error::internal)?;
    let sealed = hex::decode(&asked.address).map_err(Error::internal)?;
    let email = app.keys.open_sealed(FORGOTTEN_ADDRESS, asked.id, &sealed)?;
    let email = String::from_utf8(email).map_err(Error::internal)?;
    let tx = app.db.write().await?;
    let found = store::account_by_email(&tx, &email).await?;
    if let Some(account) = found.filter(|a| a.disabled_at.is_none() && !a.service) {
        queue(
            &tx,
            account.id,
            LinkKind::Reset,
            None,
            None,
            app.clock.now(),
        )
        .await?;
        tracing::info!(account = %account.id, "new password asked for");
    }
    tx.commit().await
}

/// Asks for another address of one's own, who knows the password. It counts once the link sent there was opened.
pub(crate) async fn change_address(
    app: &App,
    actor: &Actor,
    email: &str,
    password: String,
) -> Result<()> {
    actor.own_session()?;
    let account = store::account(app.db.read(), actor.account).await?;
    accounts::prove(app, &account, password, "#/address_password").await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let address = Some(email.trim().to_lowercase());
    queue(
        &tx,
        account.id,
        LinkKind::Address,
        address,
        Some(account.id),
        now,
    )
    .await?;
    tx.commit().await?;
    tracing::info!(account = %account.id, "another address asked for");
    Ok(())
}

/// The link of a secret, and its account, while it opens something.
pub(crate) async fn open(
    db: &impl ConnectionTrait,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Option<(account_link::Model, account::Model)>> {
    let found = account_link::Entity::find()
        .filter(account_link::Column::SecretHash.eq(sha256(secret.as_bytes()).to_vec()))
        .filter(account_link::Column::UsedAt.is_null())
        .filter(account_link::Column::ExpiresAt.gt(now))
        .filter(account_link::Column::Failures.lt(TRIES))
        .one(db)
        .await?;
    let Some(link) = found else {
        return Ok(None);
    };
    let account = store::account(db, link.account_id).await?;
    Ok(account.disabled_at.is_none().then_some((link, account)))
}

/// As [`open`], for the links that come by mail.
///
/// # Errors
/// Not found when it opens nothing, or nothing any more.
pub(crate) async fn by_mail(
    db: &impl ConnectionTrait,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<(account_link::Model, account::Model)> {
    let found = open(db, secret, now).await?;
    found
        .filter(|(link, _)| link.kind != LinkKind::SecondStep)
        .ok_or(Error::NotFound("link"))
}

/// Spends a link: of two who come at once, one.
pub(super) async fn spend(tx: &Tx, id: AccountLinkId, now: DateTime<Utc>) -> Result<()> {
    let done = account_link::Entity::update_many()
        .col_expr(account_link::Column::UsedAt, Expr::value(now))
        .filter(account_link::Column::Id.eq(id))
        .filter(account_link::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::NotFound("link"))
    }
}

/// Begins the second step of a sign-in and answers its secret.
pub(super) async fn begin_second_step(
    app: &App,
    tx: &Tx,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<String> {
    let secret = app.chance.secret(SECRET);
    let hash = Some(sha256(secret.as_bytes()).to_vec());
    insert(tx, account, LinkKind::SecondStep, hash, None, None, now).await?;
    Ok(secret)
}

/// Counts a wrong code.
pub(super) async fn note_failure(tx: &Tx, id: AccountLinkId) -> Result<()> {
    account_link::Entity::update_many()
        .col_expr(
            account_link::Column::Failures,
            Expr::col(account_link::Column::Failures).add(1),
        )
        .filter(account_link::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Does what a link is for, and answers what that was: chooses a password, or confirms an address.
///
/// # Errors
/// Not found when it opens nothing any more; a field's fault when the password is missing or weak.
pub(crate) async fn follow(app: &App, secret: &str, password: Option<String>) -> Result<LinkKind> {
    let now = app.clock.now();
    let (link, _) = by_mail(app.db.read(), secret, now).await?;
    match (link.kind, password) {
        (LinkKind::Address | LinkKind::SecondStep, _) => confirm_address(app, secret, now).await?,
        (LinkKind::Invitation | LinkKind::Reset, Some(password)) => {
            choose_password(app, &link, password, now).await?;
        }
        (LinkKind::Invitation | LinkKind::Reset, None) => {
            return Err(Error::field("#/password", "Choisissez un mot de passe."));
        }
    }
    Ok(link.kind)
}

/// Chooses a password by an invitation or a link for a new one. Whoever was in with the old one is out, programs too.
async fn choose_password(
    app: &App,
    link: &account_link::Model,
    password: String,
    now: DateTime<Utc>,
) -> Result<()> {
    passwords::check(&password)?;
    let hash = passwords::hash(&app.config.security, password).await?;
    let tx = app.db.write().await?;
    spend(&tx, link.id, now).await?;
    account::Entity::update_many()
        .set(account::ActiveModel {
            password_hash: Set(hash),
            password_until: Set(None),
            failures: Set(0),
            locked_until: Set(None),
            ..Default::default()
        })
        .col_expr(
            account::Column::Version,
            Expr::col(account::Column::Version).add(1),
        )
        .filter(account::Column::Id.eq(link.account_id))
        .exec(&tx)
        .await?;
    void(&tx, link.account_id, LinkKind::ALL, now).await?;
    sessions::revoke_all(&tx, link.account_id, now).await?;
    tokens::revoke_all(&tx, link.account_id, now).await?;
    tx.commit().await?;
    tracing::info!(account = %link.account_id, "password chosen by a link");
    Ok(())
}

/// Takes the address that a link was sent to.
///
/// # Errors
/// `address-taken` when another account has it.
async fn confirm_address(app: &App, secret: &str, now: DateTime<Utc>) -> Result<()> {
    let tx = app.db.write().await?;
    let (link, account) = by_mail(&tx, secret, now).await?;
    let Some(address) = link.address else {
        return Err(Error::NotFound("link"));
    };
    spend(&tx, link.id, now).await?;
    account::Entity::update_many()
        .col_expr(account::Column::Email, Expr::value(address))
        .col_expr(
            account::Column::Version,
            Expr::col(account::Column::Version).add(1),
        )
        .filter(account::Column::Id.eq(account.id))
        .exec(&tx)
        .await
        .map(|_| ())
        .on_constraint("account_email_key", || Error::refused("address-taken", ""))?;
    // Whoever still reads the old mailbox finds nothing there that opens.
    void(&tx, account.id, LinkKind::ALL, now).await?;
    tx.commit().await?;
    tracing::info!(account = %account.id, "address changed");
    Ok(())
}

/// The last links sent to an account.
pub(crate) async fn sent(
    db: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Vec<account_link::Model>> {
    Ok(account_link::Entity::find()
        .filter(account_link::Column::AccountId.eq(account))
        .filter(account_link::Column::Kind.ne(LinkKind::SecondStep))
        .order_by_desc(account_link::Column::CreatedAt)
        .limit(SHOWN)
        .all(db)
        .await?)
}
