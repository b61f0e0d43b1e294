//! Serial numbers: which are real, and what a report says of one.

use serde::Serialize;

/// What a report says of the serial number of the medium it is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "known", content = "serial", rename_all = "snake_case")]
pub enum Clue {
    /// The whole serial number.
    Exact(String),
    /// Its first characters: the tool cuts (nwipe after 20).
    Prefix(String),
    /// The tool was told to hide it.
    Hidden,
    /// Nothing, or a placeholder.
    Missing,
}

impl Clue {
    /// A clue of a serial that the tool cuts after `width` characters.
    pub(super) fn cut_at(width: usize, raw: &str) -> Self {
        let raw = raw.trim();
        if raw.len() >= 4 && raw.chars().all(|c| c == 'X' || c == '?') {
            return Self::Hidden;
        }
        match clean(raw) {
            None => Self::Missing,
            Some(serial) if raw.chars().count() >= width => Self::Prefix(serial),
            Some(serial) => Self::Exact(serial),
        }
    }

    /// A clue of a serial that is given whole.
    pub(super) fn whole(raw: Option<&str>) -> Self {
        raw.and_then(clean).map_or(Self::Missing, Self::Exact)
    }

    /// The characters known, if any.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Exact(serial) | Self::Prefix(serial) => Some(serial),
            Self::Hidden | Self::Missing => None,
        }
    }
}

/// Strings that firmware leaves where a serial should be, upper-cased; from real machines.
const PLACEHOLDERS: [&str; 27] = [
    "TO BE FILLED BY O.E.M.",
    "TO BE FILLED BY OEM",
    "SYSTEM SERIAL NUMBER",
    "SYSTEM MANUFACTURER",
    "SYSTEM PRODUCT NAME",
    "SYSTEM VERSION",
    "SYSTEM SKUNUMBER",
    "DEFAULT STRING",
    "NOT SPECIFIED",
    "NOT APPLICABLE",
    "NOT AVAILABLE",
    "SKU NUMBER",
    "SERIAL NUMBER",
    "CHASSIS SERIAL NUMBER",
    "BASE BOARD SERIAL NUMBER",
    "TBD BY ODM",
    "TBD BY OEM",
    "O.E.M.",
    "OEM",
    "NONE",
    "NULL",
    "N/A",
    "NA",
    "UNKNOWN",
    "INVALID",
    "EMPTY",
    "[EMPTY]",
];

/// The serial number without the blanks around it, or `None` when it names no device.
///
/// Rejected: empty, the placeholders of real firmware, one character repeated (`0000`, `XXXX`),
/// a run of digits counting up or down (`123456789`, `0123456789`), and the all-purpose UUIDs.
pub fn clean(raw: &str) -> Option<String> {
    let serial = raw.trim().trim_matches('\0').trim();
    let upper = serial.to_uppercase();
    let bare: Vec<char> = upper.chars().filter(|c| c.is_alphanumeric()).collect();
    let first = bare.first()?;
    let repeated = bare.iter().all(|c| c == first);
    let placeholder = PLACEHOLDERS.contains(&upper.as_str())
        || upper.starts_with("OEM DEFINE")
        || upper.starts_with("03000200-0400-0500-0006-000700080009");
    if repeated || placeholder || counts(&bare) || serial.chars().any(char::is_control) {
        return None;
    }
    Some(serial.to_owned())
}

/// Whether these are only digits that count up or down, as people type to fill a field.
fn counts(characters: &[char]) -> bool {
    let digits: Option<Vec<i64>> = characters
        .iter()
        .map(|c| c.to_digit(10).map(i64::from))
        .collect();
    let Some(digits) = digits.filter(|digits| digits.len() >= 4) else {
        return false;
    };
    let follows = |step: i64| {
        digits
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if (a + step).rem_euclid(10) == *b))
    };
    follows(1) || follows(-1)
}

/// The form in which two serial numbers are compared: no blanks, upper case.
pub fn comparable(serial: &str) -> String {
    serial
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_name_no_device() {
        for junk in [
            "",
            "  ",
            "To Be Filled By O.E.M.",
            "To be filled by O.E.M.",
            "System Serial Number",
            "Default string",
            "None",
            "0",
            "123456789",
            "0123456789",
            "00000000",
            "XXXXXXXX",
            "Not Specified",
            "INVALID",
            "03000200-0400-0500-0006-000700080009",
            "FFFFFFFF-FFFF-FFFF",
            "9876543210",
            "ab\ncd",
        ] {
            assert_eq!(clean(junk), None, "{junk:?}");
        }
        for real in [
            "PF0QMY5N",
            "6RX7AWEZ",
            "WD-WCC2ETY84203",
            "185140800457",
            "1.0A",
            "30147911159",
        ] {
            assert_eq!(clean(&format!(" {real} ")).as_deref(), Some(real));
        }
    }

    #[test]
    fn a_cut_serial_is_a_prefix_and_a_hidden_one_is_hidden() {
        assert_eq!(
            Clue::cut_at(20, "101022PBN40317KS46YE"),
            Clue::Prefix("101022PBN40317KS46YE".into())
        );
        assert_eq!(Clue::cut_at(20, "6RX7AWEZ"), Clue::Exact("6RX7AWEZ".into()));
        assert_eq!(Clue::cut_at(20, "XXXXXXXXXXXXXXX"), Clue::Hidden);
        assert_eq!(Clue::cut_at(20, "???????????????"), Clue::Hidden);
        assert_eq!(Clue::cut_at(20, ""), Clue::Missing);
    }
}
