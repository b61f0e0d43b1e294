//! Snapshots of the eReuse workbench. Four generations, told apart by what they hold, not by their
//! version: components written by the workbench (up to 12), raw outputs of lshw, smartctl, dmidecode
//! or inxi (from 2022), perhaps inside a wrapper.

use serde_json::Value;

use super::reading::MOST;
use super::{
    Battery, Clue, Disk, DiskKind, Erasure, Fault, Kind, Machine, MachineKind, Method, Outcome,
    ReadError, Reading, Verification, dmidecode, inxi, loose, lshw, serial, smartctl, usody,
};

pub(super) fn looks_like(value: &Value) -> bool {
    let sort = ["@type", "type"]
        .iter()
        .filter_map(|key| value.get(*key).and_then(Value::as_str))
        .any(|sort| sort.ends_with("Snapshot") || sort == "DeviceSnapshotV1");
    let holds = ["components", "data"]
        .iter()
        .any(|key| value.get(*key).is_some());
    sort && (holds || of_a_phone(value))
}

/// The workbench for phones writes the device alone.
fn of_a_phone(value: &Value) -> bool {
    value.get("software").and_then(Value::as_str) == Some("WorkbenchAndroid")
        && value.get("device").is_some_and(Value::is_object)
}

pub(super) fn read(value: &Value) -> Result<Reading, ReadError> {
    let outer = loose::members(value);
    let mut snapshot = outer
        .first()
        .ok_or_else(|| ReadError::Damaged("vide".to_owned()))?;
    if let Some(inner) = snapshot.get("data").filter(|inner| looks_like(inner)) {
        snapshot = inner;
    }
    let mut reading = Reading::new(Kind::EreuseSnapshot, "eReuse Workbench");
    if snapshot.get("software").and_then(Value::as_str) == Some("workbench-script") {
        "eReuse workbench-script".clone_into(&mut reading.tool);
    }
    reading.tool_version = loose::name(snapshot.get("version"));
    reading.recorded = ["timestamp", "endTime", "date"]
        .iter()
        .find_map(|key| loose::moment(snapshot.get(*key)));
    if snapshot.get("components").is_some() {
        components(&mut reading, snapshot);
    } else if let Some(data) = snapshot.get("data") {
        outputs(&mut reading, data);
    } else if of_a_phone(snapshot) {
        reading.machine = Some(phone(snapshot.get("device").unwrap_or(&Value::Null)));
    }
    for report in snapshot
        .get("erase")
        .map(loose::members)
        .unwrap_or_default()
    {
        if usody::looks_like(&report) && !reading.full() {
            usody::add(&mut reading, &report);
        } else {
            reading.warn(
                "erase_not_read",
                "Ce rapport contient un effacement d’une forme inconnue\u{a0}: il n’est pas pris en compte.",
            );
        }
    }
    if reading
        .machine
        .as_ref()
        .is_none_or(|machine| machine.serial.is_none())
    {
        reading.warn(
            "machine_without_serial",
            "La machine n’a pas de numéro de série utilisable\u{a0}: rapprochez-la par son étiquette.",
        );
    }
    lshw::disk_warnings(&mut reading);
    Ok(reading)
}

/// A phone. What stands where the serial number should be is the address of its Wi-Fi; its storage is given
/// without a unit, so nothing is said of it.
fn phone(device: &Value) -> Machine {
    let number = device.get("serialNumber").and_then(Value::as_str);
    let address = number.and_then(loose::mac);
    Machine {
        kind: device
            .get("type")
            .and_then(Value::as_str)
            .and_then(MachineKind::of),
        make: loose::name(device.get("manufacturer")),
        model: loose::name(device.get("model")),
        serial: number
            .filter(|number| !number.contains(':'))
            .and_then(serial::clean),
        macs: address.into_iter().collect(),
        ..Machine::default()
    }
}

/// Generations from 2022: the outputs of the tools, some of them strings that hold JSON.
fn outputs(reading: &mut Reading, data: &Value) {
    if let Some(tree) = data.get("lshw") {
        match loose::unwrapped(tree) {
            Some(tree) => lshw::add(reading, &tree),
            None => reading.warn(
                "lshw_unreadable",
                "La partie lshw de ce rapport est abîmée\u{a0}: le reste est lu.",
            ),
        }
    }
    let from_firmware = data
        .get("dmidecode")
        .and_then(Value::as_str)
        .map(dmidecode::machine)
        .unwrap_or_default();
    reading.machine = Some(match reading.machine.take() {
        Some(machine) => completed(machine, from_firmware),
        None => from_firmware,
    });
    let report = data.get("inxi").and_then(loose::unwrapped);
    if let (Some(report), Some(machine)) = (&report, reading.machine.as_mut()) {
        let measured = inxi::batteries(report);
        if !measured.is_empty() {
            machine.batteries = measured;
        }
        if machine.macs.is_empty() {
            machine.macs = inxi::macs(report);
        }
    }
    let asked = ["smart", "smartctl"]
        .iter()
        .filter_map(|key| data.get(*key))
        .filter_map(loose::unwrapped)
        .flat_map(|list| loose::members(&list))
        .filter_map(|object| smartctl::disk(&object))
        .collect();
    smartctl::merge(&mut reading.disks, asked);
    if let Some(report) = &report {
        for seen in inxi::disks(report) {
            let known = reading.disks.iter().any(|disk| {
                disk.name == seen.name || (seen.serial.is_some() && disk.serial == seen.serial)
            });
            if !known && !reading.full() {
                reading.disks.push(seen);
            }
        }
    }
}

