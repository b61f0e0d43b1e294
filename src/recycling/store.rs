//! Reads of lots and their items, and the guarded writes that keep a sealed lot sealed.

use std::collections::HashMap;

use entities::enums::{LotStatus, Stage};
use entities::ids::{DeviceId, LotId, MediumId, OrganisationId, SiteId};
use entities::{device, lot, lot_item, medium, site};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{Error, Result};

/// A lot by reference or id, when it stands at a site of the organisation.
///
/// # Errors
/// [`Error::NotFound`] also for a lot of somebody else.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    name: &str,
) -> Result<lot::Model> {
    let query = match Uuid::parse_str(name) {
        Ok(id) => lot::Entity::find_by_id(LotId(id)),
        Err(_) => lot::Entity::find().filter(lot::Column::Reference.eq(name.to_uppercase())),
    };
    query
        .filter(lot::Column::SiteId.in_subquery(sites_of(organisation)))
        .one(db)
        .await?
        .ok_or(Error::NotFound("lot"))
}

/// What to list.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filter {
    /// Where it stands.
    pub(crate) status: Option<LotStatus>,
    /// At which site.
    pub(crate) site: Option<SiteId>,
    /// Continue after this one.
    pub(crate) after: Option<LotId>,
}

/// One page of an organisation's lots, the newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    filter: Filter,
    limit: u64,
) -> Result<Vec<lot::Model>> {
    let mut query =
        lot::Entity::find().filter(lot::Column::SiteId.in_subquery(sites_of(organisation)));
    if let Some(status) = filter.status {
        query = query.filter(lot::Column::Status.eq(status));
    }
    if let Some(site) = filter.site {
        query = query.filter(lot::Column::SiteId.eq(site));
    }
    if let Some(after) = filter.after {
        query = query.filter(lot::Column::Id.lt(after));
    }
    Ok(query
        .order_by_desc(lot::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// The items in a lot now, the last one first.
pub(crate) async fn items(db: &impl ConnectionTrait, lot: LotId) -> Result<Vec<lot_item::Model>> {
    Ok(lot_item::Entity::find()
        .filter(lot_item::Column::LotId.eq(lot))
        .filter(lot_item::Column::TakenOutAt.is_null())
        .order_by_desc(lot_item::Column::AddedAt)
        .order_by_desc(lot_item::Column::Id)
        .all(db)
        .await?)
}

/// How many items each of some lots holds.
pub(crate) async fn counts(
    db: &impl ConnectionTrait,
    lots: Vec<LotId>,
) -> Result<HashMap<LotId, i64>> {
    let rows: Vec<(LotId, i64)> = lot_item::Entity::find()
        .select_only()
        .column(lot_item::Column::LotId)
        .column_as(lot_item::Column::Id.count(), "n")
        .filter(lot_item::Column::LotId.is_in(lots))
        .filter(lot_item::Column::TakenOutAt.is_null())
        .group_by(lot_item::Column::LotId)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The lot that holds an item now.
pub(crate) async fn lot_of(db: &impl ConnectionTrait, item: Uuid) -> Result<Option<lot::Model>> {
    let live = lot_item::Entity::find()
        .filter(lot_item::Column::ItemId.eq(item))
        .filter(lot_item::Column::TakenOutAt.is_null())
        .one(db)
        .await?;
    match live {
        Some(row) => Ok(lot::Entity::find_by_id(row.lot_id).one(db).await?),
        None => Ok(None),
    }
}

/// Some devices by id.
pub(crate) async fn devices(
    db: &impl ConnectionTrait,
    ids: Vec<DeviceId>,
) -> Result<HashMap<Uuid, device::Model>> {
    let rows = device::Entity::find()
        .filter(device::Column::Id.is_in(ids))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|d| (d.id.0, d)).collect())
}

/// Some media by id.
pub(crate) async fn media(
    db: &impl ConnectionTrait,
    ids: Vec<MediumId>,
) -> Result<HashMap<Uuid, medium::Model>> {
    let rows = medium::Entity::find()
        .filter(medium::Column::Id.is_in(ids))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|m| (m.id.0, m)).collect())
}

/// Devices of an organisation at their end of life that are in no lot yet, the oldest first.
pub(crate) async fn waiting(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    limit: u64,
) -> Result<Vec<device::Model>> {
    let in_a_lot = Query::select()
        .column(lot_item::Column::ItemId)
        .from(lot_item::Entity)
        .and_where(lot_item::Column::TakenOutAt.is_null())
        .and_where(lot_item::Column::ItemId.is_not_null())
        .to_owned();
    Ok(device::Entity::find()
        .filter(device::Column::SiteId.in_subquery(sites_of(organisation)))
        .filter(device::Column::Stage.eq(Stage::EndOfLife))
        .filter(device::Column::Custody.eq(entities::enums::CustodyKind::Site))
        .filter(device::Column::Id.not_in_subquery(in_a_lot))
        .order_by_asc(device::Column::StageSince)
        .order_by_asc(device::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Changes a lot that still has the status one saw: whoever comes second changes nothing.
/// Also locks its row until the commit, so that items and seal never cross.
///
/// # Errors
/// `otherwise` when the lot has left that status.
pub(crate) async fn change(
    tx: &Tx,
    lot: LotId,
    from: LotStatus,
    changes: lot::ActiveModel,
    otherwise: impl FnOnce() -> Error,
) -> Result<()> {
    let done = lot::Entity::update_many()
        .set(changes)
        .col_expr(lot::Column::Version, Expr::col(lot::Column::Version).add(1))
        .filter(lot::Column::Id.eq(lot))
        .filter(lot::Column::Status.eq(from))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(otherwise())
    }
}

fn sites_of(organisation: OrganisationId) -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(site::Column::Id)
        .from(site::Entity)
        .and_where(site::Column::OrganisationId.eq(organisation))
        .to_owned()
}
