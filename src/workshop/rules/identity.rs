//! Whether a report is about this very medium.

use super::{MediumFacts, Reasons};
use crate::workshop::evidence::{Clue, Erasure, flash_model, serial};

/// Whether an erasure is about a medium, by serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// The same serial number, or the same start of it with the same model.
    Same,
    /// Another serial number.
    Other,
    /// The number given is that of a USB enclosure.
    Bridge,
    /// The start agrees, and nothing confirms the rest.
    Truncated,
    /// The report does not say which disk.
    NotTold,
    /// The medium has no serial number to compare with.
    MediumUnknown,
}

/// Compares what a report says of a disk with a medium; what `POST /evidence` matches by.
pub fn same_medium(erasure: &Erasure, medium: &MediumFacts) -> Identity {
    let Some(own) = medium.serial.as_deref().and_then(serial::clean) else {
        return Identity::MediumUnknown;
    };
    let own = serial::comparable(&own);
    let Some(told) = erasure.serial.text().map(serial::comparable) else {
        return Identity::NotTold;
    };
    if told == own {
        return Identity::Same;
    }
    // Both sides may be cut after 20 characters: the tool's, and that of an inventory made by lshw.
    let cut = matches!(erasure.serial, Clue::Prefix(_)) && own.starts_with(&told);
    let inventory_cut = own.len() == 20 && told.starts_with(&own);
    if cut || inventory_cut {
        return match (&erasure.model, &medium.model) {
            (Some(told), Some(own)) if same_model(told, own) => Identity::Same,
            (Some(_), Some(_)) => Identity::Other,
            _ => Identity::Truncated,
        };
    }
    let bridge = erasure.other_serial.as_deref().map(serial::comparable);
    if bridge.is_some_and(|bridge| bridge == own) {
        return Identity::Bridge;
    }
    Identity::Other
}

/// Whether two names of a model may be the same one cut or prefixed by its maker.
fn same_model(a: &str, b: &str) -> bool {
    let bare = |name: &str| -> String {
        name.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect()
    };
    let (a, b) = (bare(a), bare(b));
    a.len().min(b.len()) >= 4 && (a.contains(&b) || b.contains(&a))
}

pub(super) fn identity(erasure: &Erasure, medium: &MediumFacts, reasons: &mut Reasons) {
    let told = erasure.serial.text().unwrap_or_default();
    match same_medium(erasure, medium) {
        Identity::Same => {}
        Identity::Other => reasons.because(
            "other-disk",
            format!("Le rapport parle d’un autre disque (numéro de série {told})."),
        ),
        Identity::Bridge => reasons.because(
            "bridge-serial",
            format!("Le numéro inventorié est celui du boîtier USB\u{a0}; le disque répond {told}."),
        ),
        Identity::Truncated => reasons.because(
            "serial-truncated",
            "Le numéro de série est coupé et le modèle ne permet pas de confirmer que c’est ce disque.",
        ),
        Identity::NotTold if erasure.serial == Clue::Hidden => reasons.because(
            "serial-hidden",
            "L’outil a caché le numéro de série (option -q)\u{a0}: le rapport ne prouve rien pour ce disque.",
        ),
        Identity::NotTold => reasons.because(
            "serial-missing",
            "Le rapport ne donne pas le numéro de série du disque effacé.",
        ),
        Identity::MediumUnknown => reasons.because(
            "medium-without-serial",
            "Ce support n’a pas de numéro de série inventorié\u{a0}: il ne peut pas être rapproché.",
        ),
    }
    // One voice for flash is enough: see `MediumFacts::turns`.
    let flash =
        erasure.rotational == Some(false) || erasure.model.as_deref().is_some_and(flash_model);
    if flash && medium.turns() == Some(true) {
        reasons.because(
            "kind-contradiction",
            "Le rapport décrit un SSD, mais le support est inventorié comme disque tournant.",
        );
    }
    let sizes = [erasure.capacity_bytes, erasure.bytes_total];
    if let Some(own) = medium.capacity_bytes
        && sizes.into_iter().flatten().any(|told| !close(told, own))
    {
        reasons.because(
            "other-capacity",
            "La capacité du rapport n’est pas celle de ce support.",
        );
    }
}

/// Within one per cent: inventories round (160042 MB, 298.1 GiB), and no two sizes sold are nearer.
fn close(a: i64, b: i64) -> bool {
    a.abs_diff(b) <= b.unsigned_abs() / 100
}
