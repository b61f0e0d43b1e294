//! How numbers, dates and sums are said in French.
//!
//! One renderer for pages, letters, mails and texts, so that no two of them name another hour. Everything here is a
//! pure function; the time of day is always that of [`PARIS`]. A no-break space (U+00A0) stands before a unit and
//! inside "14 h 30"; thousands are parted by the narrow one (U+202F), as the Imprimerie nationale asks.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;

/// The time zone that people's dates and hours are read in.
pub const PARIS: Tz = chrono_tz::Europe::Paris;

/// The no-break space, before `: ; ! ?` and units.
pub const NBSP: char = '\u{a0}';

const THIN: char = '\u{202f}';
const WEEKDAYS: [&str; 7] = [
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
];
const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// The local day of an instant.
pub fn local_date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&PARIS).date_naive()
}

/// The instant at which an instant's local day began. Midnight never falls into the hour that doesn't exist.
pub fn midnight(at: DateTime<Utc>) -> DateTime<Utc> {
    local_date(at)
        .and_time(chrono::NaiveTime::MIN)
        .and_local_timezone(PARIS)
        .earliest()
        .map_or(at, |midnight| midnight.with_timezone(&Utc))
}

/// « 14:02:11 », for the lines of a log.
pub fn clock_time(at: DateTime<Utc>) -> String {
    at.with_timezone(&PARIS).format("%H:%M:%S").to_string()
}

/// « 12 janvier 2027 », « 1er mai 2027 ».
pub fn date(day: NaiveDate) -> String {
    let first = if day.day() == 1 { "er" } else { "" };
    format!(
        "{}{first} {} {}",
        day.day(),
        month_name(day.month0()),
        day.year()
    )
}

/// « mardi 12 janvier 2027 ».
pub fn weekday_date(day: NaiveDate) -> String {
    let weekday = WEEKDAYS[day.weekday().num_days_from_monday() as usize % 7];
    format!("{weekday} {}", date(day))
}

/// « 12/01/2027 », for tables.
pub fn short_date(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// « janvier 2027 ».
pub fn month(day: NaiveDate) -> String {
    format!("{} {}", month_name(day.month0()), day.year())
}

/// « 14 h 30 », « 9 h ».
pub fn time(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&PARIS);
    match local.minute() {
        0 => format!("{}{NBSP}h", local.hour()),
        minute => format!("{}{NBSP}h{NBSP}{minute:02}", local.hour()),
    }
}

/// « mardi 12 janvier 2027 à 14 h 30 ».
pub fn date_time(at: DateTime<Utc>) -> String {
    format!("{} à {}", weekday_date(local_date(at)), time(at))
}

/// The last day of what ends at an instant: what ends at midnight ends with the day before.
pub fn last_day(end: DateTime<Utc>) -> NaiveDate {
    local_date(end - chrono::TimeDelta::nanoseconds(1))
}

/// « jusqu’au mardi 12 janvier 2027 inclus » of what ends at midnight, else with its hour, as people read an end.
pub fn until(end: DateTime<Utc>) -> String {
    if midnight(end) == end {
        format!("jusqu’au {} inclus", weekday_date(last_day(end)))
    } else {
        format!("jusqu’au {}", date_time(end))
    }
}

/// A day as one would say it today: « aujourd’hui », « demain », « dans 3 jours », « il y a 3 jours »; beyond
/// a month, the date.
pub fn relative_day(day: NaiveDate, today: NaiveDate) -> String {
    match (day - today).num_days() {
        0 => String::from("aujourd’hui"),
        1 => String::from("demain"),
        2 => String::from("après-demain"),
        -1 => String::from("hier"),
        -2 => String::from("avant-hier"),
        days @ 3..=31 => format!("dans {days}{NBSP}jours"),
        days @ -31..=-3 => format!("il y a {}{NBSP}jours", -days),
        i64::MIN..=-32 | 32..=i64::MAX => format!("le {}", date(day)),
    }
}

/// How long ago something was: « à l’instant », « il y a 12 minutes », « il y a 3 heures » of the same day, then by
/// local days as [`relative_day`] says them.
pub fn ago(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let (day, today) = (local_date(then), local_date(now));
    let minutes = (now - then).num_minutes();
    match minutes {
        0 => String::from("à l’instant"),
        1..=59 => format!("il y a {}", counted(minutes, "minute", "minutes")),
        60.. if day == today => format!("il y a {}", counted(minutes / 60, "heure", "heures")),
        i64::MIN..=-1 | 60.. => relative_day(day, today),
    }
}

