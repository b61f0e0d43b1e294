//! What can happen to a device: closed, versioned payloads without any personal datum or free text.

use entities::enums::{BoundFor, DeviceKind, Grade, Level, MediumKind, ReleaseReason, TestOutcome};
use entities::ids::{
    AccountId, AllocationId, DonationId, GradingId, LotId, MediumId, RequestId, SanitisationId,
    ShipmentId, SiteId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the payloads' form.
pub const VERSION: i32 = 1;

/// Declares a closed list of reasons with its words in French.
macro_rules! reasons {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal $french:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $(
                #[doc = concat!("`", $word, "`")]
                #[serde(rename = $word)]
                $variant,
            )+
        }

        impl $name {
            /// All reasons.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the API.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The words on the screen.
            pub const fn french(self) -> &'static str {
                match self { $(Self::$variant => $french),+ }
            }

            /// The reason of a word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|r| r.as_str() == word)
            }
        }
    };
}

reasons! {
    /// Why a sanitisation was stopped.
    StopReason {
        ToolFailed = "tool_failed" "L’outil a échoué",
        DiskFaulty = "disk_faulty" "Disque défectueux",
        Locked = "locked" "Équipement verrouillé",
        WrongDevice = "wrong_device" "Lancé sur le mauvais équipement",
        Other = "other" "Autre raison",
    }
}

reasons! {
    /// Why a device is beyond use.
    EndOfLifeReason {
        BeyondRepair = "beyond_repair" "Irréparable",
        TooOld = "too_old" "Trop ancien pour servir",
        Locked = "locked" "Verrou impossible à lever",
        Unsafe = "unsafe" "Dangereux (batterie gonflée, écran brisé…)",
        PartsOnly = "parts_only" "Seules des pièces sont bonnes",
        NotWorthIt = "not_worth_it" "La réparation coûterait plus que l’équipement",
        RegisteredByMistake = "registered_by_mistake" "Enregistré par erreur : n’existe pas",
    }
}

reasons! {
    /// Why a device is rescued from its end of life.
    RescueReason {
        Repairable = "repairable" "Finalement réparable",
        PartFound = "part_found" "Pièce trouvée",
        Mistake = "mistake" "Erreur",
    }
}

reasons! {
    /// Why a household gives a device back.
    ReturnReason {
        Fault = "fault" "En panne",
        NoLongerNeeded = "no_longer_needed" "Plus besoin",
        Unsuitable = "unsuitable" "Ne convient pas",
        Moved = "moved" "Déménagement",
        Other = "other" "Autre raison",
    }
}

/// One medium of an inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoriedMedium {
    /// Which.
    pub medium: MediumId,
    /// Technology.
    pub kind: MediumKind,
    /// Data may be on it.
    pub open: bool,
}

