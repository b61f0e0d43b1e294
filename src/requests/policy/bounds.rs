//! What a policy file may say. Every fault is reported at once, by the key it stands under.

use chrono::NaiveDate;
use entities::enums::{DeviceKind, NeedUse};

use super::{Contribution, Overlay, Policy, Quota, Quotient, Rung, Threshold, Warning};
use crate::{
    french,
    requests::communes::{epci_name, is_commune_code},
};

/// Everything in a policy that can't be meant.
pub(super) fn faults(policy: &Policy) -> Vec<String> {
    let mut faults = Faults::default();
    let version_ok = !policy.version.is_empty()
        && policy.version.len() <= 64
        && policy
            .version
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    faults.unless(version_ok, "version", "1 to 64 letters, digits, - . _");
    faults.unless(!policy.name.trim().is_empty(), "name", "must not be empty");

    threshold(&mut faults, "", &policy.threshold);
    quotient(&mut faults, "", &policy.quotient);
    contribution(&mut faults, "", &policy.contribution);
    quota(&mut faults, "", &policy.quota);

    let units = &policy.consumption_units;
    let (hold, booking) = (&policy.hold, &policy.booking);
    for (key, value, least, most) in [
        ("consumption_units.first_adult", units.first_adult, 1, 10),
        (
            "consumption_units.other_from_adult_age",
            units.other_from_adult_age,
            1,
            10,
        ),
        ("consumption_units.child", units.child, 1, 10),
        ("consumption_units.adult_age", units.adult_age.into(), 1, 25),
        (
            "evidence.valid_months",
            policy.evidence.valid_months.into(),
            1,
            24,
        ),
        ("hold.days", hold.days, 1, 90),
        ("hold.grace_minutes", hold.grace_minutes, 0, 7 * 24 * 60),
        (
            "no_show.review_from",
            policy.no_show.review_from.into(),
            1,
            10,
        ),
        (
            "booking.min_notice_minutes",
            booking.min_notice_minutes,
            0,
            14 * 24 * 60,
        ),
        ("booking.horizon_days", booking.horizon_days, 1, 365),
        (
            "booking.cancel_until_hours",
            booking.cancel_until_hours,
            0,
            7 * 24,
        ),
        (
            "booking.move_until_hours",
            booking.move_until_hours,
            0,
            7 * 24,
        ),
    ] {
        faults.within(key, value, least, most);
    }
    for kind in DeviceKind::ALL {
        faults.within(
            &format!("caps.cents.{kind}"),
            policy.caps.cents.of(*kind),
            0,
            30_000,
        );
    }
    let caps = &policy.caps;
    faults.dates("caps", caps.valid_from, caps.valid_until, &caps.source);
    for need in NeedUse::ALL {
        faults.within(
            &format!("priority.{need}"),
            policy.priority.of(*need),
            0,
            1_000,
        );
    }
    opening(&mut faults, policy);
    for (index, one) in policy.overlays.iter().enumerate() {
        overlay(&mut faults, &format!("overlays.{index}."), one);
        let twice = policy
            .overlays
            .iter()
            .take(index)
            .any(|other| other.epci == one.epci);
        faults.unless(!twice, &format!("overlays.{index}.epci"), "named twice");
    }
    faults.0
}

/// Figures past their date, or not yet in force, on a day.
pub(super) fn warnings(policy: &Policy, on: NaiveDate) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut look = |key: String, what: &str, from: NaiveDate, until: Option<NaiveDate>| {
        let text = if from > on {
            format!(
                "{what} ne s’applique qu’à partir du {}.",
                french::date(from)
            )
        } else if let Some(until) = until.filter(|until| *until < on) {
            format!(
                "{what} est à vérifier\u{a0}: un montant plus récent est attendu depuis le {}. \
                 Les demandes continuent d’être étudiées avec l’ancien.",
                french::date(until)
            )
        } else {
            return;
        };
        found.push(Warning { key, text });
    };
    look(
        String::from("version"),
        "La politique",
        policy.valid_from,
        None,
    );
    let base = std::iter::once((
        String::new(),
        Some(&policy.threshold),
        Some(&policy.contribution),
    ));
    let overlays = policy.overlays.iter().enumerate().map(|(index, one)| {
        (
            format!("overlays.{index}."),
            one.threshold.as_ref(),
            one.contribution.as_ref(),
        )
    });
    for (at, threshold, contribution) in base.chain(overlays) {
        if let Some(one) = threshold {
            look(
                format!("{at}threshold"),
                "Le seuil de ressources",
                one.valid_from,
                one.valid_until,
            );
        }
        if let Some(one) = contribution {
            look(
                format!("{at}contribution"),
                "Le barème de participation",
                one.valid_from,
                one.valid_until,
            );
        }
    }
    let caps = &policy.caps;
    look(
        String::from("caps"),
        "Le plafond de prix",
        caps.valid_from,
        caps.valid_until,
    );
    found
}

