//! Linking: a household whose link is lost, or in wrong hands, gets another.

use entities::enums::RequestStatus;

use super::may_see;
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, Result};
use crate::households;
use crate::notifications::{self, message::Message};
use crate::requests::steps;

/// Sends the household of a request another link; all earlier ones are dead at once. Whoever asks never sees it.
///
/// # Errors
/// Not found when it is another service's; `request-not-waiting` when there is nothing to open any more.
pub(crate) async fn send_link(app: &App, actor: &Actor, reference: &str) -> Result<()> {
    actor.require(Permission::FileRequests)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let request = steps::by_reference(&tx, reference).await?;
    may_see(actor, &request)?;
    if request.status != RequestStatus::Waiting {
        return Err(Error::refused("request-not-waiting", ""));
    }
    let household = request.household_id;
    let link = households::steps::replace_link(app, &tx, household, now).await?;
    let message = Message::NewLink { link };
    notifications::steps::to_household(app, &tx, household, &message, now).await?;
    tx.commit().await
}
