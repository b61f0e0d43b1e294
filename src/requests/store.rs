//! Reads of requests, and the guarded writes of their rows.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use entities::enums::{OnboardingState, ReleaseReason, RequestStatus};
use entities::ids::{AccountId, AllocationId, DeviceId, HouseholdId, OrganisationId, RequestId};
use entities::{allocation, appointment_request, decision, household, onboarding, request};
use sea_orm::sea_query::{ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::db::Tx;
use crate::error::{Error, Result};
use crate::french;
use crate::requests::view::Status;

/// Exchanges of exchanges looked through before one gives up.
const LONGEST_CHAIN: usize = 12;

/// A request by its reference.
pub(super) async fn by_reference(
    db: &impl ConnectionTrait,
    reference: &str,
) -> Result<request::Model> {
    request::Entity::find()
        .filter(request::Column::Reference.eq(reference))
        .one(db)
        .await?
        .ok_or(Error::NotFound("request"))
}

/// A request by its id.
pub(super) async fn by_id(db: &impl ConnectionTrait, id: RequestId) -> Result<request::Model> {
    request::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound("request"))
}

/// The request that a client-made id made.
pub(super) async fn by_client_id(
    db: &impl ConnectionTrait,
    id: uuid::Uuid,
) -> Result<Option<request::Model>> {
    Ok(request::Entity::find()
        .filter(request::Column::ClientId.eq(id))
        .one(db)
        .await?)
}

/// Writes the columns of `changed` where nobody changed the row since it was read.
///
/// # Errors
/// [`Error::Stale`] when somebody did.
pub(super) async fn update(
    tx: &Tx,
    read: &request::Model,
    changed: request::Model,
) -> Result<request::Model> {
    let row = request::Model {
        version: read.version + 1,
        ..changed
    };
    let done = request::Entity::update_many()
        .set(request::ActiveModel {
            status: sea_orm::ActiveValue::Set(row.status),
            contribution_cents: sea_orm::ActiveValue::Set(row.contribution_cents),
            no_shows: sea_orm::ActiveValue::Set(row.no_shows),
            waits_since: sea_orm::ActiveValue::Set(row.waits_since),
            served_at: sea_orm::ActiveValue::Set(row.served_at),
            closed_at: sea_orm::ActiveValue::Set(row.closed_at),
            version: sea_orm::ActiveValue::Set(row.version),
            ..Default::default()
        })
        .filter(request::Column::Id.eq(read.id))
        .filter(request::Column::Version.eq(read.version))
        .exec(tx)
        .await?;
    if done.rows_affected == 1 {
        Ok(row)
    } else {
        Err(Error::Stale("request"))
    }
}

/// Decisions of a request, the first one first.
pub(super) async fn decisions(
    db: &impl ConnectionTrait,
    id: RequestId,
) -> Result<Vec<decision::Model>> {
    Ok(decision::Entity::find()
        .filter(decision::Column::RequestId.eq(id))
        .order_by_asc(decision::Column::N)
        .all(db)
        .await?)
}

/// All requests of some households.
pub(super) async fn of_households(
    db: &impl ConnectionTrait,
    households: &[HouseholdId],
) -> Result<Vec<request::Model>> {
    Ok(request::Entity::find()
        .filter(request::Column::HouseholdId.is_in(households.iter().copied()))
        .order_by_asc(request::Column::FiledAt)
        .all(db)
        .await?)
}

/// What was received and counts for the quota, among all requests of a household: served ones without companions and
/// what was given in exchange of them, each with its day; an exchange on the day of the device it first came from, with
/// the request for that one.
pub(super) fn received(requests: &[request::Model]) -> Vec<(NaiveDate, &request::Model)> {
    let root = |one: &'_ request::Model| {
        let mut at = one.id;
        let mut replaces = one.replaces;
        for _ in 0..LONGEST_CHAIN {
            let before = requests.iter().find(|r| Some(r.id) == replaces);
            match before {
                Some(before) => (at, replaces) = (before.id, before.replaces),
                None => break,
            }
        }
        requests.iter().find(|r| r.id == at)
    };
    requests
        .iter()
        .filter(|one| one.status == RequestStatus::Served)
        .filter_map(root)
        .filter(|first| first.companion_of.is_none())
        .filter_map(|first| Some((french::local_date(first.served_at?), first)))
        .collect()
}

