//! The communes of Hérault and their EPCI, embedded (see `config/communes/README.md` for the source).
//!
//! A commune is its INSEE code, five characters of text: a postal code is not a key. The list serves a datalist and
//! finds the EPCI, whose overlay may change the policy. A code outside the list is accepted when it is well made.

use std::{collections::BTreeMap, sync::LazyLock};

/// One commune as of COG 2026.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commune {
    /// INSEE code.
    pub code: &'static str,
    /// Name, with its article.
    pub name: &'static str,
    /// SIREN of its EPCI.
    pub epci: &'static str,
}

static COMMUNES: LazyLock<Vec<Commune>> = LazyLock::new(|| {
    rows(include_str!("../../config/communes/herault.csv"))
        .filter_map(|line| {
            let mut cells = line.split(',');
            Some(Commune {
                code: cells.next()?,
                name: cells.next()?,
                epci: cells.next()?,
            })
        })
        .collect()
});

static EPCI: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    rows(include_str!("../../config/communes/epci.csv"))
        .filter_map(|line| line.split_once(','))
        .collect()
});

fn rows(csv: &'static str) -> impl Iterator<Item = &'static str> {
    csv.lines().skip(1).filter(|line| !line.is_empty())
}

/// Every known commune, by code.
pub fn communes() -> &'static [Commune] {
    &COMMUNES
}

/// The known commune of this code.
pub fn commune(code: &str) -> Option<&'static Commune> {
    let index = COMMUNES.binary_search_by_key(&code, |one| one.code).ok()?;
    COMMUNES.get(index)
}

/// The name of a commune, if we know it.
pub fn commune_name(code: &str) -> Option<&'static str> {
    commune(code).map(|one| one.name)
}

/// The name of an EPCI by its SIREN, if it is one of Hérault.
pub fn epci_name(siren: &str) -> Option<&'static str> {
    EPCI.get(siren).copied()
}

/// Whether a text is made like an INSEE code of a commune: `^([013-9]\d|2[AB1-9])\d{3}$` (schema of the lieux de
/// médiation numérique 1.0.2).
pub fn is_commune_code(text: &str) -> bool {
    let [first, second, rest @ ..] = text.as_bytes() else {
        return false;
    };
    let department = match first {
        b'2' => matches!(second, b'A' | b'B' | b'1'..=b'9'),
        b'0' | b'1' | b'3'..=b'9' => second.is_ascii_digit(),
        0..=b'/' | b':'..=u8::MAX => false,
    };
    department && rest.len() == 3 && rest.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_departement_is_there() {
        assert_eq!(communes().len(), 341);
        assert!(communes().is_sorted_by_key(|one| one.code));
        for one in communes() {
            assert!(
                is_commune_code(one.code) && one.code.starts_with("34"),
                "{one:?}"
            );
            assert!(epci_name(one.epci).is_some(), "{one:?}");
        }
        assert_eq!(EPCI.len(), 17);
    }

    #[test]
    fn each_epci_has_as_many_communes_as_the_source_says() {
        for (siren, count) in [
            ("243400017", 31),
            ("243400769", 17),
            ("200066355", 14),
            ("200022986", 36),
            ("243400736", 9),
            ("200066553", 6),
        ] {
            let found = communes().iter().filter(|one| one.epci == siren).count();
            assert_eq!(found, count, "{siren}");
        }
    }

    #[test]
    fn names_are_found_by_code() {
        assert_eq!(commune_name("34032"), Some("Béziers"));
        assert_eq!(commune_name("34172"), Some("Montpellier"));
        assert_eq!(commune_name("34999"), None);
    }

    #[test]
    fn a_code_is_five_characters_of_a_certain_make() {
        for good in ["34032", "01001", "2A004", "2B033", "97411", "34999"] {
            assert!(is_commune_code(good), "{good}");
        }
        for bad in [
            "", "3403", "340322", "20004", "2C004", "34O32", "A4032", "34 32", "é4032",
        ] {
            assert!(!is_commune_code(bad), "{bad}");
        }
    }
}
