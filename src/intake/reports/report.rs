//! What became of each file: for people at a terminal, and for programs.

use std::fmt;

use entities::enums::DeviceKind;
use serde::Serialize;

use crate::french;
use crate::workshop::evidence::{Battery, Kind, Reading};

/// What became of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Its machine is a new device.
    Registered,
    /// Its machine was known: the file is evidence of that device.
    Known,
    /// The very same content had been taken before.
    Repeated,
    /// It adds to a device that has its disk or its serial number.
    Added,
    /// Read, and about nothing that is here. It is not kept.
    Unmatched,
    /// Not read, or about nothing that can be given.
    Refused,
}

impl Outcome {
    const fn word(self, dry_run: bool) -> &'static str {
        match (self, dry_run) {
            (Self::Registered, false) => "enregistré",
            (Self::Registered, true) => "serait enregistré",
            (Self::Known, _) => "déjà connu",
            (Self::Repeated, _) => "même fichier",
            (Self::Added, false) => "ajouté",
            (Self::Added, true) => "serait ajouté",
            (Self::Unmatched, _) => "sans équipement",
            (Self::Refused, _) => "REFUSÉ",
        }
    }
}

/// A disk of a machine.
#[derive(Debug, Serialize)]
pub(crate) struct DiskRow {
    kind: &'static str,
    model: Option<String>,
    serial: Option<String>,
    capacity_bytes: Option<i64>,
    power_on_hours: Option<i64>,
    smart_passed: Option<bool>,
}

/// A machine as the report describes it.
#[derive(Debug, Serialize)]
pub(crate) struct MachineRow {
    pub(super) kind: DeviceKind,
    make: Option<String>,
    model: Option<String>,
    serial: Option<String>,
    processor: Option<String>,
    memory_bytes: Option<i64>,
    media: Vec<DiskRow>,
    batteries: Vec<Battery>,
}

impl MachineRow {
    pub(super) fn of(kind: DeviceKind, reading: &Reading) -> Option<Self> {
        let machine = reading.machine.as_ref()?;
        Some(Self {
            kind,
            make: machine.make.clone(),
            model: machine.commercial().map(str::to_owned),
            serial: machine.serial.clone(),
            processor: machine.cpu.clone(),
            memory_bytes: machine.memory_bytes,
            media: reading
                .own_disks()
                .map(|disk| DiskRow {
                    kind: disk.kind.code(),
                    model: disk.model.clone(),
                    serial: disk.serial.clone(),
                    capacity_bytes: disk.capacity_bytes,
                    power_on_hours: disk.power_on_hours,
                    smart_passed: disk.smart_passed,
                })
                .collect(),
            batteries: machine.batteries.clone(),
        })
    }
}

/// One file.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    /// Its path, as far as it can be written.
    pub(super) file: String,
    /// What it was recognised as.
    pub(super) recognised: Option<&'static str>,
    /// What became of it.
    pub(super) outcome: Outcome,
    /// Stable code of the reason, where it is not simply new.
    pub(super) code: Option<&'static str>,
    /// The reason in words.
    pub(super) why: Option<String>,
    /// Codes of the devices it is about.
    pub(super) devices: Vec<String>,
    /// The machine that it describes.
    pub(super) machine: Option<MachineRow>,
    /// What a person should look at.
    pub(super) notes: Vec<String>,
}

impl Row {
    pub(super) fn refused(file: String, code: &'static str, why: String) -> Self {
        Self {
            code: Some(code),
            why: Some(why),
            ..Self::of(file, Outcome::Refused, None)
        }
    }

    pub(super) fn of(file: String, outcome: Outcome, kind: Option<Kind>) -> Self {
        Self {
            file,
            recognised: kind.map(Kind::code),
            outcome,
            code: None,
            why: None,
            devices: Vec::new(),
            machine: None,
            notes: Vec::new(),
        }
    }
}

/// How many files came to what.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    files: usize,
    registered: usize,
    known: usize,
    repeated: usize,
    added: usize,
    unmatched: usize,
    refused: usize,
}

/// A whole run.
#[derive(Debug, Serialize)]
pub(crate) struct Imported {
    pub(super) dry_run: bool,
    pub(super) site: String,
    /// Who is on record as having taken the gift.
    pub(super) account: String,
    /// Reference of the gift; none when no device was registered.
    pub(super) donation: Option<String>,
    pub(super) rows: Vec<Row>,
    pub(super) totals: Totals,
}

impl Imported {
    /// Whether no file was refused.
    pub(crate) const fn is_clean(&self) -> bool {
        self.totals.refused == 0
    }
}

impl Totals {
    pub(super) fn of(rows: &[Row]) -> Self {
        let mut totals = Self {
            files: rows.len(),
            ..Self::default()
        };
        for row in rows {
            *match row.outcome {
                Outcome::Registered => &mut totals.registered,
                Outcome::Known => &mut totals.known,
                Outcome::Repeated => &mut totals.repeated,
                Outcome::Added => &mut totals.added,
                Outcome::Unmatched => &mut totals.unmatched,
                Outcome::Refused => &mut totals.refused,
            } += 1;
        }
        totals
    }
}

/// A name of a file may hold anything, the orders of a terminal included.
pub(super) fn shown(path: &std::path::Path) -> String {
    plain(&path.to_string_lossy())
}

/// A text without the characters that a terminal would obey.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(recognised) = self.recognised {
            write!(f, "  {recognised}")?;
        }
        for code in &self.devices {
            write!(f, "  {}", crate::devices::words::grouped(code))?;
        }
        if let Some(machine) = &self.machine {
            let name = [&machine.make, &machine.model].into_iter().flatten();
            let name = name.map(String::as_str).collect::<Vec<_>>().join(" ");
            write!(f, "  {}", plain(&name))?;
            if let Some(serial) = &machine.serial {
                write!(f, ", n° {}", plain(serial))?;
            }
            let disks = i64::try_from(machine.media.len()).unwrap_or(i64::MAX);
            write!(f, ", {}", french::counted(disks, "disque", "disques"))?;
        }
        if let Some(why) = &self.why {
            write!(f, "  {}", plain(why))?;
        }
        for note in &self.notes {
            write!(f, "\n      {}", plain(note))?;
        }
        Ok(())
    }
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.rows {
            let word = row.outcome.word(self.dry_run);
            writeln!(f, "{word:<17} {}{row}", row.file)?;
        }
        let Totals {
            files,
            registered,
            known,
            repeated,
            added,
            unmatched,
            refused,
        } = self.totals;
        writeln!(
            f,
            "{files} fichiers : {registered} équipements enregistrés, {known} déjà connus, {repeated} fichiers déjà pris, {added} ajoutés à un équipement, {unmatched} sans équipement ici, {refused} refusés"
        )?;
        match (&self.donation, self.dry_run) {
            (_, true) => write!(f, "Essai : rien n’a été écrit."),
            (Some(reference), false) => {
                write!(
                    f,
                    "Don {reference}, pris à « {} » par {}.",
                    self.site, self.account
                )
            }
            (None, false) => write!(f, "Aucun nouvel équipement : aucun don n’est ouvert."),
        }
    }
}
