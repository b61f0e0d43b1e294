//! When upkeep was last done: what an operator is reminded of.

use chrono::{DateTime, Utc};
use entities::upkeep;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::db::Tx;
use crate::error::Result;

/// Says that something was done.
pub(crate) async fn done(tx: &Tx, what: &str, at: DateTime<Utc>) -> Result<()> {
    upkeep::Entity::insert(upkeep::ActiveModel {
        what: Set(what.to_owned()),
        at: Set(at),
    })
    .on_conflict(
        OnConflict::column(upkeep::Column::What)
            .update_column(upkeep::Column::At)
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// When something was last done.
pub(crate) async fn last(db: &impl ConnectionTrait, what: &str) -> Result<Option<DateTime<Utc>>> {
    let row = upkeep::Entity::find_by_id(what.to_owned()).one(db).await?;
    Ok(row.map(|row| row.at))
}
