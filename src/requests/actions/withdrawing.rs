//! Taking a request back.

use chrono::{DateTime, Utc};
use entities::enums::RequestStatus;
use entities::request;

use super::may_see;
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::requests::view::{self, RequestView};
use crate::requests::{steps, store};

/// Withdraws a request that waits or is looked at, with the screen that goes with it. One that holds a device gives
/// it back first.
///
/// # Errors
/// Not found for another service's; `held` while a device is held; `request-not-waiting` once it is over.
pub(crate) async fn withdraw(app: &App, actor: &Actor, reference: &str) -> Result<RequestView> {
    actor.require(Permission::FileRequests)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let found = steps::by_reference(&tx, reference).await?;
    may_see(actor, &found)?;
    let before = steps::lock(&tx, found.id).await?;
    if !open(&before) {
        return Err(Error::refused("request-not-waiting", ""));
    }
    let after = take_back(&tx, &before, now).await?;
    if let Some(screen) = store::companion(&tx, before.id).await? {
        let screen = steps::lock(&tx, screen.id).await?;
        if open(&screen) {
            take_back(&tx, &screen, now).await?;
        }
    }
    let view = view::of(app, &tx, &after).await?;
    tx.commit().await?;
    Ok(view)
}

/// Whether it waits or is looked at.
const fn open(request: &request::Model) -> bool {
    matches!(
        request.status,
        RequestStatus::Waiting | RequestStatus::NeedsReview
    )
}

async fn take_back(tx: &Tx, before: &request::Model, now: DateTime<Utc>) -> Result<request::Model> {
    if view::standing(tx, before).await?.allocation.is_some() {
        return Err(Error::refused(
            "held",
            "Un équipement est réservé pour cette demande\u{a0}: annulez d’abord le rendez-vous ou la réservation.",
        ));
    }
    let changed = request::Model {
        status: RequestStatus::Withdrawn,
        closed_at: Some(now),
        ..before.clone()
    };
    store::update(tx, before, changed).await
}
