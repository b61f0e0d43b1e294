//! The ways in which a typed or scanned text can be read.
//!
//! A keyboard-wedge scanner that is set to a US layout on a French PC is the ordinary case, not the exception: it types
//! `7KD3BX0R` as `èKD"BXàR` and `https://…` as `httpsM!!…`. Nobody at a counter should have to know.
//! So a text has several readings, and the check character of [`crate::Code`] tells which one was meant.

/// Longer texts are not worth reading: the address on a label has some forty characters.
const LONGEST: usize = 512;

/// Every reading of `text` that could be a code, the most literal first, in upper case and without separators.
pub(crate) fn readings(text: &str) -> Vec<String> {
    if text.len() > LONGEST {
        return Vec::new();
    }
    let mut readings = Vec::with_capacity(4);
    for keyed in [text.to_uppercase(), as_typed_on_qwerty(text)] {
        let bare = without_separators(tail_of_address(without_symbology(keyed.trim())));
        let lookalikes = with_digits_for_lookalikes(&bare);
        for reading in [bare, lookalikes] {
            if !readings.contains(&reading) {
                readings.push(reading);
            }
        }
    }
    readings
}

/// What a US keyboard would have written where an AZERTY keyboard wrote `text`, in upper case.
///
/// The dash is the key of the digit 6 here, so this goes before separators are taken out. A digit is a shifted
/// key, a sign on a US keyboard: else `7KD3-BX0`, where a character is missing, would read as a code with a 6.
fn as_typed_on_qwerty(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|written| match written {
            '&' => '1',
            'é' => '2',
            '"' => '3',
            '\'' | '’' => '4',
            '(' => '5',
            '-' => '6',
            'è' => '7',
            '_' => '8',
            'ç' => '9',
            'à' => '0',
            ')' => '-',
            '°' => '_',
            'a' => 'Q',
            'q' => 'A',
            'w' => 'Z',
            'z' => 'W',
            'm' => ':',
            ',' | '?' => 'M',
            ':' | '/' => '.',
            '!' => '/',
            '§' => '?',
            '$' => ']',
            '0'..='9' => '#',
            other => other.to_ascii_uppercase(),
        })
        .collect()
}

/// Without the three characters by which a scanner tells the kind of symbol (`]C1` Code 128, `]Q3` QR, …).
fn without_symbology(text: &str) -> &str {
    let mut characters = text.chars();
    let is_prefix = characters.next() == Some(']')
        && characters
            .next()
            .is_some_and(|kind| kind.is_ascii_alphabetic())
        && characters
            .next()
            .is_some_and(|modifier| modifier.is_ascii_digit());
    if is_prefix { characters.as_str() } else { text }
}

/// The code in an address `…/P/CODE`, or the whole text where it is no such address.
fn tail_of_address(text: &str) -> &str {
    let Some((_, tail)) = text.rsplit_once("/P/") else {
        return text;
    };
    tail.split(['/', '?', '#']).next().unwrap_or(tail)
}

/// Without what people and scanners put between the characters: spaces, dashes, control characters.
fn without_separators(text: &str) -> String {
    let is_separator = |character: char| {
        character.is_whitespace()
            || character.is_control()
            || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
    };
    text.chars()
        .filter(|character| !is_separator(*character))
        .collect()
}

/// With the digits that somebody reading a label took for letters.
fn with_digits_for_lookalikes(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}
