//! Between the words of the tables and those of the readers and rules.

use entities::enums::{Grade, Level, MediumKind, TestOutcome, Verification};
use entities::medium;

use super::checks::Outcome;
use super::evidence::{self, DiskKind};
use super::rules::{self, MediumFacts};
use super::{grading, rules::Policy};

/// What an erasure is held against.
pub(crate) fn facts(medium: &medium::Model) -> MediumFacts {
    MediumFacts {
        kind: DiskKind::from_code(medium.kind.as_str()).unwrap_or(DiskKind::Unknown),
        serial: medium.serial.clone(),
        model: medium.model.clone(),
        capacity_bytes: medium.capacity_bytes,
        rotational: None,
    }
}

/// What the register calls a disk that a tool saw.
pub(crate) const fn medium_kind(kind: DiskKind) -> MediumKind {
    match kind {
        DiskKind::Hdd => MediumKind::Hdd,
        DiskKind::Ssd => MediumKind::Ssd,
        DiskKind::Nvme => MediumKind::Nvme,
        DiskKind::Emmc => MediumKind::Emmc,
        DiskKind::Card => MediumKind::Card,
        DiskKind::Unknown => MediumKind::Other,
    }
}

/// The level as the register keeps it.
pub(crate) const fn level(level: rules::Level) -> Level {
    match level {
        rules::Level::Clear => Level::Clear,
        rules::Level::Purge => Level::Purge,
    }
}

/// The verification as the register keeps it.
pub(crate) const fn verification(verification: evidence::Verification) -> Verification {
    use evidence::Verification as V;
    match verification {
        V::None => Verification::None,
        V::LastPass => Verification::LastPass,
        V::AllPasses => Verification::AllPasses,
        V::EachSector => Verification::EachSector,
        V::Sampling => Verification::Sampling,
        V::DriveStatus => Verification::DriveStatus,
        V::Unknown => Verification::Unknown,
    }
}

/// The grade as the register keeps it.
pub(crate) const fn grade(grade: grading::Grade) -> Grade {
    match grade {
        grading::Grade::A => Grade::A,
        grading::Grade::B => Grade::B,
        grading::Grade::C => Grade::C,
        grading::Grade::D => Grade::D,
    }
}

/// The outcome of a test as the rules know it.
pub(crate) const fn outcome(outcome: TestOutcome) -> Outcome {
    match outcome {
        TestOutcome::Pass => Outcome::Pass,
        TestOutcome::Fail => Outcome::Fail,
        TestOutcome::Repaired => Outcome::Repaired,
        TestOutcome::NotApplicable => Outcome::NotApplicable,
    }
}

/// What the territory accepts as evidence.
pub(crate) fn accepted() -> Policy {
    Policy::default()
}

/// A capacity as it is printed on a disk: « 500 Go ».
pub(crate) fn capacity(bytes: Option<i64>) -> String {
    bytes
        .and_then(|bytes| u64::try_from(bytes).ok())
        .map(crate::french::bytes)
        .unwrap_or_default()
}

/// A medium in one line: « SSD Samsung 850, 250 Go ».
pub(crate) fn medium_line(medium: &medium::Model) -> String {
    let kind = crate::devices::words::medium(medium.kind);
    let mut words = kind.to_owned();
    if let Some(first) = words.get(..1).map(str::to_uppercase) {
        words.replace_range(..1, &first);
    }
    for part in [&medium.make, &medium.model].into_iter().flatten() {
        words.push(' ');
        words.push_str(part);
    }
    let size = capacity(medium.capacity_bytes);
    if !size.is_empty() {
        words.push_str(", ");
        words.push_str(&size);
    }
    words
}

/// A method on the screen.
pub(crate) fn method(code: &str) -> &'static str {
    match code {
        "overwrite" => "réécriture",
        "block_erase" => "effacement par blocs (SANITIZE)",
        "crypto_erase" => "effacement de la clé",
        "secure_erase" => "commande SECURITY ERASE",
        "secure_erase_enhanced" => "commande ENHANCED SECURITY ERASE",
        "format" => "formatage sécurisé NVMe",
        "factory_reset" => "réinitialisation d’usine",
        "verify_only" => "vérification seule",
        "destruction" => "destruction",
        _ => "autre méthode",
    }
}

/// A level on the screen.
pub(crate) const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Clear => "effacé (Clear)",
        Level::Purge => "purgé (Purge)",
        Level::Destroy => "détruit",
    }
}
