//! Reads and writes of anchors.

use chrono::{DateTime, Utc};
use entities::enums::ItemKind;
use entities::ids::{AnchorId, DeviceId, MediumId};
use entities::{anchor, device, medium};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::list::Entry;
use super::statement::Signed;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, OnConstraint, Result};

/// Items read at a time.
const PAGE: u64 = 2_000;

/// The newest anchor.
pub(crate) async fn latest(db: &impl ConnectionTrait) -> Result<Option<anchor::Model>> {
    Ok(anchor::Entity::find()
        .order_by_desc(anchor::Column::Number)
        .one(db)
        .await?)
}

/// The anchors after one, in order.
pub(crate) async fn after(
    db: &impl ConnectionTrait,
    number: i64,
    most: u64,
) -> Result<Vec<anchor::Model>> {
    Ok(anchor::Entity::find()
        .filter(anchor::Column::Number.gt(number))
        .order_by_asc(anchor::Column::Number)
        .limit(most)
        .all(db)
        .await?)
}

/// Adds an anchor; somebody else may have been faster.
pub(super) async fn insert(tx: &Tx, signed: &Signed, at: DateTime<Utc>) -> Result<()> {
    let stated = &signed.anchor;
    anchor::Entity::insert(anchor::ActiveModel {
        id: Set(AnchorId(id_at(at))),
        number: Set(stated.number),
        at: Set(at),
        devices: Set(stated.devices),
        media: Set(stated.media),
        root: Set(stated.root.clone()),
        previous: Set(stated.previous.clone()),
        hash: Set(stated.hash()?),
        statement: Set(signed.text()?),
    })
    .exec_without_returning(tx)
    .await
    .map(|_| ())
    .on_constraint("anchor_in_order", || Error::Stale("anchor"))
}

/// The items of a kind after one, in order of id, as their rows point at their journals.
pub(super) async fn heads(
    db: &impl ConnectionTrait,
    kind: ItemKind,
    after: Option<Uuid>,
) -> Result<Vec<Entry>> {
    match kind {
        ItemKind::Device => {
            use device::Column;
            let mut query = device::Entity::find()
                .select_only()
                .columns([Column::Id, Column::Code, Column::Version, Column::Head])
                .order_by_asc(Column::Id)
                .limit(PAGE);
            if let Some(after) = after {
                query = query.filter(Column::Id.gt(DeviceId(after)));
            }
            let rows = query
                .into_tuple::<(DeviceId, String, i64, String)>()
                .all(db)
                .await?;
            let entry = |(id, code, n, head): (DeviceId, _, _, _)| Entry {
                kind,
                id: id.0,
                code: Some(code),
                n,
                head,
            };
            Ok(rows.into_iter().map(entry).collect())
        }
        ItemKind::Medium => {
            use medium::Column;
            let mut query = medium::Entity::find()
                .select_only()
                .columns([Column::Id, Column::Code, Column::Version, Column::Head])
                .order_by_asc(Column::Id)
                .limit(PAGE);
            if let Some(after) = after {
                query = query.filter(Column::Id.gt(MediumId(after)));
            }
            let rows = query
                .into_tuple::<(MediumId, Option<String>, i64, String)>()
                .all(db)
                .await?;
            let entry = |(id, code, n, head): (MediumId, _, _, _)| Entry {
                kind,
                id: id.0,
                code,
                n,
                head,
            };
            Ok(rows.into_iter().map(entry).collect())
        }
    }
}
