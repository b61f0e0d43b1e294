//! The inventory of media that a file proposes.

use std::collections::BTreeSet;

use entities::enums::MediumKind;
use entities::ids::MediumId;
use entities::{device, medium};

use super::{Question, Same, describes};
use crate::workshop::evidence::{Disk, Reading, serial};
use crate::workshop::{checks, tables, words};

/// What to do about a device's media.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Inventory {
    /// Disks of the file that are not on record yet.
    pub(crate) add: Vec<NewMedium>,
    /// What the file knows of media on record and the register does not.
    pub(crate) learn: Vec<Learned>,
    /// The inventory is done with this.
    pub(crate) complete: bool,
}

/// A disk to inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewMedium {
    pub(crate) kind: MediumKind,
    pub(crate) serial: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) capacity_bytes: Option<i64>,
}

/// What a file says of a medium on record, where the register says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Learned {
    pub(crate) medium: MediumId,
    pub(crate) kind: Option<MediumKind>,
    pub(crate) model: Option<String>,
    pub(crate) capacity_bytes: Option<i64>,
}

pub(super) fn of(
    reading: &Reading,
    device: &device::Model,
    media: &[medium::Model],
    same: Same,
    confirmed: &BTreeSet<String>,
    questions: &mut Vec<Question>,
) -> Inventory {
    let disks = own_disks(reading);
    let mut inventory = Inventory {
        learn: disks
            .iter()
            .filter_map(|disk| learned(on_record(media, disk)?, disk))
            .collect(),
        ..Inventory::default()
    };
    if disks.is_empty() || same == Same::No {
        return inventory;
    }
    let new: Vec<&Disk> = disks
        .iter()
        .copied()
        .filter(|disk| on_record(media, disk).is_none())
        .collect();
    if device.media_known {
        unlisted(&new, questions);
        return inventory;
    }
    let whole = describes(reading.kind);
    let sure =
        (whole && matches!(same, Same::Yes | Same::First)) || confirmed.contains("inventory");
    if !sure {
        if !new.is_empty() {
            questions.push(Question {
                code: "inventory".to_owned(),
                text: format!(
                    "{} dans le fichier : {}. Sont-ils dans cet équipement ?",
                    crate::french::counted(
                        i64::try_from(new.len()).unwrap_or(i64::MAX),
                        "disque",
                        "disques"
                    ),
                    list(&new)
                ),
                can_confirm: true,
            });
        }
        return inventory;
    }
    inventory.add = new.into_iter().map(as_new).collect();
    let unseen: Vec<&medium::Model> = media
        .iter()
        .filter(|medium| !disks.iter().any(|disk| is(medium, disk)))
        .collect();
    for medium in &unseen {
        questions.push(Question {
            code: "medium-unseen".to_owned(),
            text: format!(
                "{} n° {} est inscrit dans cet équipement et l’outil ne le voit pas. Y est-il encore ?",
                words::medium_line(medium),
                medium.serial.as_deref().or(medium.code.as_deref()).unwrap_or("illisible")
            ),
            can_confirm: false,
        });
    }
    inventory.complete = whole && unseen.is_empty();
    if inventory.complete {
        look_too(device, questions);
    }
    inventory
}

/// The machine's own disks, each once.
fn own_disks(reading: &Reading) -> Vec<&Disk> {
    let mut seen = BTreeSet::new();
    reading
        .own_disks()
        .filter(|disk| {
            disk.serial
                .as_deref()
                .is_none_or(|own| seen.insert(serial::comparable(own)))
        })
        .collect()
}

fn on_record<'a>(media: &'a [medium::Model], disk: &Disk) -> Option<&'a medium::Model> {
    media.iter().find(|medium| is(medium, disk))
}

fn is(medium: &medium::Model, disk: &Disk) -> bool {
    let Some(own) = medium.serial.as_deref().map(serial::comparable) else {
        return false;
    };
    [&disk.serial, &disk.other_serial]
        .into_iter()
        .flatten()
        .map(|told| serial::comparable(told))
        // Some tools cut a serial number after 20 characters.
        .any(|told| told == own || (told.len() == 20 && own.starts_with(&told)))
}

fn learned(medium: &medium::Model, disk: &Disk) -> Option<Learned> {
    let kind = words::medium_kind(disk.kind);
    let learned = Learned {
        medium: medium.id,
        kind: (medium.kind == MediumKind::Other && kind != MediumKind::Other).then_some(kind),
        model: disk.model.clone().filter(|_| medium.model.is_none()),
        capacity_bytes: disk
            .capacity_bytes
            .filter(|_| medium.capacity_bytes.is_none()),
    };
    let something =
        learned.kind.is_some() || learned.model.is_some() || learned.capacity_bytes.is_some();
    something.then_some(learned)
}

fn as_new(disk: &Disk) -> NewMedium {
    NewMedium {
        kind: words::medium_kind(disk.kind),
        serial: disk.serial.clone(),
        model: disk.model.clone(),
        capacity_bytes: disk.capacity_bytes,
    }
}

fn unlisted(new: &[&Disk], questions: &mut Vec<Question>) {
    if new.is_empty() {
        return;
    }
    questions.push(Question {
        code: "medium-unlisted".to_owned(),
        text: format!(
            "Le fichier montre un disque qui n’est pas à l’inventaire : {}. S’il est dans l’équipement, signalez-le comme support trouvé.",
            list(new)
        ),
        can_confirm: false,
    });
}

/// What a tool can't see: a card left in its slot, a disc in its drive, a disk that isn't plugged in.
fn look_too(device: &device::Model, questions: &mut Vec<Question>) {
    let Ok(table) = tables::checks() else {
        return;
    };
    let by_eye = ["card_slot", "sim_tray", "optical_drive", "second_bay"];
    let places: Vec<&str> = table
        .kind(device.kind.as_str())
        .map(|kind: &checks::KindChecks| {
            kind.look_here
                .iter()
                .filter(|place| by_eye.contains(&place.as_str()))
                .filter_map(|place| table.places.get(place))
                // The name of the place alone, without its explanation.
                .filter_map(|place| place.split([':', '(']).next())
                .map(str::trim)
                .collect()
        })
        .unwrap_or_default();
    if !places.is_empty() {
        questions.push(Question {
            code: "look-here".to_owned(),
            text: format!(
                "Un outil ne voit pas tout. Regardez aussi : {}.",
                places.join(", ").to_lowercase().replace("sim", "SIM")
            ),
            can_confirm: false,
        });
    }
}

fn list(disks: &[&Disk]) -> String {
    disks
        .iter()
        .map(|disk| {
            let model = disk.model.as_deref().unwrap_or("modèle inconnu");
            let serial = disk.serial.as_deref().unwrap_or("illisible");
            format!("{model} n° {serial}")
        })
        .collect::<Vec<_>>()
        .join(" ; ")
}
