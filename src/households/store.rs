//! Rows of households without their personal columns: files, candidates, links between files, links for people.

use chrono::{DateTime, Utc};
use entities::enums::LinkVerdict;
use entities::ids::{AccountId, HouseholdId, HouseholdLinkId, ReadRecordId};
use entities::{household, household_access, household_link, person, read_record};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};

/// A household by its id.
pub(super) async fn by_id(db: &impl ConnectionTrait, id: HouseholdId) -> Result<household::Model> {
    household::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound("household"))
}

/// Files, this one left out, that have somebody of these blind indexes.
pub(super) async fn with_blind_indexes(
    db: &impl ConnectionTrait,
    indexes: Vec<Vec<u8>>,
    but: HouseholdId,
) -> Result<Vec<HouseholdId>> {
    let mut found = person::Entity::find()
        .select_only()
        .column(person::Column::HouseholdId)
        .filter(person::Column::BlindIndex.is_in(indexes))
        .filter(person::Column::HouseholdId.ne(but))
        .into_tuple::<HouseholdId>()
        .all(db)
        .await?;
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Notes that two files may be the same household.
pub(super) async fn add_candidate(
    tx: &Tx,
    household: HouseholdId,
    other: HouseholdId,
    now: DateTime<Utc>,
) -> Result<()> {
    household_link::Entity::insert(household_link::ActiveModel {
        id: Set(HouseholdLinkId(id_at(now))),
        household_id: Set(household),
        other_id: Set(other),
        verdict: Set(LinkVerdict::Candidate),
        reviewed_by: Set(None),
        at: Set(now),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Links between a file and others, newest first.
pub(super) async fn links(
    db: &impl ConnectionTrait,
    household: HouseholdId,
) -> Result<Vec<household_link::Model>> {
    Ok(household_link::Entity::find()
        .filter(
            Condition::any()
                .add(household_link::Column::HouseholdId.eq(household))
                .add(household_link::Column::OtherId.eq(household)),
        )
        .order_by_desc(household_link::Column::At)
        .all(db)
        .await?)
}

/// Links that say of some files that they are one household.
pub(super) async fn same_among(
    db: &impl ConnectionTrait,
    households: &[HouseholdId],
) -> Result<Vec<household_link::Model>> {
    let ids = || households.iter().copied();
    Ok(household_link::Entity::find()
        .filter(household_link::Column::Verdict.eq(LinkVerdict::Same))
        .filter(
            Condition::any()
                .add(household_link::Column::HouseholdId.is_in(ids()))
                .add(household_link::Column::OtherId.is_in(ids())),
        )
        .all(db)
        .await?)
}

/// A link by its id.
pub(super) async fn link(
    db: &impl ConnectionTrait,
    id: HouseholdLinkId,
) -> Result<household_link::Model> {
    household_link::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound("household link"))
}

/// Links that nobody reviewed yet, oldest first.
pub(super) async fn candidates(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<household_link::Model>> {
    Ok(household_link::Entity::find()
        .filter(household_link::Column::Verdict.eq(LinkVerdict::Candidate))
        .order_by_asc(household_link::Column::At)
        .limit(limit)
        .all(db)
        .await?)
}

/// Writes that somebody read a file.
pub(super) async fn record_read(
    tx: &Tx,
    household: HouseholdId,
    account: Option<AccountId>,
    purpose: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    read_record::Entity::insert(read_record::ActiveModel {
        id: Set(ReadRecordId(id_at(now))),
        household_id: Set(household),
        account_id: Set(account),
        purpose: Set(purpose.to_owned()),
        reason: Set(None),
        at: Set(now),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Adds a link that opens a household's pages.
pub(super) async fn add_access(tx: &Tx, row: household_access::Model) -> Result<()> {
    household_access::Entity::insert(household_access::ActiveModel::from(row))
        .on_conflict(
            OnConflict::column(household_access::Column::Id)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// A household's links that open something, locked where the database locks rows.
pub(super) async fn lock_accesses(
    tx: &Tx,
    household: HouseholdId,
    now: DateTime<Utc>,
) -> Result<Vec<household_access::Model>> {
    let mut query = household_access::Entity::find()
        .filter(household_access::Column::HouseholdId.eq(household))
        .filter(still_opens(now))
        .order_by_asc(household_access::Column::Id);
    if tx.is_postgres() {
        query = query.lock_exclusive();
    }
    Ok(query.all(tx).await?)
}

/// Neither taken back nor past its end.
fn still_opens(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(household_access::Column::ExpiresAt.gt(now))
        .add(
            Condition::any()
                .add(household_access::Column::RevokedAt.is_null())
                .add(household_access::Column::RevokedAt.gt(now)),
        )
}

/// A household's links open nothing from then on; one that ends sooner still does.
pub(super) async fn revoke_accesses(
    tx: &Tx,
    household: HouseholdId,
    from: DateTime<Utc>,
) -> Result<()> {
    household_access::Entity::update_many()
        .col_expr(household_access::Column::RevokedAt, Expr::value(from))
        .filter(household_access::Column::HouseholdId.eq(household))
        .filter(still_opens(from))
        .exec(tx)
        .await?;
    Ok(())
}

/// The right second factor: the household's misses are forgotten.
pub(super) async fn forgive_accesses(tx: &Tx, household: HouseholdId) -> Result<()> {
    household_access::Entity::update_many()
        .col_expr(household_access::Column::Failures, Expr::value(0))
        .filter(household_access::Column::HouseholdId.eq(household))
        .exec(tx)
        .await?;
    Ok(())
}

/// One miss more of a link; the household waits by all of its links.
pub(super) async fn miss_access(
    tx: &Tx,
    link: &household_access::Model,
    locked_until: Option<DateTime<Utc>>,
) -> Result<()> {
    household_access::Entity::update_many()
        .col_expr(
            household_access::Column::Failures,
            Expr::value(link.failures + 1),
        )
        .filter(household_access::Column::Id.eq(link.id))
        .exec(tx)
        .await?;
    if let Some(until) = locked_until {
        household_access::Entity::update_many()
            .col_expr(household_access::Column::LockedUntil, Expr::value(until))
            .filter(household_access::Column::HouseholdId.eq(link.household_id))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// The link of a token's hash.
pub(super) async fn access(
    db: &impl ConnectionTrait,
    token_hash: Vec<u8>,
) -> Result<Option<household_access::Model>> {
    Ok(household_access::Entity::find()
        .filter(household_access::Column::TokenHash.eq(token_hash))
        .one(db)
        .await?)
}
