//! How typed texts are read.

use crate::error::FieldError;

/// A word of a closed list; the usual one when nothing is said.
pub(super) fn read<T: std::str::FromStr + Copy>(
    text: Option<&str>,
    usual: T,
    at: &str,
    faults: &mut Vec<FieldError>,
) -> T {
    match text.map(str::parse) {
        None => usual,
        Some(Ok(value)) => value,
        Some(Err(_)) => {
            faults.push(FieldError::new(
                at,
                "Choisissez une des réponses proposées.",
            ));
            usual
        }
    }
}

/// The label of a device's field.
pub(super) fn label(field: &str) -> &'static str {
    match field {
        "kind" => "Type",
        "make" => "Marque",
        "model" => "Modèle",
        "serial" => "Numéro de série",
        "asset_tag" => "Numéro d’inventaire",
        "condition" => "État",
        _ => "Étiquette déjà collée",
    }
}
