//! Reports of usody-sanitize: one erasure of one disk, with what lsblk and SMART say of it.

use chrono::{DateTime, SecondsFormat};
use serde_json::Value;

use super::reading::MOST;
use super::{
    Clue, Disk, DiskKind, Erasure, Fault, Kind, Method, Outcome, Reading, Verification, loose,
    serial, smartctl,
};

pub(super) fn looks_like(value: &Value) -> bool {
    value.get("device_info").is_some()
        && value.get("method").is_some()
        && value.get("validation").is_some()
}

pub(super) fn read(value: &Value) -> Reading {
    let mut reading = Reading::new(Kind::UsodyReport, "usody-sanitize");
    for report in loose::members(value)
        .iter()
        .filter(|report| looks_like(report))
        .take(MOST)
    {
        reading.tool_version = loose::name(report.get("version"));
        add(&mut reading, report);
    }
    reading
}

/// Adds the disk and the erasure of one report; also used for reports inside a snapshot.
pub(super) fn add(reading: &mut Reading, report: &Value) {
    let at = |pointer: &str| report.pointer(pointer);
    let own = at("/device_info/export_data/smart").and_then(smartctl::disk);
    let shown = at("/device_info/serial_number")
        .and_then(Value::as_str)
        .and_then(serial::clean);
    let own_serial = own.as_ref().and_then(|own| own.serial.clone());
    let model = loose::name(at("/device_info/model"));
    let medium = at("/device_info/storage_medium").and_then(Value::as_str);

    let mut disk = Disk::new(match medium {
        Some("HDD") => DiskKind::Hdd,
        Some("SSD") => DiskKind::Ssd,
        Some("NVMe" | "NVME") => DiskKind::Nvme,
        _ => DiskKind::Unknown,
    });
    disk.serial.clone_from(&shown);
    disk.model.clone_from(&model);
    disk.capacity_bytes = loose::size(at("/device_info/size"), 1);
    disk.name = loose::name(at("/device_info/export_data/block/path"));
    disk.removable = at("/device_info/connector")
        .and_then(Value::as_str)
        .is_some_and(|connector| connector.split(':').any(|bus| bus == "usb"));

    let version = loose::name(report.get("version"));
    let mut erasure = Erasure::new("usody-sanitize", version);
    erasure.serial = Clue::whole(own_serial.as_deref().or(shown.as_deref()));
    if let (Some(own), Some(shown)) = (&own_serial, &shown)
        && serial::comparable(own) != serial::comparable(shown)
    {
        erasure.other_serial = Some(shown.clone());
        reading.warn(
            "bridge_serial",
            format!(
                "Le boîtier USB annonce le numéro {shown}\u{a0}; le disque lui-même répond {own}."
            ),
        );
    }
    let mut disks = vec![disk];
    smartctl::merge(&mut disks, own.into_iter().collect());
    if let Some(disk) = disks.first() {
        erasure.model = disk.model.clone().or(model);
        erasure.capacity_bytes = disk.capacity_bytes;
        erasure.rotational = disk.kind.rotational();
        smartctl::health_warning(reading, disk);
    }
    outcome(&mut erasure, report);
    reading.disks.extend(disks);
    reading.erasures.push(erasure);
}

fn outcome(erasure: &mut Erasure, report: &Value) {
    let planned = report
        .pointer("/method/overwriting_steps")
        .map(loose::members);
    let planned = planned.unwrap_or_default();
    let tool = |step: &Value| step.get("tool").and_then(Value::as_str).map(str::to_owned);
    erasure.method_label = loose::name(report.pointer("/method/name")).unwrap_or_default();
    let overwrites = report
        .pointer("/method/removal_process")
        .and_then(Value::as_str);
    if overwrites == Some("Overwriting") {
        erasure.method = Method::Overwrite;
    }
    let steps = report.get("steps").map(loose::members).unwrap_or_default();
    erasure.passes = u32::try_from(steps.len()).ok().filter(|passes| *passes > 0);
    let truth = |pointer: &str| report.pointer(pointer).and_then(Value::as_bool);
    let succeeded = truth("/result") == Some(true);
    let validated = truth("/validation/result") == Some(true);
    if steps.is_empty() {
        erasure.fault(Fault::NoStep);
    }
    if steps.len() < planned.len() || steps.iter().any(failed) {
        erasure.fault(Fault::StepFailed);
    }
    erasure.outcome = match (steps.is_empty(), succeeded) {
        (true, _) => Outcome::NotRun,
        (false, true) => Outcome::Erased,
        (false, false) => Outcome::Failed,
    };
    erasure.verification = if truth("/method/verification_enabled") != Some(true) {
        Verification::None
    } else if planned.last().and_then(tool).as_deref() == Some("badblocks") {
        Verification::EachSector
    } else {
        // It reads back ten sectors of the disk.
        Verification::Sampling
    };
    erasure.verified = succeeded && validated;
    // It keeps no time of its own; each command that it ran has one.
    let last = steps.iter().filter_map(last_end).reduce(f64::max);
    let read_back = report.get("validation").and_then(last_end);
    erasure.ended = last.or(read_back).and_then(seconds);
}

/// When the last command of a step ended, in seconds since 1970.
fn last_end(step: &Value) -> Option<f64> {
    let commands = step.get("commands").map(loose::members).unwrap_or_default();
    commands
        .iter()
        .filter_map(|command| command.get("end_time").and_then(Value::as_f64))
        .reduce(f64::max)
}

fn seconds(since_1970: f64) -> Option<String> {
    let whole = loose::rounded(since_1970.floor())?;
    let time = DateTime::from_timestamp(whole, 0)?;
    Some(time.to_rfc3339_opts(SecondsFormat::Secs, true))
}

fn failed(step: &Value) -> bool {
    let refused = |value: &Value| value.get("success").and_then(Value::as_bool) == Some(false);
    refused(step)
        || step
            .get("commands")
            .map(loose::members)
            .unwrap_or_default()
            .iter()
            .any(refused)
}
