//! A device held for a request by a coordinator's hand, and until when.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use entities::enums::RequestStatus;
use entities::ids::{AccountId, DeviceId, RequestId};

use super::{DeviceFacts, RequestFacts, device_lacks};
use crate::{
    error::{Error, Missing},
    french,
    requests::words::kind_label,
};

/// A hold that may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Which device.
    pub device: DeviceId,
    /// For which request.
    pub request: RequestId,
    /// When it ends unless somebody books.
    pub ends_at: DateTime<Utc>,
}

/// Checks a direct allocation by a coordinator; `days` is the policy's. Unique keys have the last word.
///
/// # Errors
/// 409 `device-already-held`, `request-already-held`, or `cannot-hold` with everything that is missing.
pub fn hold(
    device: &DeviceFacts,
    request: &RequestFacts,
    by: AccountId,
    days: i64,
    now: DateTime<Utc>,
) -> Result<Hold, Error> {
    if device.held_for.is_some() {
        return Err(Error::refused(
            "device-already-held",
            "Cet équipement est déjà réservé pour une autre demande.",
        ));
    }
    if request.holds_device {
        return Err(Error::refused(
            "request-already-held",
            "Un équipement est déjà réservé pour cette demande.",
        ));
    }
    let mut missing = device_lacks(device);
    if request.status != RequestStatus::Waiting {
        missing.push(Missing::new(
            "request-not-waiting",
            "La demande n’attend pas d’équipement.",
        ));
    }
    if device.kind != request.kind {
        missing.push(Missing::new(
            "wrong-kind",
            format!(
                "La demande porte sur «\u{a0}{}\u{a0}».",
                kind_label(request.kind)
            ),
        ));
    }
    if request.companion.is_some_and(|desktop| !desktop.has_device) {
        missing.push(Missing::new(
            "waits-for-desktop",
            "L’écran suit l’ordinateur fixe, qui n’est pas encore attribué.",
        ));
    }
    if request.approved_by == Some(by) {
        missing.push(Missing::new(
            "approved-by-same-person",
            "La personne qui a accepté la demande ne peut pas aussi lui attribuer un équipement.",
        ));
    }
    if missing.is_empty() {
        Ok(Hold {
            device: device.id,
            request: request.id,
            ends_at: hold_ends_at(days, now),
        })
    } else {
        Err(Error::missing(
            "cannot-hold",
            "Cet équipement ne peut pas être attribué à cette demande.",
            missing,
        ))
    }
}

/// When a hold without a booking ends: at local midnight after so many whole days.
pub fn hold_ends_at(days: i64, now: DateTime<Utc>) -> DateTime<Utc> {
    let whole = Days::new(u64::try_from(days).unwrap_or(0) + 1);
    french::local_date(now)
        .checked_add_days(whole)
        .and_then(|day| {
            day.and_time(NaiveTime::MIN)
                .and_local_timezone(french::PARIS)
                .earliest()
        })
        .map_or(now + TimeDelta::days(days), |midnight| midnight.to_utc())
}
