//! What one run says of the erasure of each of its drives.

use super::lines::{Status, StatusRow, Verify};
use super::run::{End, Run, Seen};
use super::same_start;
use crate::workshop::evidence::{
    Clue, Erasure, Fault, HiddenSectors, Method, Outcome, Verification, loose, serial,
};

/// The methods that write, as named by 0.2x to 0.42. One that is not listed is not trusted to.
const OVERWRITES: [&str; 13] = [
    "DoD 5220.22-M",
    "DoD Short",
    "Gutmann Wipe",
    "RCMP TSSIT OPS-II",
    "PRNG Stream",
    "Fill With Zeros",
    "Fill With Ones",
    "Zero Fill",
    "One Fill",
    "HMG IS5 Enhanced",
    "HMG IS5 enhanced",
    "Bruce Schneier 7-Pass",
    "BMB21-2019",
];

/// Serial numbers are cut after this many characters in the table.
const SERIAL_WIDTH: usize = 20;

impl Run {
    /// One erasure for each drive that a method was invoked on or that has a row.
    pub(super) fn erasures(&self) -> Vec<(String, Erasure)> {
        let mut erasures = Vec::new();
        let mut done: Vec<String> = Vec::new();
        for row in &self.status {
            let path = self.path_of(&row.device);
            let seen = path.as_ref().and_then(|path| self.seen.get(path));
            let name = path
                .clone()
                .unwrap_or_else(|| format!("/dev/{}", row.device));
            erasures.push((name.clone(), self.erasure(&name, Some(row), seen)));
            done.push(name);
        }
        for (path, seen) in &self.seen {
            if seen.method.is_some() && !done.contains(path) {
                erasures.push((path.clone(), self.erasure(path, None, Some(seen))));
            }
        }
        erasures
    }

    fn erasure(&self, path: &str, row: Option<&StatusRow>, seen: Option<&Seen>) -> Erasure {
        let mut erasure = Erasure::new("nwipe", self.version.clone());
        self.identify(&mut erasure, path, row, seen);
        let invoked = seen.and_then(|seen| seen.method.as_deref());
        let label = self
            .foot
            .as_ref()
            .map(|foot| foot.method.as_str())
            .or(invoked);
        label
            .unwrap_or_default()
            .clone_into(&mut erasure.method_label);
        erasure.method = method(&erasure.method_label);
        if let (Some(invoked), Some(label)) = (invoked, label)
            && invoked != label
        {
            erasure.fault(Fault::Contradiction);
        }
        erasure.started = seen.and_then(|seen| seen.started.clone());
        erasure.ended = self.foot.as_ref().map(|foot| foot.at.clone());
        erasure.duration_seconds = row.map(|row| row.seconds);
        erasure.passes = seen.and_then(|seen| seen.passes);
        erasure.capacity_bytes = seen.and_then(|seen| seen.bytes).filter(|bytes| *bytes > 0);
        erasure.hidden_sectors = seen
            .and_then(|seen| seen.hidden)
            .unwrap_or(HiddenSectors::NotReported);
        erasure.outcome = match row.map(|row| row.status) {
            Some(Status::Erased) if row.is_some_and(|row| row.flagged) => Outcome::Failed,
            Some(Status::Erased) => Outcome::Erased,
            Some(Status::Failed) => Outcome::Failed,
            Some(Status::Aborted) => Outcome::Aborted,
            Some(Status::Insane) => Outcome::Insane,
            None => Outcome::Unknown,
        };
        erasure.verification = match self.foot.as_ref().map(|foot| foot.verify) {
            Some(Verify::Nothing) => Verification::None,
            Some(Verify::Last) => Verification::LastPass,
            Some(Verify::All) => Verification::AllPasses,
            None => Verification::Unknown,
        };
        erasure.verified = seen.is_some_and(|seen| seen.verified);
        self.count(&mut erasure, row);
        self.faults(&mut erasure, row, seen);
        erasure
    }

