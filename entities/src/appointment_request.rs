//! Which requests an appointment serves, with which onboarding.

use sea_orm::entity::prelude::*;

use crate::ids::{AppointmentId, HouseholdId, OnboardingId, RequestId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "appointment_request")]
pub struct Model {
    /// The appointment.
    #[sea_orm(primary_key, auto_increment = false)]
    pub appointment_id: AppointmentId,
    /// A request it serves.
    #[sea_orm(primary_key, auto_increment = false)]
    pub request_id: RequestId,
    /// The household's own onboarding.
    pub onboarding_id: OnboardingId,
    /// The same for all three.
    pub household_id: HouseholdId,
    /// False once the appointment is cancelled or missed.
    pub live: bool,
}

impl ActiveModelBehavior for ActiveModel {}
