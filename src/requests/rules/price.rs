//! What a household pays: a ladder on the figure that is best known, never above the cap of the kind.

use entities::enums::DeviceKind;

use super::{
    Facts,
    scale::PerUnit,
    ways::{self, Proofs},
};
use crate::requests::{
    policy::{Policy, Rung, Terms},
    words::Proof,
};

/// The contribution in cents; none when nothing at all is known.
///
/// The figure is the best known one: resources proved, else QF proved, else resources said, else QF said, else the
/// flat price of a status. Whoever is let in by a shortcut pays at most what is paid at the threshold. Above the
/// ladder its highest rung holds, for the case that a human says yes all the same.
pub(super) fn contribution(
    policy: &Policy,
    terms: &Terms<'_>,
    facts: &Facts,
    units: Option<i64>,
    proofs: &Proofs,
) -> Option<i64> {
    let by_resources = PerUnit::of(terms, facts, units).map(|per_unit| {
        let (value, scale) = per_unit.percent();
        let price = rung(&terms.contribution.resources, value, scale);
        if ways::by_shortcut(terms, facts, proofs) {
            price.min(rung(&terms.contribution.resources, 100, 1))
        } else {
            price
        }
    });
    let by_quotient = facts
        .quotient_familial
        .map(|qf| rung(&terms.contribution.quotient, qf.value, 1));
    let by_status = facts
        .low_income_status
        .then_some(terms.contribution.no_figure);
    let price = by_resources
        .filter(|_| proofs.holds(Proof::Resources))
        .or(by_quotient.filter(|_| proofs.holds(Proof::QuotientFamilial)))
        .or(by_resources)
        .or(by_quotient)
        .or(by_status)?;
    Some(of_kind(policy, terms, facts.kind, price))
}

/// What a reviewer's yes costs the household: what the policy proposed, else the flat price.
pub fn contribution_by_reviewer(
    policy: &Policy,
    commune: &str,
    kind: DeviceKind,
    proposed: Option<i64>,
) -> i64 {
    let terms = policy.terms(commune);
    proposed.unwrap_or_else(|| of_kind(policy, &terms, kind, terms.contribution.no_figure))
}

/// What is asked at the counter for the device in hand: what was decided, under the cap of *its* kind, and nothing
/// where the law lets nobody sell it.
pub fn contribution_due(policy: &Policy, decided: i64, kind: DeviceKind, may_be_sold: bool) -> i64 {
    if may_be_sold {
        decided.clamp(0, policy.cap_cents(kind))
    } else {
        0
    }
}

fn of_kind(policy: &Policy, terms: &Terms<'_>, kind: DeviceKind, price: i64) -> i64 {
    let share = terms.contribution.share_percent.of(kind);
    (price * share / 100).clamp(0, policy.cap_cents(kind))
}

/// The price of the first rung that holds, else of the highest.
fn rung(ladder: &[Rung], value: i64, scale: i64) -> i64 {
    ladder
        .iter()
        .find(|rung| rung.holds(value, scale))
        .or(ladder.last())
        .map_or(0, |rung| rung.cents)
}
