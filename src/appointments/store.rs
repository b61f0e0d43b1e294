//! Reads and guarded writes of openings, appointments and onboardings.

use chrono::NaiveDate;
use chrono_tz::Europe::Paris;
use entities::ids::{AppointmentId, OnboardingId, OpeningId, RequestId, VenueId};
use entities::{appointment, appointment_request, onboarding, opening};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::rules::{OpeningRule, parse_local, parse_weekdays};
use crate::db::Tx;
use crate::error::{Error, Result};

/// An opening by id.
pub(crate) async fn opening(db: &impl ConnectionTrait, id: OpeningId) -> Result<opening::Model> {
    opening::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or_else(|| Error::refused("slot-unknown", ""))
}

/// Locks an opening's row, beside others who only look at it.
pub(super) async fn keep_opening(tx: &Tx, id: OpeningId) -> Result<()> {
    opening::Entity::find_by_id(id)
        .lock_shared()
        .one(tx)
        .await?;
    Ok(())
}

/// The openings of some venues.
pub(crate) async fn openings_of(
    db: &impl ConnectionTrait,
    venues: Vec<VenueId>,
) -> Result<Vec<opening::Model>> {
    Ok(opening::Entity::find()
        .filter(opening::Column::VenueId.is_in(venues))
        .order_by_asc(opening::Column::Id)
        .all(db)
        .await?)
}

/// The rule of a row.
///
/// # Errors
/// When the row does not hold what the form lets in.
pub(crate) fn rule(row: &opening::Model) -> Result<OpeningRule> {
    let broken = || Error::broken(format!("opening {} can't be read", row.id));
    let minutes = u16::try_from(row.slot_minutes).map_err(|_| broken())?;
    Ok(OpeningRule {
        id: row.id,
        weekdays: parse_weekdays(&row.weekdays).ok_or_else(broken)?,
        start_minute: parse_local(&row.local_start).ok_or_else(broken)?,
        end_minute: parse_local(&row.local_end).ok_or_else(broken)?,
        step_minutes: minutes,
        slot_minutes: minutes,
        capacity: u16::try_from(row.capacity).map_err(|_| broken())?,
        format: row.format,
        pickup: row.pickup,
        onboarding: row.onboarding,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        closed_days: serde_json::from_str::<Vec<NaiveDate>>(&row.closed_days)
            .map_err(|_| broken())?,
        on_holidays: row.on_holidays,
        timezone: Paris,
    })
}

/// An appointment by id.
pub(crate) async fn appointment(
    db: &impl ConnectionTrait,
    id: AppointmentId,
) -> Result<appointment::Model> {
    appointment::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound("appointment"))
}

/// An appointment by id, its row locked where the database locks rows.
pub(crate) async fn lock(tx: &Tx, id: AppointmentId) -> Result<appointment::Model> {
    let mut query = appointment::Entity::find_by_id(id);
    if tx.is_postgres() {
        query = query.lock_exclusive();
    }
    query.one(tx).await?.ok_or(Error::NotFound("appointment"))
}

/// The appointment a client made under this id.
pub(crate) async fn by_client_id(
    db: &impl ConnectionTrait,
    id: Uuid,
) -> Result<Option<appointment::Model>> {
    Ok(appointment::Entity::find()
        .filter(appointment::Column::ClientId.eq(id))
        .one(db)
        .await?)
}

/// The requests an appointment serves, those it no longer serves too.
pub(crate) async fn requests_of(
    db: &impl ConnectionTrait,
    id: AppointmentId,
) -> Result<Vec<appointment_request::Model>> {
    Ok(appointment_request::Entity::find()
        .filter(appointment_request::Column::AppointmentId.eq(id))
        .order_by_asc(appointment_request::Column::RequestId)
        .all(db)
        .await?)
}

/// The live appointment of a request.
pub(crate) async fn live_of(
    db: &impl ConnectionTrait,
    request: RequestId,
) -> Result<Option<appointment_request::Model>> {
    Ok(appointment_request::Entity::find()
        .filter(appointment_request::Column::RequestId.eq(request))
        .filter(appointment_request::Column::Live.eq(true))
        .one(db)
        .await?)
}

/// An onboarding by id.
pub(crate) async fn onboarding(
    db: &impl ConnectionTrait,
    id: OnboardingId,
) -> Result<onboarding::Model> {
    onboarding::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound("onboarding"))
}

/// Writes an appointment as it is now, unless somebody changed it meanwhile.
///
/// # Errors
/// [`Error::Stale`].
pub(crate) async fn update(
    tx: &Tx,
    before: &appointment::Model,
    changed: appointment::ActiveModel,
) -> Result<()> {
    let done = appointment::Entity::update_many()
        .set(appointment::ActiveModel {
            version: sea_orm::ActiveValue::Set(before.version + 1),
            ..changed
        })
        .filter(appointment::Column::Id.eq(before.id))
        .filter(appointment::Column::Version.eq(before.version))
        .filter(appointment::Column::State.eq(before.state))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::Stale("appointment"))
    }
}

/// Writes an onboarding as it is now, unless somebody changed it meanwhile.
///
/// # Errors
/// [`Error::Stale`].
pub(crate) async fn update_onboarding(
    tx: &Tx,
    before: &onboarding::Model,
    changed: onboarding::ActiveModel,
) -> Result<()> {
    let done = onboarding::Entity::update_many()
        .set(onboarding::ActiveModel {
            version: sea_orm::ActiveValue::Set(before.version + 1),
            ..changed
        })
        .filter(onboarding::Column::Id.eq(before.id))
        .filter(onboarding::Column::Version.eq(before.version))
        .filter(onboarding::Column::State.eq(before.state))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::Stale("onboarding"))
    }
}

/// A venue's appointments that start in `from..to` (UTC epoch seconds), in order.
pub(crate) async fn agenda(
    db: &impl ConnectionTrait,
    venues: Vec<VenueId>,
    from: i64,
    to: i64,
) -> Result<Vec<appointment::Model>> {
    Ok(appointment::Entity::find()
        .filter(appointment::Column::VenueId.is_in(venues))
        .filter(appointment::Column::StartsAt.gte(from))
        .filter(appointment::Column::StartsAt.lt(to))
        .order_by_asc(appointment::Column::StartsAt)
        .order_by_asc(appointment::Column::Id)
        .all(db)
        .await?)
}

/// A venue's onboardings that start in `from..to` (UTC epoch seconds), in order.
pub(crate) async fn onboardings(
    db: &impl ConnectionTrait,
    venues: Vec<VenueId>,
    from: i64,
    to: i64,
) -> Result<Vec<onboarding::Model>> {
    Ok(onboarding::Entity::find()
        .filter(onboarding::Column::VenueId.is_in(venues))
        .filter(onboarding::Column::StartsAt.gte(from))
        .filter(onboarding::Column::StartsAt.lt(to))
        .order_by_asc(onboarding::Column::StartsAt)
        .order_by_asc(onboarding::Column::Id)
        .all(db)
        .await?)
}
