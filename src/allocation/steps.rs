//! What other domains do with allocations inside their transaction.

use chrono::{DateTime, Utc};
use entities::enums::{ReleaseReason, RequestStatus};
use entities::ids::{AllocationId, DeviceId, RequestId, RunId};
use entities::{allocation, device, request};
use sea_orm::ActiveValue::Set;
use sea_orm::ConnectionTrait;

use super::rules::{self, Companion, DeviceFacts, RequestFacts};
use super::store;
use crate::access::{Actor, By};
use crate::app::App;
use crate::db::Tx;
use crate::devices::{self, At, Event};
use crate::error::{Error, Result};
use crate::households;
use crate::notifications::{self, message::Message};
use crate::requests;
use crate::requests::rules::Reason;

/// An allocation by its id, live or over.
pub(crate) async fn by_id(
    db: &impl ConnectionTrait,
    id: AllocationId,
) -> Result<allocation::Model> {
    store::by_id(db, id).await
}

/// The live allocation of a request: on hold or kept.
pub(crate) async fn live(
    db: &impl ConnectionTrait,
    request: RequestId,
) -> Result<Option<allocation::Model>> {
    store::live(db, request).await
}

/// The live allocation of a device: on hold or kept.
pub(crate) async fn live_of_device(
    db: &impl ConnectionTrait,
    device: DeviceId,
) -> Result<Option<allocation::Model>> {
    store::live_of_device(db, device).await
}

/// Holds a device for a request: the rules, the row, the device's journal, the household's link and message. Both rows
/// are locked by the caller where the database locks rows; the unique keys have the last word. A hold of a `run` is
/// not a direct one: who approved the request may start a run.
///
/// # Errors
/// What [`rules::hold`] lacks; `device-already-held` and `request-already-held` of the keys.
#[expect(
    clippy::too_many_arguments,
    reason = "each is a thing that the law names"
)]
pub(crate) async fn hold(
    app: &App,
    tx: &Tx,
    id: AllocationId,
    request: &request::Model,
    device: &device::Model,
    actor: &Actor,
    run: Option<RunId>,
    reason: &str,
    reasons: &[Reason],
    now: DateTime<Utc>,
) -> Result<allocation::Model> {
    let mut wanted = request_facts(tx, request).await?;
    wanted.over_quota = requests::steps::over_quota(app, tx, request, now).await?;
    if run.is_none() {
        let decided = requests::steps::was_decided_by(tx, request.id, actor.account).await?;
        wanted.approved_by = decided.then_some(actor.account);
    }
    let days = requests::steps::policy(app).hold.days;
    let hold = rules::hold(&device_facts(device), &wanted, actor.account, days, now)?;
    let row = store::insert(
        tx,
        allocation::Model {
            id,
            device_id: hold.device,
            request_id: hold.request,
            run_id: run,
            allocated_by: actor.account,
            reason: reason.to_owned(),
            reasons: serde_json::to_string(reasons).map_err(Error::internal)?,
            at: now,
            ends_at: hold.ends_at,
            ended_at: None,
            end_reason: None,
            kept: None,
        },
    )
    .await?;
    let event = Event::Allocated {
        allocation: row.id,
        request: row.request_id,
    };
    devices::record(tx, device, &event, &actor.by(), At::now(now)).await?;
    let link = households::steps::new_link(app, tx, request.household_id, now).await?;
    let message = Message::Held { link };
    notifications::steps::to_household(app, tx, request.household_id, &message, now).await?;
    Ok(row)
}

/// Moves the end of a hold: booking holds until the slot's end and the grace after it.
pub(crate) async fn extend(
    tx: &Tx,
    allocation: &allocation::Model,
    ends_at: DateTime<Utc>,
) -> Result<()> {
    let changed = allocation::ActiveModel {
        ends_at: Set(ends_at),
        ..Default::default()
    };
    store::update(tx, allocation.id, None, changed).await
}

/// Ends a hold: the row, then the device's journal. The request keeps waiting.
///
/// # Errors
/// [`Error::Stale`] when it ended meanwhile; `wrong-place` when the household has the device.
pub(crate) async fn release(
    _app: &App,
    tx: &Tx,
    allocation: &allocation::Model,
    reason: ReleaseReason,
    by: &By,
    at: At,
) -> Result<device::Model> {
    let device = devices::steps::lock(tx, allocation.device_id).await?;
    let changed = allocation::ActiveModel {
        ended_at: Set(Some(at.recorded)),
        end_reason: Set(Some(reason)),
        kept: Set(Some(false)),
        ..Default::default()
    };
    store::update(tx, allocation.id, None, changed).await?;
    let event = Event::Released {
        allocation: allocation.id,
        reason,
    };
    devices::record(tx, &device, &event, by, at).await
}

/// The household has the device: the allocation is kept for good. Written before the handover and the device.
pub(crate) async fn keep(tx: &Tx, allocation: &allocation::Model) -> Result<()> {
    let changed = allocation::ActiveModel {
        kept: Set(Some(true)),
        ..Default::default()
    };
    store::update(tx, allocation.id, None, changed).await
}

/// Ends an allocation that was kept: the device came back or is lost.
pub(crate) async fn end_kept(
    tx: &Tx,
    allocation: &allocation::Model,
    reason: ReleaseReason,
    now: DateTime<Utc>,
) -> Result<()> {
    let changed = allocation::ActiveModel {
        ended_at: Set(Some(now)),
        end_reason: Set(Some(reason)),
        ..Default::default()
    };
    store::update(tx, allocation.id, Some(true), changed).await
}

/// What the match needs of a device.
pub(super) fn device_facts(device: &device::Model) -> DeviceFacts {
    DeviceFacts {
        id: device.id,
        kind: device.kind,
        stage: device.stage,
        custody: device.custody,
        held_for: device.held_for,
        frozen: device.frozen,
        grade: device.grade,
        ready_since: device.stage_since,
    }
}

/// What the match needs of a request; who approved it and the quota are left out.
pub(super) async fn request_facts(
    db: &impl ConnectionTrait,
    request: &request::Model,
) -> Result<RequestFacts> {
    let companion = match request.companion_of {
        None => None,
        Some(of) => {
            let desktop = requests::steps::by_id(db, of).await?;
            let has_device =
                desktop.status == RequestStatus::Served || live(db, of).await?.is_some();
            Some(Companion { of, has_device })
        }
    };
    Ok(RequestFacts {
        id: request.id,
        kind: request.kind,
        need_use: request.need_use,
        status: request.status,
        holds_device: live(db, request.id).await?.is_some(),
        weight: request.priority.into(),
        filed_at: request.filed_at,
        approved_by: None,
        companion,
        over_quota: false,
    })
}
