//! The policy of a territory: one versioned text file, checked against bounds when loaded.
//!
//! Figures live in the file, each with the day it holds from and its source, because almost all change on 1 January
//! or 1 April. The bounds here are for slips of the pen (a threshold in euros instead of cents, a ladder that goes
//! down), not law. An expired amount is a [`Warning`] to the coordinator, never a refusal to a household.

mod bounds;
mod sections;
#[cfg(test)]
mod tests;

use chrono::{NaiveDate, TimeDelta};
use entities::enums::{DeviceKind, NeedUse};
use serde::Deserialize;

use super::communes;

pub use self::sections::{
    AllocationTerms, Booking, Caps, ConsumptionUnits, Contribution, EvidenceTerms, HoldTerms,
    NoShowTerms, Opening, Overlay, PerUse, Quota, Quotient, Rung, SanitisationTerms, Threshold,
};

/// The policy file of Hérault, complete, that is used unless another is configured.
pub const HERAULT: &str = include_str!("../../config/policies/herault.toml");

/// Why a policy file can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, a key too many, one missing, or of the wrong type.
    #[error("the policy file can't be read: {0}")]
    Syntax(String),
    /// Readable, but out of bounds: every fault at once, as `key: what is wrong`.
    #[error("the policy file is out of bounds: {}", .0.join("; "))]
    Bounds(Vec<String>),
}

/// A figure that is past its date: for the coordinator's home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The key in the policy file.
    pub key: String,
    /// What to do, in French.
    pub text: String,
}

/// The rules of a territory, as loaded and checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Names this text for ever; kept by each decision.
    pub version: String,
    /// The territory, as a letter says it.
    pub name: String,
    /// First day of this version.
    pub valid_from: NaiveDate,
    /// Resources up to which one is eligible.
    pub threshold: Threshold,
    /// How a household is counted.
    pub consumption_units: ConsumptionUnits,
    /// What a quotient familial proves.
    pub quotient: Quotient,
    /// How long evidence holds.
    pub evidence: EvidenceTerms,
    /// What a household pays.
    pub contribution: Contribution,
    /// The most it may be asked.
    pub caps: Caps,
    /// Devices per household and period.
    pub quota: Quota,
    /// How long a device waits for its household.
    pub hold: HoldTerms,
    /// What a missed pickup does.
    pub no_show: NoShowTerms,
    /// When one may book, move and cancel.
    pub booking: Booking,
    /// Weight of each use in the queue.
    pub priority: PerUse,
    /// How devices are chosen.
    pub allocation: AllocationTerms,
    /// Who may ask.
    pub opening: Opening,
    /// What counts as evidence that a medium is wiped.
    pub sanitisation: SanitisationTerms,
    /// What an EPCI does otherwise.
    #[serde(default)]
    pub overlays: Vec<Overlay>,
}

/// What holds for one commune: the territory's terms under its EPCI's overlay.
#[derive(Debug, Clone)]
pub struct Terms<'a> {
    /// Version of the policy, with the EPCI's SIREN behind a slash where an overlay took part.
    pub version: String,
    /// Resources up to which one is eligible.
    pub threshold: &'a Threshold,
    /// What a quotient familial proves.
    pub quotient: &'a Quotient,
    /// What a household pays.
    pub contribution: &'a Contribution,
    /// Devices per household and period.
    pub quota: &'a Quota,
    /// Whether households of this commune may ask.
    pub open: bool,
}

/// The file of the rules as it stands: the embedded one, or that of the settings.
///
/// # Errors
/// When it can't be read any more.
pub fn text(path: &str) -> crate::error::Result<String> {
    if path.is_empty() {
        Ok(HERAULT.to_owned())
    } else {
        std::fs::read_to_string(path).map_err(crate::error::Error::internal)
    }
}

impl Policy {
    /// Reads and checks a policy file.
    ///
    /// # Errors
    /// [`PolicyError::Syntax`] with the parser's words, or [`PolicyError::Bounds`] with every fault.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let policy: Self = toml::from_str(text).map_err(|e| PolicyError::Syntax(e.to_string()))?;
        let faults = bounds::faults(&policy);
        if faults.is_empty() {
            Ok(policy)
        } else {
            Err(PolicyError::Bounds(faults))
        }
    }

    /// The embedded policy of Hérault; a test proves that it loads.
    pub fn herault() -> Result<Self, PolicyError> {
        Self::parse(HERAULT)
    }

    /// The policy of a file; the embedded one when the path is empty.
    ///
    /// # Errors
    /// A setup error that names the file and every fault.
    pub fn load(path: &str) -> Result<Self, crate::error::Error> {
        use crate::error::Error;
        if path.is_empty() {
            return Self::herault().map_err(Error::internal);
        }
        let text =
            std::fs::read_to_string(path).map_err(|e| Error::setup(format!("{path}: {e}")))?;
        Self::parse(&text).map_err(|e| Error::setup(format!("{path}: {e}")))
    }

    /// What holds for a commune.
    pub fn terms(&self, commune: &str) -> Terms<'_> {
        let epci = communes::commune(commune).map(|one| one.epci);
        let overlay = self
            .overlays
            .iter()
            .find(|one| Some(one.epci.as_str()) == epci);
        let open = overlay
            .and_then(|one| one.open)
            .unwrap_or_else(|| self.opening.includes(commune, epci));
        Terms {
            version: overlay.map_or_else(
                || self.version.clone(),
                |one| format!("{}/{}", self.version, one.epci),
            ),
            threshold: overlay
                .and_then(|one| one.threshold.as_ref())
                .unwrap_or(&self.threshold),
            quotient: overlay
                .and_then(|one| one.quotient.as_ref())
                .unwrap_or(&self.quotient),
            contribution: overlay
                .and_then(|one| one.contribution.as_ref())
                .unwrap_or(&self.contribution),
            quota: overlay
                .and_then(|one| one.quota.as_ref())
                .unwrap_or(&self.quota),
            open,
        }
    }

    /// The most a household may be asked for a kind, in cents.
    pub const fn cap_cents(&self, kind: DeviceKind) -> i64 {
        self.caps.cents.of(kind)
    }

    /// Weight of a use in the queue; the greater, the earlier.
    pub const fn weight(&self, need: NeedUse) -> i64 {
        self.priority.of(need)
    }

    /// How long a hold without a booking lasts.
    pub fn hold_length(&self) -> TimeDelta {
        TimeDelta::days(self.hold.days)
    }

    /// How long after the slot's end a device is still held.
    pub fn hold_grace(&self) -> TimeDelta {
        TimeDelta::minutes(self.hold.grace_minutes)
    }

    /// Figures that are past their date or not yet in force on a day.
    pub fn warnings(&self, on: NaiveDate) -> Vec<Warning> {
        bounds::warnings(self, on)
    }
}
