//! Media rows and their journal: the one place that writes them.

use entities::enums::{ItemKind, MediumCustody};
use entities::ids::DeviceId;
use entities::medium;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::access::By;
use crate::db::Tx;
use crate::devices::journal::GENESIS;
use crate::devices::medium_event::{MediumEvent, MediumState, apply};
use crate::devices::record::{At, Step, append, line};
use crate::devices::store::by_id;
use crate::devices::terms;
use crate::error::{Error, Result};

impl MediumState {
    /// The facts on a row.
    pub(crate) fn of(row: &medium::Model) -> Self {
        Self {
            open: row.open,
            custody: row.custody,
            device: row.device_id,
            site: row.site_id,
            bound_for: row.bound_for,
            because: row.opened_because,
            closed_by: row.closed_by,
            destroyed: row.destroyed_at.is_some(),
        }
    }
}

/// The media in a device, in the order in which they were seen.
pub(crate) async fn of_device(
    db: &impl ConnectionTrait,
    device: DeviceId,
) -> Result<Vec<medium::Model>> {
    Ok(medium::Entity::find()
        .filter(medium::Column::DeviceId.eq(device))
        .order_by_asc(medium::Column::Id)
        .all(db)
        .await?)
}

/// Births a medium with the first line of its journal. `row` says what it is; its facts come from the event.
pub(crate) async fn register(
    tx: &Tx,
    row: medium::Model,
    event: &MediumEvent,
    by: &By,
    at: At,
) -> Result<medium::Model> {
    let Step { row, line, hash } = birth(row, event, by, at)?;
    medium::Entity::insert(medium::ActiveModel::from(row.clone()))
        .exec_without_returning(tx)
        .await?;
    append(tx, line, ItemKind::Medium, hash).await?;
    if let Some(device) = row.device_id {
        terms::add_medium(tx, device, &row).await?;
    }
    Ok(row)
}

/// Records an event of a medium and answers the row as it is now. `code` gives a loose medium its own label.
///
/// # Errors
/// `wrong-place`, or [`Error::Stale`] when somebody changed it meanwhile.
pub(crate) async fn record(
    tx: &Tx,
    row: &medium::Model,
    event: &MediumEvent,
    code: Option<&str>,
    by: &By,
    at: At,
) -> Result<medium::Model> {
    let Step {
        row: mut next,
        line,
        hash,
    } = step(row, event, by, at)?;
    if let Some(code) = code {
        next.code = Some(code.to_owned());
    }
    let changed = medium::ActiveModel {
        code: Set(next.code.clone()),
        device_id: Set(next.device_id),
        open: Set(next.open),
        opened_because: Set(next.opened_because),
        closed_by: Set(next.closed_by),
        destroyed_at: Set(next.destroyed_at),
        custody: Set(next.custody),
        site_id: Set(next.site_id),
        bound_for: Set(next.bound_for),
        version: Set(next.version),
        head: Set(next.head.clone()),
        ..Default::default()
    };
    let done = medium::Entity::update_many()
        .set(changed)
        .filter(medium::Column::Id.eq(row.id))
        .filter(medium::Column::Version.eq(row.version))
        .exec(tx)
        .await?;
    if done.rows_affected != 1 {
        return Err(Error::Stale("medium"));
    }
    append(tx, line, ItemKind::Medium, hash).await?;
    if row.device_id != next.device_id && row.serial.is_some() {
        if let Some(left) = row.device_id {
            terms::renew(tx, &by_id(tx, left).await?).await?;
        }
        if let Some(entered) = next.device_id {
            terms::add_medium(tx, entered, &next).await?;
        }
    }
    Ok(next)
}

/// The first row and line of a medium.
pub(crate) fn birth(
    row: medium::Model,
    event: &MediumEvent,
    by: &By,
    at: At,
) -> Result<Step<medium::Model>> {
    let state = apply(None, event)?;
    let genesis = GENESIS.to_owned();
    let line = line(row.id.0, 1, genesis, event.name(), event.data(), by, at);
    let hash = line.hash()?;
    let row = medium::Model {
        version: 1,
        head: hash.clone(),
        ..row
    };
    Ok(Step {
        row: with(row, &state, at),
        line,
        hash,
    })
}

/// The next row and line of a medium.
///
/// # Errors
/// `wrong-place` when the medium is not where this happens.
pub(crate) fn step(
    row: &medium::Model,
    event: &MediumEvent,
    by: &By,
    at: At,
) -> Result<Step<medium::Model>> {
    let state = apply(Some(&MediumState::of(row)), event)?;
    let line = line(
        row.id.0,
        row.version + 1,
        row.head.clone(),
        event.name(),
        event.data(),
        by,
        at,
    );
    let hash = line.hash()?;
    let next = medium::Model {
        version: row.version + 1,
        head: hash.clone(),
        ..row.clone()
    };
    Ok(Step {
        row: with(next, &state, at),
        line,
        hash,
    })
}

fn with(row: medium::Model, state: &MediumState, at: At) -> medium::Model {
    medium::Model {
        open: state.open,
        custody: state.custody,
        device_id: state.device,
        site_id: if state.custody == MediumCustody::Device {
            None
        } else {
            state.site
        },
        bound_for: state.bound_for,
        opened_because: state.because,
        closed_by: state.closed_by,
        destroyed_at: if state.destroyed {
            row.destroyed_at.or(Some(at.recorded))
        } else {
            None
        },
        ..row
    }
}
