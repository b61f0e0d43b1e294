//! What is sent to file, decide and exchange a request: the same for pages and API.

use chrono::{Datelike, NaiveDate};
use entities::enums::{DeviceKind, NeedUse, Outcome};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::communes;
use super::reasons::HUMAN_REASONS;
use super::rules::{Evidence, Facts, Person, QuotientFamilial};
use super::words::{Origin, Proof, QfProvider};
use crate::devices::event::ReturnReason;
use crate::error::{Error, FieldError, Result};
use crate::households::steps::HouseholdInput;

/// One need of a household, as told by who files it.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
pub(crate) struct RequestInput {
    /// Client-made identity: the same again answers what was stored.
    pub(crate) id: Option<Uuid>,
    /// Who needs.
    #[validate(nested)]
    pub(crate) household: HouseholdInput,
    /// What it lives on; each of the three is enough, none is compulsory.
    #[serde(default)]
    #[validate(nested)]
    pub(crate) resources: ResourcesInput,
    /// Proofs that were seen. Never the documents.
    #[serde(default)]
    #[validate(length(max = 8, message = "Au plus 8 justificatifs."))]
    pub(crate) evidence: Vec<EvidenceInput>,
    /// What is needed.
    pub(crate) need: NeedInput,
}

/// What a household lives on.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Validate, JsonSchema)]
pub(crate) struct ResourcesInput {
    /// Net resources of the whole household in a month, in cents.
    #[validate(range(min = 0, max = 10_000_000, message = "Une somme entre 0 et 100 000 €."))]
    pub(crate) net_monthly_cents: Option<i64>,
    /// Quotient familial of CAF or MSA.
    pub(crate) quotient_familial: Option<QuotientInput>,
    /// A benefit that proves low income is received; which one is not asked.
    #[serde(default)]
    pub(crate) low_income_status: bool,
}

/// A quotient familial: the figure alone, of this month, or with its month and provider.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum QuotientInput {
    /// The figure, read on this month's paper.
    Figure(i64),
    /// With its month and provider.
    Full(QuotientFamilial),
}

impl QuotientInput {
    /// With its month.
    pub(crate) fn full(self, today: NaiveDate) -> QuotientFamilial {
        match self {
            Self::Full(full) => full,
            Self::Figure(value) => QuotientFamilial {
                value,
                provider: QfProvider::default(),
                year: today.year(),
                month: today.month(),
            },
        }
    }
}

/// A proof that was seen.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EvidenceInput {
    /// Of what.
    pub(crate) kind: Proof,
    /// When.
    pub(crate) seen_on: NaiveDate,
    /// Last day it holds.
    pub(crate) valid_until: NaiveDate,
}

/// What is needed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NeedInput {
    /// Kind of device.
    pub(crate) kind: DeviceKind,
    /// What for.
    #[serde(rename = "use")]
    pub(crate) need_use: NeedUse,
}

/// A human's answer.
#[derive(Clone, Debug, Deserialize, Validate, JsonSchema)]
pub(crate) struct DecisionInput {
    /// Eligible or not eligible.
    pub(crate) outcome: Outcome,
    /// A code of the closed list that goes with it.
    #[validate(length(max = 40, message = "Choisissez un motif de la liste."))]
    #[schemars(extend("enum" = reason_codes()))]
    pub(crate) reason: String,
}

/// An exchange of a device that was handed over.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
pub(crate) struct ExchangeInput {
    /// Client-made identity: the same again answers what was stored.
    pub(crate) id: Option<Uuid>,
    /// Why.
    pub(crate) reason: ReturnReason,
}

/// The codes that a human may answer with.
fn reason_codes() -> Vec<&'static str> {
    HUMAN_REASONS.iter().map(|one| one.code).collect()
}

impl RequestInput {
    /// Checks what a field alone can't tell.
    ///
    /// # Errors
    /// Every fault with its pointer.
    pub(crate) fn check(&self, today: NaiveDate) -> Result<()> {
        let mut faults = match self.household.check("#/household", today) {
            Ok(()) => Vec::new(),
            Err(Error::Invalid(faults)) => faults,
            Err(other) => return Err(other),
        };
        if !communes::is_commune_code(&self.household.commune) {
            faults.push(FieldError::new(
                "#/household/commune",
                "Choisissez une commune de la liste, ou donnez son code INSEE (5 caractères).",
            ));
        }
        if let Some(qf) = self.resources.quotient_familial.map(|qf| qf.full(today)) {
            if !(0..=20_000).contains(&qf.value) {
                faults.push(FieldError::new(
                    "#/resources/quotient_familial/value",
                    "Un quotient familial est entre 0 et 20 000.",
                ));
            }
            let month = NaiveDate::from_ymd_opt(qf.year, qf.month, 1);
            if month.is_none_or(|first| first > today) {
                faults.push(FieldError::new(
                    "#/resources/quotient_familial/month",
                    "Le mois du quotient familial est celui imprimé sur l’attestation.",
                ));
            }
        }
        for (n, proof) in self.evidence.iter().enumerate() {
            if proof.seen_on > today {
                faults.push(FieldError::new(
                    format!("#/evidence/{n}/seen_on"),
                    "Un justificatif ne peut pas avoir été vu demain.",
                ));
            }
            if proof.valid_until < proof.seen_on {
                faults.push(FieldError::new(
                    format!("#/evidence/{n}/valid_until"),
                    "Un justificatif ne peut pas finir avant d’être vu.",
                ));
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(faults))
        }
    }

    /// What the rules look at, for a household that is new here.
    pub(crate) fn facts(&self, possible_duplicate: bool, today: NaiveDate) -> Facts {
        Facts {
            people: self
                .household
                .people
                .iter()
                .map(|one| Person {
                    born: one.birth_date,
                    relation: one.relation,
                })
                .collect(),
            net_monthly_cents: self.resources.net_monthly_cents,
            quotient_familial: self.resources.quotient_familial.map(|qf| qf.full(today)),
            low_income_status: self.resources.low_income_status,
            evidence: self
                .evidence
                .iter()
                .map(|one| Evidence {
                    kind: one.kind,
                    seen_on: one.seen_on,
                    valid_until: one.valid_until,
                })
                .collect(),
            commune: self.household.commune.clone(),
            kind: self.need.kind,
            need_use: self.need.need_use,
            received_on: Vec::new(),
            open_requests: 0,
            possible_duplicate,
            origin: Origin::Filed,
        }
    }
}
