//! The closed lists of the tables. Each value is the same word in the database, the API and here.

use schemars::JsonSchema;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Declares a closed list stored as text, with its words, parser and list of values.
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, JsonSchema,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $(
                #[doc = concat!("`", $word, "`")]
                #[sea_orm(string_value = $word)]
                #[serde(rename = $word)]
                $variant,
            )+
        }

        impl $name {
            /// All values, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the database and the API.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord(stringify!($name))),
                }
            }
        }
    };
}

/// A word that is not in the closed list it was read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownWord(
    /// Name of the list.
    pub &'static str,
);

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not a word of the list {}", self.0)
    }
}

impl std::error::Error for UnknownWord {}

text_enum! {
    /// What an organisation is.
    OrganisationKind {
        State = "state",
        Department = "department",
        Epci = "epci",
        Commune = "commune",
        Association = "association",
        Company = "company",
        PublicBody = "public_body",
    }
}

text_enum! {
    /// Whether an organisation’s refusals are administrative acts.
    DecidingBody {
        Public = "public",
        Private = "private",
    }
}

text_enum! {
    /// What is done at a site.
    SiteKind {
        CollectionPoint = "collection_point",
        Workshop = "workshop",
        Warehouse = "warehouse",
        Vehicle = "vehicle",
        Office = "office",
    }
}

text_enum! {
    /// What an account’s person does in the chain.
    Role {
        CollectionAgent = "collection_agent",
        Driver = "driver",
        Storekeeper = "storekeeper",
        Refurbisher = "refurbisher",
        WorkshopLead = "workshop_lead",
        SocialWorker = "social_worker",
        Mediator = "mediator",
        Recycler = "recycler",
        Coordinator = "coordinator",
        Auditor = "auditor",
        Administrator = "administrator",
    }
}

text_enum! {
    /// What a single-use link or step of an account opens.
    LinkKind {
        Invitation = "invitation",
        Reset = "reset",
        Address = "address",
        SecondStep = "second_step",
    }
}

text_enum! {
    /// How somebody is written to.
    Channel {
        Email = "email",
        Text = "text",
        Letter = "letter",
    }
}

text_enum! {
    /// Legal kind of a donor.
    DonorKind {
        Individual = "individual",
        Company = "company",
        Association = "association",
        State = "state",
        LocalAuthority = "local_authority",
        PublicBody = "public_body",
    }
}

text_enum! {
    /// Whether a gift was ever waste (L541-1-1): product keeps réemploi, waste réutilisation.
    EnteredAs {
        Product = "product",
        Waste = "waste",
    }
}

text_enum! {
    /// Where a donation stands.
    DonationStatus {
        Open = "open",
        Closed = "closed",
    }
}

text_enum! {
    /// Where a shipment stands.
    ShipmentStatus {
        Open = "open",
        Sealed = "sealed",
        InTransit = "in_transit",
        Received = "received",
    }
}

text_enum! {
    /// What a device is.
    DeviceKind {
        Laptop = "laptop",
        Desktop = "desktop",
        AllInOne = "all_in_one",
        Tablet = "tablet",
        Smartphone = "smartphone",
        Monitor = "monitor",
        Other = "other",
    }
}

text_enum! {
    /// Condition as said at the counter.
    Condition {
        Working = "working",
        Faulty = "faulty",
        Unknown = "unknown",
    }
}

text_enum! {
    /// How far a device is.
    Stage {
        Intake = "intake",
        Sanitising = "sanitising",
        Sanitised = "sanitised",
        Refurbishing = "refurbishing",
        Ready = "ready",
        EndOfLife = "end_of_life",
    }
}

text_enum! {
    /// Where a device is.
    CustodyKind {
        Site = "site",
        Shipment = "shipment",
        Household = "household",
        Missing = "missing",
        Gone = "gone",
    }
}

text_enum! {
    /// Grade computed from recorded observations.
    Grade {
        A = "A",
        B = "B",
        C = "C",
        D = "D",
    }
}

text_enum! {
    /// Life of a code: blank labels wait for their device.
    CodeState {
        Blank = "blank",
        Live = "live",
        Retired = "retired",
    }
}

text_enum! {
    /// How a line was reconciled.
    LineOutcome {
        Announced = "announced",
        New = "new",
        AlreadyKnown = "already_known",
        SameAs = "same_as",
        WithoutSerial = "without_serial",
        Absent = "absent",
        Surplus = "surplus",
    }
}

text_enum! {
    /// Technology of a medium.
    MediumKind {
        Hdd = "hdd",
        Ssd = "ssd",
        Nvme = "nvme",
        Emmc = "emmc",
        Ufs = "ufs",
        Card = "card",
        Other = "other",
    }
}

text_enum! {
    /// Whose data may be on an open medium.
    OpenedBecause {
        Donated = "donated",
        Returned = "returned",
        Found = "found",
        NewPart = "new_part",
        Mistake = "mistake",
    }
}

