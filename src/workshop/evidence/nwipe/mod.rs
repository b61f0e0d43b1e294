//! Logs of nwipe and `ShredOS`.
//!
//! A log holds runs, one after the other, because each new run is appended to the same file. Of each
//! drive only its last run counts. A run that was started and has no table counts too, against it.

mod erasure;
mod lines;
mod run;
#[cfg(test)]
pub(crate) mod sample;

use self::lines::line;
use self::run::runs;
use super::reading::MOST;
use super::{Erasure, Fault, Kind, Reading, serial};

pub(super) fn looks_like(text: &str) -> bool {
    let stamped = text.lines().take(400).any(|text| line(text).is_some());
    stamped
        && [
            "nwipe",
            "Nwipe",
            "ShredOS",
            "Invoking method '",
            "Wipe thread for device",
            " Drive Status ",
            "Found /dev/",
        ]
        .iter()
        .any(|mark| text.contains(mark))
}

pub(super) fn read(text: &str) -> Reading {
    let runs = runs(text);
    let mut reading = Reading::new(Kind::NwipeLog, "nwipe");
    if let Some(last) = runs.last() {
        reading.tool_version.clone_from(&last.version);
        reading.recorded.clone_from(&last.first_at);
        reading.machine.clone_from(&last.machine);
        reading.disks = last.found.iter().map(|found| last.disk(found)).collect();
    }
    if runs.iter().filter(|run| run.wiped()).count() > 1 {
        reading.warn(
            "several_runs",
            "Ce journal contient plusieurs exécutions\u{a0}: seule la dernière de chaque disque compte.",
        );
    }
    let mut kept: Vec<(String, Erasure)> = Vec::new();
    for run in runs.iter().rev() {
        if kept.len() >= MOST {
            reading.warn(
                "too_many_drives",
                "Ce journal est trop long\u{a0}: seules ses dernières exécutions sont lues.",
            );
            break;
        }
        let earlier = run.erasures();
        let later = kept.len();
        for (path, mut erasure) in earlier {
            let mut superseded = false;
            for (later_path, other) in kept.iter().take(later) {
                match (erasure.serial.text(), other.serial.text()) {
                    (Some(mine), Some(theirs)) => superseded |= same_start(mine, theirs),
                    _ if path == *later_path => superseded = true,
                    _ => erasure.fault(Fault::LaterRunUnclear),
                }
            }
            if !superseded {
                kept.push((path, erasure));
            }
        }
    }
    if kept.is_empty() {
        reading.warn(
            "nothing_wiped",
            "Ce journal ne montre l’effacement d’aucun disque.",
        );
    }
    reading.erasures = kept.into_iter().map(|(_, erasure)| erasure).collect();
    reading
}

fn same_start(a: &str, b: &str) -> bool {
    let (a, b) = (serial::comparable(a), serial::comparable(b));
    a.starts_with(&b) || b.starts_with(&a)
}
