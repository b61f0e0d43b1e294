//! Reading JSON whose shape changes from one version of a tool to the next: numbers as strings, an
//! object or a string that holds one, one value or a list of them.

use serde_json::Value;

use super::serial;

/// Longest name kept, characters: what is longer was not written by a firmware.
const LONGEST: usize = 100;

/// A text that says something: trimmed, not empty, not a placeholder of some firmware.
pub(super) fn name(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).and_then(named)
}

/// The same for text that is not JSON.
pub(super) fn named(raw: &str) -> Option<String> {
    let text = raw.trim();
    // A model may well be a digit repeated; only words that stand for "nothing" are dropped.
    let says_something = text.chars().any(char::is_alphanumeric)
        && text.chars().nth(LONGEST).is_none()
        && !text.chars().any(char::is_control)
        && (serial::clean(text).is_some() || text.chars().any(|c| c.is_ascii_digit()));
    says_something.then(|| text.to_owned())
}

/// The identity that a firmware gives its machine, in capitals; those that many machines share name none.
pub(super) fn uuid(raw: &str) -> Option<String> {
    let id = uuid::Uuid::try_parse(raw.trim()).ok()?;
    let digits = id.simple().to_string();
    let varied = digits
        .bytes()
        .collect::<std::collections::BTreeSet<_>>()
        .len()
        > 3;
    // Boards of several makers left these as they came: counting up, or with the address of no card.
    let shared = digits.starts_with("03000200040005000006")
        || digits.starts_with("00020003000400050006")
        || digits.starts_with("12345678123412341234");
    (varied && !shared).then(|| digits.to_uppercase())
}

/// The address of a network card: twelve hexadecimal digits, given to one card by its maker.
pub(super) fn mac(raw: &str) -> Option<String> {
    let digits: String = raw
        .trim()
        .chars()
        .filter(|c| !matches!(c, ':' | '-' | '.'))
        .flat_map(char::to_uppercase)
        .collect();
    let is_one = digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let first = u8::from_str_radix(digits.get(..2)?, 16).ok()?;
    let varied = digits
        .bytes()
        .collect::<std::collections::BTreeSet<_>>()
        .len()
        > 2;
    // Bits of the first byte: a group, or an address that software made up (bridges, privacy of Wi-Fi).
    (is_one && varied && first.trailing_zeros() >= 2).then_some(digits)
}

/// A whole number, written as a number (perhaps with a fraction) or as a string.
pub(super) fn whole(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number
            .as_i64()
            .or_else(|| number.as_f64().and_then(rounded)),
        Value::String(text) => {
            let text = text.trim();
            text.parse()
                .ok()
                .or_else(|| text.parse().ok().and_then(rounded))
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The nearest whole number, where there is one that means something.
pub(super) fn rounded(number: f64) -> Option<i64> {
    // 2^53: beyond it a fraction has lost its units, and no disk is that large.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let sound = number.is_finite() && (0.0..EXACT).contains(&number);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked just above: finite, not negative, below 2^53"
    )]
    sound.then(|| number.round() as i64)
}

/// A size in bytes: a number counted in `unit` bytes, or a text with its own unit
/// (`1024.0 mebibyte`, `8 GB`, `298.1G`, `953.87 GiB`).
pub(super) fn size(value: Option<&Value>, unit: i64) -> Option<i64> {
    let bytes = match value? {
        Value::Number(number) => {
            let number = number.as_f64()?;
            #[expect(
                clippy::cast_precision_loss,
                reason = "units are powers far below 2^53"
            )]
            rounded(number * unit as f64)
        }
        Value::String(text) => sized(text, unit),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    bytes.filter(|bytes| *bytes > 0)
}

/// A text size in bytes; a bare number counts `unit` bytes. French decimal commas are read.
pub(super) fn sized(text: &str, unit: i64) -> Option<i64> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let number: f64 = number.replace(',', ".").parse().ok()?;
    let multiple = match suffix.trim().to_ascii_lowercase().as_str() {
        "" => unit,
        "b" | "byte" | "bytes" => 1,
        "kb" | "kilobyte" => 1_000,
        "mb" | "megabyte" => 1_000_000,
        "gb" | "gigabyte" => 1_000_000_000,
        "tb" | "terabyte" => 1_000_000_000_000,
        // A lone letter is lsblk's: powers of 1024.
        "k" | "kib" | "kibibyte" => 1 << 10,
        "m" | "mib" | "mebibyte" => 1 << 20,
        "g" | "gib" | "gibibyte" => 1 << 30,
        "t" | "tib" | "tebibyte" => 1 << 40,
        _ => return None,
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "units are powers far below 2^53"
    )]
    rounded(number * multiple as f64)
}

/// The value, or what the string holds when the value is a string with JSON in it.
pub(super) fn unwrapped(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => serde_json::from_str(text).ok(),
        Value::Object(_) | Value::Array(_) => Some(value.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// A list of the value's members: of a list, of an object of objects keyed by number, or itself.
pub(super) fn members(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list.iter().filter_map(unwrapped).collect(),
        Value::Object(_) => vec![value.clone()],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// A moment as written, unless it is impossible: the year 1 that an unset clock of Python prints.
pub(super) fn moment(value: Option<&Value>) -> Option<String> {
    let text = value.and_then(Value::as_str)?.trim();
    let year: u32 = text.get(..4)?.parse().ok()?;
    (1990..2200).contains(&year).then(|| text.to_owned())
}

/// Seconds from one ISO-like moment to another; `None` where either is not one or time runs backwards.
///
/// Only for telling a record that took no time from one that did: zones are ignored, since a tool
/// writes both ends in the same one.
pub(super) fn seconds_between(start: &str, end: &str) -> Option<i64> {
    let passed = second_of(end)? - second_of(start)?;
    (passed >= 0).then_some(passed)
}

fn second_of(text: &str) -> Option<i64> {
    let digits: String = text
        .get(..19)?
        .chars()
        .map(|c| if c.is_ascii_digit() { c } else { ' ' })
        .collect();
    let mut parts = digits.split_whitespace().map(str::parse::<u32>);
    let mut next = || parts.next()?.ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let (hour, minute, second) = (next()?, next()?, next()?);
    let date = chrono::NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some(
        date.and_hms_opt(hour, minute, second)?
            .and_utc()
            .timestamp(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sizes_come_with_or_without_their_unit() {
        assert_eq!(size(Some(&json!("1024.0 mebibyte")), 1), Some(1 << 30));
        assert_eq!(
            size(Some(&json!(500_107.862_015_999_97)), 1_000_000),
            Some(500_107_862_016)
        );
        assert_eq!(
            size(Some(&json!(476_940.023_437_5)), 1 << 20),
            Some(500_107_862_016)
        );
        assert_eq!(sized("298.1G", 1), Some(320_082_437_734));
        assert_eq!(sized("8 GB", 1), Some(8_000_000_000));
        assert_eq!(sized("1,5 TiB", 1), Some(1_649_267_441_664));
        assert_eq!(size(Some(&json!(0)), 1), None);
        assert_eq!(sized("no module", 1), None);
    }

    #[test]
    fn the_year_one_is_not_a_date() {
        assert_eq!(moment(Some(&json!("0001-01-01 00:00:00+00:00"))), None);
        assert!(moment(Some(&json!("2022-04-09_10h51m48s"))).is_some());
        assert_eq!(
            seconds_between("2022-04-09T10:00:00", "2022-04-09_10h51m48s"),
            Some(3108)
        );
    }
}
