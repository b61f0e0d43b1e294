//! ISO 7064 MOD 37-2, the check character of a code.
//!
//! Of the check systems tried (`MOD 37,36` beside it) this one misses neither a wrong character nor two
//! characters that changed places, next to each other or not. Its price: the check character may be
//! `*`, or a letter that is no part of our alphabet; such a draw is thrown away.

/// The characters of the standard in the order of their values, 0 to 36.
const CHARACTERS: &[u8; 37] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*";

/// The check character that completes `body`, or none when `body` holds something else than `0-9A-Z`.
pub(crate) fn check_character(body: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for character in body {
        sum = (sum + value(*character)?) * 2 % 37;
    }
    CHARACTERS.get((38 - sum) % 37).copied()
}

fn value(character: u8) -> Option<usize> {
    match character {
        b'0'..=b'9' => Some(usize::from(character - b'0')),
        b'A'..=b'Z' => Some(usize::from(character - b'A') + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::check_character;

    /// From python-stdnum 2.2, an independent implementation.
    const VECTORS: [(&str, char); 12] = [
        ("A12425GABC1234002", '5'),
        ("RD7Z4KX", '5'),
        ("RD0001", '1'),
        ("ZQ8M2", 'B'),
        ("79", 'T'),
        ("T0MAR", 'O'),
        ("VY3R7", 'L'),
        ("1XZ18", 'T'),
        ("Z3TM4M", '*'),
        ("NPT40V7", 'P'),
        ("VNBHCD3", '*'),
        ("XY00JV5", 'C'),
    ];

    #[test]
    fn agrees_with_an_independent_implementation() {
        for (body, expected) in VECTORS {
            let found = check_character(body.as_bytes()).map(char::from);
            assert_eq!(found, Some(expected), "{body}");
        }
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "a test that could not run says so")]
    fn agrees_with_every_stored_vector() {
        let folder = std::env::var("REBOND_FIXTURES").unwrap_or_else(|_| {
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/fixtures").to_owned()
        });
        let Ok(text) = std::fs::read_to_string(format!("{folder}/standards/iso7064/vectors.json"))
        else {
            eprintln!("skipped: agrees_with_every_stored_vector (no fixtures at {folder})");
            return;
        };
        let vectors: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert!(vectors.len() > 30);
        for vector in vectors {
            let body = vector["body"].as_str().unwrap();
            let found = check_character(body.as_bytes()).map(|c| char::from(c).to_string());
            assert_eq!(found.as_deref(), vector["mod37_2"].as_str(), "{body}");
        }
    }

    #[test]
    fn says_nothing_about_other_characters() {
        assert_eq!(check_character(b"7KD3-BX"), None);
    }
}
