//! The grade of a device, computed from what was observed by a versioned table that anybody can read.
//!
//! Each value of an observation says the best grade it allows; the grade is the worst of these. The
//! letters mean what the table's texts say, and no text may promise a new device.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The table that comes with Rebond.
pub const DEFAULT: &str = include_str!("../../config/grading.toml");

/// The kinds of device a table must cover.
pub const KINDS: [&str; 7] = [
    "laptop",
    "desktop",
    "all_in_one",
    "tablet",
    "smartphone",
    "monitor",
    "other",
];

/// Promises that the Code de la consommation forbids beside a second-hand device.
const FORBIDDEN: [&str; 5] = ["comme neuf", "état neuf", "à neuf", "quasi neuf", "neuf "];

/// A letter. Ordered from the best to the worst.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum Grade {
    /// Very good.
    A,
    /// Good.
    B,
    /// Fair.
    C,
    /// Defective.
    D,
}

impl Grade {
    /// The letter.
    pub fn code(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        }
    }

    /// From the letter.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::A, Self::B, Self::C, Self::D]
            .into_iter()
            .find(|grade| grade.code() == code)
    }
}

/// What a letter means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// Whether a device of this grade may be handed to a household.
    pub ready: bool,
    /// The sentence printed beside the letter.
    pub text: String,
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Its name in the API.
    pub code: String,
    /// Its name on the screen.
    pub name: String,
    /// Whether a grade needs it; else its absence allows [`Table::unobserved`] at best.
    #[serde(default)]
    pub required: bool,
    /// The kinds it makes sense for.
    pub kinds: BTreeSet<String>,
    /// Its closed list of values.
    pub values: Vec<Allowance>,
}

/// A value and the best grade it allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// Its name in the API.
    pub value: String,
    /// The best grade a device seen so may have.
    pub allows: Grade,
    /// Its wording on the screen.
    pub text: String,
    /// Where the observation may also be given as a percentage: the least that counts as this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_percent: Option<u8>,
}

/// A table, checked when loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Kept with each grade made by it.
    pub version: String,
    /// The best grade when something that is not required was not observed.
    pub unobserved: Grade,
    /// What the letters mean.
    pub grades: BTreeMap<Grade, Meaning>,
    /// What to look at.
    pub observations: Vec<Observation>,
}

/// Why a table cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// Not the expected TOML.
    #[error("grading table: {0}")]
    Syntax(String),
    /// Well-formed, and makes no sense.
    #[error("grading table: {0}")]
    Bounds(String),
}

/// A computed grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Graded {
    /// The letter.
    pub grade: Grade,
    /// What kept it from being better; for an A, that nothing did.
    pub reasons: Vec<Reason>,
    /// The version of the table.
    pub table_version: String,
}

/// One reason of a grade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reason {
    /// `observation.value`.
    pub code: String,
    /// A sentence for people.
    pub text: String,
}

/// An observation that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// Which one.
    pub observation: String,
    /// What is wrong with it, in French.
    pub detail: String,
}

