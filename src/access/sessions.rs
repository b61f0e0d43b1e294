//! Sessions of pages: random, kept only as a hash, checked against the account and its role at every request, in one
//! look, so that a disabled account or an ended role is out at once.

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::Role;
use entities::ids::{AccountId, AccountRoleId, BenchId, OrganisationId, SessionId, SiteId};
use entities::{account, account_role, bench, session};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, IntoCondition};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef, Select,
};

use super::actor::Owes;
use super::rules::Scope;
use super::{Actor, assignments};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::french;
use crate::seal::sha256;

/// Letters of a session's or API token's secret: 5 bits each, 160 bits.
pub(super) const SECRET: usize = 32;
/// Minutes after which a session at a shared bench ends when nobody uses it.
const BENCH_MINUTES: i64 = 15;

/// Who a session or a token stands for.
#[derive(Debug, FromQueryResult)]
pub(super) struct Who {
    account: AccountId,
    name: String,
    password_until: Option<DateTime<Utc>>,
    factor_since: Option<DateTime<Utc>>,
    assignment: AccountRoleId,
    role: Role,
    organisation: OrganisationId,
    usual_site: Option<SiteId>,
}

impl Who {
    pub(super) fn actor(self) -> Actor {
        Actor {
            account: self.account,
            session: None,
            bench: None,
            assignment: self.assignment,
            role: self.role,
            organisation: self.organisation,
            site: self.usual_site,
            name: self.name,
            owes: None,
            scope: Scope::All,
        }
    }
}

#[derive(Debug, FromQueryResult)]
struct Found {
    id: SessionId,
    bench_id: Option<BenchId>,
    site_id: Option<SiteId>,
    seen_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    #[sea_orm(nested)]
    who: Who,
}

/// Joins the account and the assignment that must both be good now, and selects who that is.
pub(super) fn who<E: EntityTrait>(
    query: Select<E>,
    to_assignment: RelationDef,
    now: DateTime<Utc>,
) -> Select<E> {
    let to_account = account_role::Entity::belongs_to(account::Entity)
        .from(account_role::Column::AccountId)
        .to(account::Column::Id)
        .into();
    query
        .join(JoinType::InnerJoin, to_assignment)
        .join(JoinType::InnerJoin, to_account)
        .column_as(account::Column::Id, "account")
        .column_as(account::Column::DisplayName, "name")
        .column_as(account::Column::PasswordUntil, "password_until")
        .column_as(account::Column::FactorSince, "factor_since")
        .column_as(account_role::Column::Id, "assignment")
        .column_as(account_role::Column::Role, "role")
        .column_as(account_role::Column::OrganisationId, "organisation")
        .column_as(account_role::Column::SiteId, "usual_site")
        .filter(account::Column::DisabledAt.is_null())
        .filter(assignments::live(french::local_date(now)))
}

/// The actor of a session's cookie, if it is still good.
pub(crate) async fn by_cookie(app: &App, secret: &str) -> Result<Option<Actor>> {
    let now = app.clock.now();
    let to_assignment = session::Entity::belongs_to(account_role::Entity)
        .from(session::Column::AssignmentId)
        .to(account_role::Column::Id)
        .into();
    let query = session::Entity::find()
        .select_only()
        .columns([
            session::Column::Id,
            session::Column::BenchId,
            session::Column::SiteId,
            session::Column::SeenAt,
            session::Column::EndsAt,
        ])
        .filter(session::Column::TokenHash.eq(sha256(secret.as_bytes()).to_vec()))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(session::Column::EndsAt.gt(now));
    let found = who(query, to_assignment, now)
        .into_model::<Found>()
        .one(app.db.read())
        .await?;
    let Some(found) = found else {
        return Ok(None);
    };
    // Kept to the minute: a write at every request would make each page a write.
    if now - found.seen_at > TimeDelta::minutes(1) {
        let tx = app.db.write().await?;
        let expires = std::cmp::min(idle(app, found.bench_id, now), found.ends_at);
        session::Entity::update_many()
            .col_expr(session::Column::SeenAt, Expr::value(now))
            .col_expr(session::Column::ExpiresAt, Expr::value(expires))
            .filter(session::Column::Id.eq(found.id))
            .exec(&tx)
            .await?;
        tx.commit().await?;
    }
    let owes = owes(app, &found.who);
    let actor = found.who.actor();
    Ok(Some(Actor {
        session: Some(found.id),
        bench: found.bench_id,
        site: found.site_id.or(actor.site),
        owes,
        ..actor
    }))
}

/// What must be done before anything else. A token owes nothing: it was made by somebody who was in already.
fn owes(app: &App, who: &Who) -> Option<Owes> {
    let policy = &app.config.security.second_factor_for;
    if who.password_until.is_some() {
        Some(Owes::Password)
    } else if who.factor_since.is_none() && policy.contains(&who.role) {
        Some(Owes::SecondFactor)
    } else {
        None
    }
}

