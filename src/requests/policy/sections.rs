//! The sections of a policy file, each a struct named like it.

use chrono::NaiveDate;
use entities::enums::{DeviceKind, NeedUse};
use serde::Deserialize;

/// Net resources of a month per consumption unit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Cents a month.
    pub value: i64,
    /// First day of the figure.
    pub valid_from: NaiveDate,
    /// Last day before a newer one is to be expected.
    pub valid_until: Option<NaiveDate>,
    /// Where it was read.
    pub source: String,
    /// Share of the threshold above which, with a proof, a refusal is proposed.
    pub refusal_above_percent: i64,
}

/// OECD-modified scale, in tenths of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsumptionUnits {
    /// The first person.
    pub first_adult: i64,
    /// Each further person from the adult age on.
    pub other_from_adult_age: i64,
    /// Each younger one.
    pub child: i64,
    /// Age from which somebody counts as an adult.
    pub adult_age: u32,
}

/// Bounds of the quotient familial.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quotient {
    /// Up to here it proves eligibility by itself.
    pub eligible_up_to: i64,
    /// Up to here resources decide; above, somebody looks.
    pub by_resources_up_to: i64,
}

/// How long evidence holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceTerms {
    /// Months from the day it was seen.
    pub valid_months: u32,
}

/// One rung of a ladder: `below` (exclusive) or `up_to` (inclusive), and the price.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Up to here, not including.
    pub(super) below: Option<i64>,
    /// Up to here, including.
    pub(super) up_to: Option<i64>,
    /// The price of a computer on this rung.
    pub cents: i64,
}

impl Rung {
    /// Whether `value / scale` stands on this rung or under it. Both sides are multiplied, nothing is rounded.
    pub fn holds(&self, value: i64, scale: i64) -> bool {
        let (value, scale) = (i128::from(value), i128::from(scale));
        self.below
            .is_some_and(|bound| value < i128::from(bound) * scale)
            || self
                .up_to
                .is_some_and(|bound| value <= i128::from(bound) * scale)
    }

    /// Where the rung ends.
    pub(super) fn bound(&self) -> i64 {
        self.below.or(self.up_to).unwrap_or(0)
    }
}

/// What a household pays.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contribution {
    /// First day of the ladder.
    pub valid_from: NaiveDate,
    /// Last day before a new one is due.
    pub valid_until: Option<NaiveDate>,
    /// Who set it.
    pub source: String,
    /// By resources per unit, in per cent of the threshold.
    pub resources: Vec<Rung>,
    /// By quotient familial, where only that is known.
    pub quotient: Vec<Rung>,
    /// Cents where no figure is known.
    pub no_figure: i64,
    /// Share of the price by kind.
    pub share_percent: PerKind,
}

/// The most a household may be asked, in cents by kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caps {
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day before a new text is to be expected.
    pub valid_until: Option<NaiveDate>,
    /// The decree.
    pub source: String,
    /// The amounts.
    pub cents: PerKind,
}

/// A figure for each kind of device.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerKind {
    /// Of a laptop.
    pub laptop: i64,
    /// Of a desktop.
    pub desktop: i64,
    /// Of an all-in-one.
    pub all_in_one: i64,
    /// Of a tablet.
    pub tablet: i64,
    /// Of a smartphone.
    pub smartphone: i64,
    /// Of a screen.
    pub monitor: i64,
    /// Of anything else.
    pub other: i64,
}

impl PerKind {
    /// The figure of a kind.
    pub const fn of(&self, kind: DeviceKind) -> i64 {
        match kind {
            DeviceKind::Laptop => self.laptop,
            DeviceKind::Desktop => self.desktop,
            DeviceKind::AllInOne => self.all_in_one,
            DeviceKind::Tablet => self.tablet,
            DeviceKind::Smartphone => self.smartphone,
            DeviceKind::Monitor => self.monitor,
            DeviceKind::Other => self.other,
        }
    }
}

/// A figure for each use.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerUse {
    /// Of a pupil's or student's work.
    pub schooling: i64,
    /// Of looking for work.
    pub job_search: i64,
    /// Of rights and procedures on line.
    pub administration: i64,
    /// Of keeping in touch.
    pub family_ties: i64,
    /// Of anything else.
    pub other: i64,
}

impl PerUse {
    /// The figure of a use.
    pub const fn of(&self, need: NeedUse) -> i64 {
        match need {
            NeedUse::Schooling => self.schooling,
            NeedUse::JobSearch => self.job_search,
            NeedUse::Administration => self.administration,
            NeedUse::FamilyTies => self.family_ties,
            NeedUse::Other => self.other,
        }
    }
}

/// Devices a household may receive in a period.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// How many.
    pub devices: u32,
    /// Months looked back.
    pub period_months: u32,
}

/// How long a device waits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldTerms {
    /// Days from the allocation to the end of a hold that nobody booked.
    pub days: i64,
    /// Minutes after the slot's end.
    pub grace_minutes: i64,
}

/// What a missed pickup does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoShowTerms {
    /// The missed pickup, counted from 1, from which somebody looks instead of the request waiting again.
    pub review_from: u32,
}

/// When one may book, move and cancel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Booking {
    /// Minutes between booking and the slot.
    pub min_notice_minutes: i64,
    /// How far ahead slots are shown.
    pub horizon_days: i64,
    /// Hours before the slot until which the household may cancel by itself.
    pub cancel_until_hours: i64,
    /// Hours before the slot until which it may move the appointment by itself.
    pub move_until_hours: i64,
}

/// How devices are chosen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllocationTerms {
    /// Uses that get the best grade there is.
    pub best_grade_for: Vec<NeedUse>,
}

/// Who may ask.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Any commune whose code starts so.
    pub departements: Vec<String>,
    /// Any commune of these EPCI.
    pub epci: Vec<String>,
    /// These communes.
    pub communes: Vec<String>,
}

/// What counts as evidence that a medium is wiped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SanitisationTerms {
    /// An erasure typed without the tool's file counts.
    pub accept_declared: bool,
    /// An overwrite of flash counts, as Clear.
    pub accept_overwrite_on_flash: bool,
    /// Reading back some sectors counts as verification.
    pub accept_sampling: bool,
}

/// What one EPCI does otherwise; what it doesn't name stays the territory's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overlay {
    /// SIREN of the EPCI.
    pub epci: String,
    /// Its threshold.
    pub threshold: Option<Threshold>,
    /// Its bounds of the quotient familial.
    pub quotient: Option<Quotient>,
    /// Its ladder.
    pub contribution: Option<Contribution>,
    /// Its quota.
    pub quota: Option<Quota>,
    /// Whether its communes may ask.
    pub open: Option<bool>,
}

impl Opening {
    /// Whether a commune, of an EPCI if we know it, may ask.
    pub(super) fn includes(&self, commune: &str, epci: Option<&str>) -> bool {
        self.departements
            .iter()
            .any(|prefix| commune.starts_with(prefix.as_str()))
            || self.communes.iter().any(|code| code == commune)
            || epci.is_some_and(|siren| self.epci.iter().any(|one| one == siren))
    }
}
