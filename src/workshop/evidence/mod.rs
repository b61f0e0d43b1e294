//! Files as tools wrote them, read into plain facts.
//!
//! A reader never judges: an aborted run, a verify-only run and a run without verification are all
//! *read*, with what makes them worthless as [`Fault`]s and facts. [`super::rules::judge`] decides.
//! Whatever is read here was written by a stranger's machine, so no text of it is trusted beyond
//! its place: a row counts only inside its table, a serial number only when it is not a placeholder.

mod chassis;
mod dmidecode;
mod erasure;
mod ereuse;
mod inxi;
mod loose;
mod lshw;
mod lshw_xml;
pub(crate) mod nwipe;
mod reading;
pub mod serial;
mod smartctl;
mod usody;

pub use chassis::MachineKind;
pub use erasure::{Erasure, Errors, Fault, HiddenSectors, Method, Outcome, Verification};
pub use reading::{Battery, Disk, DiskKind, Machine, Reading, Warning};
pub use serial::Clue;
pub use smartctl::flash_model;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// What a file is, told from its content alone: names and extensions lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The text log of nwipe or `ShredOS`.
    NwipeLog,
    /// The PDF certificate of nwipe: recognised, not read (its log is the evidence).
    NwipePdf,
    /// A snapshot of the eReuse workbench, any generation.
    EreuseSnapshot,
    /// The report of usody-sanitize.
    UsodyReport,
    /// `lshw -json`.
    Lshw,
    /// `lshw -xml`.
    LshwXml,
    /// The text of `dmidecode`.
    Dmidecode,
    /// `inxi --output json`.
    Inxi,
    /// `smartctl -j`, one object or a list.
    Smartctl,
    /// Anything else.
    Unknown,
}

impl Kind {
    /// The name the API and the database use.
    pub fn code(self) -> &'static str {
        match self {
            Self::NwipeLog => "nwipe_log",
            Self::NwipePdf => "nwipe_pdf",
            Self::EreuseSnapshot => "ereuse_snapshot",
            Self::UsodyReport => "usody_report",
            Self::Lshw => "lshw",
            Self::LshwXml => "lshw_xml",
            Self::Dmidecode => "dmidecode",
            Self::Inxi => "inxi",
            Self::Smartctl => "smartctl",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a file could not be read; the text is for the person at the bench.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No reader knows this content.
    #[error(
        "Ce fichier n’est pas reconnu. Fichiers lus\u{a0}: journal nwipe, rapport eReuse, rapport usody-sanitize, lshw -json ou -xml, smartctl -j, dmidecode, inxi --output json."
    )]
    Unknown,
    /// Known, but of a form that is not read; the text names the one that is.
    #[error("{0}")]
    NotRead(&'static str),
    /// Larger than [`LARGEST`].
    #[error("Ce fichier est trop grand (16 Mo au plus).")]
    TooLarge,
    /// Looks like a known form but does not hold what the form promises.
    #[error("Ce fichier est abîmé ou incomplet\u{a0}: {0}")]
    Damaged(String),
}

/// Largest file read, bytes. The largest real one met has 0.3 MB; this bounds memory, not use.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// Tells what a file is. Never fails and looks at content only.
pub fn recognise(bytes: &[u8]) -> Kind {
    if bytes.starts_with(b"%PDF-") {
        // The form is a guess from the first bytes: nwipe writes the only PDF a bench makes.
        return Kind::NwipePdf;
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str::<Value>(text)
    {
        return of_json(&value);
    }
    if text.starts_with("<?xml") || text.starts_with("<node") || text.starts_with("<list") {
        return if text.contains("<node id=") {
            Kind::LshwXml
        } else {
            Kind::Unknown
        };
    }
    if nwipe::looks_like(text) {
        return Kind::NwipeLog;
    }
    if dmidecode::looks_like(text) {
        return Kind::Dmidecode;
    }
    Kind::Unknown
}

fn of_json(value: &Value) -> Kind {
    let first = match value {
        Value::Array(list) => list.first().unwrap_or(&Value::Null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            value
        }
    };
    if inxi::looks_like(value) {
        Kind::Inxi
    } else if ereuse::looks_like(first) {
        Kind::EreuseSnapshot
    } else if usody::looks_like(first) {
        Kind::UsodyReport
    } else if lshw::looks_like(first) {
        Kind::Lshw
    } else if smartctl::looks_like(first) {
        Kind::Smartctl
    } else {
        Kind::Unknown
    }
}

/// Reads a file into facts.
///
/// # Errors
/// [`ReadError`] when the content is not one of the forms read, too large or damaged. A log whose
/// run failed is *not* an error: it is read, and will not be accepted.
pub fn read(bytes: &[u8]) -> Result<Reading, ReadError> {
    if bytes.len() > LARGEST {
        return Err(ReadError::TooLarge);
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let json = || {
        serde_json::from_str::<Value>(text).map_err(|error| ReadError::Damaged(error.to_string()))
    };
    match recognise(bytes) {
        Kind::NwipeLog => Ok(nwipe::read(text)),
        Kind::EreuseSnapshot => ereuse::read(&json()?),
        Kind::UsodyReport => Ok(usody::read(&json()?)),
        Kind::Lshw => lshw::read(&json()?),
        Kind::Smartctl => Ok(smartctl::read(&json()?)),
        Kind::NwipePdf => Err(ReadError::NotRead(
            "Le certificat PDF n’est pas lu. Donnez le journal texte de nwipe (nwipe_log_….txt).",
        )),
        Kind::LshwXml => lshw_xml::read(text),
        Kind::Dmidecode => dmidecode::read(text),
        Kind::Inxi => Ok(inxi::read(&json()?)),
        // What begins as JSON and is not was one before it was cut: say where.
        Kind::Unknown if text.trim_start().starts_with(['{', '[']) => match json() {
            Ok(_) => Err(ReadError::Unknown),
            Err(error) => Err(error),
        },
        Kind::Unknown => Err(ReadError::Unknown),
    }
}

#[cfg(test)]
mod real_files;
#[cfg(test)]
mod tests;
