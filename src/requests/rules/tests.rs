use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const TODAY: &str = "2026-11-24";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn policy() -> Policy {
    Policy::herault().unwrap()
}

/// Spaces as typed, so that expectations can be read.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

fn people(ages: &[i32]) -> Vec<Person> {
    let born = |age: &i32| day(&format!("{}-06-15", 2026 - age));
    let relation = |index| {
        if index == 0 {
            FamilyTie::Applicant
        } else {
            FamilyTie::Other
        }
    };
    ages.iter()
        .enumerate()
        .map(|(i, age)| Person {
            born: born(age),
            relation: relation(i),
        })
        .collect()
}

fn seen(kinds: &[Proof]) -> Vec<Evidence> {
    let one = |kind: &Proof| Evidence {
        kind: *kind,
        seen_on: day("2026-11-20"),
        valid_until: day("2027-02-20"),
    };
    kinds.iter().map(one).collect()
}

fn qf(value: i64) -> QuotientFamilial {
    QuotientFamilial {
        value,
        provider: QfProvider::Cnaf,
        year: 2026,
        month: 10,
    }
}

/// One adult in Béziers who asks for a laptop and of whom nothing else is known.
fn facts() -> Facts {
    Facts {
        people: people(&[42]),
        net_monthly_cents: None,
        quotient_familial: None,
        low_income_status: false,
        evidence: Vec::new(),
        commune: String::from("34032"),
        kind: DeviceKind::Laptop,
        need_use: NeedUse::Schooling,
        received_on: Vec::new(),
        open_requests: 0,
        possible_duplicate: false,
        origin: Origin::Filed,
    }
}

fn decided(facts: &Facts) -> Decision {
    decide(&policy(), facts, day(TODAY))
}

fn codes(reasons: &[Reason]) -> Vec<&str> {
    reasons.iter().map(|one| one.code.as_ref()).collect()
}

#[test]
fn the_example_of_the_contract() {
    let decision = decided(&Facts {
        people: vec![
            Person {
                born: day("1984-05-02"),
                relation: FamilyTie::Applicant,
            },
            Person {
                born: day("2015-01-09"),
                relation: FamilyTie::Child,
            },
        ],
        net_monthly_cents: Some(98_000),
        low_income_status: true,
        evidence: seen(&[Proof::LowIncomeStatus]),
        ..facts()
    });
    assert_eq!(decision.outcome, Outcome::Eligible);
    assert_eq!(decision.contribution_cents, Some(2_000));
    assert_eq!(decision.bands.resources, Some("50-75"));
    assert_eq!(decision.bands.consumption_units_tenths, Some(13));
    assert_eq!(decision.policy_version, "herault-2026-11-24");
    assert!(decision.missing.is_empty());
    assert_eq!(
        decision
            .reasons
            .iter()
            .map(|one| plain(&one.text))
            .collect::<Vec<_>>(),
        [
            "Un statut qui prouve de faibles ressources a été vu.",
            "Foyer de 2 personnes, soit 1,3 unité de consommation.",
            "Ressources par unité de consommation : 754 € par mois, sous le seuil de 1 288 € (ressources \
             déclarées)."
        ]
    );
}

#[test]
fn units_of_households_and_the_thresholds_the_press_printed() {
    let scale = policy().consumption_units;
    for (ages, tenths, threshold_euros) in [
        (&[42][..], 10, 1_288),
        (&[42, 11], 13, 1_674),
        (&[42, 40], 15, 1_932),
        (&[42, 40, 11], 18, 2_318),
        (&[42, 40, 11, 5], 21, 2_705),
        (&[42, 40, 16, 5], 23, 2_962),
        (&[42, 14], 15, 1_932),
        (&[42, 13], 13, 1_674),
        (&[11], 10, 1_288),
        (&[5, 9], 13, 1_674),
    ] {
        let units = consumption_units(&scale, &people(ages), day(TODAY)).unwrap();
        assert_eq!(units, tenths, "{ages:?}");
        assert_eq!(
            (policy().threshold.value * units + 500) / 1_000,
            threshold_euros,
            "{ages:?}"
        );
    }
    assert_eq!(consumption_units(&scale, &[], day(TODAY)), None);
    let unborn = Person {
        born: day("2027-01-01"),
        relation: FamilyTie::Applicant,
    };
    assert_eq!(consumption_units(&scale, &[unborn], day(TODAY)), None);
}

