//! One run of nwipe, gathered line by line, and where one run ends and the next begins.

use std::collections::BTreeMap;

use super::erasure::flash;
use super::lines::{
    Foot, Found, Line, StatusRow, Table, banner, byte_row, error_row, foot, found, line, paths,
    rule, status_row,
};
use crate::workshop::evidence::reading::MOST;
use crate::workshop::evidence::{
    Clue, Disk, DiskKind, Errors, HiddenSectors, Machine, MachineKind, loose, serial,
};

/// What the lines of a run say of one device path.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) method: Option<String>,
    pub(super) started: Option<String>,
    pub(super) passes: Option<u32>,
    pub(super) verified: bool,
    pub(super) bytes: Option<i64>,
    pub(super) error_logged: bool,
    pub(super) cancelled: bool,
    pub(super) hidden: Option<HiddenSectors>,
    pub(super) serial: Option<String>,
}

/// How a run says that it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Completed,
    WithErrors,
    Aborted,
}

#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) version: Option<String>,
    pub(super) first_at: Option<String>,
    pub(super) options: bool,
    pub(super) machine: Option<Machine>,
    pub(super) found: Vec<Found>,
    pub(super) seen: BTreeMap<String, Seen>,
    pub(super) geometry_of: Option<String>,
    pub(super) status: Vec<StatusRow>,
    pub(super) errors: Vec<(bool, String, Errors)>,
    pub(super) bytes: Vec<(bool, String, i64, i64)>,
    pub(super) tables: Vec<Table>,
    pub(super) damaged: bool,
    pub(super) foot: Option<Foot>,
    pub(super) end: Option<End>,
}

pub(super) fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut run = Run::default();
    let mut table: Option<Table> = None;
    for text in text.lines() {
        if let Some(opened) = banner(text) {
            // A table inside a table, or the same one twice, is nobody's output.
            run.damaged |= table.is_some() || run.tables.contains(&opened);
            run.tables.push(opened);
            table = Some(opened);
        } else if let Some(open) = table {
            if rule(text, '*') {
                table = None;
            } else {
                run.row(open, text);
            }
        } else if let Some(line) = line(text) {
            if run.ended_before(&line) {
                runs.push(std::mem::take(&mut run));
            }
            run.take(&line);
        }
    }
    run.damaged |= table.is_some();
    runs.push(run);
    runs.retain(|run| !run.blank());
    runs
}

impl Run {
    fn blank(&self) -> bool {
        self.version.is_none()
            && !self.options
            && self.found.is_empty()
            && self.seen.is_empty()
            && self.tables.is_empty()
    }

    pub(super) fn wiped(&self) -> bool {
        !self.status.is_empty() || self.seen.values().any(|seen| seen.method.is_some())
    }

    /// Whether the line starts another run: the banner, the options a second time, a drive found a
    /// second time, or anything after the final line.
    fn ended_before(&self, line: &Line<'_>) -> bool {
        if self.blank() {
            return false;
        }
        let found_again = found(line.message)
            .is_some_and(|found| self.found.iter().any(|known| known.path == found.path));
        let options_again = self.options && line.message.starts_with("Program options are set");
        let banner_again = opening(line).is_some() && self.version.is_some();
        self.end.is_some() || found_again || options_again || banner_again
    }

    fn row(&mut self, table: Table, text: &str) {
        let rows = self
            .status
            .len()
            .max(self.errors.len())
            .max(self.bytes.len());
        if rows >= MOST {
            self.damaged = true;
            return;
        }
        if rule(text, '-') || text.starts_with("!   Device |") {
            return;
        }
        let duplicate = match table {
            Table::Status => {
                if let Some(row) = status_row(text) {
                    let twice = self.status.iter().any(|known| known.device == row.device);
                    self.status.push(row);
                    twice
                } else if let Some(foot) = foot(text) {
                    self.foot.replace(foot).is_some()
                } else {
                    true
                }
            }
            Table::Errors => error_row(text).is_none_or(|(flag, device, pass, verify, sync)| {
                let twice = self.errors.iter().any(|known| known.1 == device);
                let errors = Errors {
                    pass: Some(pass),
                    verify: Some(verify),
                    sync,
                };
                self.errors.push((flag, device, errors));
                twice
            }),
            Table::Bytes => byte_row(text).is_none_or(|row| {
                let twice = self.bytes.iter().any(|known| known.1 == row.1);
                self.bytes.push(row);
                twice
            }),
        };
        self.damaged |= duplicate;
    }

    fn take(&mut self, line: &Line<'_>) {
        let message = line.message.trim();
        self.first_at.get_or_insert_with(|| line.at.clone());
        if let Some(version) = opening(line) {
            self.version = Some(version);
        } else if let Some(found) = found(message) {
            if self.found.len() < MOST {
                self.found.push(found);
            }
        } else if message.starts_with("Program options are set") {
            self.options = true;
        } else if let Some(value) = option(message, "banner") {
            self.version = version_in(value).or(self.version.take());
        } else if let Some(value) = option(message, "Total device bytes") {
            if let Some(path) = self.geometry_of.clone() {
                self.seen.entry(path).or_default().bytes = value.parse().ok();
            }
        } else if message.starts_with("Nwipe successfully completed") {
            self.end = Some(End::Completed);
        } else if message.starts_with("Nwipe exited with errors, check") {
            self.end = Some(End::WithErrors);
        } else if message.starts_with("Nwipe was aborted by the user") {
            self.end = Some(End::Aborted);
        } else {
            self.firmware(message);
            let paths: Vec<String> = paths(message).map(str::to_owned).collect();
            for path in paths {
                if self.seen.len() >= MOST && !self.seen.contains_key(&path) {
                    continue;
                }
                self.about(path, line, message);
            }
        }
    }

