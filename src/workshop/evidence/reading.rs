//! What a file says, as plain values. Capacities in bytes; times as the tool wrote them, because
//! most carry no zone and a converted one would claim more than the file does.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Erasure, Kind, MachineKind};

/// Most disks, drives or rows taken from one file: a rack holds fewer, and whatever compares them two
/// by two stays quick however large the file.
pub(super) const MOST: usize = 500;

/// All that one file says.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Reading {
    /// The form of the file.
    pub kind: Kind,
    /// The tool that wrote it: `nwipe`, `eReuse Workbench`, `usody-sanitize`, `lshw`, `smartctl`.
    pub tool: String,
    /// The version the tool gives itself. Packages and banners differ: keep both where both are known.
    pub tool_version: Option<String>,
    /// When the file says it was made, as written; `None` where absent or impossible (year 1).
    pub recorded: Option<String>,
    /// The computer it ran on, where the file describes it.
    pub machine: Option<Machine>,
    /// Disks seen, the removable ones included and flagged.
    pub disks: Vec<Disk>,
    /// Erasures reported, whatever their outcome.
    pub erasures: Vec<Erasure>,
    /// What a person should know or look at.
    pub warnings: Vec<Warning>,
}

impl Reading {
    pub(super) fn new(kind: Kind, tool: &str) -> Self {
        Self {
            kind,
            tool: tool.to_owned(),
            tool_version: None,
            recorded: None,
            machine: None,
            disks: Vec::new(),
            erasures: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub(super) fn full(&self) -> bool {
        self.disks.len() >= MOST
    }

    pub(super) fn warn(&mut self, code: &'static str, text: impl Into<String>) {
        let warning = Warning {
            code,
            text: text.into(),
        };
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// The disks that belong to the machine: what is plugged in (a boot stick, a card) is left out.
    pub fn own_disks(&self) -> impl Iterator<Item = &Disk> {
        self.disks.iter().filter(|disk| !disk.removable)
    }
}

/// Something worth a look, with a stable code and a French sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Warning {
    /// Stable name.
    pub code: &'static str,
    /// One sentence for the bench.
    pub text: String,
}

/// A computer as its firmware describes it. Placeholders (`To Be Filled By O.E.M.`) are `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Machine {
    /// From the chassis; `None` where the firmware says nothing useful.
    pub kind: Option<MachineKind>,
    /// Manufacturer.
    pub make: Option<String>,
    /// Product name as the firmware gives it (for Lenovo a type number).
    pub model: Option<String>,
    /// Commercial name where the firmware keeps it apart (`ThinkPad X1 Carbon 5th`).
    pub family: Option<String>,
    /// Serial number of the machine.
    pub serial: Option<String>,
    /// Identity that the firmware gives itself; the all-purpose ones are `None`.
    pub uuid: Option<String>,
    /// Addresses of the network cards built in, twelve hexadecimal digits each; those of docks and sticks are left out.
    pub macs: Vec<String>,
    /// Memory fitted, bytes.
    pub memory_bytes: Option<i64>,
    /// Processor.
    pub cpu: Option<String>,
    /// Physical cores.
    pub cpu_cores: Option<u32>,
    /// Batteries seen, with their health where a tool measured it.
    pub batteries: Vec<Battery>,
}

impl Machine {
    /// The name people know it by: Lenovo's firmware keeps it apart from the type number.
    pub fn commercial(&self) -> Option<&str> {
        self.family.as_deref().or(self.model.as_deref())
    }
}

/// A battery.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Battery {
    /// Part number.
    pub model: Option<String>,
    /// Full charge today over full charge by design, per cent, 0 to 100. Not the state of charge.
    pub health_percent: Option<u32>,
    /// Charge cycles; zero is what worn packs say when they don't count, so it is `None`.
    pub cycles: Option<u32>,
}

/// What a disk is made of, as far as the file proves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiskKind {
    /// Turning platters.
    Hdd,
    /// Flash behind ATA.
    Ssd,
    /// Flash behind `NVMe`.
    Nvme,
    /// Flash soldered on the board (eMMC, UFS).
    Emmc,
    /// A memory card.
    Card,
    /// Not told: ask before wiping. The register of media calls it `other`.
    #[serde(rename = "other")]
    Unknown,
}

impl DiskKind {
    /// The name the API and the database use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Hdd => "hdd",
            Self::Ssd => "ssd",
            Self::Nvme => "nvme",
            Self::Emmc => "emmc",
            Self::Card => "card",
            Self::Unknown => "other",
        }
    }

    /// From the API's name; `ufs` counts as soldered flash.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "hdd" => Some(Self::Hdd),
            "ssd" => Some(Self::Ssd),
            "nvme" => Some(Self::Nvme),
            "emmc" | "ufs" => Some(Self::Emmc),
            "card" => Some(Self::Card),
            "unknown" | "other" => Some(Self::Unknown),
            _ => None,
        }
    }

    /// Whether it turns; `None` where the kind is not known.
    pub fn rotational(self) -> Option<bool> {
        match self {
            Self::Hdd => Some(true),
            Self::Ssd | Self::Nvme | Self::Emmc | Self::Card => Some(false),
            Self::Unknown => None,
        }
    }
}

/// A disk as a tool saw it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Disk {
    /// Serial number, placeholders left out.
    pub serial: Option<String>,
    /// Another serial seen for the same disk (that of a USB bridge).
    pub other_serial: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Size, bytes.
    pub capacity_bytes: Option<i64>,
    /// What it is made of.
    pub kind: DiskKind,
    /// Turns a minute, where told; zero means flash.
    pub rotation_rpm: Option<u32>,
    /// Plugged in from outside: a stick, a card. Shown, never proposed as a medium of the machine.
    pub removable: bool,
    /// Name the system gave it (`/dev/sda`).
    pub name: Option<String>,
    /// Hours powered on.
    pub power_on_hours: Option<i64>,
    /// The drive's own verdict; a tenth of drives say nothing, and nothing is not a pass.
    pub smart_passed: Option<bool>,
}

impl Disk {
    pub(super) fn new(kind: DiskKind) -> Self {
        Self {
            serial: None,
            other_serial: None,
            model: None,
            capacity_bytes: None,
            kind,
            rotation_rpm: None,
            removable: false,
            name: None,
            power_on_hours: None,
            smart_passed: None,
        }
    }
}
