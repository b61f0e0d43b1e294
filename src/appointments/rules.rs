//! Slots out of openings, and when one may book, move and cancel. Plain values, no clock.

mod limits;
mod slot;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use entities::enums::Format;
use entities::ids::OpeningId;

use super::holidays::holiday;
use crate::error::FieldError;

pub use self::limits::{
    Booker, Window, check_couple, check_onboarding, check_slot, hold_end, may_cancel, may_move,
    may_record_attended, may_record_no_show, same_local_day, window,
};
pub use self::slot::{SlotTime, parse_slot_id, slot_id};

/// Minutes of a day: an opening may last until 24:00.
const DAY: u16 = 24 * 60;

/// No more days than this are looked at in one go, whoever asks.
const MOST_DAYS: i64 = 400;

/// A weekly rule of a venue, read from its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningRule {
    /// Names the opening in its slots.
    pub id: OpeningId,
    /// Days of the week it happens on.
    pub weekdays: Vec<Weekday>,
    /// First minute of the local day.
    pub start_minute: u16,
    /// Minute after the last, up to 1440.
    pub end_minute: u16,
    /// Minutes from one slot's start to the next one's.
    pub step_minutes: u16,
    /// Minutes a slot lasts.
    pub slot_minutes: u16,
    /// Seats of each slot.
    pub capacity: u16,
    /// Kind of session.
    pub format: Format,
    /// Devices are handed out.
    pub pickup: bool,
    /// First use is accompanied.
    pub onboarding: bool,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, that one too.
    pub valid_until: Option<NaiveDate>,
    /// Days without slots.
    pub closed_days: Vec<NaiveDate>,
    /// Open on public holidays.
    pub on_holidays: bool,
    /// Where its clock hangs.
    pub timezone: Tz,
}

/// The slots of an opening that start in `from..to`, in order.
///
/// A local time that happens twice makes two slots, one that doesn't exist none, and a slot ends within its opening by
/// the clock on the wall. At most 400 days are looked at.
pub fn slots(opening: &OpeningRule, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<SlotTime> {
    if from >= to || opening.step_minutes == 0 || opening.slot_minutes == 0 {
        return Vec::new();
    }
    let first = from.with_timezone(&opening.timezone).date_naive();
    let last = to.with_timezone(&opening.timezone).date_naive();
    let count = ((last - first).num_days() + 1).clamp(0, MOST_DAYS);
    let mut found = first
        .iter_days()
        .take(usize::try_from(count).unwrap_or(0))
        .filter(|day| is_open(opening, *day))
        .flat_map(|day| slots_of(opening, day))
        .filter(|slot| (from..to).contains(&slot.starts_at))
        .collect::<Vec<_>>();
    found.sort_unstable();
    found.dedup();
    found
}

/// The slot of an opening that starts at an instant, if it makes one: what a booking checks before it takes a seat.
pub fn slot_at(opening: &OpeningRule, starts_at: DateTime<Utc>) -> Option<SlotTime> {
    slots(opening, starts_at, starts_at + TimeDelta::seconds(1)).pop()
}

/// Whether an opening happens on a local day.
pub fn is_open(opening: &OpeningRule, day: NaiveDate) -> bool {
    use chrono::Datelike;
    opening.weekdays.contains(&day.weekday())
        && day >= opening.valid_from
        && opening.valid_until.is_none_or(|last| day <= last)
        && !opening.closed_days.contains(&day)
        && (opening.on_holidays || holiday(day).is_none())
}

fn slots_of(opening: &OpeningRule, day: NaiveDate) -> Vec<SlotTime> {
    let length = TimeDelta::minutes(opening.slot_minutes.into());
    let Some(closes) = local(day, opening.end_minute) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut minute = opening.start_minute;
    while minute.saturating_add(opening.slot_minutes) <= opening.end_minute.min(DAY) {
        if let Some(start) = local(day, minute) {
            let instants = start.and_local_timezone(opening.timezone);
            for start in [instants.earliest(), instants.latest()]
                .into_iter()
                .flatten()
            {
                let ends = start + length;
                // on the night of March a slot may run past closing time though it began in time
                if ends.naive_local() <= closes {
                    found.push(SlotTime {
                        starts_at: start.to_utc(),
                        ends_at: ends.to_utc(),
                    });
                }
            }
        }
        minute = minute.saturating_add(opening.step_minutes);
    }
    found
}

/// A minute of a local day, 1440 being the next midnight.
fn local(day: NaiveDate, minute: u16) -> Option<NaiveDateTime> {
    let day = day.checked_add_days(Days::new((minute / DAY).into()))?;
    day.and_hms_opt((minute % DAY / 60).into(), (minute % 60).into(), 0)
}

/// Every fault of an opening, for its form.
pub fn faults(opening: &OpeningRule) -> Vec<FieldError> {
    let mut faults = Vec::new();
    let mut unless = |good: bool, field: &str, detail: &str| {
        if !good {
            faults.push(FieldError::new(format!("#/{field}"), detail));
        }
    };
    unless(
        !opening.weekdays.is_empty(),
        "weekdays",
        "Choisissez au moins un jour.",
    );
    unless(
        opening.start_minute < DAY,
        "local_start",
        "Donnez une heure entre 00:00 et 23:59.",
    );
    let ends_well = opening.end_minute > opening.start_minute && opening.end_minute <= DAY;
    unless(
        ends_well,
        "local_end",
        "La fin vient après le début, au plus tard à 24:00.",
    );
    let fits = (5..=DAY).contains(&opening.slot_minutes)
        && opening.start_minute.saturating_add(opening.slot_minutes) <= opening.end_minute;
    unless(
        fits,
        "slot_minutes",
        "Un créneau dure au moins 5 minutes et tient dans l’ouverture.",
    );
    let steps = (5..=DAY).contains(&opening.step_minutes);
    unless(
        steps,
        "step_minutes",
        "Un créneau commence au plus toutes les 5 minutes.",
    );
    unless(
        (1..=500).contains(&opening.capacity),
        "capacity",
        "Entre 1 et 500 places.",
    );
    let does_something = opening.pickup || opening.onboarding;
    unless(
        does_something,
        "purpose",
        "Choisissez la remise, la prise en main, ou les deux.",
    );
    let lasts = opening
        .valid_until
        .is_none_or(|last| last >= opening.valid_from);
    unless(
        lasts,
        "valid_until",
        "Le dernier jour vient après le premier.",
    );
    faults
}

/// Reads `2,4` (1 is Monday); none when a day is not 1 to 7 or comes twice.
pub fn parse_weekdays(text: &str) -> Option<Vec<Weekday>> {
    let mut days = Vec::new();
    for part in text.split(',') {
        let number = part.trim().parse::<u8>().ok()?;
        let day = Weekday::try_from(number.checked_sub(1)?).ok()?;
        if days.contains(&day) {
            return None;
        }
        days.push(day);
    }
    Some(days)
}

/// Writes what [`parse_weekdays`] reads.
pub fn weekdays_text(days: &[Weekday]) -> String {
    let mut numbers = days
        .iter()
        .map(Weekday::number_from_monday)
        .collect::<Vec<_>>();
    numbers.sort_unstable();
    numbers
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

/// Reads `09:00` to `24:00` as a minute of the day.
pub fn parse_local(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY).then_some(total)
}

/// Writes what [`parse_local`] reads.
pub fn local_text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
