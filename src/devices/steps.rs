//! What other domains do to devices inside their transaction.

use chrono::{DateTime, Utc};
use entities::enums::{BreachReason, CodeState};
use entities::ids::{BreachCaseId, DeviceId, MediumId};
use entities::{breach_case, device, device_code};
use labels::code::Code;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::chance::Chance;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::{store, terms};
use crate::error::{Error, Result};

/// Hours within which a data breach is notified (GDPR art. 33).
const BREACH_HOURS: i64 = 72;

/// The device of a code, its row locked where the database locks rows.
pub(crate) async fn find(tx: &Tx, code: &str) -> Result<device::Model> {
    let found = store::by_code(tx, code).await?;
    if tx.is_postgres() {
        lock(tx, found.id).await
    } else {
        Ok(found)
    }
}

/// A device by id, its row locked where the database locks rows.
pub(crate) async fn lock(tx: &Tx, id: DeviceId) -> Result<device::Model> {
    let mut query = device::Entity::find_by_id(id);
    if tx.is_postgres() {
        query = query.lock_exclusive();
    }
    query.one(tx).await?.ok_or(Error::NotFound("device"))
}

/// Draws a code nobody carries and reserves it as a blank label.
pub(crate) async fn draw_code(tx: &Tx, chance: &Chance, now: DateTime<Utc>) -> Result<Code> {
    for _ in 0..20 {
        let code = Code::draw(|| chance.bytes::<1>()[0]);
        let row = device_code::ActiveModel {
            code: Set(code.as_str().to_owned()),
            device_id: Set(None),
            medium_id: Set(None),
            state: Set(CodeState::Blank),
            printed_at: Set(now),
        };
        let inserted = device_code::Entity::insert(row)
            .on_conflict(
                OnConflict::column(device_code::Column::Code)
                    .do_nothing()
                    .to_owned(),
            )
            .exec_without_returning(tx)
            .await?;
        if inserted == 1 {
            return Ok(code);
        }
    }
    Err(Error::broken("twenty codes in a row were taken"))
}

/// Claims a blank label for a device.
///
/// # Errors
/// `code-taken` when something carries it, [`Error::UnknownCode`] when nobody printed it.
pub(crate) async fn claim_code(tx: &Tx, code: &Code, device: DeviceId) -> Result<()> {
    claim(tx, code, Some(device), None).await
}

/// Claims a blank label for a loose medium.
pub(crate) async fn claim_code_for_medium(tx: &Tx, code: &Code, medium: MediumId) -> Result<()> {
    claim(tx, code, None, Some(medium)).await
}

async fn claim(
    tx: &Tx,
    code: &Code,
    device: Option<DeviceId>,
    medium: Option<MediumId>,
) -> Result<()> {
    let done = device_code::Entity::update_many()
        .col_expr(device_code::Column::State, Expr::value(CodeState::Live))
        .col_expr(device_code::Column::DeviceId, Expr::value(device))
        .col_expr(device_code::Column::MediumId, Expr::value(medium))
        .filter(device_code::Column::Code.eq(code.as_str()))
        .filter(device_code::Column::State.eq(CodeState::Blank))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 {
        return Ok(());
    }
    let printed = device_code::Entity::find_by_id(code.as_str().to_owned())
        .one(tx)
        .await?;
    Err(if printed.is_some() {
        Error::refused("code-taken", "")
    } else {
        Error::UnknownCode
    })
}

/// The words that find a device, those of the disks in it apart.
pub(crate) fn terms(device: &device::Model) -> Vec<String> {
    terms::of_device(device).into_iter().collect()
}

/// The words that find a device by a disk in it.
pub(crate) fn disk_terms(serial: &str) -> Vec<String> {
    terms::of_text(serial)
}

/// After a correction: what a device was found by before finds it no longer.
pub(crate) async fn reindex(tx: &Tx, device: &device::Model) -> Result<()> {
    terms::renew(tx, device).await
}

/// Opens a data-breach case with its 72-hour clock.
pub(crate) async fn open_breach_case(
    tx: &Tx,
    item: Uuid,
    reason: BreachReason,
    now: DateTime<Utc>,
) -> Result<()> {
    breach_case::Entity::insert(breach_case::ActiveModel {
        id: Set(BreachCaseId(id_at(now))),
        item_id: Set(item),
        reason: Set(reason),
        opened_at: Set(now),
        due_at: Set(now + chrono::TimeDelta::hours(BREACH_HOURS)),
        closed_at: Set(None),
        outcome: Set(None),
        closed_by: Set(None),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}
