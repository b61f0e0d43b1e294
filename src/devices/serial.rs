//! Serial numbers: which are real, and how two are compared. They are not unique, and often junk.

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

/// Longest serial number, characters: a longer text was not printed on a device.
const LONGEST: usize = 64;

/// The serial number without the blanks around it, or `None` when it names no device.
///
/// Rejected: empty, the placeholders of real firmware, one character repeated (`0000`, `XXXX`),
/// a run of digits counting up or down (`123456789`, `0123456789`), and the all-purpose UUIDs.
pub fn clean(raw: &str) -> Option<String> {
    let serial = raw.trim().trim_matches('\0').trim();
    let upper = serial.to_uppercase();
    let bare: Vec<char> = upper.chars().filter(|c| c.is_alphanumeric()).collect();
    let first = bare.first().filter(|_| bare.len() <= LONGEST)?;
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
}