text_enum! {
    /// Where a medium is.
    MediumCustody {
        Device = "device",
        Site = "site",
        Shipment = "shipment",
        Missing = "missing",
        Gone = "gone",
    }
}

text_enum! {
    /// Why a medium was taken out.
    BoundFor {
        Stock = "stock",
        Destruction = "destruction",
    }
}

text_enum! {
    /// What a sanitisation rests on.
    EvidenceKind {
        Tool = "tool",
        Declared = "declared",
    }
}

text_enum! {
    /// Sanitisation level of NIST SP 800-88.
    Level {
        Clear = "clear",
        Purge = "purge",
        Destroy = "destroy",
    }
}

text_enum! {
    /// How a sanitisation was verified.
    Verification {
        None = "none",
        LastPass = "last_pass",
        AllPasses = "all_passes",
        EachSector = "each_sector",
        Sampling = "sampling",
        DriveStatus = "drive_status",
        Unknown = "unknown",
    }
}

text_enum! {
    /// Outcome of a sanitisation.
    SanitisationResult {
        Success = "success",
        Failure = "failure",
        NotEvidenced = "not_evidenced",
    }
}

text_enum! {
    /// What locks a device.
    LockKind {
        Bios = "bios",
        DiskPassword = "disk_password",
        Activation = "activation",
        Mdm = "mdm",
        Autopilot = "autopilot",
    }
}

text_enum! {
    /// Whether a lock is still there.
    LockState {
        Open = "open",
        Cleared = "cleared",
    }
}

text_enum! {
    /// Result of a function test.
    TestOutcome {
        Pass = "pass",
        Fail = "fail",
        Repaired = "repaired",
        NotApplicable = "not_applicable",
    }
}

text_enum! {
    /// The two kinds of items with a journal.
    ItemKind {
        Device = "device",
        Medium = "medium",
    }
}

text_enum! {
    /// Fate of a scan.
    ScanOutcome {
        Recorded = "recorded",
        Shown = "shown",
        Refused = "refused",
    }
}

text_enum! {
    /// Why a data-breach case was opened.
    BreachReason {
        Missing = "missing",
        MediumFound = "medium_found",
    }
}

text_enum! {
    /// How a data-breach case was settled.
    BreachOutcome {
        Notified = "notified",
        NoRisk = "no_risk",
    }
}

text_enum! {
    /// WEEE annex III categories that computers fall in, batteries and media apart.
    WasteCategory {
        Screens = "screens",
        Large = "large",
        Small = "small",
        SmallIt = "small_it",
        Batteries = "batteries",
        Media = "media",
    }
}

text_enum! {
    /// Where a lot stands.
    LotStatus {
        Open = "open",
        Closed = "closed",
        Collected = "collected",
        Accepted = "accepted",
        PartlyRefused = "partly_refused",
        Treated = "treated",
    }
}

text_enum! {
    /// Relation to the applicant.
    FamilyTie {
        Applicant = "applicant",
        Partner = "partner",
        Child = "child",
        Other = "other",
    }
}

text_enum! {
    /// Review of two files that may be one household.
    LinkVerdict {
        Candidate = "candidate",
        Same = "same",
        Different = "different",
    }
}

text_enum! {
    /// Status kept of a request; held and booked are derived.
    RequestStatus {
        NeedsReview = "needs_review",
        Waiting = "waiting",
        NotEligible = "not_eligible",
        Withdrawn = "withdrawn",
        Served = "served",
        Closed = "closed",
    }
}

text_enum! {
    /// Answer of a decision.
    Outcome {
        Eligible = "eligible",
        NotEligible = "not_eligible",
        NeedsReview = "needs_review",
    }
}

text_enum! {
    /// Why an allocation ended.
    ReleaseReason {
        NoShow = "no_show",
        Cancelled = "cancelled",
        Expired = "expired",
        WrongDevice = "wrong_device",
        Missing = "missing",
        MediumFound = "medium_found",
        Withdrawn = "withdrawn",
        Returned = "returned",
        Lost = "lost",
    }
}

text_enum! {
    /// Kind of session.
    Format {
        Individual = "individual",
        Group = "group",
        DropIn = "drop_in",
    }
}

text_enum! {
    /// Where a pickup stands.
    AppointmentState {
        Booked = "booked",
        Attended = "attended",
        NoShow = "no_show",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Where an onboarding stands.
    OnboardingState {
        Booked = "booked",
        Attended = "attended",
        NoShow = "no_show",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// How a contribution was paid.
    PaymentMeans {
        Cash = "cash",
        Card = "card",
        Cheque = "cheque",
        Transfer = "transfer",
        Waived = "waived",
    }
}

text_enum! {
    /// What a device is needed for.
    NeedUse {
        Schooling = "schooling",
        JobSearch = "job_search",
        Administration = "administration",
        FamilyTies = "family_ties",
        Other = "other",
    }
}
