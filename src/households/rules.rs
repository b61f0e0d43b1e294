//! Decisions on plain values: what a social security number looks like, how names are compared, what a contact is.

use chrono::NaiveDate;

/// What is said of a social security number.
pub const NIR_REFUSED: &str =
    "Ce texte ressemble à un numéro de sécurité sociale\u{a0}: il n’est pas gardé ici. Retirez-le.";

/// Languages a household may be written to in, by their own names. The ones after French and English are letters and
/// pages to be proofread.
pub const LANGUAGES: &[(&str, &str)] = &[
    ("fr", "Français"),
    ("en", "English"),
    ("fr-simple", "Français simplifié"),
    ("ar", "العربية"),
    ("uk", "Українська"),
    ("es", "Español"),
];

/// Whether a text holds what looks like a social security number (NIR).
///
/// That is 13 characters made like one, or 15 whose last two are its key, 97 less the number modulo 97. Spaces, dots and dashes between them don't hide it.
pub fn holds_nir(text: &str) -> bool {
    let mut run = String::new();
    for letter in text.chars().chain(std::iter::once('\n')) {
        match letter {
            '0'..='9' => run.push(letter),
            'A' | 'B' | 'a' | 'b' if run.len() == 6 && run.ends_with('2') => {
                run.push(letter.to_ascii_uppercase());
            }
            ' ' | '.' | '-' | '\u{a0}' | '\u{202f}' => {}
            _ => {
                if is_nir(&run) {
                    return true;
                }
                run.clear();
            }
        }
    }
    false
}

/// Whether characters without spaces are made like a NIR.
fn is_nir(text: &str) -> bool {
    let (body, key) = match text.len() {
        13 => (text, None),
        15 => text
            .split_at_checked(13)
            .map_or((text, None), |(body, key)| (body, key.parse::<u64>().ok())),
        _ => return false,
    };
    let bytes = body.as_bytes();
    let month = body
        .get(3..5)
        .and_then(|m| m.parse::<u32>().ok())
        .unwrap_or(0);
    let made_like_one = matches!(bytes.first(), Some(b'1'..=b'4' | b'7' | b'8'))
        && matches!(month, 1..=12 | 20..=42 | 50..=99);
    if text.len() == 13 {
        return made_like_one;
    }
    // Corsica: 2A counts as 19, 2B as 18
    let number = body.replacen("2A", "19", 1).replacen("2B", "18", 1);
    let number = number.parse::<u64>().ok();
    made_like_one && matches!((number, key), (Some(number), Some(key)) if 97 - number % 97 == key)
}

/// What a blind index is made of: names as words without accents in a fixed order, so that swapped names and double
/// spaces are the same person, and the day of birth.
pub(crate) fn blind_text(family_name: &str, given_name: &str, born: NaiveDate) -> String {
    let mut words = crate::devices::store::terms_of(family_name);
    words.extend(crate::devices::store::terms_of(given_name));
    words.sort_unstable();
    format!("{}|{born}", words.join(" "))
}

/// A telephone number as it is kept: digits, a plus before them; none when it is no number.
pub fn phone(text: &str) -> Option<String> {
    let text = text.trim();
    let digits = text
        .chars()
        .filter(char::is_ascii_digit)
        .collect::<String>();
    let foreign = text.chars().any(|c| {
        !c.is_ascii_digit() && !matches!(c, ' ' | '.' | '-' | '(' | ')' | '+' | '/' | '\u{a0}')
    });
    if foreign || !(6..=14).contains(&digits.len()) {
        return None;
    }
    let plus = if text.starts_with('+') { "+" } else { "" };
    Some(format!("{plus}{digits}"))
}

/// Whether a text could be an address of mail. Whether it is one, the first message shows.
pub fn is_mail_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_social_security_number_is_seen_however_it_is_typed() {
        for text in [
            "2 84 05 34 172 001",
            "NIR 184053417200156"
                .replacen("184053417200156", &with_key("1840534172001"), 1)
                .as_str(),
            "né, 1.84.05.2A.004.001",
        ] {
            assert!(holds_nir(text), "{text}");
        }
    }

    #[test]
    fn other_numbers_pass() {
        for text in [
            "06 12 34 56 78",
            "+33 6 12 34 56 78",
            "12 rue des Lilas, 34000",
            "9840534172001",
            "184053417200100",
        ] {
            assert!(!holds_nir(text), "{text}");
        }
    }

    fn with_key(body: &str) -> String {
        let number = body.parse::<u64>().unwrap();
        format!("{body}{:02}", 97 - number % 97)
    }

    #[test]
    fn the_same_person_has_one_blind_text() {
        let day = NaiveDate::from_ymd_opt(1984, 5, 2).unwrap();
        assert_eq!(
            blind_text("Ben  Ali", "Amélie", day),
            blind_text("AMELIE", "ben-ali", day)
        );
        assert_ne!(
            blind_text("Benali", "Amélie", day),
            blind_text("Benali", "Amina", day)
        );
    }

    #[test]
    fn telephones_are_kept_as_digits() {
        assert_eq!(phone("06 12.34-56 78").as_deref(), Some("0612345678"));
        assert_eq!(
            phone("+33 (0)6 12 34 56 78").as_deref(),
            Some("+330612345678")
        );
        assert_eq!(phone("appeler le soir"), None);
        assert_eq!(phone("123"), None);
    }
}
