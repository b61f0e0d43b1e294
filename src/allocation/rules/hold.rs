//! A device held for a request by a coordinator's hand, and until when.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use entities::enums::RequestStatus;
use entities::ids::{AccountId, DeviceId, RequestId};

use super::{DeviceFacts, QUOTA_REACHED, RequestFacts, WAITS_FOR_DESKTOP, device_lacks};
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
/// 409 under the code of the first thing lacking, with all of them as `missing`: `device-already-held`,
/// `request-already-held`, `not-ready`, `wrong-place`, `frozen`, `request-not-waiting`, `kind-mismatch`,
/// `waits-for-desktop`, `quota-reached`, `one-person-two-steps`.
pub fn hold(
    device: &DeviceFacts,
    request: &RequestFacts,
    by: AccountId,
    days: i64,
    now: DateTime<Utc>,
) -> Result<Hold, Error> {
    let kind = kind_label(request.kind);
    let checks = [
        (
            device.held_for.is_none(),
            "device-already-held",
            String::from("Cet équipement est déjà réservé pour une autre demande."),
        ),
        (
            !request.holds_device,
            "request-already-held",
            String::from("Un équipement est déjà réservé pour cette demande."),
        ),
        (
            request.status == RequestStatus::Waiting,
            "request-not-waiting",
            String::from("La demande n’attend pas d’équipement."),
        ),
        (
            device.kind == request.kind,
            "kind-mismatch",
            format!("La demande porte sur «\u{a0}{kind}\u{a0}»."),
        ),
        (
            request.companion.is_none_or(|desktop| desktop.has_device),
            "waits-for-desktop",
            String::from(WAITS_FOR_DESKTOP),
        ),
        (
            !request.over_quota,
            "quota-reached",
            String::from(QUOTA_REACHED),
        ),
        (
            request.approved_by != Some(by),
            "one-person-two-steps",
            String::from(
                "La personne qui a accepté la demande ne peut pas aussi lui attribuer un équipement.",
            ),
        ),
    ];
    let said = checks.into_iter().filter(|(good, ..)| !good);
    let mut lacks = said.map(|(_, code, text)| (code, text)).collect::<Vec<_>>();
    lacks.extend(
        device_lacks(device)
            .into_iter()
            .map(|(code, text)| (code, String::from(text))),
    );
    let Some((code, text)) = lacks.first().cloned() else {
        return Ok(Hold {
            device: device.id,
            request: request.id,
            ends_at: hold_ends_at(days, now),
        });
    };
    let missing = lacks
        .into_iter()
        .map(|(code, text)| Missing::new(code, text))
        .collect();
    Err(Error::missing(code, text, missing))
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
