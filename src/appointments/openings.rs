//! Setting a venue's openings. A change never makes a time disappear that somebody has booked.

use chrono::{DateTime, NaiveDate, Utc};
use entities::enums::{Format, Role};
use entities::ids::OpeningId;
use entities::{opening, seat, venue};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use std::collections::BTreeMap;
use uuid::Uuid;
use validator::Validate;

use super::rules::{self, OpeningRule};
use super::store;
use super::view::instant;
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, FieldError, Missing, Result};
use crate::french;

/// An opening as its form says it.
#[derive(Clone, Debug, Deserialize, Validate)]
pub(crate) struct OpeningInput {
    /// Slug of the venue.
    #[validate(length(max = 80, message = "Lieu inconnu."))]
    pub(crate) venue: String,
    /// Days of the week, 1 is Monday.
    #[serde(default)]
    #[validate(length(min = 1, max = 7, message = "Choisissez au moins un jour."))]
    pub(crate) weekdays: Vec<u8>,
    /// `09:00`.
    pub(crate) local_start: String,
    /// `12:00`.
    pub(crate) local_end: String,
    /// Minutes of a slot.
    #[validate(range(min = 5, max = 1440, message = "Entre 5 et 1440 minutes."))]
    pub(crate) slot_minutes: i32,
    /// Seats of a slot.
    #[validate(range(min = 1, max = 500, message = "Entre 1 et 500 places."))]
    pub(crate) capacity: i32,
    /// Kind of session.
    pub(crate) format: Format,
    /// Devices are handed out.
    #[serde(default)]
    pub(crate) pickup: bool,
    /// First use is accompanied.
    #[serde(default)]
    pub(crate) onboarding: bool,
    /// Open on public holidays.
    #[serde(default)]
    pub(crate) on_holidays: bool,
    /// First day.
    pub(crate) valid_from: NaiveDate,
    /// Last day.
    pub(crate) valid_until: Option<NaiveDate>,
    /// Version that was looked at; none for a new one.
    pub(crate) version: Option<i64>,
}

/// A day.
#[derive(Clone, Copy, Debug, Deserialize, Validate)]
pub(crate) struct DayInput {
    /// Which.
    pub(crate) day: NaiveDate,
}

/// The venues whose openings an actor sets: one's own organisation's; a coordinator's are all.
pub(crate) async fn venues(db: &impl ConnectionTrait, actor: &Actor) -> Result<Vec<venue::Model>> {
    if actor.role == Role::Coordinator {
        access::store::venues(db).await
    } else {
        access::store::venues_of(db, actor.organisation).await
    }
}

/// An opening with its venue, if the actor sets it.
pub(crate) async fn own(
    db: &impl ConnectionTrait,
    actor: &Actor,
    id: Uuid,
) -> Result<(opening::Model, venue::Model)> {
    let row = opening::Entity::find_by_id(OpeningId(id))
        .one(db)
        .await?
        .ok_or(Error::NotFound("opening"))?;
    let venue = venues(db, actor)
        .await?
        .into_iter()
        .find(|venue| venue.id == row.venue_id)
        .ok_or(Error::NotFound("opening"))?;
    Ok((row, venue))
}

/// The row that an input asks for.
fn wanted(input: &OpeningInput, id: OpeningId, venue: &venue::Model) -> Result<opening::Model> {
    let weekdays: Vec<String> = input.weekdays.iter().map(ToString::to_string).collect();
    let days = rules::parse_weekdays(&weekdays.join(","))
        .ok_or_else(|| Error::field("#/weekdays", "Choisissez au moins un jour."))?;
    let row = opening::Model {
        id,
        venue_id: venue.id,
        capacity: input.capacity,
        format: input.format,
        pickup: input.pickup,
        onboarding: input.onboarding,
        weekdays: rules::weekdays_text(&days),
        local_start: hour(&input.local_start, "local_start")?,
        local_end: hour(&input.local_end, "local_end")?,
        slot_minutes: input.slot_minutes,
        on_holidays: input.on_holidays,
        valid_from: input.valid_from,
        valid_until: input.valid_until,
        closed_days: "[]".to_owned(),
        version: 1,
    };
    let faults: Vec<FieldError> = rules::faults(&store::rule(&row)?);
    if faults.is_empty() {
        Ok(row)
    } else {
        Err(Error::Invalid(faults))
    }
}

