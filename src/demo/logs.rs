//! The wiping tool's logs of the story: one a week for all disks of the rack, kept as files.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use entities::{medium, stored_file};

use crate::app::App;
use crate::error::Result;
use crate::seal::sha256;

/// Logs that are still being written, each named by its week until its bytes are known.
#[derive(Debug, Default)]
pub(super) struct Logs {
    weeks: BTreeMap<String, (DateTime<Utc>, Vec<Disk>)>,
}

#[derive(Debug)]
struct Disk {
    model: String,
    serial: String,
    bytes: i64,
}

/// A log that is written, under the name that rows gave it before.
pub(super) struct Written {
    pub(super) week: String,
    pub(super) file: stored_file::Model,
}

impl Logs {
    /// The log that tells of a medium's erasure at a moment.
    pub(super) fn name_for(&mut self, medium: &medium::Model, at: DateTime<Utc>) -> String {
        let week = at.format("%G-%V").to_string();
        let (end, disks) = self.weeks.entry(week.clone()).or_insert((at, Vec::new()));
        *end = at.max(*end);
        disks.push(Disk {
            model: medium.model.clone().unwrap_or_default(),
            serial: medium.serial.clone().unwrap_or_default(),
            bytes: medium.capacity_bytes.unwrap_or(0),
        });
        week
    }

    /// Keeps every log.
    pub(super) async fn keep(self, app: &App) -> Result<Vec<Written>> {
        let mut written = Vec::new();
        for (week, (end, disks)) in self.weeks {
            let text = text(end, &disks);
            let name = hex::encode(sha256(text.as_bytes()));
            app.files.keep(text.as_bytes()).await?;
            let file = stored_file::Model {
                sha256: name,
                size_bytes: i64::try_from(text.len()).unwrap_or(i64::MAX),
                media_type: "text/plain".to_owned(),
                stored_at: end,
            };
            written.push(Written { week, file });
        }
        Ok(written)
    }
}

/// The log as nwipe 0.34 writes it.
fn text(end: DateTime<Utc>, disks: &[Disk]) -> String {
    let at = end.format("[%Y/%m/%d %H:%M:%S]");
    let mut text = format!("{at}  notice: banner       = nwipe 0.34\n");
    for (n, disk) in disks.iter().enumerate() {
        let name = name(n);
        let _ = writeln!(
            text,
            "{at}  notice: Found /dev/{name}, ATA, {}, {} GB, S/N={}",
            disk.model,
            disk.bytes / 1_000_000_000,
            disk.serial
        );
        let _ = writeln!(
            text,
            "{at}  notice: Invoking method 'Fill With Zeros' on /dev/{name}"
        );
        let _ = writeln!(
            text,
            "{at}  notice: {} bytes written to /dev/{name}",
            disk.bytes
        );
        let _ = writeln!(
            text,
            "{at}  notice: [SUCCESS] Verified that /dev/{name} is empty."
        );
    }
    text.push_str(
        "\n******************************* Erasure Summary ********************************\n",
    );
    for (n, disk) in disks.iter().enumerate() {
        let _ = writeln!(
            text,
            "{:>10} | {:>18} | {:>15} |           100.00%",
            name(n),
            disk.bytes,
            disk.bytes
        );
    }
    text.push_str(
        "********************************* Drive Status *********************************\n",
    );
    for (n, disk) in disks.iter().enumerate() {
        let _ = writeln!(
            text,
            "{:>10} | Erased | {}/{}",
            name(n),
            disk.model,
            disk.serial
        );
    }
    let _ = writeln!(
        text,
        "\n{at}    info: Nwipe successfully completed. See summary table for details."
    );
    text
}

/// `sda`, `sdb`, … `sdaa`.
fn name(n: usize) -> String {
    let letter = |n: usize| char::from(b'a' + u8::try_from(n % 26).unwrap_or(0));
    match n.checked_sub(26) {
        None => format!("sd{}", letter(n)),
        Some(rest) => format!("sd{}{}", letter(rest / 26), letter(rest)),
    }
}
