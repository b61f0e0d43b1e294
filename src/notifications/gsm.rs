//! The alphabet of text messages (GSM 03.38): one letter outside it makes the whole text cost twice as much, so that
//! what can be said inside it is.

/// Letters of the basic alphabet beside ASCII; of one septet each.
const BASIC: &str = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà\n\r";
/// Signs of the extension table: of two septets.
const EXTENDED: &str = "^{}\\[~]|€\u{c}";

/// What is written instead of a letter that the alphabet does not have.
const INSTEAD: &[(&str, &str)] = &[
    ("ÁÂÃĀ", "A"),
    ("áâãā", "a"),
    ("À", "A"),
    ("çć", "c"),
    ("ÈÊËĒ", "E"),
    ("êëē", "e"),
    ("ÌÍÎÏ", "I"),
    ("íîï", "i"),
    ("ÒÓÔÕ", "O"),
    ("óôõ", "o"),
    ("ÙÚÛ", "U"),
    ("úû", "u"),
    ("ŸÝ", "Y"),
    ("ÿý", "y"),
    ("Œ", "OE"),
    ("œ", "oe"),
    ("’‘ʼ′`", "'"),
    ("«»“”„", "\""),
    ("–—‑−‐", "-"),
    ("…", "..."),
    ("•·", "-"),
    ("×", "x"),
    ("°º", "o"),
    ("\t\u{a0}\u{202f}\u{2009}\u{2002}\u{2003}", " "),
    ("\u{ad}\u{200b}\u{200e}\u{200f}\u{feff}", ""),
];

/// A text with the letters that a phone gets cheaply; what has no other way of writing stays.
pub(crate) fn for_phone(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    for letter in text.chars() {
        let instead = INSTEAD.iter().find(|(letters, _)| letters.contains(letter));
        match instead {
            Some((_, other)) if septets(letter).is_none() => said.push_str(other),
            Some(_) | None => said.push(letter),
        }
    }
    said
}

/// How many messages carry a text: 160 septets or 70 letters of UCS-2 in one, a little less in each of several.
pub(crate) fn parts(text: &str) -> usize {
    let (length, one, each) = match text.chars().map(septets).sum::<Option<usize>>() {
        Some(septets) => (septets, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    if length <= one {
        1
    } else {
        length.div_ceil(each)
    }
}

/// How much room a letter takes; none outside the alphabet.
fn septets(letter: char) -> Option<usize> {
    if EXTENDED.contains(letter) {
        Some(2)
    } else if BASIC.contains(letter) || (matches!(letter, ' '..='z') && letter != '`') {
        Some(1)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_to_the_alphabet() {
        for (text, said) in [
            (
                "Ça coûte 20\u{a0}€, l’œuvre «\u{a0}ici\u{a0}»",
                "Ça coute 20 €, l'oeuvre \" ici \"",
            ),
            ("À Sète – Êtes-vous là… ?", "A Sète - Etes-vous là... ?"),
            ("ÎLE D’OLÉRON, NOËL, ÇA", "ILE D'OLÉRON, NOEL, ÇA"),
            ("Привіт", "Привіт"),
        ] {
            assert_eq!(for_phone(text), said);
        }
        let french = "ÀÂÇÈÉÊËÎÏÔÙÛÜŸŒÆàâçèéêëîïôùûüÿœæ’«»–—…\u{202f}";
        assert!(
            for_phone(french)
                .chars()
                .all(|letter| septets(letter).is_some())
        );
    }

    #[test]
    fn parts_are_counted() {
        assert_eq!(parts(""), 1);
        assert_eq!(parts(&"a".repeat(160)), 1);
        assert_eq!(parts(&"a".repeat(161)), 2);
        assert_eq!(parts(&"a".repeat(307)), 3);
        // A euro takes two places, a letter from outside makes all of them wide.
        assert_eq!(parts(&"€".repeat(81)), 2);
        assert_eq!(parts(&"ё".repeat(70)), 1);
        assert_eq!(parts(&format!("{}ё", "a".repeat(70))), 2);
    }
}
