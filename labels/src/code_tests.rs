use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{ALPHABET, Code, CodeError, LENGTH};
use crate::check::check_character;
use crate::reading::readings;

/// What comes out on an AZERTY PC when a scanner set to US presses the keys for `text`.
fn garbled(text: &str) -> String {
    let keys = [
        ("1", "&"),
        ("2", "é"),
        ("3", "\""),
        ("4", "'"),
        ("5", "("),
        ("6", "-"),
        ("7", "è"),
        ("8", "_"),
        ("9", "ç"),
        ("0", "à"),
        ("-", ")"),
        ("_", "°"),
        ("/", "!"),
        ("?", "§"),
        (".", ":"),
        (":", "M"),
        (";", "m"),
        ("]", "$"),
        ("m", ","),
        ("M", "?"),
        ("a", "q"),
        ("#", "3"),
        ("q", "a"),
        ("A", "Q"),
        ("Q", "A"),
        ("w", "z"),
        ("z", "w"),
        ("W", "Z"),
        ("Z", "W"),
    ];
    text.chars()
        .map(|wanted| {
            let wanted = wanted.to_string();
            keys.iter()
                .find(|(us, _)| *us == wanted)
                .map_or(wanted.clone(), |(_, azerty)| (*azerty).to_owned())
        })
        .collect()
}

fn any_code() -> impl Strategy<Value = Code> {
    proptest::collection::vec(any::<u8>(), 32..64).prop_map(|bytes| {
        let mut next = 0_usize;
        // Goes round the bytes with a drift, so that no source can repeat itself for ever.
        Code::draw(|| {
            next += 1;
            bytes[next % bytes.len()].wrapping_add(u8::try_from(next / bytes.len() % 251).unwrap())
        })
    })
}

proptest! {
    #[test]
    fn a_code_survives_every_way_of_being_read(code in any_code()) {
        let plain = code.as_str().to_owned();
        let grouped = code.to_string();
        let address = format!("https://rebond.example.org/p/{plain}");
        let shouted = address.to_uppercase();
        let with_query = format!("http://127.0.0.1:8080/p/{plain}?lang=fr#top");
        for read in [&plain, &grouped, &address, &shouted, &with_query] {
            for prefix in ["", "]C1", "]C0", "]d2", "]Q3"] {
                let sent = format!("{prefix}{read}");
                prop_assert_eq!(Code::parse(&sent), Ok(code), "{}", sent);
                prop_assert_eq!(Code::parse(&sent.to_lowercase()), Ok(code), "{} in lower case", sent);
                let azerty = garbled(&sent);
                prop_assert_eq!(Code::parse(&azerty), Ok(code), "{}", azerty);
                prop_assert_eq!(Code::parse(&azerty.to_lowercase()), Ok(code), "{}", azerty);
                prop_assert_eq!(Code::parse(&azerty.to_uppercase()), Ok(code), "{}", azerty);
            }
        }
        let spaced: String = plain.chars().flat_map(|c| [c, '\u{a0}']).collect();
        prop_assert_eq!(Code::parse(&format!("  {spaced}\r\n")), Ok(code));
        let looked_at = plain.replace('0', "O").replace('1', "l");
        prop_assert_eq!(Code::parse(&looked_at), Ok(code));
        prop_assert_eq!(Code::canonical(&plain), Ok(code));
    }

    #[test]
    fn every_wrong_character_is_caught(code in any_code()) {
        for place in 0..LENGTH {
            for other in ALPHABET {
                let mut text = code.as_str().as_bytes().to_vec();
                if text[place] == *other {
                    continue;
                }
                text[place] = *other;
                let text = String::from_utf8(text).unwrap();
                prop_assert_eq!(Code::parse(&text), Err(CodeError::WrongCheckCharacter));
            }
        }
    }

    #[test]
    fn every_transposition_is_caught_even_across_the_code(code in any_code()) {
        for first in 0..LENGTH {
            for second in first + 1..LENGTH {
                let mut text = code.as_str().as_bytes().to_vec();
                if text[first] == text[second] {
                    continue;
                }
                text.swap(first, second);
                let text = String::from_utf8(text).unwrap();
                prop_assert_eq!(Code::parse(&text), Err(CodeError::WrongCheckCharacter));
            }
        }
    }

    #[test]
    fn no_text_has_two_codes(text in "[0-9B-HJKNPRSTVXOIL&é\"'(_çà)-]{7,11}") {
        let codes: BTreeSet<Code> =
            readings(&text).iter().filter_map(|reading| Code::canonical(reading).ok()).collect();
        prop_assert!(codes.len() <= 1, "{} reads as {:?}", text, codes);
    }

    #[test]
    fn nothing_makes_it_panic(text in any::<String>()) {
        let _ = Code::parse(&text);
    }
}

#[test]
fn is_drawn_from_the_alphabet_and_checked() {
    let mut byte = 0_u8;
    for _ in 0..500 {
        let code = Code::draw(|| {
            byte = byte.wrapping_mul(5).wrapping_add(113);
            byte
        });
        let text = code.as_str().as_bytes();
        assert!(text.iter().all(|character| ALPHABET.contains(character)));
        assert_eq!(check_character(&text[..7]), Some(text[7]));
    }
}

#[test]
fn is_shown_in_two_groups() {
    let code = Code::parse("7kd3bx0r").unwrap();
    assert_eq!(code.to_string(), "7KD3-BX0R");
    assert_eq!(code.as_str(), "7KD3BX0R");
    assert_eq!(format!("{code:?}"), "Code(7KD3-BX0R)");
}

#[test]
fn a_misread_code_and_no_code_are_told_apart() {
    assert_eq!(
        Code::parse("0000-0002"),
        Err(CodeError::WrongCheckCharacter)
    );
    assert_eq!(
        Code::parse("https://rebond.example.org/p/00000002"),
        Err(CodeError::WrongCheckCharacter)
    );
    assert_eq!(
        Code::parse("ààààààà é"),
        Err(CodeError::WrongCheckCharacter)
    );
    assert_eq!(
        Code::parse("O000-000I"),
        Ok(Code::parse("00000001").unwrap())
    );
    for text in [
        "",
        "-",
        "0000-001",
        "0000-00011",
        "7KD3-BX0",
        "PF0ABCDE",
        "AQWZMY00",
        "]C1",
        "/p/",
        "&é\"'(-è_çà",
        "😀",
    ] {
        assert_eq!(Code::parse(text), Err(CodeError::NotACode), "{text}");
    }
    assert_eq!(Code::parse(&"0".repeat(10_000)), Err(CodeError::NotACode));
}

#[test]
fn only_the_canonical_form_is_canonical() {
    assert!(Code::canonical("00000001").is_ok());
    for text in ["0000-0001", "0000000l", "00000001 ", "éééééééé"] {
        assert_eq!(Code::canonical(text), Err(CodeError::NotACode), "{text}");
    }
}
