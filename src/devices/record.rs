//! The one function that changes a device: asks the lifecycle table, updates the row `WHERE version`,
//! and appends the chained line, in the caller's transaction.

use chrono::{DateTime, Utc};
use entities::enums::{Condition, DeviceKind, ItemKind};
use entities::ids::{DeviceId, DonationId, SiteId};
use entities::{custody_event, device};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::access::By;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::event::{Event, VERSION};
use crate::devices::journal::{GENESIS, Line, replay};
use crate::devices::state::State;
use crate::devices::{lifecycle, terms};
use crate::error::{Error, Result};

/// When: what is claimed, and what orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    /// When it is said to have happened.
    pub(crate) occurred: DateTime<Utc>,
    /// When it is written.
    pub(crate) recorded: DateTime<Utc>,
}

impl At {
    /// It happens now.
    pub(crate) const fn now(now: DateTime<Utc>) -> Self {
        Self {
            occurred: now,
            recorded: now,
        }
    }
}

/// Records an event of a device and answers the row as it is now.
///
/// # Errors
/// A refusal of the lifecycle table, or [`Error::Stale`] when somebody changed the device meanwhile.
pub(crate) async fn record(
    tx: &Tx,
    device: &device::Model,
    event: &Event,
    by: &By,
    at: At,
) -> Result<device::Model> {
    let next = lifecycle::apply(&State::of(device), event)?;
    write(tx, device, &next, event, by, at).await
}

/// What is known of a device when it gets its label.
#[derive(Clone, Debug)]
pub(crate) struct Newborn {
    /// The code on its label.
    pub(crate) code: String,
    /// What it is.
    pub(crate) kind: DeviceKind,
    /// Manufacturer.
    pub(crate) make: Option<String>,
    /// Model.
    pub(crate) model: Option<String>,
    /// Serial number as read.
    pub(crate) serial: Option<String>,
    /// The donor's own tag.
    pub(crate) asset_tag: Option<String>,
    /// As said at the counter.
    pub(crate) condition: Condition,
    /// The gift it came with.
    pub(crate) donation: DonationId,
    /// Where it got its label.
    pub(crate) site: SiteId,
}

impl Newborn {
    /// The row of the device, and the event of its birth.
    pub(crate) fn born(self, now: DateTime<Utc>) -> (device::Model, Event) {
        let state = State::born(self.kind, self.site);
        let event = Event::Registered {
            kind: self.kind,
            site: self.site,
            donation: self.donation,
            code: self.code.clone(),
        };
        let row = device::Model {
            id: DeviceId(id_at(now)),
            code: self.code,
            kind: self.kind,
            make: self.make,
            model: self.model,
            serial: self.serial,
            asset_tag: self.asset_tag,
            condition: self.condition,
            donation_id: self.donation,
            processor: None,
            memory_bytes: None,
            weight_grams: None,
            stage: state.stage,
            custody: state.custody,
            site_id: state.site,
            shipment_id: None,
            held_for: None,
            allocation_id: None,
            handed_over_by: None,
            pack_id: None,
            frozen: false,
            media_known: state.media_known,
            open_media: state.open_media,
            wipe_refused: state.wipe_refused,
            grade: None,
            locks_checked: state.locks_checked,
            open_locks: state.open_locks,
            stage_since: now,
            registered_at: now,
            version: 1,
            head: String::new(),
        };
        (row, event)
    }
}

/// Births a device: inserts its row with the first line of its journal.
///
/// # Errors
/// `code-taken` when its code is on another item.
pub(crate) async fn register(
    tx: &Tx,
    row: device::Model,
    event: &Event,
    by: &By,
    at: At,
) -> Result<device::Model> {
    use crate::error::OnConstraint;
    let Step { row, line, hash } = birth(row, event, by, at)?;
    device::Entity::insert(device::ActiveModel::from(row.clone()))
        .exec_without_returning(tx)
        .await
        .on_constraint("device_code_key", || Error::refused("code-taken", ""))?;
    append(tx, line, ItemKind::Device, hash).await?;
    terms::add(tx, &row).await?;
    Ok(row)
}