    /// `system-manufacturer = MEDION` and its like.
    fn firmware(&mut self, message: &str) {
        let Some((key, value)) = message.split_once(" = ") else {
            return;
        };
        if !["system-", "chassis-"]
            .iter()
            .any(|start| key.starts_with(start))
        {
            return;
        }
        let machine = self.machine.get_or_insert_default();
        match key.trim() {
            "system-manufacturer" => machine.make = loose::named(value),
            "system-product-name" => machine.model = loose::named(value),
            "system-serial-number" => machine.serial = serial::clean(value),
            "chassis-type" => machine.kind = MachineKind::of(value),
            _ => {}
        }
    }

    fn about(&mut self, path: String, line: &Line<'_>, message: &str) {
        if message.contains(": Device geometry is as follows") {
            self.geometry_of = Some(path.clone());
        }
        let seen = self.seen.entry(path).or_default();
        if let Some(method) = message
            .strip_prefix("Invoking method '")
            .and_then(|rest| rest.split('\'').next())
        {
            seen.method = Some(method.to_owned());
            seen.started = Some(line.at.clone());
        } else if let Some(rest) = message.strip_prefix("Starting pass ") {
            let of = rest.split([',', ' ']).find_map(|word| word.split_once('/'));
            let total = of
                .map(|(_, total)| total)
                .or_else(|| rest.split(' ').nth(2));
            seen.passes = total
                .and_then(|total| total.trim_end_matches(',').parse().ok())
                .or(seen.passes);
        } else if message.starts_with("[SUCCESS] Verified") || message.starts_with("Verified pass ")
        {
            seen.verified = true;
        } else if message.contains("HIDDEN SECTORS DETECTED") {
            seen.hidden = Some(HiddenSectors::Detected);
        } else if message.contains("HIDDEN SECTORS INDETERMINATE") {
            seen.hidden = Some(HiddenSectors::Indeterminate);
        } else if message.starts_with("No hidden sectors on") {
            seen.hidden.get_or_insert(HiddenSectors::None);
        } else if let Some((_, serial)) = message.split_once(" has serial number ") {
            seen.serial = Some(serial.trim().to_owned());
        } else if let Some((_, sizes)) = message.split_once(", sect/blk/dev ") {
            seen.bytes = sizes.rsplit('/').next().and_then(|size| size.parse().ok());
        } else if let Some((_, size)) = message.split_once(" is size ") {
            seen.bytes = size.trim_end_matches('.').parse().ok();
        }
        seen.cancelled |= message.starts_with("Wipe thread for device")
            && message.ends_with("has been cancelled");
        seen.error_logged |= matches!(line.level, "error" | "fatal" | "sanity")
            || message.starts_with("[FAILURE]")
            || message.contains("Buffer flush failure")
            || (message.starts_with("Status: ") && !message.contains(", result=0,"));
    }

    pub(super) fn disk(&self, found: &Found) -> Disk {
        let kind = match flash(&found.bus, &found.path) {
            true if found.path.starts_with("/dev/nvme") => DiskKind::Nvme,
            true if found.path.starts_with("/dev/mmcblk") => DiskKind::Emmc,
            true => DiskKind::Ssd,
            false => DiskKind::Unknown,
        };
        let mut disk = Disk::new(kind);
        disk.serial = Clue::cut_at(usize::MAX, &found.serial)
            .text()
            .map(str::to_owned);
        disk.model = loose::named(&found.model);
        disk.capacity_bytes = self.seen.get(&found.path).and_then(|seen| seen.bytes);
        disk.removable = found.bus.starts_with("USB");
        disk.name = Some(found.path.clone());
        disk
    }

    /// The full path behind a device name of the table, which is cut to 8 characters.
    pub(super) fn path_of(&self, device: &str) -> Option<String> {
        let known = self.found.iter().map(|found| found.path.as_str());
        let mut paths: Vec<&str> = known.chain(self.seen.keys().map(String::as_str)).collect();
        paths.retain(|path| {
            let name = path.trim_start_matches("/dev/");
            name == device
                || (device.len() == 8
                    && name.len() > 8
                    && (name.starts_with(device) || name.ends_with(device)))
        });
        paths.sort_unstable();
        paths.dedup();
        match paths.as_slice() {
            [path] => Some((*path).to_owned()),
            _ => None,
        }
    }
}

/// The version, when the line is the banner of a run.
fn opening(line: &Line<'_>) -> Option<String> {
    let message = line.message.trim();
    let banner = message.starts_with("nwipe ") || message.starts_with("ShredOS");
    (line.level == "info" && banner)
        .then(|| version_in(message))
        .flatten()
}

/// `0.42` of `nwipe 0.42`, `0.37` of `ShredOS v2024.02.2_26.0_x86-64_0.37-nomodeset`.
fn version_in(banner: &str) -> Option<String> {
    let word = banner.split_whitespace().nth(1)?;
    let word = word.rsplit('_').next()?;
    let version: String = word
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    version.contains('.').then_some(version)
}

fn option<'a>(message: &'a str, key: &str) -> Option<&'a str> {
    let rest = message.strip_prefix(key)?.trim_start();
    Some(rest.strip_prefix('=')?.trim())
}
