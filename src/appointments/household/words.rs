//! Words of a household's pages in its language, and dates as people of that language say them.

use chrono::{DateTime, NaiveDate, Utc};
use entities::enums::{DeviceKind, Format};

use crate::french;
use crate::notifications::translations::{self, text};

/// The words of one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(&'static str);

impl Words {
    /// The language asked for in the address, else the household's own; French when neither is one we write.
    pub(super) fn of(asked: Option<&str>, own: &str) -> Self {
        Self(translations::language(asked.unwrap_or(own)))
    }

    /// As in `lang="en"`.
    pub(super) const fn lang(self) -> &'static str {
        self.0
    }

    /// A text without variables.
    pub(super) fn t(self, key: &str) -> String {
        text(self.0, key, &[])
    }

    /// A text with variables.
    pub(super) fn with(self, key: &str, args: &[(&'static str, &str)]) -> String {
        text(self.0, key, args)
    }

    /// "mardi 12 janvier", "Tuesday 12 January".
    pub(super) fn day(self, day: NaiveDate) -> String {
        if self.0 == "en" {
            day.format("%A %-d %B").to_string()
        } else {
            let said = french::weekday_date(day);
            said.rsplit_once(' ')
                .map_or(said.clone(), |(day, _year)| day.to_owned())
        }
    }

    /// "14 h 30", "14:30".
    pub(super) fn time(self, at: DateTime<Utc>) -> String {
        if self.0 == "en" {
            at.with_timezone(&french::PARIS).format("%H:%M").to_string()
        } else {
            french::time(at)
        }
    }

    /// "mardi 12 janvier à 14 h 30".
    pub(super) fn moment(self, at: DateTime<Utc>) -> String {
        let (day, time) = (self.day(french::local_date(at)), self.time(at));
        if self.0 == "en" {
            format!("{day} at {time}")
        } else {
            format!("{day} à {time}")
        }
    }

    /// "20 €", "€20".
    pub(super) fn amount(self, cents: i64) -> String {
        if self.0 == "en" {
            format!("€{}.{:02}", cents / 100, cents % 100).replace(".00", "")
        } else {
            french::euros(cents)
        }
    }

    /// What is reserved, as a sentence.
    pub(super) fn ready(self, kind: DeviceKind) -> String {
        self.t(match kind {
            DeviceKind::Laptop | DeviceKind::Desktop | DeviceKind::AllInOne => {
                "page-ready-computer"
            }
            DeviceKind::Tablet => "page-ready-tablet",
            DeviceKind::Smartphone => "page-ready-smartphone",
            DeviceKind::Monitor | DeviceKind::Other => "page-ready-other",
        })
    }

    /// How a session goes.
    pub(super) fn format(self, format: Format) -> String {
        self.t(match format {
            Format::Individual => "page-format-individual",
            Format::Group => "page-format-group",
            Format::DropIn => "page-format-drop_in",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_said_as_people_say_them() {
        let at: DateTime<Utc> = "2027-01-12T13:30:00Z".parse().unwrap();
        assert_eq!(
            Words("fr").moment(at),
            "mardi 12 janvier à 14\u{a0}h\u{a0}30"
        );
        assert_eq!(Words("en").moment(at), "Tuesday 12 January at 14:30");
        assert_eq!(Words("en").amount(2000), "€20");
        assert_eq!(Words::of(Some("xx"), "en").lang(), "fr");
    }

    /// Every key that pages and code name is a text of both languages.
    #[test]
    fn every_word_of_the_pages_exists() {
        let sources = [
            include_str!("words.rs"),
            include_str!("door.rs"),
            include_str!("choice.rs"),
            include_str!("meeting.rs"),
            include_str!("../pages/household/birth.html"),
            include_str!("../pages/household/choice.html"),
            include_str!("../pages/household/summary.html"),
            include_str!("../pages/household/meeting.html"),
            include_str!("../pages/household/cancel.html"),
            include_str!("../pages/household/plain.html"),
        ];
        let mut seen = 0;
        for source in sources {
            for part in source.split("\"page-").skip(1) {
                let key = part.split('"').next().unwrap_or_default();
                if key.is_empty() || key.contains('{') {
                    continue;
                }
                let key = format!("page-{key}");
                let args = [
                    "address", "amount", "count", "day", "from", "n", "name", "phone", "place",
                    "time", "to",
                ]
                .map(|name| (name, "1"));
                assert_ne!(text("fr", &key, &args), key, "{key}");
                seen += 1;
            }
        }
        assert!(seen > 40, "{seen}");
    }
}
