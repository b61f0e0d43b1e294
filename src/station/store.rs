//! One read that brings what a scan needs, and the rows that keep each scan's fate.

use chrono::{DateTime, Utc};
use entities::enums::ScanOutcome;
use entities::ids::{DeviceId, SiteId};
use entities::{custody_event, device, medium, scan, site};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, LockType, OnConflict, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Iterable, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use crate::access::Actor;
use crate::db::Tx;
use crate::error::{Error, Result};

/// What a scan found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The device that carries the code.
    pub(super) device: device::Model,
    /// Its media.
    pub(super) media: Vec<medium::Model>,
    /// Where the scanner says to stand, if there is such a site.
    pub(super) site: Option<site::Model>,
    /// The same scan, sent before.
    pub(super) scan: Option<scan::Model>,
}

/// How a scan names the place.
#[derive(Clone, Debug)]
pub(super) enum Standing {
    /// By slug or id.
    Named(String),
    /// Where the session stands or the account works.
    Usual(SiteId),
    /// Not at all.
    Nowhere,
}

/// The device of a current code with its media, the site named and the scan of that id: one statement. Locks the
/// device's row where the database locks rows. None when no device carries the code now.
pub(super) async fn load(
    tx: &Tx,
    code: &str,
    standing: &Standing,
    scan_id: Uuid,
) -> Result<Option<Found>> {
    let mut select = Query::select();
    columns::<device::Entity>(&mut select, "d_");
    columns::<medium::Entity>(&mut select, "m_");
    columns::<site::Entity>(&mut select, "s_");
    columns::<scan::Entity>(&mut select, "n_");
    let id = (site::Entity, site::Column::Id);
    let at = match standing {
        Standing::Nowhere => Expr::col(id).is_null(),
        Standing::Usual(site) => Expr::col(id).eq(*site),
        Standing::Named(name) => match Uuid::parse_str(name) {
            Ok(site) => Expr::col(id).eq(SiteId(site)),
            Err(_) => Expr::col((site::Entity, site::Column::Slug)).eq(name.as_str()),
        },
    };
    select
        .from(device::Entity)
        .left_join(
            medium::Entity,
            Expr::col((medium::Entity, medium::Column::DeviceId))
                .equals((device::Entity, device::Column::Id)),
        )
        .left_join(site::Entity, at)
        .left_join(
            scan::Entity,
            Expr::col((scan::Entity, scan::Column::ScanId)).eq(scan_id),
        )
        .and_where(Expr::col((device::Entity, device::Column::Code)).eq(code));
    if tx.is_postgres() {
        select.lock_with_tables(LockType::Update, [device::Entity]);
    }
    let rows = tx.query_all(&select).await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let mut media = Vec::with_capacity(rows.len());
    for row in &rows {
        media.extend(medium::Model::from_query_result_optional(row, "m_")?);
    }
    media.sort_by_key(|m| m.id);
    Ok(Some(Found {
        device: device::Model::from_query_result(first, "d_")?,
        media,
        site: site::Model::from_query_result_optional(first, "s_")?,
        scan: scan::Model::from_query_result_optional(first, "n_")?,
    }))
}

fn columns<E: EntityTrait>(select: &mut SelectStatement, prefix: &str) {
    use sea_orm::IdenStatic;
    for column in E::Column::iter() {
        let name = Alias::new(format!("{prefix}{}", column.as_str()));
        select.expr_as(column.select_as(Expr::col((E::default(), column))), name);
    }
}

/// The scan of an id.
pub(super) async fn scan(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<scan::Model>> {
    Ok(scan::Entity::find_by_id(id).one(db).await?)
}

/// What is kept of a scan.
#[derive(Clone, Debug)]
pub(super) struct Kept<'a> {
    pub(super) id: Uuid,
    /// Canonical, or empty for what was no code.
    pub(super) code: &'a str,
    pub(super) action: Option<&'static str>,
    pub(super) site: Option<SiteId>,
    pub(super) device: Option<DeviceId>,
    pub(super) hash: &'a [u8],
    pub(super) outcome: ScanOutcome,
    /// JSON: event number, or the problem.
    pub(super) answer: String,
    pub(super) occurred: DateTime<Utc>,
    pub(super) recorded: DateTime<Utc>,
}

/// Keeps a scan's fate. False when a scan of that id is there already: the key decides, not a look before.
pub(super) async fn keep(tx: &Tx, actor: &Actor, kept: Kept<'_>) -> Result<bool> {
    let row = scan::ActiveModel {
        scan_id: Set(kept.id),
        account_id: Set(actor.account),
        code: Set(kept.code.to_owned()),
        action: Set(kept.action.map(str::to_owned)),
        site_id: Set(kept.site),
        device_id: Set(kept.device),
        body_hash: Set(kept.hash.to_vec()),
        outcome: Set(kept.outcome),
        answer: Set(kept.answer),
        occurred_at: Set(kept.occurred),
        recorded_at: Set(kept.recorded),
    };
    let inserted = scan::Entity::insert(row)
        .on_conflict(
            OnConflict::column(scan::Column::ScanId)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(inserted == 1)
}

/// A line of a device's journal by its number.
pub(super) async fn line(
    db: &impl ConnectionTrait,
    device: DeviceId,
    n: i64,
) -> Result<custody_event::Model> {
    custody_event::Entity::find()
        .filter(custody_event::Column::ItemId.eq(device.0))
        .filter(custody_event::Column::N.eq(n))
        .one(db)
        .await?
        .ok_or(Error::NotFound("event"))
}

/// The line that says how a device came to the site where it is.
pub(super) async fn came(
    db: &impl ConnectionTrait,
    device: DeviceId,
) -> Result<custody_event::Model> {
    let arrivals = ["registered", "moved", "received", "returned", "found"];
    custody_event::Entity::find()
        .filter(custody_event::Column::ItemId.eq(device.0))
        .filter(custody_event::Column::Event.is_in(arrivals))
        .order_by_desc(custody_event::Column::N)
        .one(db)
        .await?
        .ok_or(Error::NotFound("event"))
}

/// The value of one unit of the gift a device came with, as its donor stated it.
pub(super) async fn unit_value(
    db: &impl ConnectionTrait,
    device: &device::Model,
) -> Result<Option<i64>> {
    let donation = entities::donation::Entity::find_by_id(device.donation_id)
        .one(db)
        .await?;
    Ok(donation.and_then(|d| d.unit_value_cents))
}

/// An account's latest scans, the newest first.
pub(super) async fn latest(
    db: &impl ConnectionTrait,
    actor: &Actor,
    since: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<scan::Model>> {
    use sea_orm::QuerySelect;
    Ok(scan::Entity::find()
        .filter(scan::Column::AccountId.eq(actor.account))
        .filter(scan::Column::RecordedAt.gte(since))
        .order_by_desc(scan::Column::RecordedAt)
        .limit(limit)
        .all(db)
        .await?)
}
