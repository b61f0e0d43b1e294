//! `lshw -json`: the tree of the machine. An object in older builds, a list in newer ones.

use serde_json::Value;

use super::reading::MOST;
use super::{
    Battery, Disk, DiskKind, Kind, Machine, MachineKind, ReadError, Reading, dmidecode, loose,
    serial, smartctl,
};

/// Deepest level read. Real trees stay under 15; a deeper one is not a machine.
const DEEPEST: usize = 64;

pub(super) fn looks_like(value: &Value) -> bool {
    value.get("id").and_then(Value::as_str).is_some()
        && value.get("class").and_then(Value::as_str).is_some()
}

pub(super) fn read(value: &Value) -> Result<Reading, ReadError> {
    let mut reading = Reading::new(Kind::Lshw, "lshw");
    add(&mut reading, value);
    if reading.machine.is_none() && reading.disks.is_empty() {
        return Err(ReadError::Damaged("ni machine ni disque".to_owned()));
    }
    disk_warnings(&mut reading);
    Ok(reading)
}

/// What the disks seen, or not seen, should make a person look at.
pub(super) fn disk_warnings(reading: &mut Reading) {
    for disk in &reading.disks.clone() {
        smartctl::health_warning(reading, disk);
        if disk.removable {
            let name = disk.model.as_deref().unwrap_or("sans modèle");
            reading.warn(
                "removable_disk",
                format!("Support amovible branché pendant l’inventaire ({name})\u{a0}: non rattaché à la machine."),
            );
        } else if disk.kind == DiskKind::Unknown {
            let name = disk.model.as_deref().unwrap_or("sans modèle");
            reading.warn(
                "disk_kind_unknown",
                format!("Le disque {name} est-il un disque tournant ou un SSD ?"),
            );
        }
    }
    // Possible and rare: more often the tool could not see the disk.
    if reading.own_disks().next().is_none() {
        reading.warn(
            "no_disk_seen",
            "Aucun disque interne vu\u{a0}: regardez vous-même (mémoire soudée, M.2, tiroir vide).",
        );
    }
}

/// Adds what the tree says to a reading.
pub(super) fn add(reading: &mut Reading, value: &Value) {
    let tops = loose::members(value);
    if let Some(top) = tops.iter().find(|top| class(top) == "system") {
        reading.machine = Some(machine(top));
    }
    let mut walk = Walk::default();
    for top in &tops {
        walk.node(top, &Above::default(), 0);
    }
    if walk.optical {
        reading.warn(
            "optical_drive",
            "Lecteur optique\u{a0}: vérifiez qu’aucun disque n’y est resté.",
        );
    }
    if walk.empty_reader {
        reading.warn(
            "card_reader",
            "Lecteur de carte\u{a0}: vérifiez qu’aucune carte n’y est restée.",
        );
    }
    if walk.blind_controller {
        reading.warn(
            "controller_without_disk",
            "Un contrôleur NVMe est vu, mais pas son disque\u{a0}: l’inventaire est incomplet.",
        );
    }
    reading.disks.extend(walk.disks);
}

fn class(node: &Value) -> &str {
    text(node, "class")
}

