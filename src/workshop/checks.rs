//! What is checked on a device before it may be ready: its functions, the places where data hides,
//! its locks, the least it must have inside. One table for all kinds, in `config/checks.toml`.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grading::KINDS;

/// The table that comes with Rebond.
pub const DEFAULT: &str = include_str!("../../config/checks.toml");

/// A table, checked when loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Kept with what is recorded by it.
    pub version: String,
    /// What holds for each kind.
    pub kinds: BTreeMap<String, KindChecks>,
    /// The functions that can be tested.
    pub tests: BTreeMap<String, Test>,
    /// Where data hides: code and French name.
    pub places: BTreeMap<String, String>,
    /// What keeps the next person out: code and French name.
    pub locks: BTreeMap<String, String>,
}

/// What is checked on one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindChecks {
    /// Its functions, in the order of the bench.
    pub tests: Vec<String>,
    /// The places to look at for media. Empty: the kind is born with its media known.
    pub look_here: Vec<String>,
    /// The locks it may have. Empty: it is born with its locks checked.
    pub locks: Vec<String>,
    /// The least it must have inside to be ready.
    #[serde(default)]
    pub minimum: Option<Minimum>,
}

/// A function that can be tested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// Its name on the screen.
    pub name: String,
    /// Whether a device may be built without it, so that "not applicable" is an answer.
    #[serde(default)]
    pub absent: bool,
}

/// The least a kind must have inside, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Minimum {
    /// Memory below which the device is not ready.
    pub memory_bytes: i64,
    /// Disk below which the device is not ready.
    pub disk_bytes: i64,
    /// Memory below which the person is asked.
    pub recommended_memory_bytes: i64,
    /// Disk below which the person is asked.
    pub recommended_disk_bytes: i64,
    /// What an unknown figure does.
    pub unknown: Unknown,
}

/// What an unknown figure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// It is a question to the person at the bench.
    Ask,
    /// It keeps the device from being ready.
    Refuse,
}

/// How a function test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It works.
    Pass,
    /// It does not.
    Fail,
    /// It did not, was repaired, and works.
    Repaired,
    /// The device is built without it.
    NotApplicable,
}

impl Outcome {
    /// The name the API and the database use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Repaired => "repaired",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// From the API's name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Pass, Self::Fail, Self::Repaired, Self::NotApplicable]
            .into_iter()
            .find(|outcome| outcome.code() == code)
    }
}

/// Why a table cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("table of checks: {0}")]
pub struct TableError(String);

/// Something recorded that the table does not know; the text is French.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The test, or the lock.
    pub code: String,
    /// What is wrong with it.
    pub detail: String,
}

/// Where the function tests of a device stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Progress {
    /// Not recorded yet.
    pub missing: Vec<String>,
    /// Recorded as failed.
    pub failed: Vec<String>,
}

impl Progress {
    /// Whether every function of the kind is recorded as working: what the word *reconditionné* needs
    /// on the side of the tests. The other side is law 2, which the device's row knows.
    pub fn all_work(&self) -> bool {
        self.missing.is_empty() && self.failed.is_empty()
    }
}

/// What is known of the inside of a device; `None` is "not known".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Inside {
    /// Memory, bytes.
    pub memory_bytes: Option<i64>,
    /// The sum of the disks fitted, bytes; zero where it is known that there is none.
    pub disk_bytes: Option<i64>,
}

/// Whether a device has enough inside.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Enough {
    /// What keeps it from being ready: code and French sentence.
    pub refusals: Vec<Note>,
    /// What the person is asked, without being stopped.
    pub questions: Vec<Note>,
}

/// A code and its French sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Stable name.
    pub code: &'static str,
    /// One sentence.
    pub text: String,
}

