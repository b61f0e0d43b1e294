//! Onboardings: the accompanied first use.

use sea_orm::entity::prelude::*;

use crate::enums::OnboardingState;
use crate::ids::{HouseholdId, OnboardingId, OpeningId, VenueId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "onboarding")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OnboardingId,
    /// Who learns.
    pub household_id: HouseholdId,
    /// Where.
    pub venue_id: VenueId,
    /// Slot's opening.
    pub opening_id: OpeningId,
    /// Slot, UTC epoch seconds.
    pub starts_at: i64,
    /// Slot's end, UTC epoch seconds.
    pub ends_at: i64,
    /// Where it stands.
    pub state: OnboardingState,
    /// JSON list: what was practised, by the Coop's words.
    pub topics: String,
    /// Length, once held.
    pub minutes: Option<i32>,
    /// Guards concurrent changes.
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