fn text<'a>(node: &'a Value, key: &str) -> &'a str {
    node.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn children(node: &Value) -> impl Iterator<Item = &Value> {
    node.get("children")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn machine(top: &Value) -> Machine {
    let configuration = |key: &str| top.get("configuration").and_then(|map| map.get(key));
    let make = loose::name(top.get("vendor"));
    let sku = configuration("sku").and_then(Value::as_str);
    let model = top.get("product").and_then(Value::as_str).map(|product| {
        // lshw prints "name (sku)", placeholders included.
        sku.and_then(|sku| product.strip_suffix(&format!(" ({sku})")))
            .unwrap_or(product)
    });
    let mut machine = Machine {
        kind: configuration("chassis")
            .and_then(Value::as_str)
            .and_then(MachineKind::of)
            .or_else(|| MachineKind::of(text(top, "description"))),
        family: loose::name(top.get("version")).filter(|_| dmidecode::is_lenovo(make.as_deref())),
        make,
        model: model.and_then(loose::named),
        serial: serial::clean(text(top, "serial")),
        uuid: configuration("uuid")
            .and_then(Value::as_str)
            .and_then(loose::uuid),
        ..Machine::default()
    };
    let mut banks = 0_i64;
    let mut board = None;
    parts(top, 0, &mut |node| match class(node) {
        "memory" if text(node, "id").starts_with("bank") => {
            banks = i64::saturating_add(banks, loose::whole(node.get("size")).unwrap_or(0));
        }
        "memory"
            if text(node, "description") == "System Memory" || text(node, "id") == "memory" =>
        {
            board = board.or(loose::whole(node.get("size")));
        }
        "processor" if machine.cpu.is_none() => {
            machine.cpu = loose::name(node.get("product"));
            machine.cpu_cores = loose::whole(node.pointer("/configuration/cores"))
                .and_then(|cores| cores.try_into().ok());
        }
        "network" if !text(node, "businfo").starts_with("usb@") => {
            let address = loose::mac(text(node, "serial"));
            let more = machine.macs.len() < MOST;
            machine.macs.extend(address.filter(|_| more));
        }
        "power" if text(node, "id").starts_with("battery") => machine.batteries.push(Battery {
            // lshw knows the capacity by design only: it says nothing of health.
            model: loose::name(node.get("product")),
            ..Battery::default()
        }),
        _ => {}
    });
    machine.memory_bytes = Some(banks).filter(|bytes| *bytes > 0).or(board);
    machine
}

fn parts<'a>(node: &'a Value, depth: usize, look: &mut impl FnMut(&'a Value)) {
    look(node);
    if depth < DEEPEST {
        for child in children(node) {
            parts(child, depth + 1, look);
        }
    }
}

/// What stands above a node, as far as it tells something of a disk.
#[derive(Debug, Clone, Default)]
struct Above {
    usb: bool,
    card: bool,
    /// Model and serial of an `NVMe` controller: newer lshw gives them there, not on the namespace.
    controller: Option<(Option<String>, Option<String>)>,
}

#[derive(Debug, Default)]
struct Walk {
    disks: Vec<Disk>,
    optical: bool,
    empty_reader: bool,
    blind_controller: bool,
}

impl Walk {
    fn node(&mut self, node: &Value, above: &Above, depth: usize) {
        let id = text(node, "id");
        let mut here = above.clone();
        here.usb |= text(node, "businfo").starts_with("usb@");
        here.card |= capable(node, "sd") && text(node, "businfo").starts_with("mmc@");
        let nvme =
            class(node) == "storage" && (capable(node, "nvme") || capable(node, "nvm_express"));
        if nvme {
            let number = serial::clean(text(node, "serial"));
            here.controller = Some((loose::name(node.get("product")), number));
        }
        if class(node) == "disk" && id.starts_with("cdrom") {
            self.optical = true;
        } else if class(node) == "disk" && !id.starts_with("medium") {
            self.disk(node, &here);
        }
        let before = self.disks.len();
        if depth < DEEPEST {
            for child in children(node) {
                self.node(child, &here, depth + 1);
            }
        }
        self.blind_controller |= nvme && self.disks.len() == before;
    }

    fn disk(&mut self, node: &Value, above: &Above) {
        let name = match node.get("logicalname") {
            Some(Value::Array(names)) => names.first().and_then(Value::as_str),
            other => other.and_then(Value::as_str),
        };
        let bytes = loose::whole(node.get("size")).filter(|bytes| *bytes > 0);
        let removable = above.usb || above.card || capable(node, "removable");
        if bytes.is_none() || self.disks.len() >= MOST {
            // A reader without a card, or the control interface of an NVMe controller.
            self.empty_reader |= removable;
            return;
        }
        let mut disk = Disk::new(DiskKind::Unknown);
        disk.model = loose::name(node.get("product"));
        disk.serial = serial::clean(text(node, "serial"));
        if text(node, "businfo").starts_with("nvme@")
            || name.is_some_and(|name| name.starts_with("/dev/nvme"))
        {
            disk.kind = DiskKind::Nvme;
            if let Some((model, number)) = &above.controller {
                disk.model = disk.model.or_else(|| model.clone());
                disk.serial = disk.serial.or_else(|| number.clone());
            }
        } else if above.card {
            disk.kind = DiskKind::Card;
        } else if name.is_some_and(|name| name.starts_with("/dev/mmcblk")) {
            disk.kind = DiskKind::Emmc;
        } else if disk.model.as_deref().is_some_and(smartctl::flash_model) {
            disk.kind = DiskKind::Ssd;
        } else if disk.model.as_deref().is_some_and(smartctl::turning_model) {
            disk.kind = DiskKind::Hdd;
        }
        disk.capacity_bytes = bytes;
        disk.removable = removable;
        disk.name = name.map(str::to_owned);
        self.disks.push(disk);
    }
}

fn capable(node: &Value, capability: &str) -> bool {
    node.get("capabilities")
        .and_then(|capabilities| capabilities.get(capability))
        .is_some_and(|value| value != &Value::Bool(false))
}