    fn identify(
        &self,
        erasure: &mut Erasure,
        path: &str,
        row: Option<&StatusRow>,
        seen: Option<&Seen>,
    ) {
        let found = self.found.iter().find(|found| found.path == path);
        if let Some(found) = found {
            erasure.model = loose::named(&found.model);
            if flash(&found.bus, &found.path) {
                erasure.rotational = Some(false);
            }
            erasure.serial = if found.serial.chars().count() > SERIAL_WIDTH {
                Clue::cut_at(usize::MAX, &found.serial)
            } else {
                Clue::cut_at(SERIAL_WIDTH, &found.serial)
            };
            let shown: String = found.serial.chars().take(SERIAL_WIDTH).collect();
            let agrees = row.is_none_or(|row| {
                let identity = row.identity.trim_end();
                identity.ends_with(&format!("/{}", shown.trim_end()))
            });
            if !agrees {
                erasure.fault(Fault::Contradiction);
            }
        } else if let Some(row) = row {
            let (model, shown) = split_identity(&row.identity);
            erasure.model = loose::named(model);
            erasure.serial = Clue::cut_at(SERIAL_WIDTH, shown);
        }
        if let Some(told) = seen.and_then(|seen| seen.serial.as_deref())
            && let (Some(mine), Some(theirs)) = (erasure.serial.text(), serial::clean(told))
            && !same_start(mine, &theirs)
        {
            erasure.fault(Fault::Contradiction);
        }
    }

    fn count(&self, erasure: &mut Erasure, row: Option<&StatusRow>) {
        let Some(row) = row else { return };
        if let Some((flagged, _, errors)) = self.errors.iter().find(|known| known.1 == row.device) {
            erasure.errors = *errors;
            // The column came with 0.32: before, nothing counts it; after, its absence is a cut.
            let column_due = self.numbers().is_none_or(|version| version >= (0, 32));
            if errors.sync.is_none() && column_due {
                erasure.fault(Fault::NoErrorCount);
            }
            if *flagged {
                erasure.fault(Fault::ErrorLogged);
            }
        } else {
            erasure.fault(Fault::NoErrorCount);
        }
        if let Some((flagged, _, erased, total)) =
            self.bytes.iter().find(|known| known.1 == row.device)
        {
            erasure.bytes_erased = Some(*erased);
            erasure.bytes_total = Some(*total);
            if *flagged {
                erasure.fault(Fault::ErrorLogged);
            }
            if erasure.capacity_bytes.is_some_and(|bytes| bytes != *total) {
                erasure.fault(Fault::Contradiction);
            }
        } else if erasure.method != Method::VerifyOnly
            && self.numbers().is_none_or(|version| version >= (0, 41))
        {
            erasure.fault(Fault::NoByteCount);
        }
    }

    fn faults(&self, erasure: &mut Erasure, row: Option<&StatusRow>, seen: Option<&Seen>) {
        if row.is_none() || self.foot.is_none() {
            erasure.fault(Fault::NoResult);
        }
        if self.damaged {
            erasure.fault(Fault::TableDamaged);
        }
        if self.version.is_none() {
            erasure.fault(Fault::NoVersion);
        }
        match self.end {
            None => erasure.fault(Fault::NoEnd),
            Some(End::Aborted) => erasure.fault(Fault::RunAborted),
            Some(End::Completed | End::WithErrors) => {}
        }
        if seen.is_some_and(|seen| seen.cancelled) {
            erasure.fault(Fault::RunAborted);
        }
        if seen.is_some_and(|seen| seen.error_logged) {
            erasure.fault(Fault::ErrorLogged);
        }
    }

    fn numbers(&self) -> Option<(u32, u32)> {
        let mut parts = self.version.as_deref()?.split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }
}

fn method(label: &str) -> Method {
    if label.starts_with("Verify ") {
        Method::VerifyOnly
    } else if OVERWRITES.contains(&label) {
        Method::Overwrite
    } else {
        Method::Other
    }
}

/// Whether the log itself says that the drive is flash.
pub(super) fn flash(bus: &str, path: &str) -> bool {
    bus.contains("SSD") || path.starts_with("/dev/nvme") || path.starts_with("/dev/mmcblk")
}

/// Model (at most 17) and serial (at most 20) at the last slash that leaves both within their width.
fn split_identity(identity: &str) -> (&str, &str) {
    identity
        .rmatch_indices('/')
        .map(|(at, _)| (&identity[..at], &identity[at + 1..]))
        .find(|(model, shown)| model.chars().count() <= 17 && shown.chars().count() <= SERIAL_WIDTH)
        .unwrap_or((identity, ""))
}
