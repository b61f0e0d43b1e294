//! `smartctl -j`: the best witness of a disk, since it asks the drive itself, through a bridge too.

use serde_json::Value;

use super::reading::MOST;
use super::{Disk, DiskKind, Kind, Reading, loose, serial};

pub(super) fn looks_like(value: &Value) -> bool {
    value.get("smartctl").is_some() && value.get("json_format_version").is_some()
}

pub(super) fn read(value: &Value) -> Reading {
    let objects = loose::members(value);
    let mut reading = Reading::new(Kind::Smartctl, "smartctl");
    reading.tool_version = objects.first().and_then(version);
    reading.recorded = objects
        .first()
        .and_then(|object| object.pointer("/local_time/asctime"))
        .and_then(Value::as_str)
        .map(str::to_owned);
    reading.disks = objects.iter().filter_map(disk).take(MOST).collect();
    for disk in &reading.disks.clone() {
        health_warning(&mut reading, disk);
    }
    if reading.disks.is_empty() {
        reading.warn("no_disk_seen", "smartctl n’a pu interroger aucun disque.");
    }
    reading
}

/// Says so when the drive reports that it is failing, or says nothing.
pub(super) fn health_warning(reading: &mut Reading, disk: &Disk) {
    let name = disk.model.as_deref().unwrap_or("disque");
    if disk.smart_passed == Some(false) {
        reading.warn(
            "disk_failing",
            format!("Le disque {name} se déclare en panne\u{a0}: à remplacer."),
        );
    }
}

fn version(object: &Value) -> Option<String> {
    let parts = object.pointer("/smartctl/version")?.as_array()?;
    let parts: Vec<String> = parts
        .iter()
        .filter_map(Value::as_i64)
        .map(|part| part.to_string())
        .collect();
    (!parts.is_empty()).then(|| parts.join("."))
}

/// The disk one object is about; `None` when the drive did not answer (a stick, a sleeping drive).
pub(super) fn disk(object: &Value) -> Option<Disk> {
    let text = |key: &str| loose::name(object.get(key));
    let model = text("model_name").or_else(|| text("scsi_model_name"));
    let number = object
        .get("serial_number")
        .and_then(Value::as_str)
        .and_then(serial::clean);
    let capacity = loose::whole(object.pointer("/user_capacity/bytes"))
        .or_else(|| loose::whole(object.get("nvme_total_capacity")))
        .filter(|bytes| *bytes > 0);
    if model.is_none() && number.is_none() && capacity.is_none() {
        return None;
    }
    let rotation = loose::whole(object.get("rotation_rate")).and_then(|rate| rate.try_into().ok());
    let mut disk = Disk::new(kind(object, model.as_deref(), rotation));
    disk.serial = number;
    disk.model = model;
    disk.capacity_bytes = capacity;
    disk.rotation_rpm = rotation;
    disk.name = loose::name(object.pointer("/device/name"));
    disk.power_on_hours = loose::whole(object.pointer("/power_on_time/hours"));
    disk.smart_passed = passed(object);
    Some(disk)
}

/// The drive's verdict. The exit status counts only in bits 3 and 4: failing now; bit 2 and the logs
/// of old errors (bits 5 to 7) don't.
fn passed(object: &Value) -> Option<bool> {
    let failing = loose::whole(object.pointer("/smartctl/exit_status"))
        .is_some_and(|status| status & 0b0001_1000 != 0);
    let told = object
        .pointer("/smart_status/passed")
        .and_then(Value::as_bool);
    if failing { Some(false) } else { told }
}

fn kind(object: &Value, model: Option<&str>, rotation: Option<u32>) -> DiskKind {
    let protocol = object.pointer("/device/protocol").and_then(Value::as_str);
    let trims = object.pointer("/trim/supported").and_then(Value::as_bool) == Some(true);
    if protocol == Some("NVMe") {
        DiskKind::Nvme
    } else if rotation == Some(0) {
        DiskKind::Ssd
    } else if rotation.is_some() {
        DiskKind::Hdd
    } else if trims || model.is_some_and(flash_model) {
        DiskKind::Ssd
    } else if spins(object) {
        DiskKind::Hdd
    } else {
        DiskKind::Unknown
    }
}