/// The days of what was received and counts for the quota.
pub(super) fn received_on(requests: &[request::Model]) -> Vec<NaiveDate> {
    received(requests).into_iter().map(|(day, _)| day).collect()
}

/// Households with more than one served request that counts.
pub(super) async fn served_twice(db: &impl ConnectionTrait) -> Result<Vec<HouseholdId>> {
    Ok(request::Entity::find()
        .select_only()
        .column(request::Column::HouseholdId)
        .filter(request::Column::Status.eq(RequestStatus::Served))
        .filter(request::Column::CompanionOf.is_null())
        .group_by(request::Column::HouseholdId)
        .having(request::Column::Id.count().gt(1))
        .into_tuple()
        .all(db)
        .await?)
}

/// Which of some households were served.
pub(super) async fn served_among(
    db: &impl ConnectionTrait,
    households: &[HouseholdId],
) -> Result<HashSet<HouseholdId>> {
    let rows = request::Entity::find()
        .filter(request::Column::HouseholdId.is_in(households.iter().copied()))
        .filter(request::Column::Status.eq(RequestStatus::Served))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.household_id).collect())
}

/// Whether a household is still expected for its onboarding.
pub(super) async fn learns(db: &impl ConnectionTrait, household: HouseholdId) -> Result<bool> {
    let booked = onboarding::Entity::find()
        .filter(onboarding::Column::HouseholdId.eq(household))
        .filter(onboarding::Column::State.eq(OnboardingState::Booked))
        .count(db)
        .await?;
    Ok(booked > 0)
}

/// Whether an account held a device for a request directly, then or now: a run's holds are nobody's choice.
pub(super) async fn allocated_by(
    db: &impl ConnectionTrait,
    id: RequestId,
    account: AccountId,
) -> Result<bool> {
    let held = allocation::Entity::find()
        .filter(allocation::Column::RequestId.eq(id))
        .filter(allocation::Column::AllocatedBy.eq(account))
        .filter(allocation::Column::RunId.is_null())
        .count(db)
        .await?;
    Ok(held > 0)
}

/// The companion screen that goes with a desktop.
pub(super) async fn companion(
    db: &impl ConnectionTrait,
    desktop: RequestId,
) -> Result<Option<request::Model>> {
    Ok(request::Entity::find()
        .filter(request::Column::CompanionOf.eq(desktop))
        .one(db)
        .await?)
}

/// The exchange that replaces a request, unless it was withdrawn.
pub(super) async fn replacement(
    db: &impl ConnectionTrait,
    id: RequestId,
) -> Result<Option<request::Model>> {
    Ok(request::Entity::find()
        .filter(request::Column::Replaces.eq(id))
        .filter(request::Column::Status.ne(RequestStatus::Withdrawn))
        .one(db)
        .await?)
}

/// Whether the household gave the device of a request back.
pub(super) async fn was_returned(db: &impl ConnectionTrait, id: RequestId) -> Result<bool> {
    let last = allocation::Entity::find()
        .filter(allocation::Column::RequestId.eq(id))
        .order_by_desc(allocation::Column::At)
        .order_by_desc(allocation::Column::Id)
        .one(db)
        .await?;
    Ok(last.is_some_and(|one| one.end_reason == Some(ReleaseReason::Returned)))
}

/// What is derived of a request from its live hold and appointment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// A live allocation: on hold or kept.
    pub(crate) allocation: Option<AllocationId>,
    /// Its device.
    pub(crate) device: Option<DeviceId>,
    /// When the hold ends.
    pub(crate) ends_at: Option<DateTime<Utc>>,
    /// A live appointment.
    pub(crate) booked: bool,
}