/// An hour as it is kept: `9:00` is `09:00`.
fn hour(text: &str, field: &str) -> Result<String> {
    let padded = if text.len() == 4 {
        format!("0{text}")
    } else {
        text.to_owned()
    };
    rules::parse_local(&padded)
        .map(rules::local_text)
        .ok_or_else(|| Error::field(format!("#/{field}"), "Écrivez l’heure ainsi : 09:00."))
}

/// Adds an opening.
pub(crate) async fn add(app: &App, actor: &Actor, input: &OpeningInput) -> Result<()> {
    actor.require(Permission::SetOpenings)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let venue = venues(&tx, actor)
        .await?
        .into_iter()
        .find(|venue| venue.slug == input.venue)
        .ok_or_else(|| Error::field("#/venue", "Choisissez un de vos lieux d’accueil."))?;
    let row = wanted(input, OpeningId(id_at(now)), &venue)?;
    opening::Entity::insert(opening::ActiveModel::from(row))
        .exec_without_returning(&tx)
        .await?;
    tx.commit().await
}

/// Changes an opening; its venue and closed days stay.
///
/// # Errors
/// `opening-in-use` naming the booked times that would disappear.
pub(crate) async fn edit(app: &App, actor: &Actor, id: Uuid, input: &OpeningInput) -> Result<()> {
    let version = input.version;
    change(app, actor, id, version, |before, venue| {
        Ok(opening::Model {
            closed_days: before.closed_days.clone(),
            ..wanted(input, before.id, venue)?
        })
    })
    .await
}

/// Closes a day.
///
/// # Errors
/// `opening-in-use` when somebody is expected then.
pub(crate) async fn close_day(app: &App, actor: &Actor, id: Uuid, day: NaiveDate) -> Result<()> {
    change(app, actor, id, None, |before, _| {
        let mut days = store::rule(before)?.closed_days;
        if !days.contains(&day) {
            days.push(day);
            days.sort_unstable();
        }
        Ok(opening::Model {
            closed_days: serde_json::to_string(&days).map_err(Error::internal)?,
            ..before.clone()
        })
    })
    .await
}

/// Ends an opening after a day.
///
/// # Errors
/// `opening-in-use` when somebody is expected later.
pub(crate) async fn end(app: &App, actor: &Actor, id: Uuid, day: NaiveDate) -> Result<()> {
    change(app, actor, id, None, |before, _| {
        if day < before.valid_from {
            return Err(Error::field(
                "#/day",
                "Le dernier jour vient après le premier.",
            ));
        }
        Ok(opening::Model {
            valid_until: Some(day),
            ..before.clone()
        })
    })
    .await
}

