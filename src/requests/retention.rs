//! How long a household is known: until so many months after it was last heard of, or until it asks to be forgotten.

use chrono::{DateTime, Months, TimeDelta, Utc};
use entities::enums::RequestStatus;
use entities::ids::HouseholdId;

use super::actions::Why;
use super::{steps, store};
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::{households, notifications};

/// The job that erases the households which were not heard of.
pub(crate) const AT_NIGHT: &str = "retention";

/// Households read at once.
const PAGE: u64 = 50;
/// Minutes after which a file is opened anew before it is erased.
const OPENED_MINUTES: i64 = 60;

/// Erases the households that were not heard of for as long as the settings say.
pub(crate) async fn erase_silent(app: &App) -> Result<()> {
    let now = app.clock.now();
    let months = Months::new(app.config.rules.retention_months);
    let Some(since) = now.checked_sub_months(months) else {
        return Ok(());
    };
    loop {
        let mut erased: u64 = 0;
        for household in store::silent_households(app.db.read(), since, PAGE).await? {
            let tx = app.db.write().await?;
            // Somebody may have filed for it meanwhile.
            if !in_use(&tx, household).await? {
                erase(&tx, household, now).await?;
                tx.commit().await?;
                erased += 1;
                tracing::info!("a household was erased at the end of its term");
            }
        }
        if erased < PAGE {
            return Ok(());
        }
    }
}

/// Erases a household that asked for it, from its file, which was opened for a reason of the list.
///
/// # Errors
/// `file-not-opened`; `file-in-use` while a request of it is open: it is withdrawn or answered first.
pub(crate) async fn erase_asked(app: &App, actor: &Actor, reference: &str) -> Result<()> {
    actor.require(Permission::Allocate)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let request = steps::by_reference(&tx, reference).await?;
    let household = request.household_id;
    let purposes = Why::ALL.map(Why::as_str);
    let since = now - TimeDelta::minutes(OPENED_MINUTES);
    let who = actor.account;
    if !households::steps::was_opened_for(&tx, household, who, &purposes, since).await? {
        return Err(Error::refused("file-not-opened", ""));
    }
    // Who asks to be forgotten may still be expected to learn; whoever was silent for years is not.
    if in_use(&tx, household).await? || store::learns(&tx, household).await? {
        return Err(Error::refused("file-in-use", ""));
    }
    erase(&tx, household, now).await?;
    tx.commit().await?;
    tracing::info!(by = %actor.account, "a household was erased as it asked");
    Ok(())
}

async fn in_use(tx: &Tx, household: HouseholdId) -> Result<bool> {
    let requests = store::of_households(tx, &[household]).await?;
    Ok(requests.iter().any(|one| {
        matches!(
            one.status,
            RequestStatus::NeedsReview | RequestStatus::Waiting
        )
    }))
}

async fn erase(tx: &Tx, household: HouseholdId, now: DateTime<Utc>) -> Result<()> {
    notifications::steps::forget_household(tx, household).await?;
    store::forget_sentences(tx, household).await?;
    households::steps::erase(tx, household, now).await
}