fn completed(machine: Machine, other: Machine) -> Machine {
    Machine {
        kind: machine.kind.or(other.kind),
        make: machine.make.or(other.make),
        model: machine.model.or(other.model),
        family: machine.family.or(other.family),
        serial: machine.serial.or(other.serial),
        uuid: machine.uuid.or(other.uuid),
        macs: machine.macs,
        memory_bytes: machine.memory_bytes.or(other.memory_bytes),
        cpu: machine.cpu.or(other.cpu),
        cpu_cores: machine.cpu_cores.or(other.cpu_cores),
        batteries: machine.batteries,
    }
}

/// `HardDrive` of `devices:HardDrive`, under `@type` up to 10 and `type` from 11.
fn sort(value: &Value) -> &str {
    let sort = value.get("@type").or_else(|| value.get("type"));
    let sort = sort.and_then(Value::as_str).unwrap_or_default();
    sort.rsplit(':').next().unwrap_or(sort)
}

/// Generations up to 12: the workbench writes the components itself.
fn components(reading: &mut Reading, snapshot: &Value) {
    let old = snapshot.get("@type").is_some();
    // Sizes are in MiB up to 10, in MB from 11; memory is in MiB in both.
    let unit = if old { 1 << 20 } else { 1_000_000 };
    let device = snapshot.get("device").unwrap_or(&Value::Null);
    let text = |key: &str| device.get(key).and_then(Value::as_str);
    let mut machine = Machine {
        kind: text("type")
            .and_then(MachineKind::of)
            .or_else(|| text("chassis").and_then(MachineKind::of)),
        make: loose::name(device.get("manufacturer")),
        model: loose::name(device.get("model")),
        serial: text("serialNumber").and_then(serial::clean),
        ..Machine::default()
    };
    machine.family = loose::name(device.get("version"))
        .filter(|_| dmidecode::is_lenovo(machine.make.as_deref()));
    for part in snapshot
        .get("components")
        .map(loose::members)
        .unwrap_or_default()
    {
        match sort(&part) {
            "HardDrive" | "SolidStateDrive" | "DataStorage" if !reading.full() => {
                drive(reading, &part, unit);
            }
            "RamModule" => {
                let bytes = loose::size(part.get("size"), 1 << 20).unwrap_or(0);
                machine.memory_bytes =
                    Some(machine.memory_bytes.unwrap_or(0).saturating_add(bytes))
                        .filter(|sum| *sum > 0);
            }
            "Processor" if machine.cpu.is_none() => {
                machine.cpu = loose::name(part.get("model"));
                machine.cpu_cores =
                    loose::whole(part.get("cores").or_else(|| part.get("numberOfCores")))
                        .and_then(|cores| cores.try_into().ok());
            }
            "NetworkAdapter" if machine.macs.len() < MOST => {
                let address = part.get("serialNumber").and_then(Value::as_str);
                machine.macs.extend(address.and_then(loose::mac));
            }
            "Battery" => machine.batteries.push(battery(&part)),
            "OpticalDrive" => reading.warn(
                "optical_drive",
                "Lecteur optique\u{a0}: vérifiez qu’aucun disque n’y est resté.",
            ),
            _ => {}
        }
    }
    reading.machine = Some(machine);
}

fn battery(part: &Value) -> Battery {
    let measured = records(part)
        .into_iter()
        .find(|record| sort(record) == "MeasureBattery");
    let figure = |key: &str| {
        measured
            .as_ref()
            .and_then(|record| loose::whole(record.get(key)))
    };
    let health = match (figure("size"), loose::whole(part.get("size"))) {
        (Some(full), Some(design)) if design > 0 => {
            Some((full.saturating_mul(100) / design).clamp(0, 100))
        }
        _ => None,
    };
    Battery {
        model: loose::name(part.get("model")),
        health_percent: health.and_then(|health| health.try_into().ok()),
        cycles: figure("cycleCount")
            .filter(|cycles| *cycles > 0)
            .and_then(|cycles| cycles.try_into().ok()),
    }
}