/// Drives older than the rotation rate field tell of their motor in their attributes.
fn spins(object: &Value) -> bool {
    let table = object.pointer("/ata_smart_attributes/table");
    table.and_then(Value::as_array).is_some_and(|table| {
        table.iter().any(|attribute| {
            let named = attribute.get("name").and_then(Value::as_str) == Some("Spin_Up_Time");
            named && loose::whole(attribute.pointer("/raw/value")).is_some_and(|raw| raw > 0)
        })
    })
}

/// Models that are flash whatever a tool calls them: old inventories call any ATA disk a hard drive.
pub fn flash_model(model: &str) -> bool {
    let model = model.to_ascii_uppercase();
    let marks = [
        "SSD",
        "NVME",
        "EMMC",
        "SOLID STATE",
        "LITEONIT",
        "SATAFIRM",
        "MTFD",
        "WDC WDS",
        "SAMSUNG MZ",
        "KINGSTON SA400",
        "KINGSTON SV300",
        "KINGSTON SUV",
        "KINGSTON SKC",
        "CRUCIAL",
    ];
    marks.iter().any(|mark| model.contains(mark)) || model.starts_with("MZ")
}

/// Models that turn: the names that the makers of hard disks gave no flash drive. Inventories that don't ask the
/// drive itself say nothing else of it.
pub(super) fn turning_model(model: &str) -> bool {
    let model = model.to_ascii_uppercase();
    let numbered = |name: &str| name.starts_with(|c: char| c.is_ascii_digit());
    let after = |prefix: &str| model.strip_prefix(prefix);
    let seagate = after("ST").is_some_and(|rest| {
        let letters = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        // FN, HM, KN and the like are its flash drives.
        numbered(rest) && letters.starts_with(['A', 'C', 'D', 'L', 'N', 'S', 'V'])
    });
    let western = after("WDC WD")
        .or_else(|| after("WD"))
        .is_some_and(numbered);
    let others = [
        "HITACHI HT",
        "HITACHI HD",
        "HTS",
        "HTE",
        "HDS",
        "HDT",
        "HGST HTS",
        "HGST HTE",
        "FUJITSU MH",
        "TOSHIBA MK",
        "TOSHIBA MQ01",
        "TOSHIBA DT01",
        "MAXTOR ",
        "SAMSUNG HD",
        "SAMSUNG HM",
        "SAMSUNG SP",
    ];
    seagate || western || others.iter().any(|start| model.starts_with(start))
}

/// Adds what smartctl knows to disks seen by another tool: matched by serial number, which tools cut
/// at 20, else by system name. A different serial under the same name is a bridge's: both are kept,
/// the drive's own first.
pub(super) fn merge(disks: &mut Vec<Disk>, asked: Vec<Disk>) {
    for own in asked.into_iter().take(MOST) {
        let same_serial = |disk: &&mut Disk| match (&disk.serial, &own.serial) {
            (Some(seen), Some(own)) => {
                let (seen, own) = (serial::comparable(seen), serial::comparable(own));
                seen == own || (seen.len() >= 20 && own.starts_with(&seen))
            }
            _ => false,
        };
        let same_name = |disk: &&mut Disk| match (&disk.name, &own.name) {
            // lshw names the namespace (/dev/nvme0n1), smartctl the controller (/dev/nvme0).
            (Some(seen), Some(own)) => {
                seen == own || (own.contains("nvme") && seen.starts_with(&format!("{own}n")))
            }
            _ => false,
        };
        let found = match disks.iter_mut().find(same_serial) {
            Some(disk) => Some(disk),
            None => disks.iter_mut().find(same_name),
        };
        match found {
            Some(disk) => complete(disk, own),
            None => disks.push(own),
        }
    }
}

fn complete(disk: &mut Disk, own: Disk) {
    if let (Some(seen), Some(mine)) = (&disk.serial, &own.serial)
        && !serial::comparable(mine).starts_with(&serial::comparable(seen))
    {
        disk.other_serial = Some(seen.clone());
    }
    disk.serial = own.serial.or(disk.serial.take());
    disk.model = own.model.or(disk.model.take());
    disk.capacity_bytes = own.capacity_bytes.or(disk.capacity_bytes);
    disk.rotation_rpm = own.rotation_rpm.or(disk.rotation_rpm);
    disk.power_on_hours = own.power_on_hours.or(disk.power_on_hours);
    disk.smart_passed = own.smart_passed.or(disk.smart_passed);
    if own.kind != DiskKind::Unknown {
        disk.kind = own.kind;
    }
}
