//! What a tool's file adds to what is known of a device: facts to take over, and questions to a person.
//!
//! A fact is taken over where nothing was known. Where the file and the register differ, or the file
//! may describe another computer, nobody guesses: it becomes a question, answered by its code.

mod inventory;

use std::collections::BTreeSet;

use entities::{device, medium};
use schemars::JsonSchema;
use serde::Serialize;

pub(crate) use self::inventory::Inventory;
use super::evidence::{Kind, Machine, Reading, serial};

/// One thing that only a person can settle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Question {
    /// Stable name; what `confirm` takes when `can_confirm`.
    pub(crate) code: String,
    /// The question in French.
    pub(crate) text: String,
    /// Whether "yes" can be answered; else it is something to look at.
    pub(crate) can_confirm: bool,
}

/// One fact to take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    /// Manufacturer.
    Make(String),
    /// Model.
    Model(String),
    /// Serial number of the machine.
    Serial(String),
    /// Processor.
    Processor(String),
    /// Memory, bytes.
    Memory(i64),
}

/// What follows from a file for a device, apart from erasures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proposal {
    /// To take over.
    pub(crate) facts: Vec<Fact>,
    /// To settle.
    pub(crate) questions: Vec<Question>,
    /// Its media.
    pub(crate) inventory: Inventory,
}

/// Whether the file is about this very computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Same {
    /// The same serial number, or somebody said so.
    Yes,
    /// It describes a computer whose serial number nobody had read.
    First,
    /// Nothing says so.
    Unsure,
    /// Another serial number.
    No,
}

/// What a file adds to what is known. `confirmed` are the codes of the questions answered with yes.
pub(crate) fn propose(
    reading: &Reading,
    device: &device::Model,
    media: &[medium::Model],
    confirmed: &BTreeSet<String>,
) -> Proposal {
    let mut facts = Vec::new();
    let mut questions = Vec::new();
    let same = same(reading, device, confirmed);
    if same == Same::No {
        questions.push(Question {
            code: "machine".to_owned(),
            text: format!(
                "Le fichier vient d’un ordinateur dont le numéro de série est {}, pas {}. Est-ce bien cet équipement ?",
                told_serial(reading).unwrap_or_default(),
                device.serial.as_deref().unwrap_or_default(),
            ),
            can_confirm: true,
        });
    } else if let Some(machine) = &reading.machine {
        of_machine(machine, device, same, confirmed, &mut facts, &mut questions);
    }
    let inventory = inventory::of(reading, device, media, same, confirmed, &mut questions);
    Proposal {
        facts,
        questions,
        inventory,
    }
}

/// Whether a kind of file describes the computer it was made on as a whole.
pub(super) const fn describes(kind: Kind) -> bool {
    matches!(kind, Kind::EreuseSnapshot | Kind::Lshw | Kind::LshwXml)
}

fn told_serial(reading: &Reading) -> Option<String> {
    reading.machine.as_ref()?.serial.clone()
}

fn same(reading: &Reading, device: &device::Model, confirmed: &BTreeSet<String>) -> Same {
    let own = device.serial.as_deref().and_then(serial::clean);
    match (own, told_serial(reading)) {
        (Some(own), Some(told)) if serial::comparable(&own) == serial::comparable(&told) => {
            Same::Yes
        }
        _ if confirmed.contains("machine") => Same::Yes,
        (Some(_), Some(_)) => Same::No,
        (None, _) if describes(reading.kind) => Same::First,
        _ => Same::Unsure,
    }
}

