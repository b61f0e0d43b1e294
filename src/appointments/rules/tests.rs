use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{error::Error, french::PARIS, requests::policy::Policy};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    format!("{text}:00Z").parse().unwrap()
}

/// Tuesdays and Thursdays, 9 to 12, each half hour.
fn opening() -> OpeningRule {
    OpeningRule {
        id: OpeningId(Uuid::from_u128(7)),
        weekdays: vec![Weekday::Tue, Weekday::Thu],
        start_minute: 9 * 60,
        end_minute: 12 * 60,
        step_minutes: 30,
        slot_minutes: 30,
        capacity: 2,
        format: Format::Individual,
        pickup: true,
        onboarding: true,
        valid_from: day("2026-01-01"),
        valid_until: None,
        closed_days: Vec::new(),
        on_holidays: false,
        timezone: PARIS,
    }
}

/// Every night from 1 to 4, each hour: what the changes of March and October do.
fn nights() -> OpeningRule {
    OpeningRule {
        weekdays: parse_weekdays("1,2,3,4,5,6,7").unwrap(),
        start_minute: 60,
        end_minute: 4 * 60,
        step_minutes: 60,
        slot_minutes: 60,
        on_holidays: true,
        ..opening()
    }
}

fn local_starts(slots: &[SlotTime]) -> Vec<String> {
    slots
        .iter()
        .map(|slot| {
            slot.starts_at
                .with_timezone(&PARIS)
                .format("%m-%d %H:%M %Z")
                .to_string()
        })
        .collect()
}

#[test]
fn a_week_of_slots() {
    let slots = slots(&opening(), utc("2026-11-23T00:00"), utc("2026-11-30T00:00"));
    assert_eq!(slots.len(), 12);
    assert_eq!(
        slots[0],
        SlotTime {
            starts_at: utc("2026-11-24T08:00"),
            ends_at: utc("2026-11-24T08:30")
        }
    );
    assert_eq!(slots[11].ends_at, utc("2026-11-26T11:00"));
}

#[test]
fn nine_in_paris_stays_nine() {
    let days = OpeningRule {
        slot_minutes: 180,
        step_minutes: 180,
        ..opening()
    };
    let slots = slots(&days, utc("2027-10-25T00:00"), utc("2027-11-06T00:00"));
    assert_eq!(
        local_starts(&slots),
        [
            "10-26 09:00 CEST",
            "10-28 09:00 CEST",
            "11-02 09:00 CET",
            "11-04 09:00 CET"
        ]
    );
}

#[test]
fn the_hour_that_happens_twice_is_two_slots() {
    let slots = slots(&nights(), utc("2027-10-30T22:00"), utc("2027-10-31T12:00"));
    assert_eq!(
        local_starts(&slots),
        [
            "10-31 01:00 CEST",
            "10-31 02:00 CEST",
            "10-31 02:00 CET",
            "10-31 03:00 CET"
        ]
    );
    assert!(
        slots
            .windows(2)
            .all(|pair| pair[0].ends_at == pair[1].starts_at)
    );
}

#[test]
fn the_hour_that_does_not_exist_is_none() {
    let slots = slots(&nights(), utc("2027-03-27T22:00"), utc("2027-03-28T12:00"));
    assert_eq!(
        local_starts(&slots),
        ["03-28 01:00 CET", "03-28 03:00 CEST"]
    );
    // begun before the leap, a slot would run past closing time
    let short = OpeningRule {
        start_minute: 90,
        end_minute: 180,
        ..nights()
    };
    assert!(super::slots(&short, utc("2027-03-27T22:00"), utc("2027-03-28T12:00")).is_empty());
}

#[test]
fn closed_days_holidays_and_validity() {
    let week = |opening: &OpeningRule| {
        slots(opening, utc("2027-05-03T00:00"), utc("2027-05-10T00:00")).len()
    };
    assert_eq!(week(&opening()), 6, "Thursday 6 May 2027 is Ascension");
    assert_eq!(
        week(&OpeningRule {
            on_holidays: true,
            ..opening()
        }),
        12
    );
    assert_eq!(
        week(&OpeningRule {
            closed_days: vec![day("2027-05-04")],
            ..opening()
        }),
        0
    );
    assert_eq!(
        week(&OpeningRule {
            valid_from: day("2027-05-05"),
            on_holidays: true,
            ..opening()
        }),
        6
    );
    assert_eq!(
        week(&OpeningRule {
            valid_until: Some(day("2027-05-04")),
            ..opening()
        }),
        6
    );
    assert_eq!(
        week(&OpeningRule {
            valid_until: Some(day("2027-05-03")),
            ..opening()
        }),
        0
    );
}