/// « 1 jour », « 3 jours »; French keeps the singular below two, zero included.
pub fn counted(count: i64, singular: &str, plural: &str) -> String {
    let word = if count.abs() < 2 { singular } else { plural };
    format!("{}{NBSP}{word}", number(count))
}

/// « 1 288 », grouped by thousands.
pub fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::from(if value < 0 { "−" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    text
}

/// Cents as « 20 € », « 1 288,50 € ».
pub fn euros(cents: i64) -> String {
    let sign = if cents < 0 { "−" } else { "" };
    let whole = number((cents / 100).abs());
    match (cents % 100).abs() {
        0 => format!("{sign}{whole}{NBSP}€"),
        rest => format!("{sign}{whole},{rest:02}{NBSP}€"),
    }
}

/// Euros as people type them, in cents: `249,90`, `1 200`, `300 €`.
pub fn cents(text: &str) -> Option<i64> {
    let bare: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '€')
        .collect();
    let (euros, rest) = match bare.split_once([',', '.']) {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (bare.as_str(), "00"),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(euros) || euros.len() > 9 || !digits(rest) || rest.len() > 2 {
        return None;
    }
    let tens = if rest.len() == 1 { 10 } else { 1 };
    Some(euros.parse::<i64>().ok()? * 100 + rest.parse::<i64>().ok()? * tens)
}

/// Cents rounded to the nearest whole euro: « 754 € ». For figures read, never for sums paid.
pub fn whole_euros(cents: i64) -> String {
    let rounded = (cents.abs() + 50) / 100 * 100;
    euros(rounded * cents.signum())
}

/// Tenths as « 1,3 », « 2 ».
pub fn tenths(value: i64) -> String {
    match (value % 10).abs() {
        0 => number(value / 10),
        rest => format!("{},{rest}", number(value / 10)),
    }
}

/// A capacity as makers print it, in powers of ten: 500 107 862 016 bytes are « 500 Go ».
pub fn bytes(size: u64) -> String {
    const UNITS: [(&str, u64); 4] = [
        ("To", 1_000_000_000_000),
        ("Go", 1_000_000_000),
        ("Mo", 1_000_000),
        ("ko", 1_000),
    ];
    for (unit, scale) in UNITS {
        // 999.9 of a unit reads as one of the next, as on the label of the disk
        if size >= scale - scale / 2_000 {
            let tenths_of_unit = (size + scale / 20) / (scale / 10);
            let (whole, tenth) = (tenths_of_unit / 10, tenths_of_unit % 10);
            return if whole >= 10 || tenth == 0 {
                let rounded = (size + scale / 2) / scale;
                format!("{rounded}{NBSP}{unit}")
            } else {
                format!("{whole},{tenth}{NBSP}{unit}")
            };
        }
    }
    format!("{size}{NBSP}o")
}

/// Memory as makers print it, in powers of two: 8 589 934 592 bytes are « 8 Go ».
pub fn memory(size: u64) -> String {
    const GIB: u64 = 1 << 30;
    const MIB: u64 = 1 << 20;
    // what firmware keeps for itself is missing from what a tool reports
    if size >= GIB * 3 / 4 {
        format!("{}{NBSP}Go", (size + GIB / 2) / GIB)
    } else {
        format!("{}{NBSP}Mo", size.div_ceil(MIB))
    }
}

/// Grams as « 850 g », « 12,4 kg », « 1 240 kg ».
pub fn weight(grams: i64) -> String {
    if grams.abs() < 1000 {
        return format!("{}{NBSP}g", number(grams));
    }
    format!("{}{NBSP}kg", tenths((grams + 50 * grams.signum()) / 100))
}

fn month_name(month0: u32) -> &'static str {
    MONTHS[month0 as usize % 12]
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    /// Makes the spaces visible: `_` no-break, `'` narrow.
    fn seen(text: &str) -> String {
        text.replace(NBSP, "_").replace(THIN, "'")
    }

    fn utc(y: i32, m: u32, d: u32, h: u32, min: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(y, m, d, h, min, 0).unwrap()
    }

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn what_ends_at_midnight_ends_with_the_day_before() {
        let midnight = "2026-12-08T23:00:00Z".parse().unwrap();
        assert_eq!(until(midnight), "jusqu’au mardi 8 décembre 2026 inclus");
        let slot = "2026-12-08T14:30:00Z".parse().unwrap();
        assert!(until(slot).starts_with("jusqu’au mardi 8 décembre 2026 à 15"));
    }

    #[test]
    fn dates_are_said_in_full_and_in_paris() {
        assert_eq!(
            seen(&date_time(utc(2027, 1, 12, 13, 30))),
            "mardi 12 janvier 2027 à 14_h_30"
        );
        // summer time, a whole hour, the first of a month, and a day that is another one in Paris
        assert_eq!(
            seen(&date_time(utc(2027, 4, 30, 22, 0))),
            "samedi 1er mai 2027 à 0_h"
        );
        assert_eq!(seen(&time(utc(2027, 7, 1, 7, 5))), "9_h_05");
        assert_eq!(short_date(day(2027, 2, 3)), "03/02/2027");
        assert_eq!(month(day(2026, 8, 3)), "août 2026");
    }

    #[test]
    fn days_are_said_as_seen_from_today() {
        let today = day(2026, 11, 24);
        for (days, text) in [
            (0, "aujourd’hui"),
            (1, "demain"),
            (2, "après-demain"),
            (5, "dans 5_jours"),
            (-1, "hier"),
            (-3, "il y a 3_jours"),
            (-40, "le 15 octobre 2026"),
        ] {
            let other = today + chrono::Duration::days(days);
            assert_eq!(seen(&relative_day(other, today)), text);
        }
    }

    #[test]
    fn how_long_ago() {
        let now = utc(2026, 11, 24, 9, 0);
        for (then, text) in [
            (utc(2026, 11, 24, 9, 0), "à l’instant"),
            (utc(2026, 11, 24, 8, 59), "il y a 1_minute"),
            (utc(2026, 11, 24, 6, 59), "il y a 2_heures"),
            (utc(2026, 11, 23, 9, 0), "hier"),
            // 23:30 in Paris: yesterday, though not a day ago
            (utc(2026, 11, 23, 22, 30), "hier"),
            (utc(2026, 11, 21, 9, 0), "il y a 3_jours"),
            (utc(2026, 11, 25, 9, 0), "demain"),
        ] {
            assert_eq!(seen(&ago(then, now)), text);
        }
    }

    #[test]
    fn sums_are_read_as_people_type_them() {
        for (typed, expected) in [
            ("300", Some(30_000)),
            ("249,90", Some(24_990)),
            ("1 200,5 €", Some(120_050)),
            ("1\u{202f}288,50\u{a0}€", Some(128_850)),
            ("0.99", Some(99)),
            ("12.5", Some(1_250)),
            ("", None),
            ("-3", None),
            ("12,345", None),
            ("mille", None),
            ("1,-5", None),
            (",5", None),
            ("5,", None),
            ("1,2,3", None),
            ("12345678901", None),
        ] {
            assert_eq!(cents(typed), expected, "{typed}");
        }
    }

    #[test]
    fn numbers_sums_and_sizes() {
        assert_eq!(seen(&number(1_234_567)), "1'234'567");
        assert_eq!(seen(&number(-1_288)), "−1'288");
        assert_eq!(seen(&number(999)), "999");
        assert_eq!(seen(&euros(2000)), "20_€");
        assert_eq!(seen(&euros(128_850)), "1'288,50_€");
        assert_eq!(seen(&euros(-5)), "−0,05_€");
        assert_eq!(seen(&whole_euros(75_384)), "754_€");
        assert_eq!(seen(&tenths(13)), "1,3");
        assert_eq!(seen(&tenths(20)), "2");
        assert_eq!(seen(&counted(0, "jour", "jours")), "0_jour");
        assert_eq!(seen(&weight(850)), "850_g");
        assert_eq!(seen(&weight(12_360)), "12,4_kg");
        for (size, text) in [
            (8_589_934_592, "8_Go"),
            (8_241_184_768, "8_Go"),
            (536_870_912, "512_Mo"),
        ] {
            assert_eq!(seen(&memory(size)), text);
        }
        for (size, text) in [
            (500_107_862_016, "500_Go"),
            (1_000_204_886_016, "1_To"),
            (1_500_301_910_016, "1,5_To"),
            (256_060_514_304, "256_Go"),
            (31_914_983_424, "32_Go"),
            (7_969_177_600, "8_Go"),
            (512, "512_o"),
        ] {
            assert_eq!(seen(&bytes(size)), text);
        }
    }
}
