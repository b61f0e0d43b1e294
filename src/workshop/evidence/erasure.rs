//! One erasure as a tool reports it, with all that a verdict needs and no verdict.

use schemars::JsonSchema;
use serde::Serialize;

use super::Clue;

/// One attempt at erasing one medium, as reported.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Erasure {
    /// Which medium, as far as the report says.
    pub serial: Clue,
    /// A second serial the same report gives for the same disk; if it differs, neither is trusted.
    pub other_serial: Option<String>,
    /// Model as reported, perhaps cut short.
    pub model: Option<String>,
    /// Size the tool worked on, bytes.
    pub capacity_bytes: Option<i64>,
    /// Whether the report says that the disk turns.
    pub rotational: Option<bool>,
    /// Tool.
    pub tool: String,
    /// Its version.
    pub tool_version: Option<String>,
    /// Technique.
    pub method: Method,
    /// The tool's own name for it (`DoD Short`).
    pub method_label: String,
    /// Passes of overwriting, rounds counted once.
    pub passes: Option<u32>,
    /// Start as written.
    pub started: Option<String>,
    /// End as written.
    pub ended: Option<String>,
    /// How long, seconds.
    pub duration_seconds: Option<i64>,
    /// What the tool says became of it.
    pub outcome: Outcome,
    /// What was asked to be verified.
    pub verification: Verification,
    /// Whether the report shows that the verification was done and agreed.
    pub verified: bool,
    /// Counted errors; `None` is "not counted", never zero.
    pub errors: Errors,
    /// Bytes overwritten at least once, where counted.
    pub bytes_erased: Option<i64>,
    /// Bytes to overwrite, where counted.
    pub bytes_total: Option<i64>,
    /// Sectors hidden from the system (HPA, DCO).
    pub hidden_sectors: HiddenSectors,
    /// What the reader found missing or contradictory.
    pub faults: Vec<Fault>,
}

impl Erasure {
    pub(super) fn new(tool: &str, tool_version: Option<String>) -> Self {
        Self {
            serial: Clue::Missing,
            other_serial: None,
            model: None,
            capacity_bytes: None,
            rotational: None,
            tool: tool.to_owned(),
            tool_version,
            method: Method::Other,
            method_label: String::new(),
            passes: None,
            started: None,
            ended: None,
            duration_seconds: None,
            outcome: Outcome::Unknown,
            verification: Verification::Unknown,
            verified: false,
            errors: Errors::default(),
            bytes_erased: None,
            bytes_total: None,
            hidden_sectors: HiddenSectors::NotReported,
            faults: Vec::new(),
        }
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

/// How the data was made unrecoverable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Every addressable sector written over.
    Overwrite,
    /// SANITIZE BLOCK ERASE, or `NVMe` sanitize action 2.
    BlockErase,
    /// Destroying the key of a self-encrypting drive.
    CryptoErase,
    /// ATA SECURITY ERASE UNIT.
    SecureErase,
    /// The same, enhanced.
    SecureEraseEnhanced,
    /// `NVMe` Format with a secure erase setting.
    Format,
    /// What a telephone or a system calls "reset".
    FactoryReset,
    /// Only read, nothing written.
    VerifyOnly,
    /// Anything else.
    Other,
}

impl Method {
    /// The name the API and the database use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Overwrite => "overwrite",
            Self::BlockErase => "block_erase",
            Self::CryptoErase => "crypto_erase",
            Self::SecureErase => "secure_erase",
            Self::SecureEraseEnhanced => "secure_erase_enhanced",
            Self::Format => "format",
            Self::FactoryReset => "factory_reset",
            Self::VerifyOnly => "verify_only",
            Self::Other => "other",
        }
    }

    /// From the API's name.
    pub fn from_code(code: &str) -> Option<Self> {
        [
            Self::Overwrite,
            Self::BlockErase,
            Self::CryptoErase,
            Self::SecureErase,
            Self::SecureEraseEnhanced,
            Self::Format,
            Self::FactoryReset,
            Self::VerifyOnly,
            Self::Other,
        ]
        .into_iter()
        .find(|method| method.code() == code)
    }
}

/// What the tool says became of the attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The tool says that it ended well.
    Erased,
    /// It failed.
    Failed,
    /// Somebody stopped it.
    Aborted,
    /// The tool's own "this cannot be" (nwipe's INSANITY).
    Insane,
    /// It was ordered and never ran.
    NotRun,
    /// Not told.
    Unknown,
}

/// What was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// Nothing.
    None,
    /// The last pass, every sector read back.
    LastPass,
    /// Every pass.
    AllPasses,
    /// Each sector after it was written (badblocks).
    EachSector,
    /// Some sectors.
    Sampling,
    /// The drive's own status after its own command.
    DriveStatus,
    /// Not told.
    Unknown,
}

impl Verification {
    /// The name the API and the database use.
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::LastPass => "last_pass",
            Self::AllPasses => "all_passes",
            Self::EachSector => "each_sector",
            Self::Sampling => "sampling",
            Self::DriveStatus => "drive_status",
            Self::Unknown => "unknown",
        }
    }

    /// From the API's name; `full` and `all` are read as every pass.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "none" | "off" => Some(Self::None),
            "last_pass" | "last" => Some(Self::LastPass),
            "all_passes" | "all" | "full" => Some(Self::AllPasses),
            "each_sector" => Some(Self::EachSector),
            "sampling" => Some(Self::Sampling),
            "drive_status" => Some(Self::DriveStatus),
            "unknown" => Some(Self::Unknown),
            _ => None,
        }
    }
}

/// Errors as counted by the tool; `None` where it does not count that sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Errors {
    /// While writing.
    pub pass: Option<u64>,
    /// While reading back.
    pub verify: Option<u64>,
    /// While flushing.
    pub sync: Option<u64>,
}

/// What the report says of sectors hidden from the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HiddenSectors {
    /// It says that there are none.
    None,
    /// It found some: part of the disk was out of reach.
    Detected,
    /// It looked and could not tell.
    Indeterminate,
    /// It did not look.
    NotReported,
}

/// What a reader found missing or contradictory; each one alone keeps an erasure from being accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The run has no result table for this disk: the log was cut, or the run never ended.
    NoResult,
    /// A line inside the table is not a row of it: somebody's model name, or a forgery.
    TableDamaged,
    /// No table of errors, or no row of it for this disk.
    NoErrorCount,
    /// This version counts the bytes erased, and they are not there.
    NoByteCount,
    /// No final line.
    NoEnd,
    /// The final line says that somebody stopped the run.
    RunAborted,
    /// The tool does not say which version it is.
    NoVersion,
    /// The log reports an error on this disk outside the table.
    ErrorLogged,
    /// The log and its table disagree on which disk this is.
    Contradiction,
    /// A later run in the same file cannot be told to concern another disk.
    LaterRunUnclear,
    /// A step of the erasure failed or is not marked successful.
    StepFailed,
    /// Not one step was run.
    NoStep,
}
