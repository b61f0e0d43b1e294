//! What is sent when somebody gives: the same for the counter and the API.

use entities::enums::{Condition, DeviceKind, DonorKind, EnteredAs};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

/// One gift.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
pub(crate) struct DonationInput {
    /// Client-made identity: the same again answers what was stored.
    pub(crate) id: Option<Uuid>,
    /// Slug or id of the site; the one the actor stands at when absent.
    #[validate(length(max = 80, message = "Site inconnu."))]
    pub(crate) site: Option<String>,
    /// Who gives; absent for an anonymous gift.
    #[validate(nested)]
    pub(crate) donor: Option<DonorInput>,
    /// Product unless it was taken in as waste.
    #[serde(default = "product")]
    pub(crate) entered_as: EnteredAs,
    /// Ground of a public donor's gift.
    #[validate(length(min = 3, max = 200, message = "Entre 3 et 200 caractères."))]
    pub(crate) legal_basis: Option<String>,
    /// Value of one unit as the donor states it, in cents.
    #[validate(range(
        min = 0,
        max = 100_000_000,
        message = "Une valeur entre 0 et 1 000 000 €."
    ))]
    pub(crate) unit_value_cents: Option<i64>,
    /// Reference of the State's transfer.
    #[validate(length(max = 100, message = "Au plus 100 caractères."))]
    pub(crate) transfer_reference: Option<String>,
    /// The donor agrees that data are erased.
    #[serde(default)]
    pub(crate) consent_to_erasure: bool,
    /// What is handed over the counter.
    #[serde(default)]
    #[validate(nested)]
    pub(crate) devices: Vec<DeviceInput>,
    /// What comes with it.
    #[serde(default)]
    #[validate(nested)]
    pub(crate) accessories: Vec<AccessoryInput>,
}

/// Who gives.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
pub(crate) struct DonorInput {
    /// Legal kind.
    pub(crate) kind: DonorKind,
    /// Name of the person or body.
    #[validate(length(max = 200, message = "Au plus 200 caractères."))]
    pub(crate) name: Option<String>,
    /// Where the receipt goes.
    #[validate(length(max = 254, message = "Adresse trop longue."))]
    pub(crate) email: Option<String>,
    /// To call back.
    #[validate(length(max = 30, message = "Numéro trop long."))]
    pub(crate) phone: Option<String>,
    /// SIRET of a legal person.
    #[validate(length(max = 20, message = "Un SIRET a 14 chiffres."))]
    pub(crate) siret: Option<String>,
}

/// One device.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
pub(crate) struct DeviceInput {
    /// What it is.
    pub(crate) kind: DeviceKind,
    /// Manufacturer.
    #[validate(length(max = 64, message = "Au plus 64 caractères."))]
    pub(crate) make: Option<String>,
    /// Model.
    #[validate(length(max = 100, message = "Au plus 100 caractères."))]
    pub(crate) model: Option<String>,
    /// Serial number, as read.
    #[validate(length(max = 64, message = "Au plus 64 caractères."))]
    pub(crate) serial: Option<String>,
    /// The donor's own tag.
    #[validate(length(max = 64, message = "Au plus 64 caractères."))]
    pub(crate) asset_tag: Option<String>,
    /// As said at the counter.
    #[serde(default = "untested")]
    pub(crate) condition: Condition,
    /// The pre-printed blank label it got, in any form it can be scanned or typed.
    #[validate(length(max = 200, message = "Ce n’est pas un code."))]
    pub(crate) code: Option<String>,
}

/// Accessories of one kind.
#[derive(Clone, Debug, Serialize, Deserialize, Validate, JsonSchema)]
pub(crate) struct AccessoryInput {
    /// What.
    pub(crate) kind: Accessory,
    /// How many.
    #[validate(range(min = 1, max = 10_000, message = "Un nombre entre 1 et 10 000."))]
    pub(crate) count: i32,
}

/// Kinds of accessories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Accessory {
    Charger,
    Mouse,
    Keyboard,
    Bag,
    Other,
}

impl Accessory {
    /// All kinds, the commonest first.
    pub(crate) const ALL: [Self; 5] = [
        Self::Charger,
        Self::Mouse,
        Self::Keyboard,
        Self::Bag,
        Self::Other,
    ];

    /// The word in the database and the API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Charger => "charger",
            Self::Mouse => "mouse",
            Self::Keyboard => "keyboard",
            Self::Bag => "bag",
            Self::Other => "other",
        }
    }
}

const fn product() -> EnteredAs {
    EnteredAs::Product
}

const fn untested() -> Condition {
    Condition::Unknown
}
