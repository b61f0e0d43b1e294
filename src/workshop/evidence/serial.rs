//! What a report says of the serial number of the medium it is about.

use schemars::JsonSchema;
use serde::Serialize;

pub use crate::devices::serial::{clean, comparable};

/// What a report says of the serial number of the medium it is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
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

#[cfg(test)]
mod tests {
    use super::*;

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