#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn unless(&mut self, good: bool, key: &str, what: &str) {
        if !good {
            self.0.push(format!("{key}: {what}"));
        }
    }

    fn within(&mut self, key: &str, value: i64, least: i64, most: i64) {
        let good = (least..=most).contains(&value);
        self.unless(
            good,
            key,
            &format!("{value} is not between {least} and {most}"),
        );
    }

    fn dates(&mut self, key: &str, from: NaiveDate, until: Option<NaiveDate>, source: &str) {
        let good = until.is_none_or(|until| until >= from);
        self.unless(good, &format!("{key}.valid_until"), "before valid_from");
        self.unless(
            !source.trim().is_empty(),
            &format!("{key}.source"),
            "must be named",
        );
    }
}

fn threshold(faults: &mut Faults, at: &str, one: &Threshold) {
    let key = format!("{at}threshold");
    // 500 € to 4,000 € a month: euros typed for cents fall outside
    faults.within(&format!("{key}.value"), one.value, 50_000, 400_000);
    faults.within(
        &format!("{key}.refusal_above_percent"),
        one.refusal_above_percent,
        100,
        400,
    );
    faults.dates(&key, one.valid_from, one.valid_until, &one.source);
}

fn quotient(faults: &mut Faults, at: &str, one: &Quotient) {
    faults.within(
        &format!("{at}quotient.eligible_up_to"),
        one.eligible_up_to,
        0,
        3_000,
    );
    faults.within(
        &format!("{at}quotient.by_resources_up_to"),
        one.by_resources_up_to,
        one.eligible_up_to,
        5_000,
    );
}

fn contribution(faults: &mut Faults, at: &str, one: &Contribution) {
    let key = format!("{at}contribution");
    faults.dates(&key, one.valid_from, one.valid_until, &one.source);
    faults.within(&format!("{key}.no_figure"), one.no_figure, 0, 30_000);
    ladder(faults, &format!("{key}.resources"), &one.resources);
    ladder(faults, &format!("{key}.quotient"), &one.quotient);
    for kind in DeviceKind::ALL {
        let share = one.share_percent.of(*kind);
        faults.within(&format!("{key}.share_percent.{kind}"), share, 0, 100);
    }
}

/// A ladder climbs: bounds strictly, prices at least not down. So more resources never cost less.
fn ladder(faults: &mut Faults, key: &str, rungs: &[Rung]) {
    faults.unless(!rungs.is_empty(), key, "needs a rung");
    for (index, rung) in rungs.iter().enumerate() {
        let at = format!("{key}.{index}");
        let one_bound = rung.below.is_some() != rung.up_to.is_some();
        faults.unless(one_bound, &at, "one of `below` and `up_to`");
        faults.within(&at, rung.cents, 0, 30_000);
    }
    for (index, pair) in rungs.windows(2).enumerate() {
        let [lower, upper] = pair else { continue };
        let climbs = lower.bound() < upper.bound() && lower.cents <= upper.cents;
        faults.unless(
            climbs,
            &format!("{key}.{}", index + 1),
            "lower than the rung before",
        );
    }
}

fn quota(faults: &mut Faults, at: &str, one: &Quota) {
    faults.within(&format!("{at}quota.devices"), one.devices.into(), 1, 20);
    faults.within(
        &format!("{at}quota.period_months"),
        one.period_months.into(),
        1,
        120,
    );
}

fn opening(faults: &mut Faults, policy: &Policy) {
    let one = &policy.opening;
    for code in &one.departements {
        let good = (2..=3).contains(&code.len()) && is_commune_code(&format!("{code:0<5}"));
        faults.unless(good, "opening.departements", &format!("{code:?} is none"));
    }
    for code in &one.communes {
        let good = is_commune_code(code);
        faults.unless(
            good,
            "opening.communes",
            &format!("{code:?} is no INSEE code"),
        );
    }
    for siren in &one.epci {
        let known = epci_name(siren).is_some();
        faults.unless(known, "opening.epci", &format!("{siren:?} is unknown"));
    }
    let nobody = one.departements.is_empty() && one.communes.is_empty() && one.epci.is_empty();
    faults.unless(!nobody, "opening", "nobody may ask");
}

fn overlay(faults: &mut Faults, at: &str, one: &Overlay) {
    let known = epci_name(&one.epci).is_some();
    faults.unless(
        known,
        &format!("{at}epci"),
        &format!("{:?} is unknown", one.epci),
    );
    if let Some(part) = &one.threshold {
        threshold(faults, at, part);
    }
    if let Some(part) = &one.quotient {
        quotient(faults, at, part);
    }
    if let Some(part) = &one.contribution {
        contribution(faults, at, part);
    }
    if let Some(part) = &one.quota {
        quota(faults, at, part);
    }
}
