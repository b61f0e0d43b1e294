//! Logs as nwipe would write them, for tests: whole and honest unless a test spoils one.

/// A drive of a sample log.
#[derive(Debug, Clone)]
pub(crate) struct Drive {
    pub(crate) name: &'static str,
    pub(crate) bus: &'static str,
    pub(crate) model: &'static str,
    pub(crate) serial: &'static str,
    pub(crate) bytes: i64,
    pub(crate) status: &'static str,
    pub(crate) verified: bool,
}

/// A turning disk that went well.
pub(crate) const DISK: Drive = Drive {
    name: "sda",
    bus: "ATA",
    model: "ST3160815AS",
    serial: "6RX7TEST",
    bytes: 160_041_885_696,
    status: " Erased ",
    verified: true,
};

/// A run of nwipe.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) version: &'static str,
    pub(crate) method: &'static str,
    pub(crate) suffix: &'static str,
    pub(crate) drives: Vec<Drive>,
    pub(crate) last: &'static str,
}

/// One drive, zeroed and verified by 0.42.
pub(crate) fn good() -> Log {
    Log {
        version: "0.42",
        method: "Fill With Zeros",
        suffix: "1R+B+VL",
        drives: vec![DISK],
        last: "Nwipe successfully completed. See summary table for details.",
    }
}

fn cut(text: &str, width: usize) -> String {
    text.chars().take(width).collect()
}

impl Log {
    pub(crate) fn write(&self) -> String {
        let mut log = self.lines();
        self.tables(&mut log);
        log.push(format!("[2026/11/24 09:43:14]    info: {}", self.last));
        log.push(String::new());
        log.join("\n")
    }

    /// What is said while it works.
    fn lines(&self) -> Vec<String> {
        let mut log = Vec::new();
        let mut say = |level: &str, message: String| {
            log.push(format!("[2026/11/24 09:00:00] {level:>7}: {message}"));
        };
        say("info", format!("nwipe {}", self.version));
        for drive in &self.drives {
            let Drive {
                name,
                bus,
                model,
                serial,
                ..
            } = drive;
            let found = format!("Found /dev/{name}, {bus}, {model},  160 GB, S/N={serial}");
            say("notice", found);
            say("info", format!("No hidden sectors on /dev/{name}"));
        }
        say("notice", "Program options are set as follows...".to_owned());
        say("notice", format!("  banner       = nwipe {}", self.version));
        for drive in &self.drives {
            let (name, bytes) = (drive.name, drive.bytes);
            say(
                "notice",
                format!("/dev/{name}, sect/blk/dev 512/4096/{bytes}"),
            );
            say(
                "notice",
                format!("Invoking method '{}' on /dev/{name}", self.method),
            );
            say(
                "notice",
                format!("Starting pass 1/1, round 1/1, on /dev/{name}"),
            );
            say("notice", format!("{bytes} bytes written to /dev/{name}"));
            if drive.verified {
                say(
                    "notice",
                    format!("[SUCCESS] Verified that /dev/{name} is empty."),
                );
            }
        }
        log
    }

    /// The tables at the end.
    fn tables(&self, log: &mut Vec<String>) {
        let errors = |_: &Drive| format!(" | {:>11} | {:>20} | {:>20}", 0, 0, 0);
        let bytes = |drive: &Drive| {
            let bytes = drive.bytes;
            format!(" | {bytes:>17} | {bytes:>16} |           100.00%")
        };
        let status = |drive: &Drive| {
            let identity = format!("{}/{}", cut(drive.model, 17), cut(drive.serial, 20));
            format!(" |{}|  61 MB/s | 00:43:12 | {identity}", drive.status)
        };
        let stars = "*".repeat(80);
        let head = "!   Device | Pass Errors | Verifications Errors | Fdatasync I\\O Errors";
        self.table(log, " Error Summary ", head, &errors);
        log.push(stars.clone());
        if self.version >= "0.41" {
            let head = "!   Device |      Bytes Erased |      Bytes Total | Percentage Erased";
            self.table(log, " Erasure Summary ", head, &bytes);
            log.push(stars.clone());
        }
        let head = "!   Device | Status | Thru-put | HH:MM:SS | Model/Serial Number";
        self.table(log, " Drive Status ", head, &status);
        let (method, suffix) = (self.method, self.suffix);
        let foot = format!("[2026/11/24 09:43:12] Total Throughput   61 MB/s, {method}, {suffix}");
        log.extend(["-".repeat(80), foot, stars, String::new()]);
    }

    fn table(
        &self,
        log: &mut Vec<String>,
        title: &str,
        head: &str,
        row: &dyn Fn(&Drive) -> String,
    ) {
        let head = head.to_owned();
        log.extend([String::new(), format!("{title:*^80}"), head, "-".repeat(80)]);
        for drive in &self.drives {
            let flag = if drive.status == " Erased " { ' ' } else { '!' };
            log.push(format!("{flag} {:>8}{}", cut(drive.name, 8), row(drive)));
        }
    }
}
