//! A slot and its name.

use chrono::{DateTime, Utc};
use entities::ids::OpeningId;
use serde::Serialize;
use uuid::Uuid;

/// One time of an opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SlotTime {
    /// Names the slot within its opening.
    pub starts_at: DateTime<Utc>,
    /// When it is over.
    pub ends_at: DateTime<Utc>,
}

/// The id of a slot, made of its opening and start: 32 hex digits, a dash, UTC epoch seconds. Nothing is stored.
pub fn slot_id(opening: OpeningId, starts_at: DateTime<Utc>) -> String {
    format!("{}-{}", opening.0.simple(), starts_at.timestamp())
}

/// Reads a slot's id; none unless it is written exactly as [`slot_id`] writes it. Whether the opening makes that slot
/// is asked of [`super::slot_at`].
pub fn parse_slot_id(text: &str) -> Option<(OpeningId, DateTime<Utc>)> {
    let (opening, seconds) = text.split_once('-')?;
    let opening = OpeningId(Uuid::try_parse(opening).ok()?);
    let starts_at = DateTime::from_timestamp(seconds.parse().ok()?, 0)?;
    (slot_id(opening, starts_at) == text).then_some((opening, starts_at))
}
