//! Reads across domains for the desk's pages: each is one indexed statement.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use entities::enums::{Channel, CustodyKind, LockState, RequestStatus, SanitisationResult, Stage};
use entities::ids::{AccountId, MediumId, OrganisationId, RequestId, SiteId};
use entities::{
    account, device, device_lock, donation, job, medium, message, organisation, request,
    sanitisation, site,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::devices::media;
use crate::error::Result;

/// A device with what its page tells.
#[derive(Clone, Debug)]
pub(super) struct DeviceFile {
    pub(super) device: device::Model,
    pub(super) media: Vec<medium::Model>,
    /// Accepted sanitisations, the newest of each medium.
    pub(super) sanitisations: BTreeMap<MediumId, sanitisation::Model>,
    pub(super) locks: Vec<device_lock::Model>,
    pub(super) donation: Option<donation::Model>,
}

/// Everything of one device.
pub(super) async fn device_file(
    db: &impl ConnectionTrait,
    device: device::Model,
) -> Result<DeviceFile> {
    let media = media::of_device(db, device.id).await?;
    let sanitisations = accepted(db, media.iter().map(|m| m.id)).await?;
    let locks = device_lock::Entity::find()
        .filter(device_lock::Column::DeviceId.eq(device.id))
        .filter(device_lock::Column::State.eq(LockState::Open))
        .all(db)
        .await?;
    let donation = donation::Entity::find_by_id(device.donation_id)
        .one(db)
        .await?;
    Ok(DeviceFile {
        device,
        media,
        sanitisations,
        locks,
        donation,
    })
}

/// The newest accepted sanitisation of each medium.
pub(super) async fn accepted(
    db: &impl ConnectionTrait,
    media: impl IntoIterator<Item = MediumId>,
) -> Result<BTreeMap<MediumId, sanitisation::Model>> {
    let ids: Vec<MediumId> = media.into_iter().collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = sanitisation::Entity::find()
        .filter(sanitisation::Column::MediumId.is_in(ids))
        .filter(sanitisation::Column::Result.eq(SanitisationResult::Success))
        .order_by_asc(sanitisation::Column::At)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.medium_id, row)).collect())
}

/// The reference of a request, for those who may see requests.
pub(super) async fn request_reference(
    db: &impl ConnectionTrait,
    id: RequestId,
) -> Result<Option<String>> {
    let row = request::Entity::find_by_id(id).one(db).await?;
    Ok(row.map(|r| r.reference))
}

/// Names that a story mentions.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) accounts: BTreeMap<AccountId, account::Model>,
    pub(super) organisations: BTreeMap<OrganisationId, String>,
    pub(super) sites: BTreeMap<SiteId, site::Model>,
}

/// The accounts, organisations and sites of these ids: at most three statements.
pub(super) async fn names(
    db: &impl ConnectionTrait,
    accounts: BTreeSet<AccountId>,
    organisations: BTreeSet<OrganisationId>,
    sites: BTreeSet<SiteId>,
) -> Result<Names> {
    let mut names = Names::default();
    if !accounts.is_empty() {
        let rows = account::Entity::find()
            .filter(account::Column::Id.is_in(accounts))
            .all(db)
            .await?;
        names.accounts = rows.into_iter().map(|row| (row.id, row)).collect();
    }
    if !organisations.is_empty() {
        let rows = organisation::Entity::find()
            .filter(organisation::Column::Id.is_in(organisations))
            .all(db)
            .await?;
        names.organisations = rows.into_iter().map(|row| (row.id, row.name)).collect();
    }
    if !sites.is_empty() {
        let rows = site::Entity::find()
            .filter(site::Column::Id.is_in(sites))
            .all(db)
            .await?;
        names.sites = rows.into_iter().map(|row| (row.id, row)).collect();
    }
    Ok(names)
}

/// The sites of a page of devices.
pub(super) async fn sites_of(
    db: &impl ConnectionTrait,
    devices: &[device::Model],
) -> Result<BTreeMap<SiteId, site::Model>> {
    let ids = devices.iter().filter_map(|d| d.site_id).collect();
    Ok(names(db, BTreeSet::new(), BTreeSet::new(), ids)
        .await?
        .sites)
}

/// What monitoring watches; each is a count over an index of few rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watched {
    pub(super) requests_waiting: u64,
    pub(super) requests_in_review: u64,
    pub(super) messages_waiting: u64,
    pub(super) messages_failed: u64,
    pub(super) jobs_waiting: u64,
    pub(super) jobs_failed: u64,
    /// When the oldest mail or text that is still to leave was queued.
    pub(super) oldest_message: Option<DateTime<Utc>>,
    /// Since when the oldest job is due.
    pub(super) oldest_job: Option<DateTime<Utc>>,
}

/// Devices of one stage and custody.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(super) struct Counted {
    pub(super) stage: Stage,
    pub(super) custody: CustodyKind,
    pub(super) devices: i64,
}

/// Counts all devices: reads each of them.
pub(super) async fn device_counts(db: &impl ConnectionTrait) -> Result<Vec<Counted>> {
    Ok(device::Entity::find()
        .select_only()
        .columns([device::Column::Stage, device::Column::Custody])
        .column_as(device::Column::Id.count(), "devices")
        .group_by(device::Column::Stage)
        .group_by(device::Column::Custody)
        .order_by_asc(device::Column::Stage)
        .order_by_asc(device::Column::Custody)
        .into_model::<Counted>()
        .all(db)
        .await?)
}

/// Counts what monitoring watches.
pub(super) async fn watched(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Watched> {
    let requests = |status: RequestStatus| {
        request::Entity::find()
            .filter(request::Column::Status.eq(status))
            .count(db)
    };
    let messages = message::Entity::find()
        .filter(message::Column::DeliveredAt.is_null())
        .filter(message::Column::GaveUpAt.is_null());
    let jobs = job::Entity::find()
        .filter(job::Column::RunAt.lte(now))
        .filter(job::Column::DoneAt.is_null())
        .filter(job::Column::GaveUpAt.is_null());
    let oldest_message = messages
        .clone()
        .filter(message::Column::Channel.ne(Channel::Letter))
        .order_by_asc(message::Column::CreatedAt)
        .one(db)
        .await?;
    let oldest_job = jobs
        .clone()
        .order_by_asc(job::Column::RunAt)
        .one(db)
        .await?;
    Ok(Watched {
        oldest_message: oldest_message.map(|row| row.created_at),
        oldest_job: oldest_job.map(|row| row.run_at),
        requests_waiting: requests(RequestStatus::Waiting).await?,
        requests_in_review: requests(RequestStatus::NeedsReview).await?,
        messages_waiting: messages.count(db).await?,
        messages_failed: message::Entity::find()
            .filter(message::Column::GaveUpAt.is_not_null())
            .count(db)
            .await?,
        jobs_waiting: jobs.count(db).await?,
        jobs_failed: job::Entity::find()
            .filter(job::Column::GaveUpAt.is_not_null())
            .count(db)
            .await?,
    })
}
