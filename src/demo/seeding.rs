//! The mark of a seed: begun with its first rows, ended with its last. Whoever opens an instance whose seed was cut
//! short is told so.

use chrono::{DateTime, Utc};
use entities::ids::SeedingId;
use entities::seeding;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::rows::insert;
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};

/// Says that a seed begins.
pub(super) async fn begin(tx: &Tx, devices: usize, now: DateTime<Utc>) -> Result<SeedingId> {
    let id = SeedingId(id_at(now));
    let row = seeding::Model {
        id,
        devices: i64::try_from(devices).unwrap_or(i64::MAX),
        began_at: now,
        ended_at: None,
    };
    insert::<seeding::Entity, _, seeding::ActiveModel>(tx, vec![row]).await?;
    Ok(id)
}

/// Says that it ended.
pub(super) async fn end(tx: &Tx, id: SeedingId, now: DateTime<Utc>) -> Result<()> {
    seeding::Entity::update_many()
        .col_expr(seeding::Column::EndedAt, Expr::value(now))
        .filter(seeding::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Refuses an instance that is half full.
///
/// # Errors
/// A setup error that says what to do, while a seed is under way or after it was cut short.
pub(crate) async fn refuse_half_full(app: &App) -> Result<()> {
    let under_way = seeding::Entity::find()
        .filter(seeding::Column::EndedAt.is_null())
        .count(app.db.read())
        .await?;
    if under_way == 0 {
        Ok(())
    } else {
        Err(Error::setup(
            "this instance is half full: a seed is under way or was cut short; begin again in another --dir or \
            an empty --database",
        ))
    }
}
