use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::error::Error;

const BEST: &[NeedUse] = &[NeedUse::Schooling];

fn at(minutes: i64) -> DateTime<Utc> {
    "2026-11-24T08:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn device(id: u128, grade: Grade) -> DeviceFacts {
    DeviceFacts {
        id: DeviceId(Uuid::from_u128(id)),
        kind: DeviceKind::Laptop,
        stage: Stage::Ready,
        custody: CustodyKind::Site,
        held_for: None,
        frozen: false,
        grade: Some(grade),
        ready_since: at(0),
    }
}

fn request(id: u128, need_use: NeedUse) -> RequestFacts {
    RequestFacts {
        id: RequestId(Uuid::from_u128(id)),
        kind: DeviceKind::Laptop,
        need_use,
        status: RequestStatus::Waiting,
        holds_device: false,
        weight: 10,
        filed_at: at(0),
        approved_by: None,
        companion: None,
        over_quota: false,
    }
}

fn pairs(run: &Run) -> Vec<(u128, u128)> {
    run.pairs
        .iter()
        .map(|one| (one.request.0.as_u128(), one.device.0.as_u128()))
        .collect()
}

fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

#[test]
fn weight_then_age_then_id() {
    let requests = [
        RequestFacts {
            filed_at: at(-5),
            ..request(4, NeedUse::Other)
        },
        request(3, NeedUse::Other),
        request(2, NeedUse::Other),
        RequestFacts {
            weight: 30,
            filed_at: at(5),
            ..request(1, NeedUse::Other)
        },
    ];
    let devices = [11, 12, 13].map(|id| device(id, Grade::B));
    let run = run(&requests, &devices, BEST);
    assert_eq!(pairs(&run), [(1, 11), (4, 12), (2, 13)]);
    assert_eq!(run.unserved.len(), 1);
    assert_eq!(
        (run.unserved[0].request.0.as_u128(), run.unserved[0].rank),
        (3, 4)
    );
    assert_eq!(run.unserved[0].missing[0].code, "no-device-left");
}

#[test]
fn the_best_grade_goes_to_schooling_and_the_plainest_to_others() {
    let devices = [
        device(11, Grade::B),
        device(12, Grade::A),
        device(13, Grade::C),
        device(14, Grade::C),
    ];
    let first = RequestFacts {
        weight: 20,
        ..request(1, NeedUse::Administration)
    };
    let run = run(&[first, request(2, NeedUse::Schooling)], &devices, BEST);
    assert_eq!(pairs(&run), [(1, 13), (2, 12)]);
    assert_eq!(
        run.pairs[0]
            .reasons
            .iter()
            .map(|one| plain(&one.text))
            .collect::<Vec<_>>(),
        [
            "Rang 1 : démarches en ligne (poids 20), demande du 24 novembre 2026.",
            "Ordinateur portable, grade C, prêt depuis le 24 novembre 2026 : le grade le plus simple qui convient, \
             puis le plus ancien."
        ]
    );
    assert_eq!(run.pairs[1].reasons[1].code, "best_grade");
}

#[test]
fn of_equal_grades_the_one_ready_longest() {
    let devices = [
        device(11, Grade::B),
        DeviceFacts {
            ready_since: at(-60),
            ..device(12, Grade::B)
        },
    ];
    for need_use in [NeedUse::Schooling, NeedUse::Other] {
        assert_eq!(
            pairs(&run(&[request(1, need_use)], &devices, BEST)),
            [(1, 12)]
        );
    }
}

#[test]
fn only_what_waits_and_is_free_takes_part() {
    let requests = [
        RequestFacts {
            status: RequestStatus::NeedsReview,
            ..request(1, NeedUse::Other)
        },
        RequestFacts {
            holds_device: true,
            ..request(2, NeedUse::Other)
        },
        request(3, NeedUse::Other),
    ];
    let devices = [
        DeviceFacts {
            stage: Stage::Refurbishing,
            ..device(11, Grade::B)
        },
        DeviceFacts {
            custody: CustodyKind::Missing,
            ..device(12, Grade::B)
        },
        DeviceFacts {
            frozen: true,
            ..device(13, Grade::B)
        },
        DeviceFacts {
            held_for: Some(RequestId(Uuid::from_u128(9))),
            ..device(14, Grade::B)
        },
        DeviceFacts {
            kind: DeviceKind::Tablet,
            ..device(15, Grade::B)
        },
    ];
    let run = run(&requests, &devices, BEST);
    assert!(run.pairs.is_empty());
    assert_eq!(run.unserved.len(), 1);
    assert_eq!(run.unserved[0].missing[0].code, "no-device-of-kind");
}