/// Takes back one's own last event: a line like the others, and the state before it.
///
/// # Errors
/// `nothing-to-undo` when the last event is another's, too old, or of a kind that can't be taken back.
pub(crate) async fn undo(
    tx: &Tx,
    device: &device::Model,
    by: &By,
    at: At,
    minutes: i64,
) -> Result<device::Model> {
    let rows = lines(tx, device.id).await?;
    let nothing = |why: &'static str| Error::refused("nothing-to-undo", why);
    let last = rows
        .last()
        .ok_or_else(|| nothing("Rien n’a été enregistré."))?;
    undoable(last, by, at.recorded, minutes)?;
    let states = replay(&rows)?;
    let before = states
        .len()
        .checked_sub(2)
        .and_then(|n| states.get(n))
        .ok_or_else(|| nothing("Rien n’a été enregistré."))?;
    if let Some(law) = before.broken_laws().first() {
        return Err(nothing(law));
    }
    let event = Event::Undone {
        n: last.n,
        event: last.event.clone(),
    };
    write(tx, device, before, &event, by, at).await
}

/// Whether a line, the last of its item, may be taken back now by the one who asks.
///
/// # Errors
/// `nothing-to-undo`, with why not.
pub(crate) fn undoable(
    last: &custody_event::Model,
    by: &By,
    now: DateTime<Utc>,
    minutes: i64,
) -> Result<()> {
    let nothing = |why: &'static str| Err(Error::refused("nothing-to-undo", why));
    if last.actor_account.is_none() || last.actor_account != by.account {
        return nothing("Le dernier événement n’est pas le vôtre.");
    }
    if now - last.recorded_at > chrono::TimeDelta::minutes(minutes) {
        return nothing("Le dernier événement est trop ancien pour être annulé.");
    }
    if !lifecycle::can_be_undone(&last.event) {
        return nothing("Cet événement ne s’annule pas.");
    }
    Ok(())
}

/// All lines of an item, in order.
pub(crate) async fn lines(
    db: &impl sea_orm::ConnectionTrait,
    device: DeviceId,
) -> Result<Vec<custody_event::Model>> {
    lines_of(db, device.0).await
}

/// Lines of a device after the one of this number, in order.
pub(crate) async fn lines_after(
    db: &impl sea_orm::ConnectionTrait,
    device: DeviceId,
    n: i64,
    limit: u64,
) -> Result<Vec<custody_event::Model>> {
    Ok(custody_event::Entity::find()
        .filter(custody_event::Column::ItemId.eq(device.0))
        .filter(custody_event::Column::N.gt(n))
        .order_by_asc(custody_event::Column::N)
        .limit(limit)
        .all(db)
        .await?)
}

/// The last line of a device's journal.
pub(crate) async fn last_line(
    db: &impl sea_orm::ConnectionTrait,
    device: &device::Model,
) -> Result<Option<custody_event::Model>> {
    Ok(custody_event::Entity::find()
        .filter(custody_event::Column::ItemId.eq(device.id.0))
        .filter(custody_event::Column::N.eq(device.version))
        .one(db)
        .await?)
}

/// All lines of a device or medium, in order.
pub(crate) async fn lines_of(
    db: &impl sea_orm::ConnectionTrait,
    item: Uuid,
) -> Result<Vec<custody_event::Model>> {
    Ok(custody_event::Entity::find()
        .filter(custody_event::Column::ItemId.eq(item))
        .order_by_asc(custody_event::Column::N)
        .all(db)
        .await?)
}

/// A row after an event, with the line that tells it: what is written, before anything is written.
#[derive(Clone, Debug)]
pub(crate) struct Step<R> {
    /// The row as it will be.
    pub(crate) row: R,
    /// The journal line.
    pub(crate) line: Line,
    /// The line's hash.
    pub(crate) hash: String,
}

/// The first row and line of a device.
pub(crate) fn birth(
    row: device::Model,
    event: &Event,
    by: &By,
    at: At,
) -> Result<Step<device::Model>> {
    let genesis = GENESIS.to_owned();
    let line = line(row.id.0, 1, genesis, event.name(), event.data(), by, at);
    let hash = line.hash()?;
    let row = device::Model {
        version: 1,
        head: hash.clone(),
        ..row
    };
    Ok(Step { row, line, hash })
}

