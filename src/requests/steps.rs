//! What other domains do with requests inside their transaction.

use std::collections::HashSet;

use chrono::{DateTime, Months, Utc};
use entities::enums::RequestStatus;
use entities::ids::{AccountId, HouseholdId, RequestId};
use entities::request;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::policy::Policy;
use super::reasons::DISTINCT_NEED;
use super::rules::{self, AfterNoShow};
use super::store;
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::{french, households};

/// The rules of the territory.
pub(crate) fn policy(app: &App) -> &Policy {
    &app.policy
}

/// A request by its reference.
///
/// # Errors
/// Not found; whether the asker may know of it, the caller checks (`actions::may_see`).
pub(crate) async fn by_reference(
    db: &impl ConnectionTrait,
    reference: &str,
) -> Result<request::Model> {
    store::by_reference(db, reference).await
}

/// A request by its id.
pub(crate) async fn by_id(db: &impl ConnectionTrait, id: RequestId) -> Result<request::Model> {
    store::by_id(db, id).await
}

/// A household's requests that wait for a device, oldest first.
pub(crate) async fn waiting_of(
    db: &impl ConnectionTrait,
    household: HouseholdId,
) -> Result<Vec<request::Model>> {
    Ok(request::Entity::find()
        .filter(request::Column::HouseholdId.eq(household))
        .filter(request::Column::Status.eq(RequestStatus::Waiting))
        .order_by_asc(request::Column::FiledAt)
        .order_by_asc(request::Column::Id)
        .all(db)
        .await?)
}

/// A request by its id, its row locked where the database locks rows.
pub(crate) async fn lock(tx: &Tx, id: RequestId) -> Result<request::Model> {
    let mut query = request::Entity::find_by_id(id);
    if tx.is_postgres() {
        query = query.lock_exclusive();
    }
    query.one(tx).await?.ok_or(Error::NotFound("request"))
}

/// A request that waits for a device, its row locked.
///
/// # Errors
/// `request-not-waiting` when it is decided otherwise, served, withdrawn or closed.
pub(crate) async fn waiting(tx: &Tx, reference: &str) -> Result<request::Model> {
    let found = store::by_reference(tx, reference).await?;
    let request = lock(tx, found.id).await?;
    must_wait(&request)?;
    Ok(request)
}

/// Whether a request waits for a device.
///
/// # Errors
/// `request-not-waiting` when it is decided otherwise, served, withdrawn or closed.
pub(crate) fn must_wait(request: &request::Model) -> Result<()> {
    if request.status == RequestStatus::Waiting {
        Ok(())
    } else {
        Err(Error::refused("request-not-waiting", ""))
    }
}

/// Whether an account took part in deciding a request, at its first decision or at any later one.
pub(crate) async fn was_decided_by(
    db: &impl ConnectionTrait,
    id: RequestId,
    account: AccountId,
) -> Result<bool> {
    let decisions = store::decisions(db, id).await?;
    Ok(decisions.iter().any(|one| one.decided_by == Some(account)))
}

/// Notes a missed pickup: the request waits again, or somebody looks, as policy says.
pub(crate) async fn no_show(
    app: &App,
    tx: &Tx,
    request: &request::Model,
    now: DateTime<Utc>,
) -> Result<()> {
    let no_shows = request.no_shows + 1;
    let count = u32::try_from(no_shows).unwrap_or(u32::MAX);
    let (status, waits_since) = match rules::after_no_show(policy(app), count) {
        AfterNoShow::Waiting => (RequestStatus::Waiting, Some(now)),
        AfterNoShow::Review => (RequestStatus::NeedsReview, None),
    };
    let changed = request::Model {
        status,
        no_shows,
        waits_since,
        ..request.clone()
    };
    store::update(tx, request, changed).await.map(|_| ())
}

/// Notes that the device was handed over.
pub(crate) async fn served(tx: &Tx, request: &request::Model, now: DateTime<Utc>) -> Result<()> {
    if request.status != RequestStatus::Waiting {
        return Err(Error::refused("request-not-waiting", ""));
    }
    let changed = request::Model {
        status: RequestStatus::Served,
        served_at: Some(now),
        ..request.clone()
    };
    store::update(tx, request, changed).await.map(|_| ())
}

/// Notes that the household gave its device back.
pub(crate) async fn closed(tx: &Tx, request: &request::Model, now: DateTime<Utc>) -> Result<()> {
    let changed = request::Model {
        status: RequestStatus::Closed,
        closed_at: Some(now),
        ..request.clone()
    };
    store::update(tx, request, changed).await.map(|_| ())
}

/// Whether a request waits or is looked at.
pub(crate) const fn is_open(request: &request::Model) -> bool {
    matches!(
        request.status,
        RequestStatus::Waiting | RequestStatus::NeedsReview
    )
}

/// The companion screen that goes with a desktop.
pub(crate) async fn companion(
    db: &impl ConnectionTrait,
    desktop: RequestId,
) -> Result<Option<request::Model>> {
    store::companion(db, desktop).await
}