impl Table {
    /// Reads and checks a table.
    ///
    /// # Errors
    /// [`TableError`]: a letter missing, a kind without observation, a value twice, a required
    /// observation that no value satisfies with an A, percentages that overlap, a forbidden promise.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let table: Self =
            toml::from_str(text).map_err(|error| TableError::Syntax(error.to_string()))?;
        table.check().map_err(TableError::Bounds)?;
        Ok(table)
    }

    fn check(&self) -> Result<(), String> {
        let must = |holds: bool, what: String| if holds { Ok(()) } else { Err(what) };
        must(
            (1..=32).contains(&self.version.trim().len()),
            "version must have 1 to 32 characters".to_owned(),
        )?;
        must(
            self.grades.len() == 4,
            "grades A, B, C and D must all be there".to_owned(),
        )?;
        let mut codes = BTreeSet::new();
        for observation in &self.observations {
            let code = &observation.code;
            must(snake(code), format!("{code}: not a code"))?;
            must(codes.insert(code), format!("{code}: twice"))?;
            observation.check()?;
        }
        for kind in KINDS {
            let seen = self.of_kind(kind).any(|observation| observation.required);
            must(seen, format!("{kind}: no required observation"))?;
        }
        let texts = self.grades.values().map(|meaning| &meaning.text);
        let wordings = self
            .observations
            .iter()
            .flat_map(|observation| observation.values.iter().map(|value| &value.text));
        for text in texts.chain(wordings) {
            let lower = format!("{} ", text.to_lowercase());
            must(!text.trim().is_empty(), "an empty text".to_owned())?;
            must(
                !FORBIDDEN.iter().any(|promise| lower.contains(promise)),
                format!("a promise the law forbids: {text}"),
            )?;
        }
        Ok(())
    }

    /// The observations of a kind, in the order of the table.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Observation> {
        self.observations
            .iter()
            .filter(move |observation| observation.kinds.contains(kind))
    }

    /// What a letter means.
    pub fn meaning(&self, grade: Grade) -> Option<&Meaning> {
        self.grades.get(&grade)
    }

    /// The grade that these observations give a device of this kind.
    ///
    /// # Errors
    /// Every observation that is missing, unknown, of another kind or outside its list, at once.
    pub fn grade(
        &self,
        kind: &str,
        observed: &BTreeMap<String, String>,
    ) -> Result<Graded, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        if !KINDS.contains(&kind) {
            problems.push(problem(
                "kind",
                format!("Type d’équipement inconnu\u{a0}: {kind}."),
            ));
        }
        for code in observed.keys() {
            if !self
                .of_kind(kind)
                .any(|observation| observation.code == *code)
            {
                problems.push(problem(
                    code,
                    "Cette observation n’existe pas pour ce type d’équipement.",
                ));
            }
        }
        let mut grade = Grade::A;
        let mut limits: Vec<(Grade, Reason)> = Vec::new();
        let mut unobserved = Vec::new();
        for observation in self.of_kind(kind) {
            match observed.get(&observation.code) {
                None if observation.required => {
                    problems.push(problem(&observation.code, "Observation obligatoire."));
                }
                None => unobserved.push(observation.name.as_str()),
                Some(raw) => match observation.value(raw) {
                    Some(value) => {
                        grade = grade.max(value.allows);
                        limits.push((value.allows, observation.reason(value)));
                    }
                    None => problems.push(problem(&observation.code, observation.expected())),
                },
            }
        }
        if !unobserved.is_empty() {
            grade = grade.max(self.unobserved);
            let text = format!(
                "Non observé\u{a0}: {}",
                unobserved.join(", ").to_lowercase()
            );
            let reason = Reason {
                code: "unobserved".to_owned(),
                text,
            };
            limits.push((self.unobserved, reason));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut reasons: Vec<Reason> = limits
            .into_iter()
            .filter(|(allows, _)| grade > Grade::A && *allows == grade)
            .map(|(_, reason)| reason)
            .collect();
        if reasons.is_empty() {
            reasons.push(Reason {
                code: "nothing_against".to_owned(),
                text: "Tout a été observé, sans défaut.".to_owned(),
            });
        }
        Ok(Graded {
            grade,
            reasons,
            table_version: self.version.clone(),
        })
    }
}

impl Observation {
    fn check(&self) -> Result<(), String> {
        let code = &self.code;
        let mut values = BTreeSet::new();
        for allowance in &self.values {
            if !snake(&allowance.value) || !values.insert(&allowance.value) {
                return Err(format!(
                    "{code}: value {} twice or not a code",
                    allowance.value
                ));
            }
        }
        if values.len() < 2 || !self.values.iter().any(|value| value.allows == Grade::A) {
            return Err(format!("{code}: needs two values, one of which allows A"));
        }
        if let Some(kind) = self
            .kinds
            .iter()
            .find(|kind| !KINDS.contains(&kind.as_str()))
        {
            return Err(format!("{code}: unknown kind {kind}"));
        }
        let steps: Vec<u8> = self
            .values
            .iter()
            .filter_map(|value| value.from_percent)
            .collect();
        let falling = steps.windows(2).all(|pair| pair[0] > pair[1]);
        let whole = steps.first().is_none_or(|first| *first <= 100)
            && steps.last().is_none_or(|last| *last == 0);
        if !(falling && whole) {
            return Err(format!(
                "{code}: percentages must fall from 100 at most to 0"
            ));
        }
        Ok(())
    }

    /// The value meant: by its name, or by a percentage where the observation has thresholds.
    fn value(&self, raw: &str) -> Option<&Allowance> {
        let raw = raw.trim();
        let named = self.values.iter().find(|value| value.value == raw);
        named.or_else(|| {
            let percent: u8 = raw.trim_end_matches('%').trim().parse().ok()?;
            (percent <= 100).then_some(())?;
            self.values
                .iter()
                .find(|value| value.from_percent.is_some_and(|least| percent >= least))
        })
    }

    fn expected(&self) -> String {
        let values: Vec<&str> = self
            .values
            .iter()
            .map(|value| value.value.as_str())
            .collect();
        let percent = if self.values.iter().any(|value| value.from_percent.is_some()) {
            ", ou un pourcentage de 0 à 100"
        } else {
            ""
        };
        format!("Valeurs possibles\u{a0}: {}{percent}.", values.join(", "))
    }

    fn reason(&self, value: &Allowance) -> Reason {
        Reason {
            code: format!("{}.{}", self.code, value.value),
            text: format!("{}\u{a0}: {}", self.name, value.text),
        }
    }
}

fn snake(code: &str) -> bool {
    !code.is_empty()
        && code
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn problem(observation: &str, detail: impl Into<String>) -> FieldProblem {
    FieldProblem {
        observation: observation.to_owned(),
        detail: detail.into(),
    }
}

#[cfg(test)]
mod tests;