/// The next row and line of a device that comes to a state.
pub(crate) fn step(
    device: &device::Model,
    next: &State,
    event: &Event,
    by: &By,
    at: At,
) -> Result<Step<device::Model>> {
    let line = line(
        device.id.0,
        device.version + 1,
        device.head.clone(),
        event.name(),
        event.data(),
        by,
        at,
    );
    let hash = line.hash()?;
    let stage_since = if next.stage == device.stage {
        device.stage_since
    } else {
        at.recorded
    };
    let code = if let Event::Relabelled { code, .. } = event {
        code.clone()
    } else {
        device.code.clone()
    };
    let row = device::Model {
        code,
        stage: next.stage,
        custody: next.custody,
        site_id: next.site,
        shipment_id: next.shipment,
        held_for: next.held_for,
        allocation_id: next.allocation,
        handed_over_by: next.handed_over_by,
        frozen: next.frozen,
        media_known: next.media_known,
        open_media: next.open_media,
        wipe_refused: next.wipe_refused,
        grade: next.grade,
        locks_checked: next.locks_checked,
        open_locks: next.open_locks,
        stage_since,
        version: device.version + 1,
        head: hash.clone(),
        ..device.clone()
    };
    Ok(Step { row, line, hash })
}

async fn write(
    tx: &Tx,
    device: &device::Model,
    next: &State,
    event: &Event,
    by: &By,
    at: At,
) -> Result<device::Model> {
    let Step { row, line, hash } = step(device, next, event, by, at)?;
    let changed = device::ActiveModel {
        code: Set(row.code.clone()),
        stage: Set(row.stage),
        custody: Set(row.custody),
        site_id: Set(row.site_id),
        shipment_id: Set(row.shipment_id),
        held_for: Set(row.held_for),
        allocation_id: Set(row.allocation_id),
        handed_over_by: Set(row.handed_over_by),
        frozen: Set(row.frozen),
        media_known: Set(row.media_known),
        open_media: Set(row.open_media),
        wipe_refused: Set(row.wipe_refused),
        grade: Set(row.grade),
        locks_checked: Set(row.locks_checked),
        open_locks: Set(row.open_locks),
        stage_since: Set(row.stage_since),
        version: Set(row.version),
        head: Set(row.head.clone()),
        ..Default::default()
    };
    let done = device::Entity::update_many()
        .set(changed)
        .filter(device::Column::Id.eq(device.id))
        .filter(device::Column::Version.eq(device.version))
        .filter(device::Column::Head.eq(device.head.clone()))
        .exec(tx)
        .await
        .map_err(|error| taken(&error).unwrap_or_else(|| error.into()))?;
    if done.rows_affected != 1 {
        return Err(Error::Stale("device"));
    }
    append(tx, line, ItemKind::Device, hash).await?;
    if row.code != device.code {
        // The former code finds it too: it may still be on the lid.
        terms::add(tx, &row).await?;
    }
    Ok(row)
}

/// What the device's own unique keys say when two wanted the same.
fn taken(error: &sea_orm::DbErr) -> Option<Error> {
    if crate::error::violates(error, "device_held_for_key") {
        Some(Error::refused("request-already-held", ""))
    } else if crate::error::violates(error, "device_code_key") {
        Some(Error::refused("code-taken", ""))
    } else {
        None
    }
}

/// A line before its hash.
pub(super) fn line(
    item: Uuid,
    n: i64,
    previous: String,
    event: &str,
    data: serde_json::Value,
    by: &By,
    at: At,
) -> Line {
    Line {
        item,
        n,
        event: event.to_owned(),
        version: VERSION,
        occurred_at: at.occurred,
        recorded_at: at.recorded,
        actor: by.into(),
        data,
        previous,
    }
}

/// Appends a line; the database refuses one that is not the item's next.
pub(super) async fn append(tx: &Tx, line: Line, kind: ItemKind, hash: String) -> Result<()> {
    custody_event::Entity::insert(line.into_row(kind, hash))
        .exec_without_returning(tx)
        .await
        .map_err(|error| {
            let stale = ["custody_event_in_order", "custody_event_n_key"]
                .iter()
                .any(|name| crate::error::violates(&error, name));
            if stale {
                Error::Stale("device")
            } else {
                error.into()
            }
        })?;
    Ok(())
}