async fn change(
    app: &App,
    actor: &Actor,
    id: Uuid,
    version: Option<i64>,
    new: impl FnOnce(&opening::Model, &venue::Model) -> Result<opening::Model>,
) -> Result<()> {
    actor.require(Permission::SetOpenings)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    // Whoever books meanwhile waits for this change: a seat's row refers to its opening's.
    if tx.is_postgres() {
        opening::Entity::find_by_id(OpeningId(id))
            .lock_exclusive()
            .one(&tx)
            .await?;
    }
    let (before, venue) = own(&tx, actor, id).await?;
    if version.is_some_and(|seen| seen != before.version) {
        return Err(Error::Stale("opening"));
    }
    let after = new(&before, &venue)?;
    let seats = seats_to_come(&tx, before.id, now).await?;
    keep_promises(&before, &after, &seats)?;
    renumber(&tx, &seats, after.capacity).await?;
    let row = opening::ActiveModel {
        capacity: Set(after.capacity),
        format: Set(after.format),
        pickup: Set(after.pickup),
        onboarding: Set(after.onboarding),
        weekdays: Set(after.weekdays),
        local_start: Set(after.local_start),
        local_end: Set(after.local_end),
        slot_minutes: Set(after.slot_minutes),
        on_holidays: Set(after.on_holidays),
        valid_from: Set(after.valid_from),
        valid_until: Set(after.valid_until),
        closed_days: Set(after.closed_days),
        version: Set(before.version + 1),
        ..Default::default()
    };
    let done = opening::Entity::update_many()
        .set(row)
        .filter(opening::Column::Id.eq(before.id))
        .filter(opening::Column::Version.eq(before.version))
        .exec(&tx)
        .await?;
    if done.rows_affected != 1 {
        return Err(Error::Stale("opening"));
    }
    tx.commit().await
}

/// Seats taken, by start: those to come, and those past that a smaller capacity must still hold.
async fn seats_to_come(
    tx: &Tx,
    id: OpeningId,
    now: DateTime<Utc>,
) -> Result<BTreeMap<(bool, i64), Vec<seat::Model>>> {
    let rows = seat::Entity::find()
        .filter(seat::Column::OpeningId.eq(id))
        .order_by_asc(seat::Column::StartsAt)
        .order_by_asc(seat::Column::N)
        .all(tx)
        .await?;
    let mut by_start: BTreeMap<(bool, i64), Vec<seat::Model>> = BTreeMap::new();
    for row in rows {
        let to_come = row.starts_at >= now.timestamp();
        by_start
            .entry((to_come, row.starts_at))
            .or_default()
            .push(row);
    }
    Ok(by_start)
}

/// Refuses a change after which a booked time would not be made any more, or not hold all who booked.
fn keep_promises(
    before: &opening::Model,
    after: &opening::Model,
    seats: &BTreeMap<(bool, i64), Vec<seat::Model>>,
) -> Result<()> {
    let (old, new): (OpeningRule, OpeningRule) = (store::rule(before)?, store::rule(after)?);
    let mut lost = Vec::new();
    for ((to_come, start), taken) in seats {
        let at = instant(*start);
        let count = i64::try_from(taken.len()).unwrap_or(i64::MAX);
        let fits = count <= i64::from(new.capacity);
        let stays = rules::slot_at(&new, at).is_some()
            && (new.pickup || !old.pickup)
            && (new.onboarding || !old.onboarding)
            && rules::slot_at(&new, at).map(|s| s.ends_at)
                == rules::slot_at(&old, at).map(|s| s.ends_at);
        // The past only has to fit: its rows keep who came.
        if !fits || (*to_come && !stays) {
            let said = french::counted(count, "place prise", "places prises");
            lost.push(Missing::new(
                "booked",
                format!("{} : {said}.", french::date_time(at)),
            ));
        }
    }
    if lost.is_empty() {
        Ok(())
    } else {
        Err(Error::missing("opening-in-use", "", lost))
    }
}

/// Gives seats above a smaller capacity a free lower number: a seat's number is within its slot's capacity.
async fn renumber(
    tx: &Tx,
    seats: &BTreeMap<(bool, i64), Vec<seat::Model>>,
    capacity: i32,
) -> Result<()> {
    for taken in seats.values() {
        let mut free = (1..=capacity).filter(|n| taken.iter().all(|seat| seat.n != *n));
        for seat in taken.iter().filter(|seat| seat.n > capacity) {
            let Some(n) = free.next() else { continue };
            seat::Entity::update_many()
                .set(seat::ActiveModel {
                    n: Set(n),
                    ..Default::default()
                })
                .filter(seat::Column::OpeningId.eq(seat.opening_id))
                .filter(seat::Column::StartsAt.eq(seat.starts_at))
                .filter(seat::Column::N.eq(seat.n))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}
