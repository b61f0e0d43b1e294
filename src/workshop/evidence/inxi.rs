//! The JSON of `inxi`, whose keys carry their place (`"004#0#3#serial"`). Newer workbenches send it
//! instead of lshw: the only source of battery health among the inventories, and of disks when
//! smartctl is not installed.

use serde_json::{Map, Value};

use super::{
    Battery, Disk, DiskKind, Kind, Machine, MachineKind, Reading, loose, lshw, serial, smartctl,
};

/// The groups of a section, each a flat map.
fn groups<'a>(report: &'a Value, section: &str) -> Vec<&'a Map<String, Value>> {
    let sections = report.as_array().into_iter().flatten();
    let named = sections
        .filter_map(Value::as_object)
        .flatten()
        .filter(|(key, _)| bare(key) == section);
    named
        .filter_map(|(_, groups)| groups.as_array())
        .flatten()
        .filter_map(Value::as_object)
        .collect()
}

/// The key without its place.
fn bare(key: &str) -> &str {
    key.rsplit('#').next().unwrap_or(key)
}

fn get<'a>(group: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    group
        .iter()
        .find(|(key, _)| bare(key) == name)
        .and_then(|(_, value)| value.as_str())
}

/// Whether a value is the JSON of inxi: a list of sections, whose names carry their place.
pub(super) fn looks_like(value: &Value) -> bool {
    let sections = value.as_array().into_iter().flatten();
    let mut names = sections.filter_map(Value::as_object).flat_map(Map::keys);
    names.any(|name| name.contains('#') && matches!(bare(name), "Machine" | "System" | "Drives"))
}

/// What inxi says of the machine it was run on.
pub(super) fn read(report: &Value) -> Reading {
    let mut reading = Reading::new(Kind::Inxi, "inxi");
    reading.machine = Some(machine(report));
    reading.disks = disks(report);
    lshw::disk_warnings(&mut reading);
    reading
}

/// The machine: inxi shortens the maker's name and knows no memory as sold.
fn machine(report: &Value) -> Machine {
    let mut machine = Machine {
        batteries: batteries(report),
        macs: macs(report),
        ..Machine::default()
    };
    if let Some(group) = groups(report, "Machine").first() {
        machine.kind = get(group, "Type").and_then(MachineKind::of);
        machine.make = get(group, "System").and_then(loose::named);
        machine.model = get(group, "product").and_then(loose::named);
        machine.serial = get(group, "serial").and_then(serial::clean);
    }
    machine.cpu = groups(report, "CPU")
        .first()
        .and_then(|group| get(group, "model"))
        .and_then(loose::named);
    let modules = groups(report, "Memory")
        .into_iter()
        .filter(|group| get(group, "Device").is_some())
        .filter_map(|group| loose::sized(get(group, "size")?, 1))
        .fold(0_i64, i64::saturating_add);
    machine.memory_bytes = Some(modules).filter(|bytes| *bytes > 0);
    machine
}

/// Addresses of the network cards; bridges that software made have none of a maker.
pub(super) fn macs(report: &Value) -> Vec<String> {
    groups(report, "Network")
        .into_iter()
        .filter_map(|group| loose::mac(get(group, "mac")?))
        .collect()
}

/// Batteries, with health where inxi measured it (`53.6/57.0 Wh (94.0%)`).
pub(super) fn batteries(report: &Value) -> Vec<Battery> {
    groups(report, "Battery")
        .into_iter()
        .filter(|group| get(group, "ID").is_some())
        .map(|group| Battery {
            model: get(group, "model").and_then(loose::named),
            health_percent: get(group, "condition").and_then(health),
            cycles: get(group, "cycles")
                .and_then(|cycles| cycles.parse().ok())
                .filter(|cycles| *cycles > 0),
        })
        .collect()
}

/// Full charge over design, from the two figures: the percentage beside them is not always there.
fn health(condition: &str) -> Option<u32> {
    let (full, design) = condition.split_once(" Wh")?.0.split_once('/')?;
    let number = |text: &str| text.trim().replace(',', ".").parse::<f64>().ok();
    let (full, design) = (number(full)?, number(design)?);
    let percent = (design > 0.0).then(|| loose::rounded(full / design * 100.0))??;
    // A new pack may charge above its design.
    u32::try_from(percent.min(100)).ok()
}

/// Disks as inxi lists them; sizes are rounded to a hundredth of a GiB.
pub(super) fn disks(report: &Value) -> Vec<Disk> {
    groups(report, "Drives")
        .into_iter()
        .filter_map(|group| {
            let name = get(group, "ID").filter(|name| name.starts_with("/dev/"))?;
            let model = match (get(group, "vendor"), get(group, "model")) {
                (Some(vendor), Some(model)) => Some(format!("{vendor} {model}")),
                (_, model) => model.map(str::to_owned),
            };
            let kind = if name.starts_with("/dev/nvme") {
                DiskKind::Nvme
            } else if get(group, "type") == Some("SSD")
                || model.as_deref().is_some_and(smartctl::flash_model)
            {
                DiskKind::Ssd
            } else if get(group, "type") == Some("HDD") {
                DiskKind::Hdd
            } else {
                DiskKind::Unknown
            };
            let mut disk = Disk::new(kind);
            disk.serial = get(group, "serial").and_then(serial::clean);
            disk.model = model.as_deref().and_then(loose::named);
            disk.capacity_bytes = get(group, "size").and_then(|size| loose::sized(size, 1));
            disk.removable = get(group, "type") == Some("USB");
            disk.name = Some(name.to_owned());
            Some(disk)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn battery_health_is_full_over_design() {
        let report = json!([{"001#1#0#Battery":[{"000#1#1#ID":"BAT0","002#0#2#condition":"53.6/57.0 Wh (94.0%)","009#0#2#cycles":"738","005#0#2#model":"LGC 01AV429"}]}]);
        let batteries = batteries(&report);
        assert_eq!(batteries[0].health_percent, Some(94));
        assert_eq!(batteries[0].cycles, Some(738));
        assert_eq!(health("60,1/57,0 Wh"), Some(100));
        assert_eq!(health("N/A"), None);
    }
}
