//! The one scale that covers everyone: resources per consumption unit, and the bands that are kept of it.

use chrono::NaiveDate;
use serde::Serialize;

use super::{Facts, Person, ways::Proofs};
use crate::requests::{
    policy::{ConsumptionUnits, Terms},
    words::Proof,
};

/// Consumption units of a household on a day, in tenths (OECD-modified scale); none when nobody is born yet.
///
/// The first person counts as the first adult whatever its age: a household of children alone has one too.
pub fn consumption_units(
    scale: &ConsumptionUnits,
    people: &[Person],
    on: NaiveDate,
) -> Option<i64> {
    let mut ages = people
        .iter()
        .filter_map(|one| on.years_since(one.born))
        .collect::<Vec<_>>();
    ages.sort_unstable_by(|a, b| b.cmp(a));
    let (_eldest, others) = ages.split_first()?;
    let others = others.iter().map(|age| {
        if *age >= scale.adult_age {
            scale.other_from_adult_age
        } else {
            scale.child
        }
    });
    Some(scale.first_adult + others.sum::<i64>())
}

/// Resources per unit in cents, with the part of the threshold they are; nothing is rounded before it is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct PerUnit {
    net: i64,
    units: i64,
    threshold: i64,
}

impl PerUnit {
    /// Of a household; none without resources or people.
    pub(super) fn of(terms: &Terms<'_>, facts: &Facts, units: Option<i64>) -> Option<Self> {
        Some(Self {
            net: facts.net_monthly_cents?,
            units: units?,
            threshold: terms.threshold.value,
        })
    }

    /// Resources per unit ÷ threshold × 100, as a fraction that a [`super::super::policy::Rung`] can be asked about.
    pub(super) const fn percent(self) -> (i64, i64) {
        (
            self.net.saturating_mul(1_000),
            self.units.saturating_mul(self.threshold),
        )
    }

    /// Above so many per cent of the threshold.
    pub(super) fn above(self, percent: i64) -> bool {
        let (value, scale) = self.percent();
        i128::from(value) > i128::from(scale) * i128::from(percent)
    }

    /// Under so many per cent of the threshold, strictly.
    pub(super) fn below(self, percent: i64) -> bool {
        let (value, scale) = self.percent();
        i128::from(value) < i128::from(scale) * i128::from(percent)
    }

    /// Cents per unit as shown: rounded away from the threshold, so that the sentence can't contradict itself.
    pub(super) fn shown_cents(self) -> i64 {
        let tenfold = self.net.saturating_mul(10);
        let floor = tenfold.div_euclid(self.units);
        if self.above(100) && tenfold.rem_euclid(self.units) != 0 {
            floor + 1
        } else {
            floor
        }
    }
}

/// The inputs of a decision, banded: what is kept in clear for auditors and figures. Never a sum.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Bands {
    /// Resources per unit in per cent of the threshold: `<50`, `50-75`, `75-100`, `100-120`, `>120`.
    pub resources: Option<&'static str>,
    /// Consumption units in tenths.
    pub consumption_units_tenths: Option<i64>,
    /// Quotient familial against the policy's two bounds: `low`, `middle`, `high`.
    pub quotient: Option<&'static str>,
    /// A status was claimed.
    pub low_income_status: bool,
    /// Which proofs held on the day.
    pub proofs: Vec<Proof>,
}

/// The bands of a household.
pub(super) fn bands(
    terms: &Terms<'_>,
    facts: &Facts,
    units: Option<i64>,
    proofs: &Proofs,
) -> Bands {
    Bands {
        resources: PerUnit::of(terms, facts, units).map(resources_band),
        consumption_units_tenths: units,
        quotient: facts.quotient_familial.map(|qf| {
            if qf.value <= terms.quotient.eligible_up_to {
                "low"
            } else if qf.value <= terms.quotient.by_resources_up_to {
                "middle"
            } else {
                "high"
            }
        }),
        low_income_status: facts.low_income_status,
        proofs: Proof::ALL
            .into_iter()
            .filter(|kind| proofs.holds(*kind))
            .collect(),
    }
}

fn resources_band(per_unit: PerUnit) -> &'static str {
    if per_unit.below(50) {
        "<50"
    } else if per_unit.below(75) {
        "50-75"
    } else if !per_unit.above(100) {
        "75-100"
    } else if !per_unit.above(120) {
        "100-120"
    } else {
        ">120"
    }
}
