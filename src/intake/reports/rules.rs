//! Which machine a report is about, on plain values.

use std::collections::BTreeSet;

use entities::enums::DeviceKind;

use crate::devices::serial;
use crate::workshop::evidence::{Machine, MachineKind, Reading};

/// What a machine says of itself, and what tells it from another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) make: Option<String>,
    pub(super) model: Option<String>,
    /// As two are compared; placeholders are none.
    pub(super) serial: Option<String>,
    /// Of the firmware and of the network cards, each with its sort before it.
    pub(super) marks: BTreeSet<String>,
    /// Serial numbers of its disks.
    pub(super) disks: BTreeSet<String>,
}

impl Identity {
    /// That of the machine of a report.
    pub(super) fn of(reading: &Reading) -> Self {
        let machine = reading.machine.clone().unwrap_or_default();
        let macs = machine.macs.iter().map(|mac| format!("mac:{mac}"));
        Self {
            make: machine.make.clone(),
            model: machine.commercial().map(str::to_owned),
            serial: machine.serial.as_deref().map(serial::comparable),
            marks: macs
                .chain(machine.uuid.iter().map(|uuid| format!("uuid:{uuid}")))
                .collect(),
            disks: disks(reading),
        }
    }
}

/// The serial numbers of the disks that a report saw or wiped, sticks left out.
pub(super) fn disks(reading: &Reading) -> BTreeSet<String> {
    let seen = reading
        .own_disks()
        .filter_map(|disk| disk.serial.as_deref());
    let wiped = reading
        .erasures
        .iter()
        .filter_map(|erasure| erasure.serial.text());
    seen.chain(wiped).map(serial::comparable).collect()
}

/// Why two reports are about one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Because {
    Serial,
    Marks,
    Disks,
}

impl Because {
    /// In words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Serial => "même numéro de série",
            Self::Marks => "même carte mère ou même carte réseau",
            Self::Disks => "mêmes disques",
        }
    }
}

/// Whether two machines are one. Two serial numbers decide; where one is missing, the firmware's own identity or a
/// network card does, else all the disks.
pub(super) fn same(one: &Identity, other: &Identity) -> Option<Because> {
    if !may_be(one.make.as_deref(), other.make.as_deref()) {
        return None;
    }
    if let (Some(a), Some(b)) = (&one.serial, &other.serial) {
        return (a == b).then_some(Because::Serial);
    }
    // A card or a disk that was moved must not make two models one machine.
    if !may_be(one.model.as_deref(), other.model.as_deref()) {
        return None;
    }
    if !one.marks.is_disjoint(&other.marks) {
        return Some(Because::Marks);
    }
    let disks = !one.disks.is_empty() && one.disks == other.disks;
    disks.then_some(Because::Disks)
}

/// Whether two names may mean the same: one unknown, or one within the other.
fn may_be(a: Option<&str>, b: Option<&str>) -> bool {
    let bare = |name: &str| -> String {
        name.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_uppercase)
            .collect::<String>()
            .replace("HEWLETTPACKARD", "HP")
    };
    let (Some(a), Some(b)) = (a.map(bare), b.map(bare)) else {
        return true;
    };
    a.contains(&b) || b.contains(&a)
}

/// Makers and models that a program makes up.
const VIRTUAL: [&str; 8] = [
    "QEMU",
    "VMWARE",
    "VIRTUALBOX",
    "INNOTEK",
    "BOCHS",
    "VIRTUAL MACHINE",
    "VIRTUAL PLATFORM",
    "HVM DOMU",
];

/// Whether the machine is a program's: nothing that can be given.
pub(super) fn is_virtual(machine: &Machine) -> bool {
    [&machine.make, &machine.model]
        .into_iter()
        .flatten()
        .any(|name| {
            let name = name.to_uppercase();
            VIRTUAL.iter().any(|word| name.contains(word))
        })
}

/// What a machine is, and whether that is only likely: the kind can't be corrected later, so a guess is said.
pub(super) fn kind(machine: &Machine) -> (DeviceKind, bool) {
    match machine.kind {
        Some(MachineKind::Laptop) => (DeviceKind::Laptop, false),
        Some(MachineKind::Desktop) => (DeviceKind::Desktop, false),
        Some(MachineKind::AllInOne) => (DeviceKind::AllInOne, false),
        Some(MachineKind::Tablet) => (DeviceKind::Tablet, false),
        Some(MachineKind::Smartphone) => (DeviceKind::Smartphone, false),
        None if machine.batteries.is_empty() => (DeviceKind::Desktop, true),
        None => (DeviceKind::Laptop, true),
    }
}

/// Whether a report says enough to know a computer by.
pub(super) fn says_something(machine: &Machine) -> bool {
    machine.serial.is_some()
        || machine.model.is_some()
        || machine.cpu.is_some()
        || machine.uuid.is_some()
        || !machine.macs.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(make: &str, serial: Option<&str>, marks: &[&str], disks: &[&str]) -> Identity {
        let set = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect();
        Identity {
            make: Some(make.to_owned()),
            model: Some("X1".to_owned()),
            serial: serial.map(serial::comparable),
            marks: set(marks),
            disks: set(disks),
        }
    }

    #[test]
    fn serial_numbers_decide_and_the_rest_stands_in_for_them() {
        let one = machine("HP", Some("abc 1"), &["mac:1"], &["D1"]);
        let same_serial = machine("Hewlett-Packard", Some("ABC1"), &[], &["D2"]);
        assert_eq!(same(&one, &same_serial), Some(Because::Serial));
        let other_make = machine("Dell Inc.", Some("ABC1"), &["mac:1"], &["D1"]);
        assert_eq!(same(&one, &other_make), None);
        // The same disk in a sibling: moved, not the same machine.
        let sibling = machine("HP", Some("ABC2"), &["mac:1"], &["D1"]);
        assert_eq!(same(&one, &sibling), None);
        let nameless = machine("HP", None, &["mac:1", "uuid:2"], &["D9"]);
        assert_eq!(same(&one, &nameless), Some(Because::Marks));
        let by_disk = machine("HP", None, &[], &["D1"]);
        assert_eq!(same(&one, &by_disk), Some(Because::Disks));
        let more_disks = machine("HP", None, &[], &["D1", "D2"]);
        assert_eq!(same(&one, &more_disks), None);
        let nothing = machine("HP", None, &[], &[]);
        assert_eq!(same(&nothing, &nothing.clone()), None);
        let mut other_model = nameless.clone();
        other_model.model = Some("Y2".to_owned());
        assert_eq!(same(&one, &other_model), None);
    }

    #[test]
    fn a_program_is_no_computer_and_a_battery_makes_a_laptop() {
        let of = |make: &str, model: &str| Machine {
            make: Some(make.to_owned()),
            model: Some(model.to_owned()),
            ..Machine::default()
        };
        assert!(is_virtual(&of("QEMU", "Standard PC")));
        assert!(is_virtual(&of("Microsoft Corporation", "Virtual Machine")));
        assert!(!is_virtual(&of("Microsoft Corporation", "Surface Pro")));
        assert_eq!(kind(&of("ASUS", "E200")), (DeviceKind::Desktop, true));
        let mut with_battery = of("ASUS", "E200");
        with_battery
            .batteries
            .push(crate::workshop::evidence::Battery::default());
        assert_eq!(kind(&with_battery), (DeviceKind::Laptop, true));
    }
}
