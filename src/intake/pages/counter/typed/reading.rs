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

/// Euros as people type them, in cents: `249,90`, `1 200`, `300 €`.
pub(super) fn cents(text: &str) -> Option<i64> {
    let bare: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '€')
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let (euros, rest) = bare.split_once('.').unwrap_or((&bare, ""));
    let rest = match rest.len() {
        0 => 0,
        1 => rest.parse::<i64>().ok()? * 10,
        2 => rest.parse().ok()?,
        _ => return None,
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let fraction = bare.split_once('.').map_or("", |(_, fraction)| fraction);
    if !digits(euros) || euros.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(euros.parse::<i64>().ok()? * 100 + rest)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn euros_are_read_as_people_type_them() {
        for (text, expected) in [
            ("300", Some(30_000)),
            ("249,90", Some(24_990)),
            ("1 200,5 €", Some(120_050)),
            ("0.99", Some(99)),
            ("-3", None),
            ("12,345", None),
            ("douze", None),
            ("1,-5", None),
            (",5", None),
        ] {
            assert_eq!(cents(text), expected, "{text}");
        }
    }
}
