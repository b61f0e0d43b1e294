//! What a verification found, check by check.

use serde::{Deserialize, Serialize};

/// Most findings told of one check: the first ones say enough to look.
const TOLD: usize = 20;

/// One law or property, on how much it was tried, and what breaks it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Number of the law in the design, 0 for what serves them all.
    pub law: u8,
    /// What must hold.
    pub what: String,
    /// On how many rows it was tried.
    pub tried: u64,
    /// How many break it.
    pub broken: u64,
    /// The first of them, by code or id; no personal datum.
    pub findings: Vec<String>,
}

/// All checks of one verification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Devices and media.
    pub items: u64,
    /// Journal lines.
    pub lines: u64,
    /// Only the journals that changed and a share of the others were replayed.
    #[serde(default)]
    pub partial: bool,
    /// Each check.
    pub checks: Vec<Check>,
}

impl Check {
    /// A check that nothing broke so far.
    pub(super) fn new(law: u8, what: &str) -> Self {
        Self {
            law,
            what: what.to_owned(),
            tried: 0,
            broken: 0,
            findings: Vec::new(),
        }
    }

    /// Something breaks it.
    pub(super) fn found(&mut self, finding: String) {
        self.broken += 1;
        if self.findings.len() < TOLD {
            self.findings.push(finding);
        }
    }
}

impl Report {
    /// Nothing is broken.
    pub fn is_clean(&self) -> bool {
        self.breaches() == 0
    }

    /// How many rows break some law.
    pub fn breaches(&self) -> u64 {
        self.checks.iter().map(|c| c.broken).sum()
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} items, {} journal lines", self.items, self.lines)?;
        for check in &self.checks {
            let mark = if check.broken == 0 { "ok  " } else { "FAIL" };
            writeln!(
                f,
                "{mark} law {} · {} · {} tried, {} broken",
                check.law, check.what, check.tried, check.broken
            )?;
            for finding in &check.findings {
                writeln!(f, "       {finding}")?;
            }
        }
        write!(
            f,
            "{}",
            if self.is_clean() {
                "all laws hold"
            } else {
                "LAWS ARE BROKEN"
            }
        )
    }
}
