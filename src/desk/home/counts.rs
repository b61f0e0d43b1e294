//! The figures of homes. Each is one statement over an index.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entities::device;
use entities::enums::{CustodyKind, Stage};
use entities::ids::SiteId;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::error::Result;

/// How many stand at a stage, and since when the oldest does.
#[derive(Clone, Copy, Debug)]
pub(super) struct AtStage {
    pub(super) count: i64,
    pub(super) oldest: DateTime<Utc>,
}

/// Devices that nobody is waiting for, by stage, at one site or at all.
pub(super) async fn by_stage(
    db: &impl ConnectionTrait,
    site: Option<SiteId>,
) -> Result<BTreeMap<Stage, AtStage>> {
    let mut query = device::Entity::find()
        .select_only()
        .column(device::Column::Stage)
        .column_as(device::Column::Id.count(), "devices")
        .column_as(device::Column::StageSince.min(), "oldest")
        .filter(device::Column::Custody.eq(CustodyKind::Site))
        .filter(device::Column::HeldFor.is_null());
    if let Some(site) = site {
        query = query.filter(device::Column::SiteId.eq(site));
    }
    let rows: Vec<(Stage, i64, DateTime<Utc>)> = query
        .group_by(device::Column::Stage)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(stage, count, oldest)| (stage, AtStage { count, oldest }))
        .collect())
}

/// How many devices are in a kind of custody, at one site or at all.
pub(super) async fn in_custody(
    db: &impl ConnectionTrait,
    custody: CustodyKind,
    site: Option<SiteId>,
) -> Result<i64> {
    let mut query = device::Entity::find().filter(device::Column::Custody.eq(custody));
    if let Some(site) = site {
        query = query.filter(device::Column::SiteId.eq(site));
    }
    whole(query.count(db).await?)
}

/// The devices of a site at a stage that wait longest.
pub(super) async fn oldest(
    db: &impl ConnectionTrait,
    site: SiteId,
    stage: Stage,
    limit: u64,
) -> Result<Vec<device::Model>> {
    Ok(device::Entity::find()
        .filter(device::Column::SiteId.eq(site))
        .filter(device::Column::Stage.eq(stage))
        .filter(device::Column::Custody.eq(CustodyKind::Site))
        .filter(device::Column::HeldFor.is_null())
        .order_by_asc(device::Column::StageSince)
        .order_by_asc(device::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Devices registered between two moments.
pub(super) async fn registered(
    db: &impl ConnectionTrait,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<i64> {
    whole(
        device::Entity::find()
            .filter(device::Column::RegisteredAt.gte(from))
            .filter(device::Column::RegisteredAt.lt(to))
            .count(db)
            .await?,
    )
}

/// Devices handed over between two moments.
pub(super) async fn handed_over(
    db: &impl ConnectionTrait,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<i64> {
    whole(
        entities::handover::Entity::find()
            .filter(entities::handover::Column::At.gte(from))
            .filter(entities::handover::Column::At.lt(to))
            .count(db)
            .await?,
    )
}

/// A count as a figure.
pub(super) fn whole(count: u64) -> Result<i64> {
    i64::try_from(count).map_err(crate::error::Error::internal)
}