/// What was done to a component: `actions` from 11, `events` before, single keys up to 10.
fn records(part: &Value) -> Vec<Value> {
    ["actions", "events", "erasure", "erasures", "test", "tests"]
        .iter()
        .filter_map(|key| part.get(*key))
        .flat_map(loose::members)
        .collect()
}

fn drive(reading: &mut Reading, part: &Value, unit: i64) {
    let model = loose::name(part.get("model"));
    let flash =
        sort(part) == "SolidStateDrive" || model.as_deref().is_some_and(smartctl::flash_model);
    let mut disk = Disk::new(match (sort(part), flash) {
        (_, true) => DiskKind::Ssd,
        ("HardDrive", false) => DiskKind::Hdd,
        _ => DiskKind::Unknown,
    });
    let bus = part
        .get("interface")
        .and_then(Value::as_str)
        .unwrap_or_default();
    disk.removable = bus.eq_ignore_ascii_case("usb");
    if bus.eq_ignore_ascii_case("nvme") {
        disk.kind = DiskKind::Nvme;
    }
    disk.serial = part
        .get("serialNumber")
        .and_then(Value::as_str)
        .and_then(serial::clean);
    disk.model = model;
    disk.capacity_bytes = loose::size(part.get("size"), unit);
    for record in records(part) {
        match sort(&record) {
            "TestDataStorage" | "TestHardDrive" => {
                disk.power_on_hours = loose::whole(record.get("lifetime")).or(disk.power_on_hours);
                disk.smart_passed = record.get("assessment").and_then(Value::as_bool);
                // The drive's own test may fail while its overall verdict still says "passed".
                if record
                    .get("status")
                    .and_then(Value::as_str)
                    .is_some_and(|status| status.contains("failure"))
                {
                    disk.smart_passed = Some(false);
                }
            }
            name if name.starts_with("Erase") => {
                let erasure = erasure(reading, &disk, &record);
                reading.erasures.push(erasure);
            }
            _ => {}
        }
    }
    reading.disks.push(disk);
}

/// An erasure record. `EraseBasic` is shred: it writes and never reads back. `EraseSectors` ends
/// with `badblocks -w`, which reads back each block it wrote.
fn erasure(reading: &Reading, disk: &Disk, record: &Value) -> Erasure {
    let mut erasure = Erasure::new(&reading.tool, reading.tool_version.clone());
    erasure.serial = disk.serial.clone().map_or(Clue::Missing, Clue::Exact);
    erasure.model.clone_from(&disk.model);
    erasure.capacity_bytes = disk.capacity_bytes;
    erasure.rotational = disk.kind.rotational();
    sort(record).clone_into(&mut erasure.method_label);
    erasure.method = match sort(record) {
        "EraseBasic" | "EraseSectors" => Method::Overwrite,
        _ => Method::Other,
    };
    let either = |record: &Value, keys: [&str; 2]| {
        keys.iter().find_map(|key| loose::moment(record.get(*key)))
    };
    erasure.started = either(record, ["startTime", "startingTime"]);
    erasure.ended = either(record, ["endTime", "endingTime"]);
    if let (Some(start), Some(end)) = (&erasure.started, &erasure.ended) {
        erasure.duration_seconds = loose::seconds_between(start, end);
        if erasure.duration_seconds.is_none() {
            erasure.fault(Fault::Contradiction);
        }
    } else {
        erasure.fault(Fault::NoEnd);
    }
    let steps = record.get("steps").map(loose::members).unwrap_or_default();
    erasure.passes = u32::try_from(steps.len()).ok().filter(|passes| *passes > 0);
    if steps.is_empty() {
        erasure.fault(Fault::NoStep);
    }
    if steps.iter().any(|step| succeeded(step) != Some(true)) {
        erasure.fault(Fault::StepFailed);
    }
    erasure.outcome = match (steps.is_empty(), succeeded(record)) {
        (true, _) => Outcome::NotRun,
        (false, Some(true)) => Outcome::Erased,
        (false, Some(false)) => Outcome::Failed,
        (false, None) => Outcome::Unknown,
    };
    erasure.verification = match sort(record) {
        "EraseSectors" => Verification::EachSector,
        "EraseBasic" => Verification::None,
        _ => Verification::Unknown,
    };
    erasure.verified = erasure.verification == Verification::EachSector
        && erasure.outcome == Outcome::Erased
        && erasure.faults.is_empty();
    erasure
}

/// Whether a record says that it went well: `success` up to 10, `error` in early 11, then `severity`
/// (a word or a level; from Warning upwards something went wrong).
fn succeeded(record: &Value) -> Option<bool> {
    if let Some(success) = record.get("success").and_then(Value::as_bool) {
        return Some(success);
    }
    if let Some(error) = record.get("error").and_then(Value::as_bool) {
        return Some(!error);
    }
    match record.get("severity")? {
        Value::String(word) => Some(matches!(word.as_str(), "Info" | "Notice")),
        Value::Number(level) => Some(level.as_i64()? <= 1),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