#[test]
fn somebody_turns_fourteen_on_the_birthday() {
    let scale = policy().consumption_units;
    let household = [
        Person {
            born: day("1984-05-02"),
            relation: FamilyTie::Applicant,
        },
        Person {
            born: day("2012-11-24"),
            relation: FamilyTie::Child,
        },
    ];
    assert_eq!(
        consumption_units(&scale, &household, day("2026-11-23")),
        Some(13)
    );
    assert_eq!(
        consumption_units(&scale, &household, day("2026-11-24")),
        Some(15)
    );
}

/// Resources in cents, QF, status claimed, proofs seen → outcome, contribution of a laptop, codes, missing.
type Row = (
    Option<i64>,
    Option<i64>,
    bool,
    &'static [Proof],
    Outcome,
    Option<i64>,
    &'static [&'static str],
    &'static [&'static str],
);

#[test]
#[rustfmt::skip]
fn every_row_of_the_decision() {
    use Outcome::{Eligible, NeedsReview, NotEligible};
    use Proof::{LowIncomeStatus, QuotientFamilial, Resources, Schooling};
    const UNITS: &str = "consumption_units";
    let rows: &[Row] = &[
        // nothing known: one of three proofs, never a refusal
        (None, None, false, &[], NeedsReview, None, &["no_proof"], &["proof-any"]),
        (None, None, false, &[Schooling], NeedsReview, None, &["no_proof"], &["proof-any"]),
        // status
        (None, None, true, &[LowIncomeStatus], Eligible, Some(2_000), &["status_proved"], &[]),
        (None, None, true, &[], NeedsReview, Some(2_000), &["status_claimed"], &["proof-low-income-status"]),
        (None, None, false, &[LowIncomeStatus], NeedsReview, None, &["no_proof"], &["proof-any"]),
        // quotient familial
        (None, Some(610), false, &[QuotientFamilial], Eligible, Some(4_000), &["quotient_proved"], &[]),
        (None, Some(299), false, &[QuotientFamilial], Eligible, Some(0), &["quotient_proved"], &[]),
        (None, Some(300), false, &[QuotientFamilial], Eligible, Some(2_000), &["quotient_proved"], &[]),
        (None, Some(450), false, &[QuotientFamilial], Eligible, Some(4_000), &["quotient_proved"], &[]),
        (None, Some(610), false, &[], NeedsReview, Some(4_000), &["quotient_claimed"], &["proof-quotient-familial"]),
        (None, Some(611), false, &[QuotientFamilial], NeedsReview, Some(4_000), &["quotient_by_resources", "no_proof"], &["proof-any"]),
        (None, Some(971), false, &[QuotientFamilial], NeedsReview, Some(4_000), &["quotient_high", "no_proof"], &["proof-any"]),
        // resources: 128 800 is the threshold of one adult
        (Some(0), None, false, &[Resources], Eligible, Some(0), &[UNITS, "resources_below"], &[]),
        (Some(64_399), None, false, &[Resources], Eligible, Some(0), &[UNITS, "resources_below"], &[]),
        (Some(64_400), None, false, &[Resources], Eligible, Some(2_000), &[UNITS, "resources_below"], &[]),
        (Some(96_600), None, false, &[Resources], Eligible, Some(4_000), &[UNITS, "resources_below"], &[]),
        (Some(128_800), None, false, &[Resources], Eligible, Some(4_000), &[UNITS, "resources_below"], &[]),
        (Some(128_801), None, false, &[Resources], NeedsReview, Some(7_000), &[UNITS, "resources_near"], &[]),
        (Some(154_560), None, false, &[Resources], NeedsReview, Some(7_000), &[UNITS, "resources_near"], &[]),
        (Some(154_561), None, false, &[Resources], NotEligible, Some(7_000), &[UNITS, "resources_above", "refusal_proposed"], &[]),
        // without the proof the same figures are a question
        (Some(96_600), None, false, &[], NeedsReview, Some(4_000), &[UNITS, "resources_below"], &["proof-resources"]),
        (Some(140_000), None, false, &[], NeedsReview, Some(7_000), &[UNITS, "resources_near"], &["proof-resources"]),
        (Some(900_000), None, false, &[], NeedsReview, Some(7_000), &[UNITS, "resources_above"], &["proof-resources"]),
        // three equal ways: one proved is enough, and a claim is never passed over by a refusal
        (Some(900_000), None, true, &[Resources, LowIncomeStatus], Eligible, Some(4_000), &["status_proved", UNITS, "resources_above"], &[]),
        (Some(900_000), Some(500), false, &[Resources, QuotientFamilial], Eligible, Some(4_000), &["quotient_proved", UNITS, "resources_above"], &[]),
        (Some(900_000), None, true, &[Resources], NeedsReview, Some(7_000), &["status_claimed", UNITS, "resources_above"], &["proof-low-income-status"]),
        (Some(900_000), Some(500), false, &[Resources], NeedsReview, Some(7_000), &["quotient_claimed", UNITS, "resources_above"], &["proof-quotient-familial"]),
        (Some(900_000), Some(1_400), false, &[Resources, QuotientFamilial], NotEligible, Some(7_000), &["quotient_high", UNITS, "resources_above", "refusal_proposed"], &[]),
        (Some(80_000), Some(1_400), false, &[Resources, QuotientFamilial], Eligible, Some(2_000), &["quotient_high", UNITS, "resources_below"], &[]),
        (Some(80_000), Some(800), false, &[Resources], Eligible, Some(2_000), &["quotient_by_resources", UNITS, "resources_below"], &[]),
        // the price follows the figure that is proved
        (Some(0), Some(500), false, &[QuotientFamilial], Eligible, Some(4_000), &["quotient_proved", UNITS, "resources_below"], &[]),
    ];
    for (net, quotient, status, proofs, outcome, contribution, reasons, missing) in rows {
        let facts = Facts {
            net_monthly_cents: *net,
            quotient_familial: quotient.map(qf),
            low_income_status: *status,
            evidence: seen(proofs),
            ..facts()
        };
        let decision = decided(&facts);
        let row = format!("{net:?} {quotient:?} {status} {proofs:?}: {decision:#?}");
        assert_eq!(decision.outcome, *outcome, "{row}");
        assert_eq!(decision.contribution_cents, *contribution, "{row}");
        assert_eq!(codes(&decision.reasons), *reasons, "{row}");
        assert_eq!(codes(&decision.missing), *missing, "{row}");
    }
}

