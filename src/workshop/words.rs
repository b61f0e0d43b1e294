//! Between the words of the tables and those of the readers and rules.

use entities::enums::{Grade, Level, MediumKind, TestOutcome, Verification};
use entities::medium;

use super::checks::Outcome;
use super::evidence::{self, DiskKind};
use super::rules::{self, MediumFacts};
use super::{grading, rules::Policy};
use crate::app::App;
use crate::requests::steps as requests;

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
pub(crate) fn accepted(app: &App) -> Policy {
    let terms = requests::policy(app).sanitisation;
    Policy {
        accept_declared: terms.accept_declared,
        accept_overwrite_on_flash: terms.accept_overwrite_on_flash,
        accept_sampling: terms.accept_sampling,
    }
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

/// Why an erasure was no evidence, in a few words. The whole sentence, with its figures, is beside the file.
pub(crate) fn reason(code: &str) -> &'static str {
    match code {
        "other-disk" => "c’est un autre disque",
        "bridge-serial" => "numéro de série du boîtier USB",
        "serial-truncated" => "numéro de série coupé",
        "serial-hidden" => "numéro de série caché",
        "serial-missing" => "numéro de série absent du rapport",
        "medium-without-serial" => "support sans numéro de série",
        "kind-contradiction" => "disque ou SSD : le rapport et l’inventaire se contredisent",
        "other-capacity" => "autre capacité",
        "failed" => "l’outil a échoué",
        "aborted" => "effacement interrompu",
        "insanity" => "état impossible selon l’outil",
        "never-ran" => "jamais exécuté",
        "no-result" => "pas de résultat",
        "errors" => "erreurs comptées",
        "verify-only" => "vérification seule, rien n’a été effacé",
        "verification-not-shown" => "vérification demandée mais non montrée",
        "sampling-only" => "vérification par sondage seulement",
        "no-verification" => "aucune vérification",
        "verification-unknown" => "vérification inconnue",
        "medium-kind-unknown" => "type de support inconnu",
        "overwrite-on-flash" => "réécriture d’une mémoire flash",
        "factory-reset" => "réinitialisation d’usine",
        "method-unknown" => "méthode inconnue",
        "method-not-for-medium" => "méthode impossible sur ce support",
        "declared-not-accepted" => "déclaration non acceptée",
        "level-too-high" => "niveau déclaré trop haut",
        "already-used" => "ce fichier a déjà servi avant un nouvel usage du support",
        "before-return" => "effacement d’avant le retour",
        "before-donation" => "effacement d’avant le don",
        "no-end" => "heure de l’effacement absente du rapport",
        _ => "le rapport est incomplet",
    }
}
