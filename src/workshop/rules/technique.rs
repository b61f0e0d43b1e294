//! What a method reaches on a medium.

use super::{Level, METHOD_UNKNOWN, MediumFacts, Policy, Reasons};
use crate::workshop::evidence::{DiskKind, Method, flash_model};

/// What the method reaches on this medium; adds the reason when it reaches nothing.
pub(super) fn technique(
    method: Method,
    medium: &MediumFacts,
    policy: Policy,
    reasons: &mut Reasons,
) -> Option<Level> {
    let Some(turns) = medium.turns() else {
        reasons.because(
            "medium-kind-unknown",
            "Le type du support (disque tournant ou mémoire flash) n’est pas connu.",
        );
        return None;
    };
    let claims_flash = medium.model.as_deref().is_some_and(flash_model);
    if turns && claims_flash {
        reasons.because(
            "kind-contradiction",
            "Le modèle est celui d’un SSD, mais le support est inventorié comme disque tournant.",
        );
        return None;
    }
    match method {
        Method::Overwrite if !turns && !policy.accept_overwrite_on_flash => {
            reasons.because(
                "overwrite-on-flash",
                "Réécriture d’une mémoire flash\u{a0}: des cellules restent hors d’atteinte. Utilisez la commande d’effacement du disque.",
            );
            None
        }
        Method::FactoryReset => {
            reasons.because(
                "factory-reset",
                "Une réinitialisation d’usine n’est pas un effacement vérifié.",
            );
            None
        }
        Method::VerifyOnly => None,
        Method::Other => {
            reasons.because("method-unknown", METHOD_UNKNOWN);
            None
        }
        Method::Overwrite
        | Method::BlockErase
        | Method::CryptoErase
        | Method::SecureErase
        | Method::SecureEraseEnhanced
        | Method::Format => {
            let level = best(method, medium.kind, turns);
            if level.is_none() {
                reasons.because(
                    "method-not-for-medium",
                    "Cette méthode n’existe pas pour ce type de support.",
                );
            }
            level
        }
    }
}

/// The most a method reaches on a medium: Dell's published table for the drives' own commands, NIST
/// SP 800-88 Rev. 1 for the rest, and the lower of the two where they differ.
fn best(method: Method, kind: DiskKind, turns: bool) -> Option<Level> {
    let soldered = matches!(kind, DiskKind::Emmc | DiskKind::Card);
    match method {
        Method::Overwrite => Some(Level::Clear),
        Method::SecureEraseEnhanced if turns => Some(Level::Purge),
        Method::SecureErase | Method::SecureEraseEnhanced if kind != DiskKind::Nvme => {
            Some(Level::Clear)
        }
        Method::BlockErase if turns => None,
        Method::BlockErase | Method::CryptoErase if soldered => Some(Level::Clear),
        Method::BlockErase | Method::CryptoErase => Some(Level::Purge),
        Method::Format if kind == DiskKind::Nvme => Some(Level::Purge),
        Method::SecureErase
        | Method::SecureEraseEnhanced
        | Method::Format
        | Method::FactoryReset
        | Method::VerifyOnly
        | Method::Other => None,
    }
}
