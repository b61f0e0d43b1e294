//! Appointments and slots as the API shows them.

use chrono::{DateTime, Utc};
use entities::enums::{AppointmentState, Format, OnboardingState};
use entities::{appointment, onboarding};
use schemars::JsonSchema;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use uuid::Uuid;

use super::rules::slot_id;
use crate::access;
use crate::error::Result;

/// A slot that can be booked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct SlotView {
    /// Made of its opening and start; nothing is stored.
    pub(crate) id: String,
    /// Slug of the venue.
    pub(crate) venue: String,
    /// Kind of session.
    pub(crate) format: Format,
    /// `pickup`, `onboarding` or both.
    pub(crate) purpose: Vec<&'static str>,
    /// Start.
    pub(crate) starts_at: DateTime<Utc>,
    /// End.
    pub(crate) ends_at: DateTime<Utc>,
    /// Places left.
    pub(crate) seats_left: u16,
}

/// The pickup of an appointment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PickupView {
    /// Its slot.
    pub(crate) slot: String,
    /// Slug of the venue.
    pub(crate) venue: String,
    /// Start.
    pub(crate) starts_at: DateTime<Utc>,
}

/// The onboarding of an appointment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct OnboardingView {
    /// Identity.
    pub(crate) id: Uuid,
    /// Its slot.
    pub(crate) slot: String,
    /// Slug of the venue.
    pub(crate) venue: String,
    /// Start.
    pub(crate) starts_at: DateTime<Utc>,
    /// Where it stands.
    pub(crate) state: OnboardingState,
}

/// An appointment: never its pickup code.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AppointmentView {
    /// Identity.
    pub(crate) id: Uuid,
    /// Where the pickup stands.
    pub(crate) status: AppointmentState,
    /// The pickup.
    pub(crate) pickup: PickupView,
    /// The onboarding.
    pub(crate) onboarding: OnboardingView,
}

/// An instant of epoch seconds.
pub(crate) fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// The view of an appointment.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    row: &appointment::Model,
    onboarding: &onboarding::Model,
) -> Result<AppointmentView> {
    let pickup_venue = access::store::venue_by_id(db, row.venue_id).await?;
    let onboarding_venue = if onboarding.venue_id == row.venue_id {
        pickup_venue.slug.clone()
    } else {
        access::store::venue_by_id(db, onboarding.venue_id)
            .await?
            .slug
    };
    Ok(AppointmentView {
        id: row.id.0,
        status: row.state,
        pickup: PickupView {
            slot: slot_id(row.opening_id, instant(row.starts_at)),
            venue: pickup_venue.slug,
            starts_at: instant(row.starts_at),
        },
        onboarding: OnboardingView {
            id: onboarding.id.0,
            slot: slot_id(onboarding.opening_id, instant(onboarding.starts_at)),
            venue: onboarding_venue,
            starts_at: instant(onboarding.starts_at),
            state: onboarding.state,
        },
    })
}
