//! The text of `dmidecode`, as snapshots carry it: who made the machine, its memory, its processor.

use super::{Kind, Machine, MachineKind, ReadError, Reading, loose, serial};

/// A block of dmidecode: its title and its `Key: value` lines.
struct Block<'a> {
    title: &'a str,
    fields: Vec<(&'a str, &'a str)>,
}

impl Block<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| *value)
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut after_handle = false;
    for line in text.lines() {
        if line.starts_with("Handle ") {
            after_handle = true;
        } else if after_handle && line.trim_start().starts_with("DMI type") {
            // Old versions give the type a line of its own, and indent the title.
        } else if after_handle {
            after_handle = false;
            blocks.push(Block {
                title: line.trim(),
                fields: Vec::new(),
            });
        } else if let (Some(block), Some((key, value))) = (blocks.last_mut(), line.split_once(':'))
            && line.starts_with(char::is_whitespace)
        {
            block.fields.push((key.trim(), value.trim()));
        }
    }
    blocks
}

/// Whether a text is the output of dmidecode.
pub(super) fn looks_like(text: &str) -> bool {
    let first = text.lines().find(|line| !line.trim().is_empty());
    let banner = first.is_some_and(|line| line.starts_with("# dmidecode"));
    let table = text.lines().any(|line| line.starts_with("Handle 0x"));
    (banner || table) && text.contains("DMI type")
}

/// What the text says of the machine it was made on.
///
/// # Errors
/// [`ReadError::Damaged`] when it names no machine at all.
pub(super) fn read(text: &str) -> Result<Reading, ReadError> {
    let mut reading = Reading::new(Kind::Dmidecode, "dmidecode");
    let banner = text
        .lines()
        .find_map(|line| line.strip_prefix("# dmidecode "));
    reading.tool_version = banner.and_then(loose::named);
    let machine = machine(text);
    if machine == Machine::default() {
        return Err(ReadError::Damaged("aucune machine décrite".to_owned()));
    }
    reading.machine = Some(machine);
    Ok(reading)
}

/// The machine that the text describes; empty where it says nothing.
pub(super) fn machine(text: &str) -> Machine {
    let blocks = blocks(text);
    let of = |title: &'static str| blocks.iter().filter(move |block| block.title == title);
    let mut machine = Machine::default();
    if let Some(system) = of("System Information").next() {
        machine.make = system.get("Manufacturer").and_then(loose::named);
        machine.model = system.get("Product Name").and_then(loose::named);
        machine.serial = system.get("Serial Number").and_then(serial::clean);
        machine.uuid = system.get("UUID").and_then(loose::uuid);
        machine.family = system
            .get("Version")
            .and_then(loose::named)
            .filter(|_| is_lenovo(machine.make.as_deref()));
    }
    machine.kind = of("Chassis Information")
        .find_map(|chassis| chassis.get("Type"))
        .and_then(MachineKind::of);
    // dmidecode writes GB and MB for powers of 1024: memory is never sold in powers of ten.
    let modules = of("Memory Device")
        .filter_map(|device| device.get("Size"))
        .filter_map(|size| {
            loose::sized(
                &size
                    .replace("GB", "GiB")
                    .replace("MB", "MiB")
                    .replace("kB", "KiB"),
                1,
            )
        });
    machine.memory_bytes = Some(modules.fold(0, i64::saturating_add)).filter(|bytes| *bytes > 0);
    if let Some(processor) = of("Processor Information").next() {
        machine.cpu = processor.get("Version").and_then(loose::named);
        machine.cpu_cores = processor
            .get("Core Count")
            .and_then(|count| count.parse().ok());
    }
    machine
}

/// Lenovo puts a type number where others put the name, and the name under "version".
pub(super) fn is_lenovo(make: Option<&str>) -> bool {
    make.is_some_and(|make| make.eq_ignore_ascii_case("lenovo"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# dmidecode 3.4\n\nHandle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: LENOVO\n\tProduct Name: 20HRCTO1WW\n\tVersion: ThinkPad X1 Carbon 5th\n\tSerial Number: PF0ABCDE\n\nHandle 0x0003, DMI type 3, 22 bytes\nChassis Information\n\tType: Notebook\n\nHandle 0x0004, DMI type 17, 40 bytes\nMemory Device\n\tSize: 8 GB\n\tSerial Number: 00000000\n\nHandle 0x0005, DMI type 17, 40 bytes\nMemory Device\n\tSize: No Module Installed\n";

    #[test]
    fn the_machine_is_told_and_an_empty_slot_weighs_nothing() {
        let machine = machine(TEXT);
        assert_eq!(machine.kind, Some(MachineKind::Laptop));
        assert_eq!(machine.model.as_deref(), Some("20HRCTO1WW"));
        assert_eq!(machine.family.as_deref(), Some("ThinkPad X1 Carbon 5th"));
        assert_eq!(machine.serial.as_deref(), Some("PF0ABCDE"));
        assert_eq!(machine.memory_bytes, Some(8 << 30));
    }
}
