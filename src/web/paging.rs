//! Lists come by page: how many rows one answer holds, and that it is never more.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// Rows of a page when nobody says how many.
const USUAL: u64 = 50;
/// Most rows of a page; who asks for more is told so.
const MOST: u64 = 500;

/// How many rows a page has at most: 50 when left out, from 1 to 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit(u64);

impl Default for Limit {
    fn default() -> Self {
        Self(USUAL)
    }
}

impl Limit {
    /// How many rows to read: one more than the page has tells whether there is another page.
    pub(crate) const fn and_one(self) -> u64 {
        self.0 + 1
    }

    /// How many rows the page has.
    pub(crate) fn rows(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// Cuts what was read to the page; whether there is more.
    pub(crate) fn cut<T>(self, rows: &mut Vec<T>) -> bool {
        let more = rows.len() > self.rows();
        rows.truncate(self.rows());
        more
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wanted = u64::deserialize(deserializer)?;
        if (1..=MOST).contains(&wanted) {
            Ok(Self(wanted))
        } else {
            Err(D::Error::custom("de 1 à 500"))
        }
    }
}

impl JsonSchema for Limit {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Limit".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": MOST })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_never_longer_than_the_maximum() {
        let read = |text| serde_json::from_str::<Limit>(text).ok();
        assert_eq!(read("1"), Some(Limit(1)));
        assert_eq!(read("500"), Some(Limit(500)));
        for wrong in ["0", "501", "-1", "1.5", "\"x\""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_one_more_is_cut_off() {
        let limit = Limit(2);
        assert_eq!(limit.and_one(), 3);
        let mut rows = vec![1, 2, 3];
        assert!(limit.cut(&mut rows));
        assert_eq!(rows, [1, 2]);
        assert!(!limit.cut(&mut rows));
    }
}