/// What is derived of each of some requests, in their order. The rows of holds and appointments are read here because
/// a request's status is told by its own domain; nothing is written to them.
pub(crate) async fn standings(
    db: &impl ConnectionTrait,
    requests: &[request::Model],
) -> Result<Vec<Standing>> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let ids = requests.iter().map(|one| one.id).collect::<Vec<_>>();
    let holds = allocation::Entity::find()
        .filter(allocation::Column::RequestId.is_in(ids.iter().copied()))
        .filter(allocation::Column::EndedAt.is_null())
        .all(db)
        .await?;
    let booked = appointment_request::Entity::find()
        .filter(appointment_request::Column::RequestId.is_in(ids.iter().copied()))
        .filter(appointment_request::Column::Live.eq(true))
        .all(db)
        .await?;
    Ok(ids
        .into_iter()
        .map(|id| {
            let hold = holds.iter().find(|one| one.request_id == id);
            Standing {
                allocation: hold.map(|one| one.id),
                device: hold.map(|one| one.device_id),
                ends_at: hold.map(|one| one.ends_at),
                booked: booked.iter().any(|one| one.request_id == id),
            }
        })
        .collect())
}

/// Which of an account's or service's requests to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Filed by this account.
    pub(crate) filed_by: Option<AccountId>,
    /// Of this service.
    pub(crate) organisation: Option<OrganisationId>,
    /// Standing so, as derived.
    pub(crate) status: Option<Status>,
    /// Continue after this one: filed at and id.
    pub(crate) after: Option<(DateTime<Utc>, RequestId)>,
}

/// Requests with a live allocation.
fn held() -> SelectStatement {
    Query::select()
        .column(allocation::Column::RequestId)
        .from(allocation::Entity)
        .and_where(allocation::Column::EndedAt.is_null())
        .to_owned()
}

/// Requests with a live appointment.
fn booked() -> SelectStatement {
    Query::select()
        .column(appointment_request::Column::RequestId)
        .from(appointment_request::Entity)
        .and_where(appointment_request::Column::Live.eq(true))
        .to_owned()
}

