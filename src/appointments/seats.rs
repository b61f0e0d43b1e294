//! Seats: one place of one slot is one row with a key, so that two bookings can't have it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entities::ids::{AppointmentId, OpeningId};
use entities::seat;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::rules::OpeningRule;
use crate::db::Tx;
use crate::error::{Error, Result};

/// A slot by its key: opening and start in UTC epoch seconds.
pub(crate) type SlotKey = (OpeningId, i64);

/// Takes the next free seat of a slot. Whoever is beaten to one tries the next, until none is left.
///
/// # Errors
/// `slot-full` when every seat is taken.
pub(crate) async fn take(
    tx: &Tx,
    rule: &OpeningRule,
    starts_at: DateTime<Utc>,
    appointment: AppointmentId,
) -> Result<()> {
    let capacity = i32::from(rule.capacity);
    let start = starts_at.timestamp();
    loop {
        let taken: HashSet<i32> = of_slot(tx, (rule.id, start)).await?;
        let free: Vec<i32> = (1..=capacity).filter(|n| !taken.contains(n)).collect();
        if free.is_empty() {
            return Err(Error::refused("slot-full", ""));
        }
        for n in free {
            let inserted = seat::Entity::insert(seat::ActiveModel {
                opening_id: Set(rule.id),
                starts_at: Set(start),
                n: Set(n),
                capacity: Set(capacity),
                appointment_id: Set(appointment),
            })
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
            if inserted == 1 {
                return Ok(());
            }
        }
    }
}

/// Keeps an appointment's seats in the slots it still needs and frees the others.
pub(crate) async fn keep_only(
    tx: &Tx,
    appointment: AppointmentId,
    needed: &[SlotKey],
) -> Result<HashSet<SlotKey>> {
    let mut kept = HashSet::new();
    for row in of_appointment(tx, appointment).await? {
        let key = (row.opening_id, row.starts_at);
        if needed.contains(&key) {
            kept.insert(key);
        } else {
            seat::Entity::delete_by_id((row.opening_id, row.starts_at, row.n))
                .exec(tx)
                .await?;
        }
    }
    Ok(kept)
}

/// The seats of an appointment.
pub(crate) async fn of_appointment(
    db: &impl ConnectionTrait,
    appointment: AppointmentId,
) -> Result<Vec<seat::Model>> {
    Ok(seat::Entity::find()
        .filter(seat::Column::AppointmentId.eq(appointment))
        .all(db)
        .await?)
}

/// How many seats are taken of each slot of some openings that starts in `from..to`.
pub(crate) async fn taken(
    db: &impl ConnectionTrait,
    openings: Vec<OpeningId>,
    from: i64,
    to: i64,
) -> Result<HashMap<SlotKey, u16>> {
    let rows = seat::Entity::find()
        .filter(seat::Column::OpeningId.is_in(openings))
        .filter(seat::Column::StartsAt.gte(from))
        .filter(seat::Column::StartsAt.lt(to))
        .all(db)
        .await?;
    let mut counts = HashMap::new();
    for row in rows {
        *counts.entry((row.opening_id, row.starts_at)).or_insert(0) += 1;
    }
    Ok(counts)
}

async fn of_slot(tx: &Tx, slot: SlotKey) -> Result<HashSet<i32>> {
    let rows = seat::Entity::find()
        .filter(seat::Column::OpeningId.eq(slot.0))
        .filter(seat::Column::StartsAt.eq(slot.1))
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| row.n).collect())
}