impl Table {
    /// Reads and checks a table.
    ///
    /// # Errors
    /// A kind missing or without test, a name that is nowhere explained, a list with a name twice,
    /// figures out of order.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let table: Self = toml::from_str(text).map_err(|error| TableError(error.to_string()))?;
        table.check().map_err(TableError)?;
        Ok(table)
    }

    fn check(&self) -> Result<(), String> {
        if !(1..=32).contains(&self.version.trim().len()) {
            return Err("version must have 1 to 32 characters".to_owned());
        }
        for kind in KINDS {
            let checks = self.kinds.get(kind).ok_or(format!("{kind} is missing"))?;
            if checks.tests.is_empty() {
                return Err(format!("{kind} has no test"));
            }
            known(kind, &checks.tests, |code| self.tests.contains_key(code))?;
            known(kind, &checks.look_here, |code| {
                self.places.contains_key(code)
            })?;
            known(kind, &checks.locks, |code| self.locks.contains_key(code))?;
            if let Some(minimum) = checks.minimum {
                minimum
                    .check()
                    .map_err(|fault| format!("{kind}: {fault}"))?;
            }
        }
        match self
            .kinds
            .keys()
            .find(|kind| !KINDS.contains(&kind.as_str()))
        {
            Some(kind) => Err(format!("unknown kind {kind}")),
            None => Ok(()),
        }
    }

    /// What is checked on a kind; `None` for a kind that does not exist.
    pub fn kind(&self, kind: &str) -> Option<&KindChecks> {
        self.kinds.get(kind)
    }

    /// Whether a kind holds no data, and so is born with its media known.
    pub fn born_with_media_known(&self, kind: &str) -> bool {
        self.kind(kind)
            .is_some_and(|checks| checks.look_here.is_empty())
    }

    /// Whether a kind has no lock, and so is born with its locks checked.
    pub fn born_with_locks_checked(&self, kind: &str) -> bool {
        self.kind(kind)
            .is_some_and(|checks| checks.locks.is_empty())
    }

    /// Where the tests stand. Of several outcomes of one test the last counts.
    ///
    /// # Errors
    /// A kind that does not exist, every test that the kind does not have, and every "not applicable" of a function that no
    /// device of the kind is built without.
    pub fn progress<'a>(
        &self,
        kind: &str,
        recorded: impl IntoIterator<Item = (&'a str, Outcome)>,
    ) -> Result<Progress, Vec<Problem>> {
        let tests = self
            .kind(kind)
            .map(|checks| checks.tests.as_slice())
            .unwrap_or_default();
        let mut problems = Vec::new();
        if tests.is_empty() {
            problems.push(problem("kind", "Type d’équipement inconnu."));
        }
        let mut last: BTreeMap<&str, Outcome> = BTreeMap::new();
        for (test, outcome) in recorded {
            let may_be_absent = self.tests.get(test).is_some_and(|test| test.absent);
            if !tests.iter().any(|known| known == test) {
                problems.push(problem(
                    test,
                    "Ce test n’existe pas pour ce type d’équipement.",
                ));
            } else if outcome == Outcome::NotApplicable && !may_be_absent {
                problems.push(problem(
                    test,
                    "Cette fonction existe toujours\u{a0}: le test est à faire.",
                ));
            }
            last.insert(test, outcome);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let those = |wanted: fn(Option<Outcome>) -> bool| -> Vec<String> {
            tests
                .iter()
                .filter(|test| wanted(last.get(test.as_str()).copied()))
                .cloned()
                .collect()
        };
        Ok(Progress {
            missing: those(|outcome| outcome.is_none()),
            failed: those(|outcome| outcome == Some(Outcome::Fail)),
        })
    }

    /// The locks recorded that the kind does not have.
    pub fn unknown_locks<'a>(
        &self,
        kind: &str,
        locks: impl IntoIterator<Item = &'a str>,
    ) -> Vec<Problem> {
        let known = self
            .kind(kind)
            .map(|checks| checks.locks.as_slice())
            .unwrap_or_default();
        locks
            .into_iter()
            .filter(|lock| !known.iter().any(|known| known == lock))
            .map(|lock| problem(lock, "Ce verrou n’existe pas pour ce type d’équipement."))
            .collect()
    }

    /// Whether a device of a kind has enough inside to be ready.
    pub fn enough(&self, kind: &str, inside: Inside) -> Enough {
        let mut enough = Enough::default();
        let Some(minimum) = self.kind(kind).and_then(|checks| checks.minimum) else {
            return enough;
        };
        let memory = Figure {
            name: "Mémoire vive",
            codes: ["memory-too-small", "memory-small", "memory-unknown"],
            value: inside.memory_bytes,
            least: minimum.memory_bytes,
            recommended: minimum.recommended_memory_bytes,
            unit: (1 << 30, "Gio"),
        };
        let disk = Figure {
            name: "Disque",
            codes: ["disk-too-small", "disk-small", "disk-unknown"],
            value: inside.disk_bytes,
            least: minimum.disk_bytes,
            recommended: minimum.recommended_disk_bytes,
            unit: (1_000_000_000, "Go"),
        };
        for figure in [memory, disk] {
            figure.hold(minimum.unknown, &mut enough);
        }
        enough
    }
}

impl Minimum {
    fn check(self) -> Result<(), &'static str> {
        let memory = 0 < self.memory_bytes && self.memory_bytes <= self.recommended_memory_bytes;
        let disk = 0 < self.disk_bytes && self.disk_bytes <= self.recommended_disk_bytes;
        // A terabyte of memory or a petabyte of disk is a figure typed in the wrong unit.
        let sane = self.recommended_memory_bytes < 1 << 40 && self.recommended_disk_bytes < 1 << 50;
        if memory && disk && sane {
            Ok(())
        } else {
            Err("minimum must be positive, below what is recommended, and in bytes")
        }
    }
}

/// A figure held against its floor.
struct Figure {
    name: &'static str,
    codes: [&'static str; 3],
    value: Option<i64>,
    least: i64,
    recommended: i64,
    unit: (i64, &'static str),
}

impl Figure {
    fn hold(&self, unknown: Unknown, enough: &mut Enough) {
        let shown = |bytes: i64| format!("{}\u{a0}{}", bytes / self.unit.0, self.unit.1);
        let [too_small, small, not_known] = self.codes;
        let name = self.name;
        match self.value {
            Some(value) if value < self.least => enough.refusals.push(Note {
                code: too_small,
                text: format!(
                    "{name}\u{a0}: {}, il faut au moins {}.",
                    shown(value),
                    shown(self.least)
                ),
            }),
            Some(value) if value < self.recommended => enough.questions.push(Note {
                code: small,
                text: format!(
                    "{name}\u{a0}: {}, {} conseillés. Un système léger est-il prévu\u{a0}?",
                    shown(value),
                    shown(self.recommended)
                ),
            }),
            Some(_) => {}
            None => {
                let note = Note {
                    code: not_known,
                    text: format!("{name}\u{a0}: capacité inconnue, vérifiez-la."),
                };
                match unknown {
                    Unknown::Ask => enough.questions.push(note),
                    Unknown::Refuse => enough.refusals.push(note),
                }
            }
        }
    }
}

fn known(kind: &str, codes: &[String], explained: impl Fn(&str) -> bool) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    match codes
        .iter()
        .find(|code| !explained(code) || !seen.insert(*code))
    {
        Some(code) => Err(format!("{kind}: {code} is unknown or there twice")),
        None => Ok(()),
    }
}

fn problem(code: &str, detail: &str) -> Problem {
    Problem {
        code: code.to_owned(),
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests;
