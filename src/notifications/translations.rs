//! Words of messages and household pages, by language: `config/translations`.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Paris;
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{Loader, static_loader};
use unic_langid::{LanguageIdentifier, langid};

use crate::french;

static_loader! {
    static TEXTS = {
        locales: "./config/translations",
        fallback_language: "fr",
        // Households read on old phones: no invisible isolation marks in their texts.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// Languages that texts exist in, by their own names.
pub(crate) const LANGUAGES: [(&str, &str); 2] = [("fr", "Français"), ("en", "English")];

/// The language of a household, French when it is none that we write.
pub(crate) fn language(code: &str) -> &'static str {
    LANGUAGES
        .iter()
        .find(|(known, _)| *known == code)
        .map_or("fr", |(known, _)| known)
}

/// A text of a language.
pub(crate) fn text(code: &str, key: &str, args: &[(&'static str, &str)]) -> String {
    let id: LanguageIdentifier = if code == "en" {
        langid!("en")
    } else {
        langid!("fr")
    };
    let args: HashMap<Cow<'static, str>, FluentValue<'_>> = args
        .iter()
        .map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(*value)))
        .collect();
    TEXTS
        .try_lookup_with_args(&id, key, &args)
        .unwrap_or_else(|| key.to_owned())
}

/// A moment as people of that language say it, in local time.
pub(crate) fn moment(code: &str, at: DateTime<Utc>) -> String {
    if code == "en" {
        at.with_timezone(&Paris)
            .format("%A %-d %B %Y at %H:%M")
            .to_string()
    } else {
        french::date_time(at)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    /// Keys of a file with the variables each uses.
    fn keys(text: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut current = String::new();
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            if let Some((key, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                current = key.to_owned();
                keys.entry(current.clone()).or_default();
            }
            for part in line.split("{ $").skip(1) {
                let name = part.split(' ').next().unwrap_or_default().to_owned();
                keys.entry(current.clone()).or_default().insert(name);
            }
        }
        keys
    }

    #[test]
    fn every_text_exists_in_both_languages_with_the_same_variables() {
        let pairs = [
            (
                include_str!("../../config/translations/fr/messages.ftl"),
                include_str!("../../config/translations/en/messages.ftl"),
            ),
            (
                include_str!("../../config/translations/fr/household.ftl"),
                include_str!("../../config/translations/en/household.ftl"),
            ),
        ];
        for (fr, en) in pairs {
            assert_eq!(keys(fr), keys(en));
            assert!(keys(fr).len() > 10);
        }
    }

    #[test]
    fn a_text_is_found_and_filled() {
        let said = super::text("en", "new_pickup_code-text", &[("code", "123456")]);
        assert_eq!(
            said,
            "Your new pickup code: 123456. The old one no longer works."
        );
        assert!(
            super::text("fr", "received-text", &[("reference", "R-2026-000001")])
                .contains("R-2026-000001")
        );
    }
}