/// When a session ends that nobody uses.
pub(super) fn idle(app: &App, bench: Option<BenchId>, now: DateTime<Utc>) -> DateTime<Utc> {
    now + match bench {
        Some(_) => TimeDelta::minutes(BENCH_MINUTES),
        None => TimeDelta::hours(app.config.security.session_hours),
    }
}

/// Begins a session in a role and answers its secret: always a fresh one, whatever the browser carried before.
pub(super) async fn begin(
    app: &App,
    tx: &Tx,
    role: &account_role::Model,
    bench: Option<&bench::Model>,
    now: DateTime<Utc>,
) -> Result<String> {
    let secret = app.chance.secret(SECRET);
    let at = bench.map(|b| b.id);
    let longest = now + TimeDelta::hours(app.config.security.session_longest_hours);
    // A bench is one until the night, and nobody stays at it longer.
    let ends_at = bench.map_or(longest, |b| std::cmp::min(b.expires_at, longest));
    session::Entity::insert(session::ActiveModel {
        id: Set(SessionId(id_at(now))),
        account_id: Set(role.account_id),
        assignment_id: Set(role.id),
        bench_id: Set(at),
        token_hash: Set(sha256(secret.as_bytes()).to_vec()),
        site_id: Set(bench.map(|b| b.site_id).or(role.site_id)),
        created_at: Set(now),
        seen_at: Set(now),
        expires_at: Set(std::cmp::min(idle(app, at, now), ends_at)),
        ends_at: Set(ends_at),
        revoked_at: Set(None),
    })
    .exec_without_returning(tx)
    .await?;
    assignments::note_last(tx, role.account_id, role.id).await?;
    Ok(secret)
}

/// Gives a session another secret: who held the old one is out.
pub(super) async fn rotate(app: &App, tx: &Tx, session: SessionId) -> Result<String> {
    let secret = app.chance.secret(SECRET);
    session::Entity::update_many()
        .col_expr(
            session::Column::TokenHash,
            Expr::value(sha256(secret.as_bytes()).to_vec()),
        )
        .filter(session::Column::Id.eq(session))
        .exec(tx)
        .await?;
    Ok(secret)
}

/// Ends the sessions that a condition names.
pub(super) async fn revoke(tx: &Tx, which: impl IntoCondition, now: DateTime<Utc>) -> Result<u64> {
    let done = session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(which.into_condition())
        .filter(session::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Ends all sessions of an account.
pub(super) async fn revoke_all(tx: &Tx, account: AccountId, now: DateTime<Utc>) -> Result<u64> {
    revoke(tx, session::Column::AccountId.eq(account), now).await
}

/// Ends all sessions of an account but one.
pub(super) async fn revoke_others(
    tx: &Tx,
    account: AccountId,
    kept: SessionId,
    now: DateTime<Utc>,
) -> Result<u64> {
    let which = session::Column::AccountId
        .eq(account)
        .and(session::Column::Id.ne(kept));
    revoke(tx, which, now).await
}

/// Ends the session one is in.
pub(crate) async fn sign_out(app: &App, actor: &Actor) -> Result<()> {
    let Some(id) = actor.session else {
        return Ok(());
    };
    let tx = app.db.write().await?;
    revoke(&tx, session::Column::Id.eq(id), app.clock.now()).await?;
    tx.commit().await
}

/// One's own sessions that still are good, the one used last first.
pub(crate) async fn own(
    db: &impl ConnectionTrait,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<session::Model>> {
    Ok(session::Entity::find()
        .filter(session::Column::AccountId.eq(account))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .filter(session::Column::EndsAt.gt(now))
        .order_by_desc(session::Column::SeenAt)
        .all(db)
        .await?)
}

/// Ends one of one's own sessions.
pub(crate) async fn end_one(app: &App, actor: &Actor, id: SessionId) -> Result<()> {
    actor.own_session()?;
    let tx = app.db.write().await?;
    let which = session::Column::AccountId
        .eq(actor.account)
        .and(session::Column::Id.eq(id));
    if revoke(&tx, which, app.clock.now()).await? == 0 {
        return Err(Error::NotFound("session"));
    }
    tx.commit().await
}

/// Ends all of one's own sessions but the one that asks, and answers how many there were.
pub(crate) async fn end_others(app: &App, actor: &Actor) -> Result<u64> {
    let kept = actor.own_session()?;
    let tx = app.db.write().await?;
    let ended = revoke_others(&tx, actor.account, kept, app.clock.now()).await?;
    tx.commit().await?;
    Ok(ended)
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