/// Notes that a request was taken back; what is held for it, the caller has released.
pub(crate) async fn withdraw(tx: &Tx, request: &request::Model, now: DateTime<Utc>) -> Result<()> {
    let changed = request::Model {
        status: RequestStatus::Withdrawn,
        closed_at: Some(now),
        ..request.clone()
    };
    store::update(tx, request, changed).await.map(|_| ())
}

/// Whether a device more is beyond what policy lets the household keep in its period, and nobody has decided that its
/// need is a distinct one. An exchange and a companion screen are not counted.
pub(crate) async fn over_quota(
    app: &App,
    db: &impl ConnectionTrait,
    request: &request::Model,
    now: DateTime<Utc>,
) -> Result<bool> {
    if request.replaces.is_some() || request.companion_of.is_some() {
        return Ok(false);
    }
    let kept = kept_in_period(app, db, request.household_id, now).await?;
    if kept < quota(app, db, request.household_id).await? {
        return Ok(false);
    }
    let decisions = store::decisions(db, request.id).await?;
    let distinct = decisions
        .last()
        .filter(|last| last.decided_by.is_some())
        .map(|last| serde_json::from_str::<Vec<String>>(&last.reason_codes))
        .transpose()
        .map_err(Error::internal)?
        .is_some_and(|codes| codes.iter().any(|code| code == DISTINCT_NEED));
    Ok(!distinct)
}

/// Which of some requests that wait are over the quota. Only those of households that received something, or whose
/// files were found to be the same as others, are looked at one by one.
pub(crate) async fn over_quota_among(
    app: &App,
    db: &impl ConnectionTrait,
    requests: &[request::Model],
    now: DateTime<Utc>,
) -> Result<HashSet<RequestId>> {
    let ids: Vec<HouseholdId> = requests.iter().map(|one| one.household_id).collect();
    let mut known: HashSet<HouseholdId> = store::served_among(db, &ids).await?;
    known.extend(households::steps::linked_among(db, &ids).await?);
    let mut over = HashSet::new();
    for request in requests {
        if known.contains(&request.household_id) && over_quota(app, db, request, now).await? {
            over.insert(request.id);
        }
    }
    Ok(over)
}

/// Devices that a household, with the files found to be the same, keeps of the quota's period: no companion screen,
/// an exchange once.
async fn kept_in_period(
    app: &App,
    db: &impl ConnectionTrait,
    household: HouseholdId,
    now: DateTime<Utc>,
) -> Result<i64> {
    let row = households::steps::find(db, household).await?;
    let months = policy(app).terms(&row.commune).quota.period_months;
    let since = french::local_date(now).checked_sub_months(Months::new(months));
    let same = households::steps::same(db, household).await?;
    let requests = store::of_households(db, &same).await?;
    let kept = store::received_on(&requests)
        .into_iter()
        .filter(|day| since.is_none_or(|since| *day > since))
        .count();
    Ok(i64::try_from(kept).unwrap_or(i64::MAX))
}

/// How many devices a household may keep in its period, by the policy of its commune.
async fn quota(app: &App, db: &impl ConnectionTrait, household: HouseholdId) -> Result<i64> {
    let row = households::steps::find(db, household).await?;
    Ok(policy(app).terms(&row.commune).quota.devices.into())
}

/// The last request of each period in which a household was given more than the policy allows, and how many
/// households were looked at. What a coordinator called a distinct need does not count, and what was decided by an
/// earlier policy is not judged by this one.
pub(crate) async fn beyond_quota(
    app: &App,
    db: &impl ConnectionTrait,
) -> Result<(u64, Vec<RequestId>)> {
    let households = store::served_twice(db).await?;
    let mut beyond = Vec::new();
    for id in &households {
        let household = households::steps::find(db, *id).await?;
        let terms = policy(app).terms(&household.commune);
        let allowed = usize::try_from(terms.quota.devices).unwrap_or(usize::MAX);
        let requests = store::of_households(db, &[*id]).await?;
        let mut counted = Vec::new();
        for (day, request) in store::received(&requests) {
            let decisions = store::decisions(db, request.id).await?;
            let distinct = decisions.iter().any(|one| {
                one.decided_by.is_some() && one.reason_codes.contains("\"distinct_need\"")
            });
            let current = decisions
                .last()
                .is_some_and(|one| one.policy_version == terms.version);
            if !distinct {
                counted.push((day, request.id, current));
            }
        }
        counted.sort_unstable();
        for (n, (day, request, current)) in counted.iter().enumerate() {
            let since = day.checked_sub_months(Months::new(terms.quota.period_months));
            let within = counted[..=n]
                .iter()
                .filter(|(earlier, ..)| since.is_none_or(|since| *earlier > since))
                .count();
            if *current && within > allowed {
                beyond.push(*request);
            }
        }
    }
    Ok((households.len() as u64, beyond))
}

/// Requests that wait, in the order of the queue.
pub(crate) async fn queue(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<request::Model>> {
    store::waiting(db, limit).await
}
