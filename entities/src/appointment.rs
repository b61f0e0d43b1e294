//! Appointments: a household’s pickup.

use sea_orm::entity::prelude::*;

use crate::enums::AppointmentState;
use crate::ids::{AccountId, AppointmentId, HouseholdId, OpeningId, VenueId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appointment")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AppointmentId,
    /// Client-made id.
    pub client_id: Option<Uuid>,
    /// SHA-256 of the request that made it.
    pub body_hash: Vec<u8>,
    /// Who comes.
    pub household_id: HouseholdId,
    /// Where the device is picked up.
    pub venue_id: VenueId,
    /// Pickup slot's opening.
    pub opening_id: OpeningId,
    /// Pickup slot, UTC epoch seconds.
    pub starts_at: i64,
    /// Pickup slot's end, UTC epoch seconds.
    pub ends_at: i64,
    /// Of the pickup.
    pub state: AppointmentState,
    /// Who booked, none for the household itself.
    pub booked_by: Option<AccountId>,
    /// Keyed hash of the six digits.
    pub pickup_code_hash: Option<Vec<u8>>,
    /// Misses since the last code.
    pub pickup_code_failures: i32,
    /// Misses in all, never reset.
    pub pickup_code_misses: i32,
    /// Times five misses spent a code.
    pub pickup_code_renewals: i32,
    /// Last code.
    pub pickup_code_sent_at: Option<DateTimeUtc>,
    /// Booked.
    pub created_at: DateTimeUtc,
    /// Attended, missed or cancelled.
    pub ended_at: Option<DateTimeUtc>,
    /// Guards concurrent changes.
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