#[test]
fn every_code_has_its_text() {
    let mut everything = facts();
    everything.people = people(&[16]);
    everything.commune = String::from("30189");
    everything.possible_duplicate = true;
    everything.open_requests = 1;
    for origin in [Origin::Filed, Origin::Exchange, Origin::Companion] {
        let decision = decided(&Facts {
            origin,
            ..everything.clone()
        });
        for reason in &decision.reasons {
            assert!(
                reasons::reason_text(&reason.code).is_some(),
                "{}",
                reason.code
            );
            assert!(reason.text.ends_with('.'), "{}", reason.text);
        }
    }
}

#[test]
fn a_proof_holds_no_longer_than_policy_lets_it() {
    let status = |seen_on: &str, valid_until: &str| Facts {
        low_income_status: true,
        evidence: vec![Evidence {
            kind: Proof::LowIncomeStatus,
            seen_on: day(seen_on),
            valid_until: day(valid_until),
        }],
        ..facts()
    };
    for (seen_on, valid_until, outcome) in [
        ("2026-11-24", "2027-02-24", Outcome::Eligible),
        ("2026-08-24", "2026-11-24", Outcome::Eligible),
        ("2026-08-23", "2026-11-23", Outcome::NeedsReview),
        ("2026-08-23", "2030-01-01", Outcome::NeedsReview),
        ("2026-11-25", "2027-02-25", Outcome::NeedsReview),
        ("2026-11-01", "2026-11-10", Outcome::NeedsReview),
    ] {
        let decision = decided(&status(seen_on, valid_until));
        assert_eq!(decision.outcome, outcome, "{seen_on} {valid_until}");
    }
    let expired = decided(&status("2026-08-23", "2030-01-01"));
    assert!(
        expired.missing[0].text.contains("23 novembre 2026"),
        "{}",
        expired.missing[0].text
    );
}

