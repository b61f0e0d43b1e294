use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The embedded file with one passage replaced.
fn changed(from: &str, to: &str) -> Result<Policy, PolicyError> {
    assert!(HERAULT.contains(from), "{from:?} is not in the file");
    Policy::parse(&HERAULT.replacen(from, to, 1))
}

#[test]
fn the_embedded_policy_loads_with_the_figures_of_its_sources() {
    let policy = Policy::herault().unwrap();
    assert_eq!(policy.threshold.value, 128_800);
    assert_eq!(
        (
            policy.quotient.eligible_up_to,
            policy.quotient.by_resources_up_to
        ),
        (610, 970)
    );
    let caps = DeviceKind::ALL
        .iter()
        .map(|kind| policy.cap_cents(*kind))
        .collect::<Vec<_>>();
    assert_eq!(caps, [18_000, 15_000, 15_000, 10_000, 10_000, 3_000, 0]);
    assert!(policy.weight(NeedUse::Schooling) > policy.weight(NeedUse::JobSearch));
    assert_eq!(policy.hold_length(), TimeDelta::days(14));
    assert_eq!(policy.hold_grace(), TimeDelta::hours(4));
}

#[test]
fn what_cannot_be_meant_is_refused_by_its_key() {
    for (from, to, key) in [
        ("value = 128_800", "value = 1_288", "threshold.value"),
        (
            "refusal_above_percent = 120",
            "refusal_above_percent = 90",
            "threshold.refusal_above_percent",
        ),
        (
            "valid_until = \"2026-07-31\"",
            "valid_until = \"2020-01-01\"",
            "threshold.valid_until",
        ),
        (
            "by_resources_up_to = 970",
            "by_resources_up_to = 300",
            "quotient.by_resources_up_to",
        ),
        (
            "{ below = 75, cents = 2_000 }",
            "{ below = 75, cents = 5_000 }",
            "contribution.resources.2",
        ),
        (
            "{ below = 75, cents = 2_000 }",
            "{ below = 40, cents = 2_000 }",
            "contribution.resources.1",
        ),
        (
            "{ below = 75, cents = 2_000 }",
            "{ cents = 2_000 }",
            "contribution.resources.1",
        ),
        (
            "{ below = 50, cents = 0 }",
            "{ below = 50, up_to = 50, cents = 0 }",
            "contribution.resources.0",
        ),
        ("laptop = 18_000", "laptop = 180_000", "caps.cents.laptop"),
        (
            "tablet = 50",
            "tablet = 150",
            "contribution.share_percent.tablet",
        ),
        ("devices = 1\n", "devices = 0\n", "quota.devices"),
        ("days = 14", "days = 0", "hold.days"),
        ("departements = [\"34\"]", "departements = []", "opening"),
        ("epci = []", "epci = [\"123456789\"]", "opening.epci"),
        (
            "communes = []",
            "communes = [\"34O32\"]",
            "opening.communes",
        ),
        (
            "version = \"herault-2026-11-24\"",
            "version = \"\"",
            "version",
        ),
    ] {
        let Err(PolicyError::Bounds(faults)) = changed(from, to) else {
            panic!("{to} was accepted");
        };
        assert!(
            faults
                .iter()
                .any(|fault| fault.starts_with(&format!("{key}:"))),
            "{to}: {faults:?}"
        );
    }
}

#[test]
fn what_is_not_a_policy_is_a_syntax_error() {
    for text in ["", "version = 3", "= ="] {
        assert!(
            matches!(Policy::parse(text), Err(PolicyError::Syntax(_))),
            "{text}"
        );
    }
    for (from, to) in [
        ("[hold]\n", "[hold]\nweeks = 2\n"),
        ("first_adult = 10\n", ""),
        (
            "best_grade_for = [\"schooling\"",
            "best_grade_for = [\"gaming\"",
        ),
        ("[caps]\n", "[caps]\nfridge = 1\n"),
    ] {
        assert!(
            matches!(changed(from, to), Err(PolicyError::Syntax(_))),
            "{to}"
        );
    }
}

#[test]
fn an_expired_amount_warns_and_is_still_used() {
    let policy = Policy::herault().unwrap();
    assert_eq!(
        policy.warnings(day("2026-11-23")).len(),
        3,
        "policy and ladder to come, threshold past"
    );
    let warnings = policy.warnings(day("2026-11-24"));
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].key, "threshold");
    assert!(
        warnings[0].text.contains("31 juillet 2026"),
        "{}",
        warnings[0].text
    );
}

#[test]
fn an_epci_may_do_otherwise() {
    let overlaid = format!(
        "{HERAULT}\n[[overlays]]\nepci = \"243400769\"\nquota = {{ devices = 2, period_months = 36 }}\n\
         [[overlays]]\nepci = \"243400017\"\nopen = false\n"
    );
    let policy = Policy::parse(&overlaid).unwrap();
    let beziers = policy.terms("34032");
    assert_eq!(beziers.version, "herault-2026-11-24/243400769");
    assert_eq!(beziers.quota.devices, 2);
    assert_eq!(
        beziers.threshold.value, 128_800,
        "what it doesn't name stays"
    );
    assert!(beziers.open);
    assert!(!policy.terms("34172").open);
    let sete = policy.terms("34301");
    assert_eq!(
        (sete.version.as_str(), sete.quota.devices),
        ("herault-2026-11-24", 1)
    );
    assert!(
        policy.terms("34999").open,
        "outside the list but in the département"
    );
    assert!(!policy.terms("30189").open, "Nîmes");

    let twice = format!("{overlaid}[[overlays]]\nepci = \"243400017\"\n");
    assert!(matches!(Policy::parse(&twice), Err(PolicyError::Bounds(_))));
}
