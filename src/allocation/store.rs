//! Reads of allocations and runs, and the guarded writes of their rows.

use std::collections::HashSet;

use entities::ids::{AllocationId, DeviceId, RequestId, RunId};
use entities::{allocation, allocation_run};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::db::Tx;
use crate::error::{Error, OnConstraint, Result};

/// An allocation by its id.
pub(super) async fn by_id(
    db: &impl ConnectionTrait,
    id: AllocationId,
) -> Result<allocation::Model> {
    found(db, id).await?.ok_or(Error::NotFound("allocation"))
}

/// An allocation by its id, if there is one.
pub(super) async fn found(
    db: &impl ConnectionTrait,
    id: AllocationId,
) -> Result<Option<allocation::Model>> {
    Ok(allocation::Entity::find_by_id(id).one(db).await?)
}

/// What a run gave.
pub(super) async fn of_run(
    db: &impl ConnectionTrait,
    run: RunId,
) -> Result<Vec<allocation::Model>> {
    Ok(allocation::Entity::find()
        .filter(allocation::Column::RunId.eq(run))
        .all(db)
        .await?)
}

/// The live allocation of a request: on hold or kept.
pub(super) async fn live(
    db: &impl ConnectionTrait,
    request: RequestId,
) -> Result<Option<allocation::Model>> {
    Ok(allocation::Entity::find()
        .filter(allocation::Column::RequestId.eq(request))
        .filter(allocation::Column::EndedAt.is_null())
        .one(db)
        .await?)
}

/// The live allocation of a device.
pub(super) async fn live_of_device(
    db: &impl ConnectionTrait,
    device: DeviceId,
) -> Result<Option<allocation::Model>> {
    Ok(allocation::Entity::find()
        .filter(allocation::Column::DeviceId.eq(device))
        .filter(allocation::Column::EndedAt.is_null())
        .one(db)
        .await?)
}

/// Writes an allocation; the unique keys have the last word.
///
/// # Errors
/// `device-already-held`, `request-already-held`.
pub(super) async fn insert(tx: &Tx, row: allocation::Model) -> Result<allocation::Model> {
    allocation::Entity::insert(allocation::ActiveModel::from(row.clone()))
        .exec_without_returning(tx)
        .await
        .map_err(|error| {
            if crate::error::violates(&error, "allocation_one_live_per_device") {
                Error::refused("device-already-held", "")
            } else if crate::error::violates(&error, "allocation_one_live_per_request") {
                Error::refused("request-already-held", "")
            } else {
                error.into()
            }
        })?;
    Ok(row)
}

/// Writes columns of an allocation that is live and on hold (`kept` none) or kept (`kept` true).
///
/// # Errors
/// [`Error::Stale`] when it isn't any more.
pub(super) async fn update(
    tx: &Tx,
    id: AllocationId,
    kept: Option<bool>,
    changed: allocation::ActiveModel,
) -> Result<()> {
    let query = allocation::Entity::update_many()
        .set(changed)
        .filter(allocation::Column::Id.eq(id))
        .filter(allocation::Column::EndedAt.is_null());
    let query = match kept {
        None => query.filter(allocation::Column::Kept.is_null()),
        Some(kept) => query.filter(allocation::Column::Kept.eq(kept)),
    };
    let done = query
        .exec(tx)
        .await
        .on_constraint("allocation_ended_is_decided", || Error::Stale("allocation"))?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::Stale("allocation"))
    }
}

/// Writes a run; false when its id is taken already.
pub(super) async fn insert_run(tx: &Tx, row: allocation_run::Model) -> Result<bool> {
    let inserted = allocation_run::Entity::insert(allocation_run::ActiveModel::from(row))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(inserted == 1)
}

/// Writes what an applied run gave.
pub(super) async fn set_result(tx: &Tx, id: RunId, result: String) -> Result<()> {
    allocation_run::Entity::update_many()
        .set(allocation_run::ActiveModel {
            result: Set(result),
            ..Default::default()
        })
        .filter(allocation_run::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The latest runs.
pub(super) async fn runs(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<allocation_run::Model>> {
    Ok(allocation_run::Entity::find()
        .order_by_desc(allocation_run::Column::At)
        .limit(limit)
        .all(db)
        .await?)
}

/// Which of some requests have a live allocation.
pub(super) async fn live_requests(
    db: &impl ConnectionTrait,
    requests: Vec<RequestId>,
) -> Result<HashSet<RequestId>> {
    let rows = allocation::Entity::find()
        .filter(allocation::Column::RequestId.is_in(requests))
        .filter(allocation::Column::EndedAt.is_null())
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.request_id).collect())
}

/// A run by its id.
pub(super) async fn run(db: &impl ConnectionTrait, id: RunId) -> Result<allocation_run::Model> {
    found_run(db, id).await?.ok_or(Error::NotFound("run"))
}

/// A run by its id, if there is one.
pub(super) async fn found_run(
    db: &impl ConnectionTrait,
    id: RunId,
) -> Result<Option<allocation_run::Model>> {
    Ok(allocation_run::Entity::find_by_id(id).one(db).await?)
}
