//! The eleven public holidays of metropolitan France, computed: a list ends one day, and then a service is booked on
//! Christmas.

use chrono::{Datelike, Days, NaiveDate};

/// Days that fall on the same date each year: month, day, name.
const FIXED: [(u32, u32, &str); 8] = [
    (1, 1, "jour de l’An"),
    (5, 1, "fête du Travail"),
    (5, 8, "victoire de 1945"),
    (7, 14, "fête nationale"),
    (8, 15, "Assomption"),
    (11, 1, "Toussaint"),
    (11, 11, "armistice de 1918"),
    (12, 25, "Noël"),
];

/// Days that follow Easter: how many days later, name.
const MOVING: [(u64, &str); 3] = [
    (1, "lundi de Pâques"),
    (39, "Ascension"),
    (50, "lundi de Pentecôte"),
];

/// Easter Day of the Gregorian calendar (the anonymous computus, as Meeus prints it); none before 1583 or beyond
/// what a date can say.
pub fn easter(year: i32) -> Option<NaiveDate> {
    let of = u32::try_from(year).ok().filter(|year| *year >= 1583)?;
    let golden = of % 19;
    let (century, rest) = (of / 100, of % 100);
    let (skipped, kept) = (century / 4, century % 4);
    let moon = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century + 15 - skipped - moon) % 30;
    let sunday = (32 + 2 * kept + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * sunday) / 451;
    let sum = epact + sunday + 114 - 7 * late;
    NaiveDate::from_ymd_opt(year, sum / 31, sum % 31 + 1)
}

/// The holidays of a year, in order.
pub fn holidays(year: i32) -> Vec<(NaiveDate, &'static str)> {
    let fixed = FIXED.iter().filter_map(|(month, day, name)| {
        Some((NaiveDate::from_ymd_opt(year, *month, *day)?, *name))
    });
    let moving = MOVING.iter().filter_map(|(later, name)| {
        Some((easter(year)?.checked_add_days(Days::new(*later))?, *name))
    });
    let mut days = fixed.chain(moving).collect::<Vec<_>>();
    days.sort();
    days
}

/// What holiday a day is, if it is one.
pub fn holiday(day: NaiveDate) -> Option<&'static str> {
    holidays(day.year())
        .into_iter()
        .find(|(one, _)| *one == day)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn easter_of_known_years() {
        for text in [
            "1818-03-22",
            "1943-04-25",
            "1961-04-02",
            "2000-04-23",
            "2008-03-23",
            "2011-04-24",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2028-04-16",
            "2029-04-01",
            "2030-04-21",
            "2038-04-25",
            "2285-03-22",
        ] {
            assert_eq!(easter(day(text).year()), Some(day(text)));
        }
        assert_eq!(easter(1500), None);
        assert_eq!(easter(-5), None);
    }

    #[test]
    fn easter_is_a_sunday_of_spring() {
        for year in 1900..2300 {
            let easter = easter(year).unwrap();
            assert_eq!(easter.weekday(), chrono::Weekday::Sun, "{year}");
            let (first, last) = (day(&format!("{year}-03-22")), day(&format!("{year}-04-25")));
            assert!((first..=last).contains(&easter), "{year}");
        }
    }

    #[test]
    fn the_eleven_of_2027() {
        let days = holidays(2027)
            .into_iter()
            .map(|(day, _)| day.to_string())
            .collect::<Vec<_>>();
        assert_eq!(
            days,
            [
                "2027-01-01",
                "2027-03-29",
                "2027-05-01",
                "2027-05-06",
                "2027-05-08",
                "2027-05-17",
                "2027-07-14",
                "2027-08-15",
                "2027-11-01",
                "2027-11-11",
                "2027-12-25"
            ]
        );
    }

    #[test]
    fn moving_days_of_2028_and_a_year_where_two_fall_together() {
        for text in ["2028-04-17", "2028-05-25", "2028-06-05"] {
            assert!(holiday(day(text)).is_some(), "{text}");
        }
        assert_eq!(holiday(day("2026-12-25")), Some("Noël"));
        assert_eq!(holiday(day("2026-12-26")), None);
        // Ascension 2008 was 1 May: still one day off
        assert!(holiday(day("2008-05-01")).is_some());
    }
}
