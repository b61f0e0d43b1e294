//! What a decision says, in plain French with the person's own figures.

use super::{Facts, QuotientFamilial, Reason, scale::PerUnit, ways::Proofs};
use crate::{
    french,
    requests::{policy::Terms, reasons, words::Proof},
};

/// The text of the list under a code.
pub(super) fn text_of(code: &str) -> &'static str {
    reasons::reason_text(code).unwrap_or_default()
}

/// One sentence for everything that was said, with the person's own figures.
pub(super) fn all(
    terms: &Terms<'_>,
    facts: &Facts,
    units: Option<i64>,
    per_unit: Option<PerUnit>,
    proofs: &Proofs,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if facts.low_income_status {
        let code = if proofs.holds(Proof::LowIncomeStatus) {
            "status_proved"
        } else {
            "status_claimed"
        };
        reasons.push(Reason::new(code, text_of(code)));
    }
    if let Some(qf) = facts.quotient_familial {
        reasons.push(quotient_sentence(
            terms,
            qf,
            proofs.holds(Proof::QuotientFamilial),
        ));
    }
    if let (Some(per_unit), Some(units)) = (per_unit, units) {
        let people = i64::try_from(facts.people.len()).unwrap_or(i64::MAX);
        let unit = if units < 20 { "unité" } else { "unités" };
        reasons.push(Reason::new(
            "consumption_units",
            format!(
                "Foyer de {}, soit {}\u{a0}{unit} de consommation.",
                french::counted(people, "personne", "personnes"),
                french::tenths(units),
            ),
        ));
        reasons.push(resources_sentence(
            terms,
            per_unit,
            proofs.holds(Proof::Resources),
        ));
    }
    reasons
}

fn quotient_sentence(terms: &Terms<'_>, qf: QuotientFamilial, proved: bool) -> Reason {
    let bounds = terms.quotient;
    let (code, rest) = if qf.value <= bounds.eligible_up_to {
        let code = if proved {
            "quotient_proved"
        } else {
            "quotient_claimed"
        };
        (
            code,
            format!("ne dépasse pas {}.", french::number(bounds.eligible_up_to)),
        )
    } else if qf.value <= bounds.by_resources_up_to {
        (
            "quotient_by_resources",
            format!(
                "entre {} et {}, ce sont les ressources par unité de consommation qui comptent.",
                french::number(bounds.eligible_up_to + 1),
                french::number(bounds.by_resources_up_to)
            ),
        )
    } else {
        (
            "quotient_high",
            format!(
                "au-dessus de {}. Il regarde un à deux ans en arrière\u{a0}: la situation d’aujourd’hui peut être autre.",
                french::number(bounds.by_resources_up_to)
            ),
        )
    };
    let joint = if code == "quotient_by_resources" {
        "\u{a0}:"
    } else {
        ","
    };
    Reason::new(
        code,
        format!(
            "Quotient familial de {}{joint} {rest}",
            french::number(qf.value)
        ),
    )
}

fn resources_sentence(terms: &Terms<'_>, per_unit: PerUnit, proved: bool) -> Reason {
    let (cents, threshold) = (per_unit.shown_cents(), terms.threshold.value);
    let (code, position) = if per_unit.below(100) {
        ("resources_below", String::from("sous le seuil de"))
    } else if !per_unit.above(100) {
        ("resources_below", String::from("au niveau du seuil de"))
    } else if !per_unit.above(terms.threshold.refusal_above_percent) {
        (
            "resources_near",
            String::from("un peu au-dessus du seuil de"),
        )
    } else {
        ("resources_above", String::from("au-dessus du seuil de"))
    };
    // whole euros, unless they would say the same on both sides of the threshold
    let tells_apart =
        french::whole_euros(cents) != french::whole_euros(threshold) || cents == threshold;
    let say = if tells_apart {
        french::whole_euros
    } else {
        french::euros
    };
    let seen = if proved {
        ""
    } else {
        " (ressources déclarées)"
    };
    Reason::new(
        code,
        format!(
            "Ressources par unité de consommation\u{a0}: {} par mois, {position} {}{seen}.",
            say(cents),
            say(threshold)
        ),
    )
}