#[test]
fn a_quotient_proves_for_the_months_after_its_own() {
    for (year, month, outcome) in [
        (2026, 11, Outcome::Eligible),
        (2026, 8, Outcome::Eligible),
        (2026, 7, Outcome::NeedsReview),
        (2026, 12, Outcome::NeedsReview),
        (2026, 13, Outcome::NeedsReview),
    ] {
        let quotient = QuotientFamilial {
            value: 400,
            provider: QfProvider::Msa,
            year,
            month,
        };
        let decision = decided(&Facts {
            quotient_familial: Some(quotient),
            evidence: seen(&[Proof::QuotientFamilial]),
            ..facts()
        });
        assert_eq!(decision.outcome, outcome, "{year}-{month}");
    }
}

fn approved() -> Facts {
    Facts {
        low_income_status: true,
        evidence: seen(&[Proof::LowIncomeStatus]),
        ..facts()
    }
}

#[test]
fn what_is_not_money_is_looked_at_and_never_refused() {
    let cases: [(&str, Facts); 5] = [
        (
            "outside_territory",
            Facts {
                commune: String::from("30189"),
                ..approved()
            },
        ),
        (
            "applicant_minor",
            Facts {
                people: people(&[16]),
                ..approved()
            },
        ),
        (
            "possible_duplicate",
            Facts {
                possible_duplicate: true,
                ..approved()
            },
        ),
        (
            "open_request",
            Facts {
                open_requests: 1,
                ..approved()
            },
        ),
        (
            "over_quota",
            Facts {
                received_on: vec![day("2025-03-12")],
                ..approved()
            },
        ),
    ];
    for (code, facts) in cases {
        let decision = decided(&facts);
        assert_eq!(decision.outcome, Outcome::NeedsReview, "{code}");
        assert_eq!(codes(&decision.reasons).last(), Some(&code));
        // beside a proposed refusal it changes nothing
        let rich = Facts {
            net_monthly_cents: Some(900_000),
            low_income_status: false,
            evidence: seen(&[Proof::Resources]),
            ..facts
        };
        assert_eq!(decided(&rich).outcome, Outcome::NotEligible, "{code}");
    }
}

#[test]
fn the_quota_counts_its_period() {
    for (received_on, outcome) in [
        ("2024-11-24", Outcome::Eligible),
        ("2024-11-25", Outcome::NeedsReview),
    ] {
        let decision = decided(&Facts {
            received_on: vec![day(received_on)],
            ..approved()
        });
        assert_eq!(decision.outcome, outcome, "{received_on}");
    }
    let decision = decided(&Facts {
        received_on: vec![day("2026-03-12")],
        ..approved()
    });
    assert_eq!(
        plain(&decision.reasons[1].text),
        "Le foyer a déjà reçu un équipement le 12 mars 2026 ; la règle est d’un équipement par foyer sur 24 mois."
    );
}

