//! Erasures that a person types, without the file of the tool.

use super::facts::suits;
use super::technique::technique;
use super::{Level, MediumFacts, Policy, Reasons, Verdict, conclude};
use crate::workshop::evidence::{Method, Verification};

/// An erasure typed by a person, without the file of the tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared {
    /// Technique.
    pub method: Method,
    /// The level claimed.
    pub level: Level,
    /// How it was verified.
    pub verification: Verification,
    /// Whether it is said to have succeeded.
    pub success: bool,
}

impl Declared {
    /// From the words of the API.
    ///
    /// # Errors
    /// The fields whose word is not in its closed list, each with what is expected.
    pub fn parse(
        method: &str,
        level: &str,
        verification: &str,
        result: &str,
    ) -> Result<Self, Vec<(&'static str, String)>> {
        let mut faults = Vec::new();
        let mut fault = |field, expected: &str| {
            faults.push((field, format!("Valeurs possibles\u{a0}: {expected}.")));
        };
        let parsed_method = Method::from_code(method);
        if parsed_method.is_none() {
            fault(
                "method",
                "overwrite, block_erase, crypto_erase, secure_erase, secure_erase_enhanced, format, factory_reset, verify_only, other",
            );
        }
        let parsed_level = Level::from_code(level);
        if parsed_level.is_none() {
            fault("level", "clear, purge (une destruction se déclare à part)");
        }
        let parsed_verification = Verification::from_code(verification);
        if parsed_verification.is_none() {
            fault(
                "verification",
                "none, last_pass, all_passes, each_sector, sampling, drive_status",
            );
        }
        if !["success", "failure", "aborted"].contains(&result) {
            fault("result", "success, failure, aborted");
        }
        match (parsed_method, parsed_level, parsed_verification) {
            (Some(method), Some(level), Some(verification)) if faults.is_empty() => Ok(Self {
                method,
                level,
                verification,
                success: result == "success",
            }),
            _ => Err(faults),
        }
    }
}

/// Whether a typed erasure is evidence. The medium is the one it was typed on, so its serial number
/// is not compared; everything else of the accept rule holds.
pub fn judge_declared(declared: Declared, medium: &MediumFacts, policy: Policy) -> Verdict {
    let mut reasons = Reasons::default();
    if !policy.accept_declared {
        reasons.because(
            "declared-not-accepted",
            "Un effacement saisi sans le fichier de l’outil n’est pas accepté sur ce territoire.",
        );
    }
    if !declared.success {
        reasons.because("failed", "L’effacement déclaré n’a pas réussi.");
    }
    if declared.method == Method::VerifyOnly {
        reasons.because(
            "verify-only",
            "Vérification seule\u{a0}: rien n’a été effacé.",
        );
    } else {
        suits(declared.verification, declared.method, policy, &mut reasons);
    }
    let level = technique(declared.method, medium, policy, &mut reasons);
    if level.is_some_and(|level| declared.level > level) {
        reasons.because(
            "level-too-high",
            "Cette méthode n’atteint pas le niveau déclaré sur ce type de support.",
        );
    }
    let level = level.map(|_| declared.level);
    conclude(level, declared.method, declared.verification, reasons)
}
