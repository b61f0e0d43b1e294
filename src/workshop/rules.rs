//! When an erasure is evidence that one medium's data is gone.
//!
//! The accept rule of the field, generalised from nwipe to every tool: the result is a success, no
//! error of any sort, all bytes, a writing method, a verification that was asked *and* shown to have
//! agreed, no hidden sectors, the very serial number, a run that ended by itself, a medium that
//! the method suits. Whatever is missing is "not evidenced", never a pass.
//!
//! **Overwriting flash.** Over-provisioned cells are out of reach, so an overwrite of an SSD, `NVMe`,
//! eMMC or card is at most *Clear*, and not accepted by itself: the drive's own command is the way.
//! A territory may accept it as Clear by `accept_overwrite_on_flash`; no policy makes it Purge.

mod declared;
mod facts;
mod identity;
mod technique;

pub use declared::{Declared, judge_declared};
pub use identity::{Identity, same_medium};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evidence::{DiskKind, Erasure, Method, Verification};

/// What is known of a medium when an erasure is held against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediumFacts {
    /// What it is made of.
    pub kind: DiskKind,
    /// Its serial number as inventoried.
    pub serial: Option<String>,
    /// Its model; needed only where the report cuts the serial number.
    pub model: Option<String>,
    /// Size, bytes.
    pub capacity_bytes: Option<i64>,
    /// Whether it turns, where somebody or a tool said so; else told by the kind.
    pub rotational: Option<bool>,
}

impl MediumFacts {
    /// Whether it turns; one voice for flash is enough, because treating flash as a disk leaks data.
    fn turns(&self) -> Option<bool> {
        match (self.rotational, self.kind.rotational()) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (told, by_kind) => told.or(by_kind),
        }
    }
}

/// What a territory accepts: section `[sanitisation]` of its policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// An erasure typed without the tool's file counts.
    pub accept_declared: bool,
    /// An overwrite of flash counts, as Clear.
    pub accept_overwrite_on_flash: bool,
    /// Reading back some sectors counts as verification.
    pub accept_sampling: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            accept_declared: true,
            accept_overwrite_on_flash: false,
            accept_sampling: false,
        }
    }
}

/// How hard the data is to bring back (NIST SP 800-88). Ordered: Purge is more than Clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Against what a keyboard can do.
    Clear,
    /// Against a laboratory.
    Purge,
}

impl Level {
    /// The name the API and the database use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Purge => "purge",
        }
    }

    /// From the API's name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Clear, Self::Purge]
            .into_iter()
            .find(|level| level.code() == code)
    }
}

/// Whether an erasure is evidence for a medium.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It is: the medium is closed by it.
    Accepted {
        /// What it reaches, never more than the method can on such a medium.
        level: Level,
        /// Technique.
        method: Method,
        /// How it was verified.
        verification: Verification,
    },
    /// It is not, for each of these reasons.
    NotEvidenced {
        /// Never empty.
        reasons: Vec<Reason>,
    },
}

impl Verdict {
    /// Whether it is evidence.
    pub fn accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }

    /// The codes of the reasons; none when accepted.
    pub fn codes(&self) -> Vec<&'static str> {
        match self {
            Self::Accepted { .. } => Vec::new(),
            Self::NotEvidenced { reasons } => reasons.iter().map(|reason| reason.code).collect(),
        }
    }
}

/// Why an erasure is not evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reason {
    /// Stable name.
    pub code: &'static str,
    /// One sentence for the bench.
    pub text: String,
}

/// Gathers reasons, each code once.
#[derive(Default)]
struct Reasons(Vec<Reason>);

impl Reasons {
    fn because(&mut self, code: &'static str, text: impl Into<String>) {
        if !self.0.iter().any(|reason| reason.code == code) {
            self.0.push(Reason {
                code,
                text: text.into(),
            });
        }
    }
}

/// Whether this erasure is evidence for this medium, by the accept rule of this module.
pub fn judge(erasure: &Erasure, medium: &MediumFacts, policy: Policy) -> Verdict {
    let mut reasons = Reasons::default();
    identity::identity(erasure, medium, &mut reasons);
    facts::facts(erasure, medium, policy, &mut reasons);
    let level = technique::technique(erasure.method, medium, policy, &mut reasons);
    conclude(level, erasure.method, erasure.verification, reasons)
}

fn conclude(
    level: Option<Level>,
    method: Method,
    verification: Verification,
    mut reasons: Reasons,
) -> Verdict {
    match level {
        Some(level) if reasons.0.is_empty() => Verdict::Accepted {
            level,
            method,
            verification,
        },
        _ => {
            if reasons.0.is_empty() {
                reasons.because("method-unknown", METHOD_UNKNOWN);
            }
            Verdict::NotEvidenced { reasons: reasons.0 }
        }
    }
}

const METHOD_UNKNOWN: &str = "Méthode inconnue\u{a0}: rien ne prouve que le support a été effacé.";

#[cfg(test)]
mod tests;
