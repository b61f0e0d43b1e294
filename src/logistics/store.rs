//! Reads of data-breach cases, and the guarded write that settles one once.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::enums::BreachOutcome;
use entities::ids::{AccountId, BreachCaseId, DeviceId, MediumId};
use entities::{account, breach_case, device, medium};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{Error, Result};

/// A case with what it is about.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The row.
    pub(crate) row: breach_case::Model,
    /// The device, or the one the medium is in.
    pub(crate) device: Option<device::Model>,
    /// The medium, when the case is of one.
    pub(crate) medium: Option<medium::Model>,
    /// Who settled it.
    pub(crate) by: Option<String>,
}

/// The open cases, the most urgent first, and the last settled ones, each at most `limit`.
pub(crate) async fn cases(db: &impl ConnectionTrait, limit: u64) -> Result<(Vec<Case>, Vec<Case>)> {
    let open = breach_case::Entity::find()
        .filter(breach_case::Column::ClosedAt.is_null())
        .order_by_asc(breach_case::Column::DueAt)
        .limit(limit)
        .all(db)
        .await?;
    let settled = breach_case::Entity::find()
        .filter(breach_case::Column::ClosedAt.is_not_null())
        .order_by_desc(breach_case::Column::ClosedAt)
        .limit(limit)
        .all(db)
        .await?;
    Ok((with_items(db, open).await?, with_items(db, settled).await?))
}

async fn with_items(db: &impl ConnectionTrait, rows: Vec<breach_case::Model>) -> Result<Vec<Case>> {
    let items: Vec<Uuid> = rows.iter().map(|r| r.item_id).collect();
    let media: HashMap<Uuid, medium::Model> = medium::Entity::find()
        .filter(medium::Column::Id.is_in(items.iter().map(|id| MediumId(*id))))
        .all(db)
        .await?
        .into_iter()
        .map(|m| (m.id.0, m))
        .collect();
    let around = media.values().filter_map(|m| m.device_id);
    let wanted: Vec<DeviceId> = items.iter().map(|id| DeviceId(*id)).chain(around).collect();
    let devices: HashMap<DeviceId, device::Model> = device::Entity::find()
        .filter(device::Column::Id.is_in(wanted))
        .all(db)
        .await?
        .into_iter()
        .map(|d| (d.id, d))
        .collect();
    let people: HashMap<AccountId, String> = account::Entity::find()
        .filter(account::Column::Id.is_in(rows.iter().filter_map(|r| r.closed_by)))
        .all(db)
        .await?
        .into_iter()
        .map(|a| (a.id, a.display_name))
        .collect();
    Ok(rows
        .into_iter()
        .map(|row| {
            let medium = media.get(&row.item_id).cloned();
            let of = medium
                .as_ref()
                .and_then(|m| m.device_id)
                .unwrap_or(DeviceId(row.item_id));
            Case {
                device: devices.get(&of).cloned(),
                by: row.closed_by.and_then(|id| people.get(&id).cloned()),
                medium,
                row,
            }
        })
        .collect())
}

/// A case.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub(crate) async fn case(
    db: &impl ConnectionTrait,
    id: BreachCaseId,
) -> Result<breach_case::Model> {
    breach_case::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound("breach case"))
}

/// Settles a case where nobody was faster; whether it was open.
pub(crate) async fn settle(
    tx: &Tx,
    id: BreachCaseId,
    outcome: BreachOutcome,
    by: AccountId,
    now: DateTime<Utc>,
) -> Result<bool> {
    let done = breach_case::Entity::update_many()
        .col_expr(breach_case::Column::ClosedAt, Expr::value(now))
        .col_expr(breach_case::Column::Outcome, Expr::value(outcome.as_str()))
        .col_expr(breach_case::Column::ClosedBy, Expr::value(by))
        .filter(breach_case::Column::Id.eq(id))
        .filter(breach_case::Column::ClosedAt.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}