#[test]
fn exchange_and_companion_are_outside_the_quota_and_free() {
    let served = Facts {
        received_on: vec![day("2026-03-12")],
        open_requests: 1,
        ..approved()
    };
    let exchange = decided(&Facts {
        origin: Origin::Exchange,
        low_income_status: false,
        ..served.clone()
    });
    assert_eq!(
        (exchange.outcome, exchange.contribution_cents),
        (Outcome::Eligible, Some(0))
    );
    let companion = decided(&Facts {
        origin: Origin::Companion,
        kind: DeviceKind::Monitor,
        ..served
    });
    assert_eq!(
        (companion.outcome, companion.contribution_cents),
        (Outcome::Eligible, Some(0))
    );
    let unproved = decided(&Facts {
        origin: Origin::Companion,
        ..facts()
    });
    assert_eq!(
        unproved.outcome,
        Outcome::NeedsReview,
        "a screen follows its desktop"
    );
}

#[test]
fn the_sentence_never_contradicts_itself() {
    for (net, text) in [
        (
            128_800,
            "Ressources par unité de consommation : 1 288 € par mois, au niveau du seuil de 1 288 €.",
        ),
        (
            128_801,
            "Ressources par unité de consommation : 1 288,01 € par mois, un peu au-dessus du seuil de 1 288 €.",
        ),
        (
            128_799,
            "Ressources par unité de consommation : 1 287,99 € par mois, sous le seuil de 1 288 €.",
        ),
        (
            65_300,
            "Ressources par unité de consommation : 653 € par mois, sous le seuil de 1 288 €.",
        ),
    ] {
        let decision = decided(&Facts {
            net_monthly_cents: Some(net),
            evidence: seen(&[Proof::Resources]),
            ..facts()
        });
        assert_eq!(plain(&decision.reasons[1].text), text);
    }
}

#[test]
fn prices_by_kind() {
    for (kind, price) in [
        (DeviceKind::Laptop, 7_000),
        (DeviceKind::Desktop, 7_000),
        (DeviceKind::AllInOne, 7_000),
        (DeviceKind::Tablet, 3_500),
        (DeviceKind::Smartphone, 3_500),
        (DeviceKind::Monitor, 3_000), // half would be 35 €, the cap is 30 €
        (DeviceKind::Other, 0),
    ] {
        let near = Facts {
            net_monthly_cents: Some(140_000),
            kind,
            ..facts()
        };
        assert_eq!(decided(&near).contribution_cents, Some(price), "{kind}");
    }
    let policy = policy();
    assert_eq!(
        contribution_by_reviewer(&policy, "34032", DeviceKind::Tablet, None),
        1_000
    );
    assert_eq!(
        contribution_by_reviewer(&policy, "34032", DeviceKind::Tablet, Some(0)),
        0
    );
    assert_eq!(
        contribution_due(&policy, 7_000, DeviceKind::Monitor, true),
        3_000
    );
    assert_eq!(
        contribution_due(&policy, 7_000, DeviceKind::Laptop, false),
        0
    );
}

#[test]
fn a_human_decision_is_by_another_and_from_the_list() {
    let (filer, decider) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
    assert!(confirm(filer, decider, Outcome::NotEligible, "resources_too_high").is_ok());
    assert!(confirm(filer, decider, Outcome::Eligible, "left_to_live").is_ok());
    assert!(matches!(
        confirm(filer, filer, Outcome::Eligible, "left_to_live"),
        Err(Error::Refused {
            code: "one-person-two-steps",
            ..
        })
    ));
    for (outcome, reason) in [
        (Outcome::NeedsReview, "left_to_live"),
        (Outcome::NotEligible, "left_to_live"),
        (Outcome::NotEligible, "because"),
        (Outcome::NotEligible, "resources_above"),
    ] {
        assert!(matches!(
            confirm(filer, decider, outcome, reason),
            Err(Error::Invalid(_))
        ));
    }
}