#[test]
fn a_household_with_its_devices_leaves_them_to_those_behind() {
    let first = RequestFacts {
        over_quota: true,
        ..request(1, NeedUse::Other)
    };
    let waiting = [first.clone(), request(2, NeedUse::Other)];
    let found = run(&waiting, &[device(10, Grade::B)], &[]);
    assert_eq!(pairs(&found), [(2, 10)]);
    assert_eq!(found.unserved[0].missing[0].code, "quota-reached");
    let by = AccountId(Uuid::from_u128(5));
    let refused = hold(&device(10, Grade::B), &first, by, 14, at(0)).unwrap_err();
    assert!(matches!(
        refused,
        Error::Refused {
            code: "quota-reached",
            ..
        }
    ));
}

#[test]
fn a_screen_follows_its_desktop() {
    let desktop = |id| RequestFacts {
        kind: DeviceKind::Desktop,
        ..request(id, NeedUse::Other)
    };
    let screen = |id, of, weight, has_device| RequestFacts {
        kind: DeviceKind::Monitor,
        weight,
        companion: Some(Companion {
            of: RequestId(Uuid::from_u128(of)),
            has_device,
        }),
        ..request(id, NeedUse::Other)
    };
    let tower = DeviceFacts {
        kind: DeviceKind::Desktop,
        ..device(11, Grade::B)
    };
    let monitor = |id| DeviceFacts {
        kind: DeviceKind::Monitor,
        ..device(id, Grade::B)
    };
    // ranked before its desktop, served after it; the second desktop finds nothing, so its screen waits
    let requests = [
        desktop(1),
        screen(2, 1, 99, false),
        desktop(3),
        screen(4, 3, 10, false),
        screen(5, 8, 10, true),
    ];
    let run = run(
        &requests,
        &[tower, monitor(12), monitor(13), monitor(14)],
        BEST,
    );
    assert_eq!(pairs(&run), [(2, 12), (1, 11), (5, 13)]);
    let waiting = run
        .unserved
        .iter()
        .map(|one| one.missing[0].code.as_ref())
        .collect::<Vec<_>>();
    assert_eq!(waiting, ["no-device-left", "waits-for-desktop"]);
}

#[test]
fn a_hold_by_hand_is_guarded() {
    let by = AccountId(Uuid::from_u128(1));
    let good = (device(11, Grade::B), request(1, NeedUse::Other));
    let held = hold(&good.0, &good.1, by, 14, at(0)).unwrap();
    assert_eq!((held.device, held.request), (good.0.id, good.1.id));
    // the end of the fourteenth day in Paris
    assert_eq!(
        held.ends_at,
        "2026-12-08T23:00:00Z".parse::<DateTime<Utc>>().unwrap()
    );

    let lacking =
        |device: DeviceFacts, request: RequestFacts| match hold(&device, &request, by, 14, at(0)) {
            Err(Error::Refused { code, missing, .. }) => (
                code,
                missing
                    .iter()
                    .map(|one| one.code.to_string())
                    .collect::<Vec<_>>(),
            ),
            other => panic!("{other:?}"),
        };
    let (d, r) = good;
    let taken = DeviceFacts {
        held_for: Some(RequestId(Uuid::from_u128(9))),
        ..d.clone()
    };
    assert_eq!(lacking(taken, r.clone()).0, "device-already-held");
    assert_eq!(
        lacking(
            d.clone(),
            RequestFacts {
                holds_device: true,
                ..r.clone()
            }
        )
        .0,
        "request-already-held"
    );
    let unready = DeviceFacts {
        stage: Stage::Sanitised,
        custody: CustodyKind::Missing,
        frozen: true,
        ..d.clone()
    };
    assert_eq!(
        lacking(
            unready,
            RequestFacts {
                approved_by: Some(by),
                ..r.clone()
            }
        ),
        (
            "one-person-two-steps",
            ["one-person-two-steps", "not-ready", "wrong-place", "frozen"]
                .map(String::from)
                .to_vec()
        )
    );
    let review = RequestFacts {
        status: RequestStatus::NeedsReview,
        kind: DeviceKind::Tablet,
        ..r.clone()
    };
    assert_eq!(
        lacking(d.clone(), review).1,
        ["request-not-waiting", "kind-mismatch"]
    );
    let screen = RequestFacts {
        companion: Some(Companion {
            of: r.id,
            has_device: false,
        }),
        ..r
    };
    assert_eq!(lacking(d, screen).1, ["waits-for-desktop"]);
}

#[test]
fn a_hold_ends_at_midnight_in_paris_over_the_change_of_hour() {
    let now = "2027-03-26T22:30:00Z".parse().unwrap(); // 23:30 on Friday
    assert_eq!(
        hold_ends_at(1, now),
        "2027-03-27T23:00:00Z".parse::<DateTime<Utc>>().unwrap()
    );
    assert_eq!(
        hold_ends_at(2, now),
        "2027-03-28T22:00:00Z".parse::<DateTime<Utc>>().unwrap()
    );
}

