//! The words of need that are no column's closed list, and what those that are one are called on the screen.

use std::{fmt, str::FromStr};

use entities::enums::{DeviceKind, NeedUse};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What somebody authorised saw. Never the document, never which benefit.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A benefit status that proves low income.
    LowIncomeStatus,
    /// The quotient familial of CAF or MSA.
    QuotientFamilial,
    /// The household's resources of a month.
    Resources,
    /// Somebody of the household is at school. Supports the use, decides nothing.
    Schooling,
}

impl Proof {
    /// Every kind, in the order a form shows them.
    pub const ALL: [Self; 4] = [
        Self::LowIncomeStatus,
        Self::QuotientFamilial,
        Self::Resources,
        Self::Schooling,
    ];

    /// The word as stored and as the API says it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LowIncomeStatus => "low_income_status",
            Self::QuotientFamilial => "quotient_familial",
            Self::Resources => "resources",
            Self::Schooling => "schooling",
        }
    }

    /// What the screen calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::LowIncomeStatus => "statut qui prouve de faibles ressources",
            Self::QuotientFamilial => "quotient familial (CAF ou MSA)",
            Self::Resources => "ressources du foyer",
            Self::Schooling => "scolarité ou études",
        }
    }
}

impl FromStr for Proof {
    type Err = entities::enums::UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|one| one.as_str() == word)
            .ok_or(entities::enums::UnknownWord("Proof"))
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who computed a quotient familial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum QfProvider {
    /// Caisse d’allocations familiales.
    #[default]
    Cnaf,
    /// Mutualité sociale agricole.
    Msa,
}

/// How a request came to be, which decides what is asked again and what counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Filed for a household.
    Filed,
    /// Exchanges a device that was handed over: not decided again, not counted twice.
    Exchange,
    /// The screen of a desktop: same visit, no contribution, outside the quota.
    Companion,
}

/// What the screen calls a kind of device, without article.
pub const fn kind_label(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Laptop => "ordinateur portable",
        DeviceKind::Desktop => "ordinateur fixe",
        DeviceKind::AllInOne => "ordinateur tout-en-un",
        DeviceKind::Tablet => "tablette",
        DeviceKind::Smartphone => "smartphone",
        DeviceKind::Monitor => "écran",
        DeviceKind::Other => "autre équipement",
    }
}

/// What the screen calls a use.
pub const fn use_label(need: NeedUse) -> &'static str {
    match need {
        NeedUse::Schooling => "scolarité, études",
        NeedUse::JobSearch => "recherche d’emploi, formation",
        NeedUse::Administration => "démarches en ligne",
        NeedUse::FamilyTies => "liens familiaux et sociaux",
        NeedUse::Other => "autre usage",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_and_storage_use_one_word() {
        for proof in Proof::ALL {
            assert_eq!(serde_json::to_value(proof).unwrap(), proof.as_str());
            assert_eq!(proof.as_str().parse(), Ok(proof));
        }
        assert!("passport".parse::<Proof>().is_err());
        assert_eq!(serde_json::to_value(QfProvider::Cnaf).unwrap(), "CNAF");
    }
}
