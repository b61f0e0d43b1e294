//! Taking a request back.

use entities::enums::RequestStatus;
use entities::request;

use super::may_see;
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, Result};
use crate::requests::view;
use crate::requests::{steps, store};

/// Withdraws a request that waits or is looked at. One that holds a device gives it back first.
///
/// # Errors
/// Not found for another service's; `held` while a device is held; `request-not-waiting` once it is over.
pub(crate) async fn withdraw(app: &App, actor: &Actor, reference: &str) -> Result<()> {
    actor.require(Permission::FileRequests)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let found = steps::by_reference(&tx, reference).await?;
    may_see(actor, &found)?;
    let before = steps::lock(&tx, found.id).await?;
    if !matches!(
        before.status,
        RequestStatus::Waiting | RequestStatus::NeedsReview
    ) {
        return Err(Error::refused("request-not-waiting", ""));
    }
    if view::standing(&tx, &before).await?.allocation.is_some() {
        return Err(Error::refused(
            "held",
            "Un équipement est réservé pour cette demande : annulez d’abord le rendez-vous ou la réservation.",
        ));
    }
    let changed = request::Model {
        status: RequestStatus::Withdrawn,
        closed_at: Some(now),
        ..before.clone()
    };
    store::update(&tx, &before, changed).await?;
    tx.commit().await
}