#[test]
fn open_whatever_the_hour() {
    let always = OpeningRule {
        start_minute: 0,
        end_minute: 1440,
        ..nights()
    };
    let count = |from, to| slots(&always, utc(from), utc(to)).len();
    assert_eq!(count("2026-12-24T23:00", "2026-12-25T23:00"), 24);
    assert_eq!(count("2027-03-27T23:00", "2027-03-28T22:00"), 23);
    assert_eq!(count("2027-10-30T22:00", "2027-10-31T23:00"), 25);
}

#[test]
fn a_broken_rule_makes_no_slot_and_no_loop() {
    let (from, to) = (utc("2026-11-23T00:00"), utc("2026-11-30T00:00"));
    for broken in [
        OpeningRule {
            step_minutes: 0,
            ..opening()
        },
        OpeningRule {
            slot_minutes: 0,
            ..opening()
        },
        OpeningRule {
            end_minute: 0,
            ..opening()
        },
        OpeningRule {
            weekdays: Vec::new(),
            ..opening()
        },
    ] {
        assert!(slots(&broken, from, to).is_empty());
        assert!(!faults(&broken).is_empty());
    }
    assert!(slots(&opening(), to, from).is_empty());
    assert!(slots(&opening(), from, from + TimeDelta::days(100_000)).len() < 1_000);
    assert_eq!(faults(&opening()), []);
}

#[test]
fn a_slot_is_known_by_opening_and_start() {
    let opening = opening();
    let starts_at = utc("2026-11-24T08:30");
    let id = slot_id(opening.id, starts_at);
    assert_eq!(id, "00000000000000000000000000000007-1795509000");
    assert_eq!(parse_slot_id(&id), Some((opening.id, starts_at)));
    for bad in [
        "",
        "7-1",
        "00000000000000000000000000000007",
        "00000000000000000000000000000007-01795509000",
        "00000000000000000000000000000007-+1795509000",
        "00000000-0000-0000-0000-000000000007-1795509000",
        "00000000000000000000000000000007-99999999999999999999",
    ] {
        assert_eq!(parse_slot_id(bad), None, "{bad}");
    }
    assert!(slot_at(&opening, starts_at).is_some());
    for stranger in ["2026-11-24T08:15", "2026-11-25T08:30", "2026-11-24T11:00"] {
        assert_eq!(slot_at(&opening, utc(stranger)), None, "{stranger}");
    }
}