#[test]
fn the_second_no_show_is_looked_at() {
    assert_eq!(after_no_show(&policy(), 1), AfterNoShow::Waiting);
    assert_eq!(after_no_show(&policy(), 2), AfterNoShow::Review);
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let quotient = proptest::option::of((0_i64..2_000, 2026_i32..2027, 1_u32..13));
    let proof = (0_usize..4, 0_i64..200, 0_i64..300);
    (
        proptest::collection::vec(0_i32..90, 0..7),
        proptest::option::of(0_i64..600_000),
        quotient,
        any::<bool>(),
        proptest::collection::vec(proof, 0..4),
        (0_usize..7, 0_usize..3, 0_u32..2, any::<bool>()),
        proptest::collection::vec(0_i64..1_500, 0..2),
    )
        .prop_map(
            |(ages, net, quotient, status, proofs, (kind, origin, open, duplicate), received)| {
                let before = |days: i64| day(TODAY) - chrono::TimeDelta::days(days);
                Facts {
                    people: people(&ages),
                    net_monthly_cents: net,
                    quotient_familial: quotient.map(|(value, year, month)| QuotientFamilial {
                        value,
                        provider: QfProvider::Cnaf,
                        year,
                        month,
                    }),
                    low_income_status: status,
                    evidence: proofs
                        .into_iter()
                        .map(|(kind, ago, length)| Evidence {
                            kind: Proof::ALL[kind],
                            seen_on: before(ago),
                            valid_until: before(ago) + chrono::TimeDelta::days(length),
                        })
                        .collect(),
                    kind: DeviceKind::ALL[kind],
                    origin: [Origin::Filed, Origin::Exchange, Origin::Companion][origin],
                    received_on: received.into_iter().map(before).collect(),
                    open_requests: open,
                    possible_duplicate: duplicate,
                    ..facts()
                }
            },
        )
}

/// From better to worse.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Eligible => 0,
        Outcome::NeedsReview => 1,
        Outcome::NotEligible => 2,
    }
}

proptest! {
    #[test]
    fn more_resources_never_help_nor_cost_less(facts in any_facts(), less in 0_i64..400_000, more in 0_i64..400_000) {
        let poor = decided(&Facts { net_monthly_cents: Some(less), ..facts.clone() });
        let rich = decided(&Facts { net_monthly_cents: Some(less + more), ..facts });
        prop_assert!(rank(poor.outcome) <= rank(rich.outcome));
        prop_assert!(poor.contribution_cents <= rich.contribution_cents);
    }

    #[test]
    fn no_contribution_passes_the_cap(facts in any_facts()) {
        let decision = decided(&facts);
        let cap = policy().cap_cents(facts.kind);
        prop_assert!(decision.contribution_cents.is_none_or(|cents| (0..=cap).contains(&cents)));
    }

    #[test]
    fn what_is_missing_is_never_a_refusal(facts in any_facts()) {
        for fewer in [
            Facts { net_monthly_cents: None, ..facts.clone() },
            Facts { evidence: Vec::new(), ..facts.clone() },
            Facts { people: Vec::new(), ..facts.clone() },
        ] {
            prop_assert_ne!(decided(&fewer).outcome, Outcome::NotEligible);
        }
    }

    #[test]
    fn who_waits_for_a_proof_is_told_which(facts in any_facts()) {
        let decision = decided(&facts);
        prop_assert!(!decision.reasons.is_empty());
        prop_assert!(decision.outcome != Outcome::Eligible || decision.missing.is_empty());
        if decision.outcome == Outcome::NotEligible {
            prop_assert!(decision.missing.is_empty());
            prop_assert_eq!(decision.recorded_outcome(), Outcome::NeedsReview);
            prop_assert!(decision.bands.proofs.contains(&Proof::Resources));
            prop_assert_eq!(decision.bands.resources, Some(">120"));
        }
    }

    #[test]
    fn a_proof_more_never_harms_unless_it_proves_too_much(facts in any_facts()) {
        for kind in [Proof::LowIncomeStatus, Proof::QuotientFamilial] {
            let mut more = facts.clone();
            more.evidence.extend(seen(&[kind]));
            prop_assert!(rank(decided(&more).outcome) <= rank(decided(&facts).outcome));
        }
    }
}
