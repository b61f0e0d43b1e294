//! Which category a thing belongs to, and what people call it. Plain values.

use entities::enums::{DeviceKind, LotStatus, WasteCategory};

/// The usual category of a kind: annex III of the WEEE directive, by screen and size. A desktop or
/// printer longer than 50 cm is `large`: whoever holds it sees that, so the lot decides.
pub(crate) const fn usual_category(kind: DeviceKind) -> WasteCategory {
    match kind {
        DeviceKind::Laptop | DeviceKind::AllInOne | DeviceKind::Tablet | DeviceKind::Monitor => {
            WasteCategory::Screens
        }
        DeviceKind::Desktop | DeviceKind::Smartphone => WasteCategory::SmallIt,
        DeviceKind::Other => WasteCategory::Small,
    }
}

/// Whether a lot of a category takes whole devices; batteries and media are containers of their own.
pub(crate) const fn takes_devices(category: WasteCategory) -> bool {
    match category {
        WasteCategory::Screens
        | WasteCategory::Large
        | WasteCategory::Small
        | WasteCategory::SmallIt => true,
        WasteCategory::Batteries | WasteCategory::Media => false,
    }
}

/// Whether a lot of a category takes media that were taken out: with their like, or with small parts.
pub(crate) const fn takes_media(category: WasteCategory) -> bool {
    match category {
        WasteCategory::Media | WasteCategory::Small | WasteCategory::SmallIt => true,
        WasteCategory::Screens | WasteCategory::Large | WasteCategory::Batteries => false,
    }
}

/// A category's words.
pub(crate) const fn category(category: WasteCategory) -> &'static str {
    match category {
        WasteCategory::Screens => "Écrans, portables et tablettes",
        WasteCategory::Large => "Grands équipements (plus de 50 cm)",
        WasteCategory::Small => "Petits équipements",
        WasteCategory::SmallIt => "Petit matériel informatique",
        WasteCategory::Batteries => "Piles et batteries",
        WasteCategory::Media => "Supports de données effacés ou détruits",
    }
}

/// The code of the list of waste that a professional's lot usually carries, and whether it is dangerous.
/// A proposal: the person who knows what is inside has the last word (a mirror code may be dangerous).
pub(crate) const fn waste_code(category: WasteCategory) -> (&'static str, bool) {
    match category {
        WasteCategory::Screens => ("16 02 13*", true),
        WasteCategory::Large | WasteCategory::Small | WasteCategory::SmallIt => ("16 02 14", false),
        WasteCategory::Batteries => ("20 01 33*", true),
        WasteCategory::Media => ("16 02 16", false),
    }
}

/// A status's words.
pub(crate) const fn status(status: LotStatus) -> &'static str {
    match status {
        LotStatus::Open => "ouvert",
        LotStatus::Closed => "fermé, à enlever",
        LotStatus::Collected => "enlevé",
        LotStatus::Accepted => "accepté",
        LotStatus::PartlyRefused => "refusé en partie",
        LotStatus::Treated => "traité",
    }
}

/// Grams of what a scale shows in kilograms, `12,4` or `12.4`; none when it is no weight.
pub(crate) fn grams(kilograms: &str) -> Option<i64> {
    let text = kilograms.trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || part.len() > 3 || !digits(whole) || !digits(part) {
        return None;
    }
    let part: i64 = format!("{part:0<3}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 1000 + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_read_as_the_scale_shows_it() {
        assert_eq!(grams("12,4"), Some(12_400));
        assert_eq!(grams(" 0.035 "), Some(35));
        assert_eq!(grams("7"), Some(7_000));
        for wrong in ["", "-1", "1,2345", "douze", "1.2.3", ","] {
            assert_eq!(grams(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_kind_has_a_lot_that_takes_it() {
        for kind in DeviceKind::ALL {
            assert!(takes_devices(usual_category(*kind)));
        }
        assert!(!takes_devices(WasteCategory::Batteries));
        assert!(takes_media(WasteCategory::Media));
    }
}
