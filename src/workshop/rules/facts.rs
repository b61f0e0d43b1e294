//! What the report itself must show: a success without errors, verified, of the whole medium.

use super::{MediumFacts, Policy, Reasons};
use crate::workshop::evidence::{Erasure, Fault, HiddenSectors, Method, Outcome, Verification};

/// Adds what the report lacks or admits.
pub(super) fn facts(
    erasure: &Erasure,
    medium: &MediumFacts,
    policy: Policy,
    reasons: &mut Reasons,
) {
    outcome(erasure, reasons);
    verification(erasure, policy, reasons);
    reach(erasure, medium, reasons);
    for fault in &erasure.faults {
        let (code, text) = fault_reason(*fault);
        reasons.because(code, text);
    }
}

fn outcome(erasure: &Erasure, reasons: &mut Reasons) {
    match erasure.outcome {
        Outcome::Erased => {}
        Outcome::Failed => reasons.because("failed", "L’outil signale un échec sur ce disque."),
        Outcome::Aborted => reasons.because("aborted", ABORTED),
        Outcome::Insane => reasons.because(
            "insanity",
            "L’outil déclare un état impossible (INSANITY)\u{a0}: recommencez l’effacement.",
        ),
        Outcome::NotRun => reasons.because("never-ran", "L’effacement n’a jamais été exécuté."),
        Outcome::Unknown => reasons.because(
            "no-result",
            "Le rapport ne donne pas de résultat pour ce disque.",
        ),
    }
    let errors = [
        erasure.errors.pass,
        erasure.errors.verify,
        erasure.errors.sync,
    ];
    let counted: u64 = errors.into_iter().flatten().fold(0, u64::saturating_add);
    if counted > 0 {
        reasons.because("errors", format!("L’outil compte des erreurs ({counted})."));
    }
}

const ABORTED: &str = "Exécution interrompue\u{a0}: le disque n’a pas été effacé jusqu’au bout.";

fn verification(erasure: &Erasure, policy: Policy, reasons: &mut Reasons) {
    if erasure.method == Method::VerifyOnly {
        reasons.because(
            "verify-only",
            "Vérification seule\u{a0}: rien n’a été effacé.",
        );
        return;
    }
    suits(erasure.verification, erasure.method, policy, reasons);
    let asked = !matches!(
        erasure.verification,
        Verification::None | Verification::Unknown
    );
    if asked && !erasure.verified {
        reasons.because(
            "verification-not-shown",
            "Une vérification était demandée, mais le rapport ne montre pas qu’elle a réussi.",
        );
    }
}

/// Whether a verification is one that counts, for a method.
pub(super) fn suits(
    verification: Verification,
    method: Method,
    policy: Policy,
    reasons: &mut Reasons,
) {
    let own_command = matches!(
        method,
        Method::BlockErase
            | Method::CryptoErase
            | Method::SecureErase
            | Method::SecureEraseEnhanced
            | Method::Format
    );
    match verification {
        Verification::LastPass | Verification::AllPasses | Verification::EachSector => {}
        Verification::DriveStatus if own_command => {}
        Verification::Sampling if policy.accept_sampling => {}
        Verification::Sampling => reasons.because(
            "sampling-only",
            "Vérification par sondage seulement\u{a0}: quelques secteurs ont été relus.",
        ),
        Verification::None => reasons.because(
            "no-verification",
            "Aucune vérification demandée\u{a0}: rien ne prouve que l’écriture a eu lieu.",
        ),
        Verification::DriveStatus | Verification::Unknown => reasons.because(
            "verification-unknown",
            "Le rapport ne dit pas comment l’effacement a été vérifié.",
        ),
    }
}

/// Bytes a second, somewhat above the fastest drive sold: a record that beats it was not made by writing.
const FASTEST: i64 = 20_000_000_000;

/// Whether all of the medium was reached, in a time that is possible.
fn reach(erasure: &Erasure, medium: &MediumFacts, reasons: &mut Reasons) {
    if let (Some(erased), Some(total)) = (erasure.bytes_erased, erasure.bytes_total)
        && erased != total
    {
        reasons.because(
            "partial",
            format!("Une partie du disque seulement a été écrite ({erased} octets sur {total})."),
        );
    }
    match erasure.hidden_sectors {
        HiddenSectors::None | HiddenSectors::NotReported => {}
        HiddenSectors::Detected => reasons.because(
            "hidden-sectors",
            "Des secteurs cachés (HPA ou DCO) n’ont pas été effacés.",
        ),
        HiddenSectors::Indeterminate => reasons.because(
            "hidden-sectors-unknown",
            "L’outil n’a pas pu dire si le disque a des secteurs cachés.",
        ),
    }
    let size = erasure.capacity_bytes.or(medium.capacity_bytes);
    if let (Method::Overwrite, Some(size), Some(seconds)) =
        (erasure.method, size, erasure.duration_seconds)
        && size / seconds.max(1) > FASTEST
    {
        reasons.because(
            "too-fast",
            "Durée impossible pour cette capacité\u{a0}: le disque n’a pas été écrit.",
        );
    }
}

fn fault_reason(fault: Fault) -> (&'static str, &'static str) {
    match fault {
        Fault::NoResult => (
            "no-result",
            "Le rapport ne donne pas de résultat pour ce disque.",
        ),
        Fault::TableDamaged => (
            "table-damaged",
            "Le tableau des résultats est abîmé\u{a0}: aucune de ses lignes n’est sûre.",
        ),
        Fault::NoErrorCount => (
            "no-error-count",
            "Le décompte des erreurs manque pour ce disque.",
        ),
        Fault::NoByteCount => (
            "no-byte-count",
            "Le décompte des octets effacés manque pour ce disque.",
        ),
        Fault::NoEnd => ("no-end", "Le rapport s’arrête avant la fin de l’exécution."),
        Fault::RunAborted => ("aborted", ABORTED),
        Fault::NoVersion => (
            "no-version",
            "La version de l’outil n’est pas indiquée\u{a0}: le rapport est incomplet.",
        ),
        Fault::ErrorLogged => (
            "error-logged",
            "Le journal signale une erreur sur ce disque.",
        ),
        Fault::Contradiction => ("contradiction", "Le rapport se contredit sur ce disque."),
        Fault::LaterRunUnclear => (
            "later-run-unclear",
            "Une exécution plus récente du même journal concerne un disque non identifié.",
        ),
        Fault::StepFailed => (
            "step-failed",
            "Une étape de l’effacement a échoué ou n’est pas confirmée.",
        ),
        Fault::NoStep => ("never-ran", "L’effacement n’a jamais été exécuté."),
    }
}
