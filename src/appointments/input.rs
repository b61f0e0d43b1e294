//! What people ask of appointments: the same for JSON and forms.

use entities::enums::ReleaseReason;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

/// A booking: one visit, or two.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookInput {
    /// Client-made id.
    pub(crate) id: Option<Uuid>,
    /// References of the household's requests served by this visit.
    #[validate(length(min = 1, max = 5, message = "Nommez une à cinq demandes."))]
    pub(crate) requests: Vec<String>,
    /// Slot of the pickup.
    #[validate(length(max = 80, message = "Créneau inconnu."))]
    pub(crate) pickup_slot: String,
    /// Slot of the onboarding: the same when one visit does both.
    #[validate(length(max = 80, message = "Créneau inconnu."))]
    pub(crate) onboarding_slot: String,
}

/// Another time for one part, or both.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveInput {
    /// New slot of the pickup.
    #[validate(length(max = 80, message = "Créneau inconnu."))]
    pub(crate) pickup_slot: Option<String>,
    /// New slot of the onboarding.
    #[validate(length(max = 80, message = "Créneau inconnu."))]
    pub(crate) onboarding_slot: Option<String>,
}

/// Why a coordinator releases a hold; the other reasons come from events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReleaseWhy {
    /// Nobody came for it.
    NoShow,
    /// Held by mistake, or given up.
    Cancelled,
    /// It does not suit.
    WrongDevice,
    /// The household no longer wants it.
    Withdrawn,
}

impl From<ReleaseWhy> for ReleaseReason {
    fn from(why: ReleaseWhy) -> Self {
        match why {
            ReleaseWhy::NoShow => Self::NoShow,
            ReleaseWhy::Cancelled => Self::Cancelled,
            ReleaseWhy::WrongDevice => Self::WrongDevice,
            ReleaseWhy::Withdrawn => Self::Withdrawn,
        }
    }
}

/// A coordinator releases a hold.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseInput {
    /// Why.
    pub(crate) reason: ReleaseWhy,
}

/// What became of a part of an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Attendance {
    /// They came.
    Attended,
    /// They did not.
    NoShow,
}

/// Which part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    /// Pickup and onboarding.
    Both,
    /// The pickup.
    Pickup,
    /// The onboarding.
    Onboarding,
}

/// Who came, to what.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttendanceInput {
    /// Whether they came.
    pub(crate) outcome: Attendance,
    /// To which part.
    pub(crate) part: Part,
    /// What was practised, by the Coop's words; only of an onboarding that was held.
    #[serde(default)]
    #[validate(length(max = 12, message = "Au plus douze thèmes."))]
    pub(crate) topics: Vec<Topic>,
    /// Minutes it lasted.
    #[validate(range(min = 5, max = 480, message = "Entre 5 et 480 minutes."))]
    pub(crate) minutes: Option<i32>,
}

/// Declares the themes of an onboarding with their words on the screen.
macro_rules! topics {
    ($($variant:ident = $word:literal $french:literal),+ $(,)?) => {
        /// Themes of an onboarding: the words of the Coop de la médiation numérique's activity report.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
        pub(crate) enum Topic {
            $(
                #[doc = concat!("`", $word, "`")]
                #[serde(rename = $word)]
                $variant,
            )+
        }

        impl Topic {
            /// All themes.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the API.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The words on the screen.
            pub(crate) const fn french(self) -> &'static str {
                match self { $(Self::$variant => $french),+ }
            }
        }
    };
}

topics! {
    Device = "prendre_en_main_du_materiel" "Prendre en main le matériel",
    Internet = "navigation_sur_internet" "Naviguer sur internet",
    Mail = "email" "Envoyer et recevoir des courriels",
    Files = "gere_ses_contenus_numeriques" "Gérer ses fichiers et ses photos",
    Safety = "securite_numerique" "Se protéger en ligne",
    Procedures = "aide_aux_demarches_administratives" "Faire ses démarches",
    Office = "bureautique" "Écrire et calculer (bureautique)",
    School = "scolarite_et_numerique" "Suivre la scolarité",
    Work = "insertion_professionnelle" "Chercher un emploi",
    Health = "sante" "Prendre soin de sa santé en ligne",
    Money = "banque_et_achats_en_ligne" "Banque et achats en ligne",
    Parents = "parentalite" "Accompagner ses enfants",
}