/// One thing that happened to a device. Serialised as the name and payload of a journal line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "payload fields are named by the words of the design"
)]
pub enum Event {
    /// It got its label.
    Registered {
        kind: DeviceKind,
        site: SiteId,
        donation: DonationId,
        code: String,
    },
    /// Wiping began.
    SanitisationStarted {},
    /// All media are closed.
    Sanitised {},
    /// Wiping stopped before its end.
    SanitisationStopped { reason: StopReason },
    /// On the bench.
    RefurbishmentStarted {},
    /// Can be given.
    MadeReady { seconded_by: Option<AccountId> },
    /// Back to the bench.
    Reopened {},
    /// A medium nobody had seen.
    MediumFound {
        medium: MediumId,
        kind: MediumKind,
        wiped_before: bool,
    },
    /// Beyond use.
    EndOfLifeDeclared {
        reason: EndOfLifeReason,
        seconded_by: Option<AccountId>,
    },
    /// Not beyond use after all.
    Rescued { reason: RescueReason },
    /// Held for a request.
    Allocated {
        allocation: AllocationId,
        request: RequestId,
    },
    /// No longer held.
    Released {
        allocation: AllocationId,
        reason: ReleaseReason,
    },
    /// With the household.
    HandedOver {
        allocation: AllocationId,
        request: RequestId,
    },
    /// Back from the household.
    Returned {
        site: SiteId,
        reason: ReturnReason,
        may_wipe: bool,
        reopened: Vec<MediumId>,
    },
    /// The household says yes to the wiping after all.
    WipingAgreed {},
    /// Left in a shipment.
    Dispatched { shipment: ShipmentId },
    /// Came out of a shipment.
    Received { site: SiteId, shipment: ShipmentId },
    /// Scanned at another site.
    Moved { site: SiteId },
    /// Nobody knows where it is.
    /// A household's use opens what it had: those media are open again.
    DeclaredMissing { reopened: Vec<MediumId> },
    /// There it is.
    Found { site: SiteId },
    /// Left as waste.
    Recycled { lot: LotId },
    /// Somebody looked where media can be.
    MediaInventoried {
        media: Vec<InventoriedMedium>,
        complete: bool,
    },
    /// A medium was taken out.
    MediumRemoved {
        medium: MediumId,
        was_open: bool,
        to: BoundFor,
    },
    /// A medium that was entered by mistake: it was never there. Somebody looks again.
    MediumUnlisted { medium: MediumId, was_open: bool },
    /// A medium was put in.
    MediumFitted { medium: MediumId, open: bool },
    /// A medium's data are unrecoverable.
    MediumSanitised {
        medium: MediumId,
        sanitisation: SanitisationId,
        level: Level,
        was_open: bool,
    },
    /// Locks and functions were checked.
    Checked {
        locks_checked: bool,
        open_locks: i32,
        tests: BTreeMap<String, TestOutcome>,
    },
    /// Graded by the table.
    Graded {
        grade: Grade,
        grading: GradingId,
        table_version: String,
    },
    /// Another label.
    Relabelled { code: String, previous: String },
    /// Claimed handover in doubt: frozen.
    Disputed {},
    /// The doubt is settled.
    Settled { seconded_by: AccountId },
    /// One's own last event taken back.
    Undone { n: i64, event: String },
}

impl Event {
    /// The name of its journal line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Registered { .. } => "registered",
            Self::SanitisationStarted {} => "sanitisation_started",
            Self::Sanitised {} => "sanitised",
            Self::SanitisationStopped { .. } => "sanitisation_stopped",
            Self::RefurbishmentStarted {} => "refurbishment_started",
            Self::MadeReady { .. } => "made_ready",
            Self::Reopened {} => "reopened",
            Self::MediumFound { .. } => "medium_found",
            Self::EndOfLifeDeclared { .. } => "end_of_life_declared",
            Self::Rescued { .. } => "rescued",
            Self::Allocated { .. } => "allocated",
            Self::Released { .. } => "released",
            Self::HandedOver { .. } => "handed_over",
            Self::Returned { .. } => "returned",
            Self::WipingAgreed {} => "wiping_agreed",
            Self::Dispatched { .. } => "dispatched",
            Self::Received { .. } => "received",
            Self::Moved { .. } => "moved",
            Self::DeclaredMissing { .. } => "declared_missing",
            Self::Found { .. } => "found",
            Self::Recycled { .. } => "recycled",
            Self::MediaInventoried { .. } => "media_inventoried",
            Self::MediumRemoved { .. } => "medium_removed",
            Self::MediumUnlisted { .. } => "medium_unlisted",
            Self::MediumFitted { .. } => "medium_fitted",
            Self::MediumSanitised { .. } => "medium_sanitised",
            Self::Checked { .. } => "checked",
            Self::Graded { .. } => "graded",
            Self::Relabelled { .. } => "relabelled",
            Self::Disputed {} => "disputed",
            Self::Settled { .. } => "settled",
            Self::Undone { .. } => "undone",
        }
    }

    /// The payload as JSON.
    pub fn data(&self) -> serde_json::Value {
        serde_json::to_value(self)
            .ok()
            .and_then(|mut value| value.get_mut("data").map(serde_json::Value::take))
            .unwrap_or_else(|| serde_json::json!({}))
    }

    /// Reads a journal line back.
    ///
    /// # Errors
    /// When the name or the payload is none that this version knows.
    pub fn read(name: &str, data: &serde_json::Value) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::json!({ "event": name, "data": data }))
    }
}