/// One page of requests, the newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    limit: u64,
) -> Result<Vec<request::Model>> {
    let mut query = request::Entity::find();
    if let Some(account) = filter.filed_by {
        query = query.filter(request::Column::FiledBy.eq(account));
    }
    if let Some(organisation) = filter.organisation {
        query = query.filter(request::Column::OrganisationId.eq(organisation));
    }
    if let Some(status) = filter.status {
        query = query.filter(request::Column::Status.eq(status.kept()));
        let held = request::Column::Id.in_subquery(held());
        let booked = request::Column::Id.in_subquery(booked());
        query = match status {
            Status::Waiting => query.filter(held.not()).filter(booked.not()),
            Status::Held => query.filter(held).filter(booked.not()),
            Status::Booked => query.filter(booked),
            Status::NeedsReview
            | Status::Served
            | Status::NotEligible
            | Status::Withdrawn
            | Status::Closed => query,
        };
    }
    if let Some((at, id)) = filter.after {
        query = query.filter(
            Condition::any().add(request::Column::FiledAt.lt(at)).add(
                Condition::all()
                    .add(request::Column::FiledAt.eq(at))
                    .add(request::Column::Id.lt(id)),
            ),
        );
    }
    Ok(query
        .order_by_desc(request::Column::FiledAt)
        .order_by_desc(request::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Requests that somebody must decide, the oldest first.
pub(crate) async fn to_decide(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<request::Model>> {
    Ok(request::Entity::find()
        .filter(request::Column::Status.eq(RequestStatus::NeedsReview))
        .order_by_asc(request::Column::FiledAt)
        .limit(limit)
        .all(db)
        .await?)
}

/// Requests that wait, in the order of the queue: greater weight, then filed earlier, then the smaller id.
pub(crate) async fn waiting(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<request::Model>> {
    Ok(request::Entity::find()
        .filter(request::Column::Status.eq(RequestStatus::Waiting))
        .order_by_desc(request::Column::Priority)
        .order_by_asc(request::Column::FiledAt)
        .order_by_asc(request::Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Households not heard of since a moment, which nothing is open for, the longest silent first.
pub(super) async fn silent_households(
    db: &impl ConnectionTrait,
    since: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<HouseholdId>> {
    let heard_of = Query::select()
        .column(request::Column::HouseholdId)
        .from(request::Entity)
        .cond_where(
            Condition::any()
                .add(
                    request::Column::Status
                        .is_in([RequestStatus::NeedsReview, RequestStatus::Waiting]),
                )
                .add(request::Column::FiledAt.gte(since))
                .add(request::Column::ServedAt.gte(since))
                .add(request::Column::ClosedAt.gte(since)),
        )
        .to_owned();
    Ok(household::Entity::find()
        .filter(household::Column::ErasedAt.is_null())
        .filter(household::Column::LastActAt.lt(since))
        .filter(household::Column::Id.not_in_subquery(heard_of))
        .order_by_asc(household::Column::LastActAt)
        .limit(limit)
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.id)
        .collect())
}

/// Erases the sentences of a household's decisions; the codes stay, which name nobody.
pub(super) async fn forget_sentences(tx: &Tx, household: HouseholdId) -> Result<()> {
    let own = Query::select()
        .column(request::Column::Id)
        .from(request::Entity)
        .and_where(request::Column::HouseholdId.eq(household))
        .to_owned();
    decision::Entity::update_many()
        .set(decision::ActiveModel {
            reasons: sea_orm::ActiveValue::Set(None),
            ..Default::default()
        })
        .filter(decision::Column::RequestId.in_subquery(own))
        .exec(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use entities::enums::{DeviceKind, NeedUse};
    use uuid::Uuid;

    use super::*;

    fn served(id: u128, day: &str) -> request::Model {
        let at: DateTime<Utc> = format!("{day}T10:00:00Z").parse().unwrap();
        request::Model {
            id: RequestId(Uuid::from_u128(id)),
            client_id: None,
            body_hash: Vec::new(),
            reference: format!("R-2026-{id:06}"),
            household_id: HouseholdId(Uuid::from_u128(1)),
            filed_by: AccountId(Uuid::from_u128(2)),
            organisation_id: OrganisationId(Uuid::from_u128(3)),
            kind: DeviceKind::Laptop,
            need_use: NeedUse::Other,
            status: RequestStatus::Served,
            priority: 0,
            contribution_cents: 0,
            replaces: None,
            companion_of: None,
            no_shows: 0,
            filed_at: at,
            waits_since: None,
            served_at: Some(at),
            closed_at: None,
            version: 1,
        }
    }

    fn closed(request: request::Model) -> request::Model {
        request::Model {
            status: RequestStatus::Closed,
            ..request
        }
    }

    #[test]
    fn an_exchange_counts_as_what_it_replaces() {
        let laptop = closed(served(1, "2026-01-10"));
        let other = request::Model {
            replaces: Some(laptop.id),
            ..served(2, "2026-06-10")
        };
        let day: NaiveDate = "2026-01-10".parse().unwrap();
        assert_eq!(received_on(&[laptop, other]), [day]);
    }

    #[test]
    fn a_companion_screen_does_not_count_nor_does_its_exchange() {
        let desktop = closed(served(1, "2026-01-10"));
        let screen = request::Model {
            companion_of: Some(desktop.id),
            ..served(2, "2026-01-10")
        };
        assert_eq!(received_on(&[desktop.clone(), screen.clone()]), []);
        let other = request::Model {
            replaces: Some(screen.id),
            ..served(3, "2026-06-10")
        };
        assert_eq!(received_on(&[desktop, closed(screen), other]), []);
    }
}
