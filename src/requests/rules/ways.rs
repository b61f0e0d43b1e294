//! The three ways in, and what each says with or without its proof.

use chrono::{Months, NaiveDate};
use entities::enums::Outcome;

use super::{Facts, QuotientFamilial, Reason, scale::PerUnit, sentences};
use crate::{
    french,
    requests::{
        policy::{Policy, Terms},
        words::Proof,
    },
};

/// What the proofs say on the day: until when each holds or held.
#[derive(Debug)]
pub(super) struct Proofs {
    on: NaiveDate,
    until: [Option<NaiveDate>; Proof::ALL.len()],
}

impl Proofs {
    /// The latest day each proof holds. A proof can't hold longer than policy lets it, nor be seen tomorrow; a QF
    /// proves no longer than the policy's months after the month it is of.
    pub(super) fn of(policy: &Policy, facts: &Facts, on: NaiveDate) -> Self {
        let months = Months::new(policy.evidence.valid_months);
        let until = Proof::ALL.map(|kind| {
            let last = facts
                .evidence
                .iter()
                .filter(|one| one.kind == kind && one.seen_on <= on)
                .filter_map(|one| {
                    Some(one.valid_until.min(one.seen_on.checked_add_months(months)?))
                })
                .max()?;
            match (kind, facts.quotient_familial) {
                (Proof::QuotientFamilial, Some(qf)) => Some(last.min(last_day_of(qf, months, on)?)),
                (Proof::QuotientFamilial, None) => None,
                (Proof::LowIncomeStatus | Proof::Resources | Proof::Schooling, _) => Some(last),
            }
        });
        Self { on, until }
    }

    /// Whether a proof holds on the day.
    pub(super) fn holds(&self, kind: Proof) -> bool {
        self.until(kind).is_some_and(|until| until >= self.on)
    }

    fn until(&self, kind: Proof) -> Option<NaiveDate> {
        Proof::ALL
            .iter()
            .zip(self.until)
            .find(|(one, _)| **one == kind)
            .and_then(|(_, until)| until)
    }

    /// What to ask for.
    fn missing(&self, kind: Proof) -> Reason {
        let (code, what) = match kind {
            Proof::LowIncomeStatus => (
                "proof-low-income-status",
                "Voir un justificatif du statut (RSA, AAH, ASPA, ASS, C2S sans participation, allocation pour \
                 demandeur d’asile, bourse à partir de l’échelon 5)",
            ),
            Proof::QuotientFamilial => (
                "proof-quotient-familial",
                "Voir une attestation récente de quotient familial (CAF ou MSA)",
            ),
            Proof::Resources => (
                "proof-resources",
                "Voir un justificatif des ressources du mois",
            ),
            Proof::Schooling => ("proof-schooling", "Voir un certificat de scolarité"),
        };
        let text = match self.until(kind) {
            Some(until) => {
                format!(
                    "{what}\u{a0}: celui qui a été vu n’est plus valable depuis le {}.",
                    french::date(until)
                )
            }
            None => format!("{what}."),
        };
        Reason::new(code, text)
    }
}

/// The last day a QF proves; none when it is of no month or of one to come.
fn last_day_of(qf: QuotientFamilial, months: Months, on: NaiveDate) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(qf.year, qf.month, 1).filter(|first| *first <= on)?;
    first
        .checked_add_months(months)?
        .checked_add_months(Months::new(1))?
        .pred_opt()
}

/// Outcome, reasons and missing proofs as they are gathered.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) outcome: Outcome,
    pub(super) reasons: Vec<Reason>,
    pub(super) missing: Vec<Reason>,
}

impl Standing {
    /// A ground for somebody to look: an eligible request waits for them, a proposed refusal stays one.
    pub(super) fn review(&mut self, reason: Reason) {
        self.reasons.push(reason);
        if self.outcome == Outcome::Eligible {
            self.outcome = Outcome::NeedsReview;
        }
    }
}

/// Whether a shortcut, proved, lets the household in.
pub(super) fn by_shortcut(terms: &Terms<'_>, facts: &Facts, proofs: &Proofs) -> bool {
    let status = facts.low_income_status && proofs.holds(Proof::LowIncomeStatus);
    let quotient = facts
        .quotient_familial
        .is_some_and(|qf| qf.value <= terms.quotient.eligible_up_to);
    status || (quotient && proofs.holds(Proof::QuotientFamilial))
}

/// Where a household stands by money.
pub(super) fn standing(
    terms: &Terms<'_>,
    facts: &Facts,
    units: Option<i64>,
    proofs: &Proofs,
) -> Standing {
    let per_unit = PerUnit::of(terms, facts, units);
    let within = per_unit.is_some_and(|one| !one.above(100));
    let resources_proved = proofs.holds(Proof::Resources);
    let eligible = by_shortcut(terms, facts, proofs) || (within && resources_proved);
    let low_quotient = facts
        .quotient_familial
        .is_some_and(|qf| qf.value <= terms.quotient.eligible_up_to);

    let mut missing = Vec::new();
    if !eligible {
        // a claim that would let the household in, if somebody saw its proof
        let claims = [
            (Proof::LowIncomeStatus, facts.low_income_status),
            (Proof::QuotientFamilial, low_quotient),
            (Proof::Resources, within),
        ];
        missing.extend(
            claims
                .iter()
                .filter(|(kind, claimed)| *claimed && !proofs.holds(*kind))
                .map(|(kind, _)| proofs.missing(*kind)),
        );
    }
    let nothing_claimed = missing.is_empty();
    let far_above = per_unit.is_some_and(|one| one.above(terms.threshold.refusal_above_percent));
    let outcome = if eligible {
        Outcome::Eligible
    } else if far_above && resources_proved && nothing_claimed {
        Outcome::NotEligible
    } else {
        Outcome::NeedsReview
    };

    let mut reasons = sentences::all(terms, facts, units, per_unit, proofs);
    if outcome == Outcome::NeedsReview && nothing_claimed {
        if units.is_none() {
            reasons.push(Reason::new(
                "household_unclear",
                sentences::text_of("household_unclear"),
            ));
        }
        if per_unit.is_none() {
            reasons.push(Reason::new("no_proof", sentences::text_of("no_proof")));
            missing.push(Reason::new("proof-any", sentences::text_of("no_proof")));
        } else if !resources_proved {
            missing.push(proofs.missing(Proof::Resources));
        }
    }
    Standing {
        outcome,
        reasons,
        missing,
    }
}
