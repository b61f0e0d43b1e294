//! Openings: weekly rules that make slots.

use sea_orm::entity::prelude::*;

use crate::enums::Format;
use crate::ids::{OpeningId, VenueId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "opening")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OpeningId,
    /// Where.
    pub venue_id: VenueId,
    /// Seats a slot.
    pub capacity: i32,
    /// Kind of session.
    pub format: Format,
    /// Devices are handed out.
    pub pickup: bool,
    /// First use is accompanied.
    pub onboarding: bool,
    /// Days of the week, 1 is Monday: `2,4`.
    pub weekdays: String,
    /// `09:00`, Europe/Paris.
    pub local_start: String,
    /// `12:00`, Europe/Paris.
    pub local_end: String,
    /// Length of a slot.
    pub slot_minutes: i32,
    /// Open on public holidays.
    pub on_holidays: bool,
    /// First day.
    pub valid_from: Date,
    /// Last day.
    pub valid_until: Option<Date>,
    /// JSON list of dates without slots.
    pub closed_days: String,
    /// Guards concurrent changes.
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
