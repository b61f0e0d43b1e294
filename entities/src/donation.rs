//! Donations: one act of giving.

use sea_orm::entity::prelude::*;

use crate::enums::{DonationStatus, EnteredAs};
use crate::ids::{AccountId, DonationId, DonorId, SiteId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "donation")]
pub struct Model {
    /// Identity, client-made or ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DonationId,
    /// `D-2026-000123`.
    pub reference: String,
    /// Where it was given.
    pub site_id: SiteId,
    /// Who gave, none when anonymous.
    pub donor_id: Option<DonorId>,
    /// Product keeps réemploi, waste réutilisation.
    pub entered_as: EnteredAs,
    /// Ground of a public donor's gift.
    pub legal_basis: Option<String>,
    /// Value of one unit as the donor states it.
    pub unit_value_cents: Option<i64>,
    /// Reference of the State's transfer.
    pub transfer_reference: Option<String>,
    /// State, local authority or public body.
    pub public_donor: bool,
    /// The donor agrees that data are erased.
    pub consent_to_erasure: bool,
    /// Where it stands.
    pub status: DonationStatus,
    /// Who took it.
    pub received_by: AccountId,
    /// When it was given.
    pub received_at: DateTimeUtc,
    /// Lines reconciled.
    pub closed_at: Option<DateTimeUtc>,
    /// SHA-256 of the request that made it.
    pub body_hash: Vec<u8>,
    /// Guards concurrent changes.
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
