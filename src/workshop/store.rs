//! What the workshop keeps beside the spine: evidence files, sanitisations, locks, tests, gradings.

use chrono::{DateTime, Utc};
use entities::enums::{CustodyKind, LockState, SanitisationResult, TestOutcome};
use entities::ids::{
    AccountId, DeviceId, EvidenceId, GradingId, MediumId, OrganisationId, SanitisationId,
};
use entities::{
    custody_event, device, device_lock, device_test, evidence, grading, medium, sanitisation, site,
    stored_file,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::db::Tx;
use crate::error::{Error, Result};

/// Most rows of a list a person looks through.
pub(crate) const MOST: u64 = 20;

/// Notes that a file is kept; the same file twice is one row.
pub(crate) async fn file(
    tx: &Tx,
    sha256: &str,
    size: usize,
    media_type: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    stored_file::Entity::insert(stored_file::ActiveModel {
        sha256: Set(sha256.to_owned()),
        size_bytes: Set(i64::try_from(size).unwrap_or(i64::MAX)),
        media_type: Set(media_type.to_owned()),
        stored_at: Set(now),
    })
    .on_conflict(
        OnConflict::column(stored_file::Column::Sha256)
            .do_nothing()
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// One evidence file.
pub(crate) async fn evidence(db: &impl ConnectionTrait, id: EvidenceId) -> Result<evidence::Model> {
    evidence::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound("evidence"))
}

/// The same file handed in before for the same device, or for none.
pub(crate) async fn same_evidence(
    db: &impl ConnectionTrait,
    sha256: &str,
    device: Option<DeviceId>,
) -> Result<Option<evidence::Model>> {
    let query = evidence::Entity::find().filter(evidence::Column::Sha256.eq(sha256));
    let query = match device {
        Some(device) => query.filter(evidence::Column::DeviceId.eq(device)),
        None => query.filter(evidence::Column::DeviceId.is_null()),
    };
    Ok(query.order_by_asc(evidence::Column::Id).one(db).await?)
}

/// The first line of a file that belongs to a device.
pub(crate) async fn evidence_by_content(
    db: &impl ConnectionTrait,
    sha256: &str,
) -> Result<Option<evidence::Model>> {
    Ok(evidence::Entity::find()
        .filter(evidence::Column::Sha256.eq(sha256))
        .filter(evidence::Column::DeviceId.is_not_null())
        .order_by_asc(evidence::Column::ReceivedAt)
        .one(db)
        .await?)
}

/// The evidence of a device, the newest first.
pub(crate) async fn evidence_of(
    db: &impl ConnectionTrait,
    device: DeviceId,
) -> Result<Vec<evidence::Model>> {
    Ok(evidence::Entity::find()
        .filter(evidence::Column::DeviceId.eq(device))
        .order_by_desc(evidence::Column::Id)
        .limit(MOST)
        .all(db)
        .await?)
}

fn waiting(organisation: OrganisationId) -> sea_orm::Select<evidence::Entity> {
    let own = Query::select()
        .column(site::Column::Id)
        .from(site::Entity)
        .and_where(site::Column::OrganisationId.eq(organisation))
        .to_owned();
    evidence::Entity::find()
        .filter(evidence::Column::DeviceId.is_null())
        .filter(evidence::Column::SettledAt.is_null())
        .filter(evidence::Column::SiteId.in_subquery(own))
}

/// The files of an organisation that wait for their device, the oldest first.
pub(crate) async fn inbox(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<Vec<evidence::Model>> {
    Ok(waiting(organisation)
        .order_by_asc(evidence::Column::ReceivedAt)
        .limit(MOST)
        .all(db)
        .await?)
}

/// How many wait.
pub(crate) async fn inbox_count(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<u64> {
    Ok(waiting(organisation).count(db).await?)
}

/// A medium by id.
pub(crate) async fn medium(
    db: &impl ConnectionTrait,
    id: MediumId,
) -> Result<Option<medium::Model>> {
    Ok(medium::Entity::find_by_id(id).one(db).await?)
}

/// One line of the register of erasures.
pub(crate) async fn sanitisation(
    db: &impl ConnectionTrait,
    id: SanitisationId,
) -> Result<Option<sanitisation::Model>> {
    Ok(sanitisation::Entity::find_by_id(id).one(db).await?)
}

/// One grading.
pub(crate) async fn grading(
    db: &impl ConnectionTrait,
    id: GradingId,
) -> Result<Option<grading::Model>> {
    Ok(grading::Entity::find_by_id(id).one(db).await?)
}

/// The sanitisations of some media, the newest first.
pub(crate) async fn sanitisations_of(
    db: &impl ConnectionTrait,
    media: &[medium::Model],
) -> Result<Vec<sanitisation::Model>> {
    if media.is_empty() {
        return Ok(Vec::new());
    }
    Ok(sanitisation::Entity::find()
        .filter(sanitisation::Column::MediumId.is_in(media.iter().map(|m| m.id)))
        .order_by_desc(sanitisation::Column::At)
        .order_by_desc(sanitisation::Column::Id)
        .all(db)
        .await?)
}

/// Whether a file already closed a medium once: it can't close it again after somebody used it.
pub(crate) async fn already_used(
    db: &impl ConnectionTrait,
    sha256: &str,
    medium: MediumId,
) -> Result<bool> {
    let same_file = Query::select()
        .column(evidence::Column::Id)
        .from(evidence::Entity)
        .and_where(evidence::Column::Sha256.eq(sha256))
        .to_owned();
    let used = sanitisation::Entity::find()
        .filter(sanitisation::Column::MediumId.eq(medium))
        .filter(sanitisation::Column::Result.eq(SanitisationResult::Success))
        .filter(sanitisation::Column::EvidenceId.in_subquery(same_file))
        .count(db)
        .await?;
    Ok(used > 0)
}

/// Whether the same file had come before a time, for whatever device.
pub(crate) async fn received_before(
    db: &impl ConnectionTrait,
    sha256: &str,
    time: DateTime<Utc>,
) -> Result<bool> {
    let received = evidence::Entity::find()
        .filter(evidence::Column::Sha256.eq(sha256))
        .filter(evidence::Column::ReceivedAt.lt(time))
        .count(db)
        .await?;
    Ok(received > 0)
}

/// Whether a file was already judged for a medium with this result.
pub(crate) async fn already_judged(
    db: &impl ConnectionTrait,
    evidence: EvidenceId,
    medium: MediumId,
    reasons: &str,
) -> Result<bool> {
    let judged = sanitisation::Entity::find()
        .filter(sanitisation::Column::MediumId.eq(medium))
        .filter(sanitisation::Column::EvidenceId.eq(evidence))
        .filter(sanitisation::Column::Reasons.eq(reasons))
        .count(db)
        .await?;
    Ok(judged > 0)
}

/// Media that carry a serial number, or one that begins so when the tool cut it. `serials` in all the
/// forms they may have been typed in.
pub(crate) async fn media_by_serial(
    db: &impl ConnectionTrait,
    serial: &str,
    cut: bool,
) -> Result<Vec<medium::Model>> {
    let upper = serial.to_uppercase();
    let lower = serial.to_lowercase();
    let mut any = sea_orm::Condition::any().add(medium::Column::Serial.is_in([
        serial.to_owned(),
        upper.clone(),
        lower,
    ]));
    if cut {
        // Bounds instead of LIKE use the index on both databases.
        any = any.add(
            medium::Column::Serial
                .gte(upper.clone())
                .and(medium::Column::Serial.lt(format!("{upper}\u{10FFFF}"))),
        );
    }
    Ok(medium::Entity::find()
        .filter(any)
        .order_by_asc(medium::Column::Id)
        .limit(MOST)
        .all(db)
        .await?)
}

/// The locks of a device, the open ones first.
pub(crate) async fn locks_of(
    db: &impl ConnectionTrait,
    device: DeviceId,
) -> Result<Vec<device_lock::Model>> {
    let mut locks = device_lock::Entity::find()
        .filter(device_lock::Column::DeviceId.eq(device))
        .order_by_desc(device_lock::Column::Id)
        .all(db)
        .await?;
    locks.sort_by_key(|lock| lock.state != LockState::Open);
    Ok(locks)
}

/// The last outcome of each test of a device, as far as it was tried since a household last used it. While a household
/// has it: since the one before.
pub(crate) async fn tests_of(
    db: &impl ConnectionTrait,
    device: &device::Model,
) -> Result<Vec<device_test::Model>> {
    let given = custody_event::Entity::find()
        .filter(custody_event::Column::ItemId.eq(device.id.0))
        .filter(custody_event::Column::Event.eq("handed_over"))
        .order_by_desc(custody_event::Column::N)
        .limit(2)
        .all(db)
        .await?;
    let mut used = given.iter();
    if device.custody == CustodyKind::Household {
        used.next();
    }
    let mut tests = device_test::Entity::find().filter(device_test::Column::DeviceId.eq(device.id));
    if let Some(used) = used.next() {
        tests = tests.filter(device_test::Column::At.gt(used.recorded_at));
    }
    Ok(tests.all(db).await?)
}

/// Keeps the outcome of a test; the last one counts.
pub(crate) async fn keep_test(
    tx: &Tx,
    device: DeviceId,
    test: &str,
    outcome: TestOutcome,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    device_test::Entity::insert(device_test::ActiveModel {
        device_id: Set(device),
        test: Set(test.to_owned()),
        outcome: Set(outcome),
        account_id: Set(account),
        at: Set(now),
    })
    .on_conflict(
        OnConflict::columns([device_test::Column::DeviceId, device_test::Column::Test])
            .update_columns([
                device_test::Column::Outcome,
                device_test::Column::AccountId,
                device_test::Column::At,
            ])
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// The last grading of a device.
pub(crate) async fn last_grading(
    db: &impl ConnectionTrait,
    device: DeviceId,
) -> Result<Option<grading::Model>> {
    Ok(grading::Entity::find()
        .filter(grading::Column::DeviceId.eq(device))
        .order_by_desc(grading::Column::At)
        .order_by_desc(grading::Column::Id)
        .one(db)
        .await?)
}

/// Takes a file out of the inbox.
///
/// # Errors
/// [`Error::Stale`] when somebody settled it meanwhile.
pub(crate) async fn settle(
    tx: &Tx,
    id: EvidenceId,
    device: Option<DeviceId>,
    now: DateTime<Utc>,
) -> Result<()> {
    let done = evidence::Entity::update_many()
        .col_expr(evidence::Column::DeviceId, Expr::value(device))
        .col_expr(evidence::Column::SettledAt, Expr::value(now))
        .filter(evidence::Column::Id.eq(id))
        .filter(evidence::Column::SettledAt.is_null())
        .filter(evidence::Column::DeviceId.is_null())
        .exec(tx)
        .await?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::Stale("evidence"))
    }
}
