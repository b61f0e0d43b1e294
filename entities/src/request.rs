//! Requests: one need for one device.

use sea_orm::entity::prelude::*;

use crate::enums::{DeviceKind, NeedUse, RequestStatus};
use crate::ids::{AccountId, HouseholdId, OrganisationId, RequestId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "request")]
pub struct Model {
    /// Random (v4), shown nowhere: the journal's name for it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RequestId,
    /// Client-made id.
    pub client_id: Option<Uuid>,
    /// SHA-256 of the request that made it, keyed.
    pub body_hash: Vec<u8>,
    /// `R-2026-000045`.
    pub reference: String,
    /// Who needs, never changes.
    pub household_id: HouseholdId,
    /// Who filed it.
    pub filed_by: AccountId,
    /// The service whose file it is.
    pub organisation_id: OrganisationId,
    /// Kind of device needed.
    pub kind: DeviceKind,
    /// What for.
    #[sea_orm(column_name = "use")]
    pub need_use: NeedUse,
    /// Held and booked are derived.
    pub status: RequestStatus,
    /// Weight by policy.
    pub priority: i32,
    /// As decided, before the cap of the device.
    pub contribution_cents: i64,
    /// An exchange.
    pub replaces: Option<RequestId>,
    /// The desktop this screen goes with.
    pub companion_of: Option<RequestId>,
    /// Missed pickups.
    pub no_shows: i32,
    /// Filed.
    pub filed_at: DateTimeUtc,
    /// Approved and waiting since.
    pub waits_since: Option<DateTimeUtc>,
    /// Device handed over.
    pub served_at: Option<DateTimeUtc>,
    /// Withdrawn, refused or closed.
    pub closed_at: Option<DateTimeUtc>,
    /// Guards concurrent changes.
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