fn code(result: Result<(), Error>) -> Option<&'static str> {
    match result {
        Ok(()) => None,
        Err(Error::Refused { code, .. }) => Some(code),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn what_may_be_booked_moved_and_cancelled() {
    let terms = Policy::herault().unwrap().booking;
    let now = utc("2026-11-24T08:00");
    let at = |starts_at| SlotTime {
        starts_at,
        ends_at: starts_at + TimeDelta::minutes(30),
    };
    let here = window(&terms, now, None);
    let far = window(&terms, now, Some(TimeDelta::hours(48)));
    for (window, start, expected) in [
        (here, now + TimeDelta::minutes(29), Some("slot-too-early")),
        (here, now + TimeDelta::minutes(30), None),
        (far, now + TimeDelta::hours(47), Some("slot-too-early")),
        (far, now + TimeDelta::hours(48), None),
        (here, now + TimeDelta::days(60), Some("slot-too-far")),
    ] {
        assert_eq!(code(check_slot(window, at(start))), expected, "{start}");
    }
    let in_hours = |hours| now + TimeDelta::hours(hours);
    assert_eq!(
        code(may_cancel(&terms, Booker::Household, in_hours(4), now)),
        None
    );
    assert_eq!(
        code(may_cancel(&terms, Booker::Household, in_hours(3), now)),
        Some("too-late-to-cancel")
    );
    for late in [0, -1, -30] {
        let starts_at = in_hours(late);
        let cancels = may_cancel(&terms, Booker::Professional, starts_at, now);
        let moves = may_move(&terms, Booker::Professional, starts_at, now);
        assert_eq!((code(cancels), code(moves)), (None, None), "{late}");
    }
    assert_eq!(
        code(may_move(&terms, Booker::Household, in_hours(24), now)),
        None
    );
    assert_eq!(
        code(may_move(&terms, Booker::Household, in_hours(23), now)),
        Some("too-late-to-move")
    );
    assert_eq!(
        code(may_record_no_show(in_hours(1), now)),
        Some("slot-not-begun")
    );
    assert_eq!(code(may_record_no_show(now, now)), None);
}

#[test]
fn an_onboarding_is_noted_from_the_morning_of_its_day() {
    let starts_at = "2027-01-12T13:30:00Z".parse().unwrap();
    for (now, expected) in [
        ("2027-01-11T22:59:59Z", Some("slot-not-begun")),
        ("2027-01-11T23:00:00Z", None),
        ("2027-01-12T13:00:00Z", None),
        ("2027-01-20T08:00:00Z", None),
    ] {
        let now = now.parse().unwrap();
        assert_eq!(code(may_record_attended(starts_at, now, PARIS)), expected);
    }
}

#[test]
fn each_half_is_booked_where_it_happens() {
    let hands_out = OpeningRule {
        onboarding: false,
        ..opening()
    };
    let welcomes = OpeningRule {
        pickup: false,
        ..opening()
    };
    assert_eq!(code(check_couple(&opening(), &opening())), None);
    assert_eq!(code(check_couple(&hands_out, &welcomes)), None);
    assert_eq!(
        code(check_couple(&welcomes, &welcomes)),
        Some("slot-without-pickup")
    );
    assert_eq!(
        code(check_couple(&hands_out, &hands_out)),
        Some("slot-without-onboarding")
    );
}

#[test]
fn the_pickup_day_is_the_local_one() {
    let slot = utc("2026-11-24T08:00");
    assert!(same_local_day(slot, utc("2026-11-24T22:59"), PARIS));
    assert!(!same_local_day(slot, utc("2026-11-24T23:00"), PARIS));
    assert!(same_local_day(slot, utc("2026-11-23T23:00"), PARIS));
    assert_eq!(hold_end(slot, TimeDelta::hours(4)), utc("2026-11-24T12:00"));
}

#[test]
fn days_and_hours_as_rows_keep_them() {
    assert_eq!(
        parse_weekdays("2,4"),
        Some(vec![Weekday::Tue, Weekday::Thu])
    );
    assert_eq!(weekdays_text(&[Weekday::Sun, Weekday::Mon]), "1,7");
    for bad in ["", "0", "8", "2,2", "lundi", "2;4"] {
        assert_eq!(parse_weekdays(bad), None, "{bad}");
    }
    for (text, minute) in [("00:00", 0), ("09:30", 570), ("24:00", 1440)] {
        assert_eq!(parse_local(text), Some(minute));
        assert_eq!(local_text(minute), text);
    }
    for bad in ["9:30", "24:01", "12:60", "12", "1200", "ab:cd", "+9:30"] {
        assert_eq!(parse_local(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn slots_lie_in_their_opening_and_are_found_again(
        start in 0_u16..1_400, length in 10_u16..600, slot in 5_u16..240, step in 5_u16..240, from in 0_i64..700,
    ) {
        let opening = OpeningRule {
            weekdays: parse_weekdays("1,2,3,4,5,6,7").unwrap(),
            start_minute: start,
            end_minute: (start + length).min(1_440),
            slot_minutes: slot,
            step_minutes: step,
            on_holidays: true,
            ..opening()
        };
        let from = utc("2026-01-01T00:00") + TimeDelta::days(from);
        let to = from + TimeDelta::days(3);
        let found = slots(&opening, from, to);
        prop_assert!(found.windows(2).all(|pair| pair[0].starts_at < pair[1].starts_at));
        for slot in found {
            let local = slot.starts_at.with_timezone(&PARIS).naive_local();
            prop_assert!((from..to).contains(&slot.starts_at));
            prop_assert_eq!(slot.ends_at - slot.starts_at, TimeDelta::minutes(opening.slot_minutes.into()));
            let minute = u16::try_from((local - local.date().and_hms_opt(0, 0, 0).unwrap()).num_minutes()).unwrap();
            prop_assert!((opening.start_minute..opening.end_minute).contains(&minute));
            prop_assert_eq!((minute - opening.start_minute) % opening.step_minutes, 0);
            prop_assert_eq!(slot_at(&opening, slot.starts_at), Some(slot));
        }
    }
}