fn any_requests() -> impl Strategy<Value = Vec<RequestFacts>> {
    let one = (
        0_usize..3,
        0_usize..NeedUse::ALL.len(),
        0_i64..3,
        0_i64..4,
        0_u8..8,
        proptest::option::weighted(0.3, 0_usize..20),
    );
    proptest::collection::vec(one, 0..20).prop_map(|rows| {
        let kinds = [DeviceKind::Laptop, DeviceKind::Desktop, DeviceKind::Monitor];
        let mut made = Vec::new();
        for (index, (kind, need, weight, age, odd, of)) in rows.iter().enumerate() {
            let companion = of
                .filter(|of| kinds[*kind] == DeviceKind::Monitor && *of < rows.len())
                .filter(|of| kinds[rows[*of].0] == DeviceKind::Desktop)
                .map(|of| Companion {
                    of: RequestId(Uuid::from_u128(of as u128)),
                    has_device: odd % 2 == 0,
                });
            made.push(RequestFacts {
                kind: kinds[*kind],
                weight: *weight,
                filed_at: at(*age),
                status: if *odd == 7 {
                    RequestStatus::NeedsReview
                } else {
                    RequestStatus::Waiting
                },
                holds_device: *odd == 6,
                companion,
                ..request(index as u128, NeedUse::ALL[*need])
            });
        }
        made
    })
}

fn any_devices() -> impl Strategy<Value = Vec<DeviceFacts>> {
    let one = (0_usize..3, 0_usize..4, 0_i64..3, 0_u8..8);
    proptest::collection::vec(one, 0..20).prop_map(|rows| {
        let kinds = [DeviceKind::Laptop, DeviceKind::Desktop, DeviceKind::Monitor];
        let make =
            |(index, (kind, grade, since, odd)): (usize, (usize, usize, i64, u8))| DeviceFacts {
                kind: kinds[kind],
                ready_since: at(since),
                stage: if odd == 7 {
                    Stage::Refurbishing
                } else {
                    Stage::Ready
                },
                frozen: odd == 6,
                ..device(100 + index as u128, Grade::ALL[grade])
            };
        rows.into_iter().enumerate().map(make).collect()
    })
}

proptest! {
    #[test]
    fn one_for_one_and_nobody_is_lost(requests in any_requests(), devices in any_devices()) {
        let run = run(&requests, &devices, BEST);
        let served = run.pairs.iter().map(|one| one.request).collect::<BTreeSet<_>>();
        let taken = run.pairs.iter().map(|one| one.device).collect::<BTreeSet<_>>();
        prop_assert_eq!(served.len(), run.pairs.len());
        prop_assert_eq!(taken.len(), run.pairs.len());
        let waiting = requests.iter().filter(|one| waits(one)).map(|one| one.id).collect::<BTreeSet<_>>();
        let unserved = run.unserved.iter().map(|one| one.request).collect::<BTreeSet<_>>();
        prop_assert!(served.is_disjoint(&unserved));
        prop_assert_eq!(&served | &unserved, waiting);
        for pair in &run.pairs {
            let device = devices.iter().find(|one| one.id == pair.device).unwrap();
            let request = requests.iter().find(|one| one.id == pair.request).unwrap();
            prop_assert!(is_free(device));
            prop_assert_eq!(device.kind, request.kind);
        }
    }

    #[test]
    fn the_order_of_the_inputs_does_not_matter(
        (requests, other_requests) in any_requests().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        (devices, other_devices) in any_devices().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        prop_assert_eq!(run(&requests, &devices, BEST), run(&other_requests, &other_devices, BEST));
    }

    #[test]
    fn nobody_is_passed_over(requests in any_requests(), devices in any_devices()) {
        let run = run(&requests, &devices, BEST);
        let kind = |id| requests.iter().find(|one| one.id == id).unwrap().kind;
        for waiting in run.unserved.iter().filter(|one| one.missing[0].code != "waits-for-desktop") {
            for pair in run.pairs.iter().filter(|pair| kind(pair.request) == kind(waiting.request)) {
                prop_assert!(pair.rank < waiting.rank);
            }
            // and nothing of its kind is left in the stock
            let free = devices.iter().filter(|one| is_free(one) && one.kind == kind(waiting.request)).count();
            let given = run.pairs.iter().filter(|pair| kind(pair.request) == kind(waiting.request)).count();
            prop_assert_eq!(free, given);
        }
    }

    #[test]
    fn what_a_run_pairs_may_be_held(requests in any_requests(), devices in any_devices()) {
        let nobody = AccountId(Uuid::from_u128(1));
        let result = run(&requests, &devices, BEST);
        for pair in &result.pairs {
            let device = devices.iter().find(|one| one.id == pair.device).unwrap();
            let mut request = requests.iter().find(|one| one.id == pair.request).unwrap().clone();
            // its desktop may have got its device in this very run
            request.companion = None;
            prop_assert!(hold(device, &request, nobody, 14, at(0)).is_ok());
        }
    }
}
