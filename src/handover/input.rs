//! What is said at the counter: the same for JSON and forms.

use std::collections::BTreeMap;

use entities::enums::PaymentMeans;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::households::input::no_nir;

/// One device changes hands.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandoverInput {
    /// Client-made id. A handover is known by its appointment, request and device: the same again is found by them.
    pub(crate) id: Option<Uuid>,
    /// The appointment.
    pub(crate) appointment: Uuid,
    /// Reference of the request it is for.
    #[validate(length(max = 40, message = "Référence inconnue."))]
    pub(crate) request: String,
    /// The device's label, scanned.
    #[validate(length(max = 200, message = "Code trop long."))]
    pub(crate) code: String,
    /// The six digits that the household says.
    #[validate(length(max = 12, message = "Six chiffres."))]
    pub(crate) pickup_code: Option<String>,
    /// What was handed with it.
    #[serde(default)]
    pub(crate) checklist: BTreeMap<String, bool>,
    /// How the contribution was paid, when there is one.
    #[validate(nested)]
    pub(crate) contribution: Option<ContributionInput>,
    /// Instead of the code, before a second person.
    #[validate(nested)]
    pub(crate) exception: Option<ExceptionInput>,
}

/// How the contribution was paid.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContributionInput {
    /// Means.
    pub(crate) means: PaymentMeans,
    /// Number of the cheque, of the transfer or of the public body's own receipt.
    #[validate(
        length(max = 60, message = "60 caractères au plus."),
        custom(function = "no_nir")
    )]
    pub(crate) reference: Option<String>,
}

/// Why there is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExceptionReason {
    /// The household lost it.
    LostCode,
}

/// An exception with its second person.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExceptionInput {
    /// Why.
    pub(crate) reason: ExceptionReason,
    /// Witness code of the second person, typed by themselves; their API token where a program asks.
    #[validate(length(max = 64, message = "Code de témoin inconnu."))]
    pub(crate) witness: String,
}

impl HandoverInput {
    /// The digits of the code as typed, without spaces.
    pub(crate) fn digits(&self) -> Option<String> {
        let digits: String = self
            .pickup_code
            .as_deref()?
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        (!digits.is_empty()).then_some(digits)
    }
}
