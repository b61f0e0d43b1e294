//! What people do with data-breach cases.

use entities::enums::BreachOutcome;
use entities::ids::BreachCaseId;
use serde::Deserialize;
use validator::Validate;

use super::store;
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, Result};

/// The word that settles a case.
#[derive(Clone, Copy, Debug, Deserialize, Validate)]
pub(crate) struct SettleInput {
    /// The authority was told, or there is no risk for anybody.
    pub(crate) outcome: BreachOutcome,
}

/// Settles an open case in the actor's name.
///
/// # Errors
/// `breach-case-settled` when somebody did already.
pub(crate) async fn settle(
    app: &App,
    actor: &Actor,
    case: BreachCaseId,
    input: SettleInput,
) -> Result<()> {
    actor.require(Permission::SettleBreaches)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    if !store::settle(&tx, case, input.outcome, actor.account, now).await? {
        store::case(&tx, case).await?;
        return Err(Error::refused(
            "breach-case-settled",
            "Cet incident est déjà clos.",
        ));
    }
    tx.commit().await?;
    tracing::info!(
        outcome = input.outcome.as_str(),
        "a data-breach case is settled"
    );
    Ok(())
}