fn of_machine(
    machine: &Machine,
    device: &device::Model,
    same: Same,
    confirmed: &BTreeSet<String>,
    facts: &mut Vec<Fact>,
    questions: &mut Vec<Question>,
) {
    // A disk wiped on another computer must not lend it that computer's name.
    if same == Same::Unsure {
        return;
    }
    let mut text = |code: &str,
                    name: &str,
                    known: Option<&str>,
                    told: Option<&str>,
                    agree: bool| {
        let told = told?;
        match known {
            None => Some(told.to_owned()),
            Some(known) if agree || alike(known, told) => None,
            Some(_) if confirmed.contains(code) => Some(told.to_owned()),
            Some(known) => {
                questions.push(Question {
                    code: code.to_owned(),
                    text: format!(
                        "{name} : « {told} » dans le fichier, « {known} » dans le registre. Prendre ce que dit le fichier ?"
                    ),
                    can_confirm: true,
                });
                None
            }
        }
    };
    let make = text(
        "make",
        "Marque",
        device.make.as_deref(),
        machine.make.as_deref(),
        false,
    );
    let commercial = machine.commercial();
    // Either name of the model will do: a counter writes what is printed on the lid.
    let agree = device.model.as_deref().is_some_and(|known| {
        [&machine.model, &machine.family]
            .into_iter()
            .flatten()
            .any(|told| alike(known, told))
    });
    let model = text(
        "model",
        "Modèle",
        device.model.as_deref(),
        commercial,
        agree,
    );
    let serial = text(
        "serial",
        "Numéro de série",
        device.serial.as_deref(),
        machine.serial.as_deref(),
        false,
    );
    let processor = text(
        "processor",
        "Processeur",
        device.processor.as_deref(),
        machine.cpu.as_deref(),
        false,
    );
    facts.extend(make.map(Fact::Make));
    let known_make = device.make.as_deref().or(machine.make.as_deref());
    facts.extend(model.map(|model| Fact::Model(without_make(&model, known_make))));
    facts.extend(serial.map(Fact::Serial));
    facts.extend(processor.map(Fact::Processor));
    memory(machine, device, confirmed, facts, questions);
    kind(machine, device, questions);
}

fn memory(
    machine: &Machine,
    device: &device::Model,
    confirmed: &BTreeSet<String>,
    facts: &mut Vec<Fact>,
    questions: &mut Vec<Question>,
) {
    let Some(told) = machine.memory_bytes.filter(|bytes| *bytes > 0) else {
        return;
    };
    match device.memory_bytes {
        None => facts.push(Fact::Memory(told)),
        // Tools round, and the graphics card takes its share: within an eighth it is the same memory.
        Some(known) if known.abs_diff(told) <= known.unsigned_abs() / 8 => {}
        Some(_) if confirmed.contains("memory_bytes") => facts.push(Fact::Memory(told)),
        Some(known) => {
            let shown = |bytes: i64| crate::french::memory(bytes.unsigned_abs());
            questions.push(Question {
                code: "memory_bytes".to_owned(),
                text: format!(
                    "Mémoire vive : {} dans le fichier, {} dans le registre. Prendre ce que dit le fichier ?",
                    shown(told),
                    shown(known)
                ),
                can_confirm: true,
            });
        }
    }
}

fn kind(machine: &Machine, device: &device::Model, questions: &mut Vec<Question>) {
    if let Some(told) = machine.kind
        && told.code() != device.kind.as_str()
    {
        let told = told
            .code()
            .parse()
            .map_or("autre", crate::devices::words::kind);
        questions.push(Question {
            code: "kind".to_owned(),
            text: format!(
                "Le fichier décrit un équipement de type « {told} », l’étiquette dit « {} ». Est-ce la bonne étiquette ?",
                crate::devices::words::kind(device.kind)
            ),
            can_confirm: false,
        });
    }
}

/// A model without its maker's name in front: « Lenovo X13 » of Lenovo is an « X13 ».
pub(crate) fn without_make(model: &str, make: Option<&str>) -> String {
    match (model.split_once(' '), make) {
        (Some((first, rest)), Some(make)) if alike(first, make) && !rest.trim().is_empty() => {
            rest.trim().to_owned()
        }
        _ => model.to_owned(),
    }
}

/// Whether two names mean the same: one within the other, apart from case, blanks and punctuation.
fn alike(a: &str, b: &str) -> bool {
    let bare = |name: &str| -> String {
        name.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect::<String>()
            .replace("HEWLETTPACKARD", "HP")
    };
    let (a, b) = (bare(a), bare(b));
    a == b || (a.len().min(b.len()) >= 2 && (a.contains(&b) || b.contains(&a)))
}

#[cfg(test)]
mod tests;
