//! When one may book, move and cancel, and how long a device then waits.
//!
//! The limits bind the household on its own page; a professional beside it cancels and moves as long as the appointment
//! stands. Who is too late is told whom to call, for somebody who can't cancel simply doesn't come.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{OpeningRule, SlotTime};
use crate::{error::Error, french, requests::policy::Booking};

/// Who books, moves or cancels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booker {
    /// Through its link.
    Household,
    /// A social worker, mediator or coordinator.
    Professional,
}

/// The starts that may be booked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From when on, inclusive.
    pub earliest: DateTime<Utc>,
    /// Until when, exclusive.
    pub latest: DateTime<Utc>,
}

/// What may be booked now; `transfer` is how long it takes to bring the device to the venue, none when it is there or
/// when nothing is handed out.
pub fn window(terms: &Booking, now: DateTime<Utc>, transfer: Option<TimeDelta>) -> Window {
    let notice = TimeDelta::minutes(terms.min_notice_minutes);
    Window {
        earliest: now + transfer.map_or(notice, |lead| lead.max(notice)),
        latest: now + TimeDelta::days(terms.horizon_days),
    }
}

/// Checks the start of a slot against the window.
///
/// # Errors
/// 409 `slot-too-early`, `slot-too-far`.
pub fn check_slot(window: Window, slot: SlotTime) -> Result<(), Error> {
    if slot.starts_at < window.earliest {
        let earliest = french::date_time(window.earliest);
        return Err(Error::refused(
            "slot-too-early",
            format!(
                "Ce créneau est trop proche\u{a0}: le premier possible commence après le {earliest}."
            ),
        ));
    }
    if slot.starts_at >= window.latest {
        return Err(Error::refused(
            "slot-too-far",
            "Ce créneau est trop lointain pour être réservé dès maintenant.",
        ));
    }
    Ok(())
}

/// Checks that a pickup is booked where devices are handed out and an onboarding where people are accompanied.
///
/// # Errors
/// 409 `slot-without-pickup`, `slot-without-onboarding`.
pub fn check_couple(pickup: &OpeningRule, onboarding: &OpeningRule) -> Result<(), Error> {
    if !pickup.pickup {
        return Err(Error::refused(
            "slot-without-pickup",
            "Aucun équipement n’est remis sur ce créneau.",
        ));
    }
    check_onboarding(onboarding)
}

/// Checks that an onboarding is booked where people are accompanied.
///
/// # Errors
/// 409 `slot-without-onboarding`.
pub fn check_onboarding(onboarding: &OpeningRule) -> Result<(), Error> {
    if onboarding.onboarding {
        Ok(())
    } else {
        Err(Error::refused(
            "slot-without-onboarding",
            "Aucune prise en main n’est proposée sur ce créneau.",
        ))
    }
}

/// Whether an appointment may be cancelled now.
///
/// # Errors
/// 409 `too-late-to-cancel`.
pub fn may_cancel(
    terms: &Booking,
    by: Booker,
    starts_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let hours = terms.cancel_until_hours;
    in_time(by, hours, starts_at, now)
        .then_some(())
        .ok_or_else(|| too_late("too-late-to-cancel", "annuler", hours))
}

/// Whether an appointment may be moved now.
///
/// # Errors
/// 409 `too-late-to-move`.
pub fn may_move(
    terms: &Booking,
    by: Booker,
    starts_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let hours = terms.move_until_hours;
    in_time(by, hours, starts_at, now)
        .then_some(())
        .ok_or_else(|| too_late("too-late-to-move", "déplacer", hours))
}

fn in_time(by: Booker, hours: i64, starts_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    match by {
        Booker::Household => now <= starts_at - TimeDelta::hours(hours),
        // Whoever answers the telephone: nobody has to note an absence that did not happen.
        Booker::Professional => true,
    }
}

fn too_late(code: &'static str, verb: &str, hours: i64) -> Error {
    let limit = french::counted(hours, "heure", "heures");
    Error::refused(
        code,
        format!(
            "Il est trop tard pour {verb} ici (possible jusqu’à {limit} avant). Appelez le lieu d’accueil."
        ),
    )
}

/// Nobody is absent before the slot has begun.
///
/// # Errors
/// 409 `slot-not-begun`.
pub fn may_record_no_show(starts_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Error> {
    (now >= starts_at).then_some(()).ok_or_else(|| {
        Error::refused(
            "slot-not-begun",
            format!(
                "Le rendez-vous commence le {}\u{a0}: l’absence se note ensuite.",
                french::date_time(starts_at)
            ),
        )
    })
}

/// An onboarding may be noted as held at any hour of its local day, as the handover is, and ever after.
///
/// # Errors
/// 409 `slot-not-begun`.
pub fn may_record_attended(
    starts_at: DateTime<Utc>,
    now: DateTime<Utc>,
    timezone: Tz,
) -> Result<(), Error> {
    let held = now >= starts_at || same_local_day(starts_at, now, timezone);
    held.then_some(()).ok_or_else(|| {
        Error::refused(
            "slot-not-begun",
            format!(
                "La prise en main est prévue le {}\u{a0}: elle se note ce jour-là.",
                french::date_time(starts_at)
            ),
        )
    })
}

/// Whether two instants are of one local day: the handover of law 3 may be at any hour of the pickup's day.
pub fn same_local_day(one: DateTime<Utc>, other: DateTime<Utc>, timezone: Tz) -> bool {
    one.with_timezone(&timezone).date_naive() == other.with_timezone(&timezone).date_naive()
}

/// Where booking moves the end of a hold.
pub fn hold_end(slot_end: DateTime<Utc>, grace: TimeDelta) -> DateTime<Utc> {
    slot_end + grace
}
