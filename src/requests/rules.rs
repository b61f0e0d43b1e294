//! The decision on a request, on plain values.
//!
//! Three equal ways in: a benefit status, the quotient familial, resources per consumption unit. One of them proved is
//! enough. What is claimed without a proof is asked for, never held against the person. Only resources that are
//! proved *and* clearly above the threshold, with no other way claimed, make [`decide`] answer `not_eligible`, and
//! that is a **proposal**: the action files the request as needing review until a named human other than the filer
//! has confirmed it ([`confirm`]).

mod price;
mod scale;
mod sentences;
#[cfg(test)]
mod tests;
mod ways;

use chrono::{Months, NaiveDate};
use entities::enums::{DeviceKind, FamilyTie, NeedUse, Outcome};
use entities::ids::AccountId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::ways::Standing;
use super::{
    communes,
    policy::{Policy, Terms},
    reasons,
    words::{Origin, Proof, QfProvider},
};
use crate::{error::Error, french};

pub use self::price::{contribution_by_reviewer, contribution_due};
pub use self::scale::{Bands, consumption_units};

/// What is known of a household and its need on the day.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Who lives there, the applicant among them.
    pub people: Vec<Person>,
    /// Net resources of the household in a month, in cents.
    pub net_monthly_cents: Option<i64>,
    /// Quotient familial, where there is one.
    pub quotient_familial: Option<QuotientFamilial>,
    /// Whether a benefit that proves low income is claimed. Which one is not asked.
    pub low_income_status: bool,
    /// What somebody authorised saw.
    pub evidence: Vec<Evidence>,
    /// INSEE code of where they live.
    pub commune: String,
    /// Kind of device asked for.
    pub kind: DeviceKind,
    /// What for.
    pub need_use: NeedUse,
    /// Days on which the household received devices it was counted for: no exchange, no companion.
    pub received_on: Vec<NaiveDate>,
    /// Other requests of the household that are decided for or under review: no exchange, no companion.
    pub open_requests: u32,
    /// Another file may be the same household.
    pub possible_duplicate: bool,
    /// How the request came to be.
    pub origin: Origin,
}

/// Somebody of a household, as far as the scale needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Day of birth.
    pub born: NaiveDate,
    /// To the applicant.
    pub relation: FamilyTie,
}

/// A quotient familial of one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotientFamilial {
    /// As printed, in points (euros).
    pub value: i64,
    /// Who computed it; the CAF unless said.
    #[serde(default)]
    pub provider: QfProvider,
    /// Year it is of.
    pub year: i32,
    /// Month it is of, from 1.
    #[schemars(range(min = 1, max = 12))]
    pub month: u32,
}

/// A proof that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// Of what.
    pub kind: Proof,
    /// When.
    pub seen_on: NaiveDate,
    /// Last day it holds; the policy may end it earlier.
    pub valid_until: NaiveDate,
}

/// A code and its sentence. The sentence may carry the person's own figures: it is sealed where it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Stable, from the list in [`reasons`].
    pub code: std::borrow::Cow<'static, str>,
    /// Plain French.
    pub text: String,
}

impl Reason {
    /// A sentence under its code.
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            text: text.into(),
        }
    }

    /// The sentence of the list, when it needs no figure.
    fn listed(code: &'static str) -> Self {
        Self::new(code, reasons::reason_text(code).unwrap_or(code))
    }
}

/// What the policy says of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// `NotEligible` is a proposal until a named human confirms it.
    pub outcome: Outcome,
    /// Everything that took part, in the order it was looked at.
    pub reasons: Vec<Reason>,
    /// Proofs that would settle it; empty when eligible.
    pub missing: Vec<Reason>,
    /// What the household would pay; none when no figure and no status is known.
    pub contribution_cents: Option<i64>,
    /// Weight of its use in the queue.
    pub priority: i64,
    /// The inputs, coarse enough to keep in clear.
    pub bands: Bands,
    /// Which rules; with the EPCI behind a slash where its overlay took part.
    pub policy_version: String,
}

impl Decision {
    /// What may be written without a human's name: a proposed refusal is a request to review. That a refusal was
    /// proposed stays known by the reason `refusal_proposed`.
    pub fn recorded_outcome(&self) -> Outcome {
        match self.outcome {
            Outcome::Eligible => Outcome::Eligible,
            Outcome::NeedsReview | Outcome::NotEligible => Outcome::NeedsReview,
        }
    }
}

/// Decides a request under a policy on a day.
pub fn decide(policy: &Policy, facts: &Facts, on: NaiveDate) -> Decision {
    let terms = policy.terms(&facts.commune);
    let units = scale::consumption_units(&policy.consumption_units, &facts.people, on);
    let proofs = ways::Proofs::of(policy, facts, on);
    let bands = scale::bands(&terms, facts, units, &proofs);
    if facts.origin == Origin::Exchange {
        return Decision {
            outcome: Outcome::Eligible,
            reasons: vec![Reason::listed("exchange")],
            missing: Vec::new(),
            contribution_cents: Some(0),
            priority: policy.weight(facts.need_use),
            bands,
            policy_version: terms.version,
        };
    }

    let mut standing = ways::standing(&terms, facts, units, &proofs);
    let contribution_cents = match facts.origin {
        Origin::Companion => Some(0),
        Origin::Filed | Origin::Exchange => {
            price::contribution(policy, &terms, facts, units, &proofs)
        }
    };
    look_around(&terms, facts, on, &mut standing);
    if standing.outcome == Outcome::NotEligible {
        standing.reasons.push(Reason::listed("refusal_proposed"));
    }
    Decision {
        outcome: standing.outcome,
        reasons: standing.reasons,
        missing: standing.missing,
        contribution_cents,
        priority: policy.weight(facts.need_use),
        bands,
        policy_version: terms.version,
    }
}

/// What has nothing to do with money, each a ground for somebody to look, none for a refusal.
fn look_around(terms: &Terms<'_>, facts: &Facts, on: NaiveDate, standing: &mut Standing) {
    if !terms.open {
        let place = communes::commune_name(&facts.commune).unwrap_or(&facts.commune);
        standing.review(Reason::new(
            "outside_territory",
            format!(
                "La commune du foyer ({place}) n’est pas ouverte par la politique du territoire."
            ),
        ));
    }
    let applicant = facts
        .people
        .iter()
        .find(|one| one.relation == FamilyTie::Applicant);
    if applicant
        .and_then(|one| on.years_since(one.born))
        .is_some_and(|age| age < 18)
    {
        standing.review(Reason::listed("applicant_minor"));
    }
    if facts.possible_duplicate {
        standing.review(Reason::listed("possible_duplicate"));
    }
    match facts.origin {
        Origin::Companion => standing.reasons.push(Reason::listed("companion")),
        Origin::Filed => quota(terms, facts, on, standing),
        Origin::Exchange => {}
    }
}

fn quota(terms: &Terms<'_>, facts: &Facts, on: NaiveDate, standing: &mut Standing) {
    let many = match terms.quota.devices {
        1 => String::from("d’un équipement"),
        devices => format!(
            "de {}",
            french::counted(devices.into(), "équipement", "équipements")
        ),
    };
    let rule = format!(
        "la règle est {many} par foyer sur {}\u{a0}mois",
        terms.quota.period_months
    );
    let since = on.checked_sub_months(Months::new(terms.quota.period_months));
    let recent = || {
        facts
            .received_on
            .iter()
            .filter(|day| since.is_none_or(|since| **day > since))
    };
    let received = u32::try_from(recent().count()).unwrap_or(u32::MAX);
    if let Some(last) = recent().max().filter(|_| received >= terms.quota.devices) {
        standing.review(Reason::new(
            "over_quota",
            format!(
                "Le foyer a déjà reçu un équipement le {}\u{a0}; {rule}.",
                french::date(*last)
            ),
        ));
    } else if received.saturating_add(facts.open_requests) >= terms.quota.devices {
        standing.review(Reason::new(
            "open_request",
            format!("Le foyer a déjà une autre demande en cours\u{a0}; {rule}."),
        ));
    }
}

/// Checks a human decision before it is written.
///
/// # Errors
/// 409 `one-person-two-steps` when the decider filed the request (two people, never one); 422 when the answer is not
/// one a human gives, or the reason is not on the list for it.
pub fn confirm(
    filer: AccountId,
    decider: AccountId,
    outcome: Outcome,
    reason: &str,
) -> Result<&'static reasons::HumanReason, Error> {
    if filer == decider {
        return Err(Error::refused(
            "one-person-two-steps",
            "La personne qui a déposé la demande ne peut pas la décider.",
        ));
    }
    if outcome == Outcome::NeedsReview {
        return Err(Error::field(
            "#/outcome",
            "Choisissez éligible ou non éligible.",
        ));
    }
    reasons::human_reason(reason)
        .filter(|one| one.outcome == outcome)
        .ok_or_else(|| {
            let codes: Vec<&str> = reasons::human_reasons(outcome)
                .map(|one| one.code)
                .collect();
            let list = codes.join(", ");
            Error::field(
                "#/reason",
                format!("Choisissez un motif de la liste\u{a0}: {list}."),
            )
        })
}

/// What a missed pickup does to the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterNoShow {
    /// It waits again.
    Waiting,
    /// Somebody calls the household first.
    Review,
}

/// What a missed pickup does; `no_shows` counts this one too.
pub const fn after_no_show(policy: &Policy, no_shows: u32) -> AfterNoShow {
    if no_shows >= policy.no_show.review_from {
        AfterNoShow::Review
    } else {
        AfterNoShow::Waiting
    }
}
