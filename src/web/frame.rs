//! What the layout needs beside the page itself: who is signed in, where they may go, what was just said.
//!
//! Words: the *frame* is the top bar, the rail and the bottom bar around a page of somebody who works here;
//! the *leaf* is the lean page of a household (one question, no script, no navigation). A *tone* is how a fact
//! looks: one of six, always colour, shape and word together.

use std::fmt;

/// How something looks and sounds. One vocabulary for flash messages, chips, scan results and timelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tone {
    /// Green, a tick: it happened.
    Done,
    /// Amber, two bars: it had happened before, or somebody should look.
    Already,
    /// Red, a cross: refused, broken, late.
    Refused,
    /// Blue, an i: shown, in progress, for information.
    Shown,
    /// Violet, three dots: written down, not yet sent.
    Queued,
    /// Ink, a ring: nothing to say about it.
    #[default]
    Plain,
}

impl Tone {
    /// The class that carries colour, ground and shape (`rebond.css`, section 5).
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Done => "is-done",
            Self::Already => "is-already",
            Self::Refused => "is-refused",
            Self::Shown => "is-shown",
            Self::Queued => "is-queued",
            Self::Plain => "is-plain",
        }
    }
}

/// In a template `{{ tone }}` is the class.
impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.class())
    }
}

/// A message about what was just done; it stays until the reader puts it aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    /// How it looks.
    pub(crate) tone: Tone,
    /// One sentence, in the reader's language.
    pub(crate) text: String,
}

/// One place in the rail and the bottom bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NavEntry {
    /// Path of the page.
    pub(crate) href: String,
    /// Its word: short enough for a fifth of a phone's width.
    pub(crate) word: String,
    /// Whether the page shown is this one or below it.
    pub(crate) current: bool,
    /// How many things wait there; not shown when none do.
    pub(crate) waiting: Option<u64>,
}

impl NavEntry {
    /// A place where nothing is counted; `current` when `path` is it or lies below it.
    pub(crate) fn new(href: &str, word: &str, path: &str) -> Self {
        let below = path
            .strip_prefix(href)
            .is_some_and(|rest| rest.is_empty() || (href != "/" && rest.starts_with(['/', '?'])));
        Self {
            href: href.to_owned(),
            word: word.to_owned(),
            current: below,
            waiting: None,
        }
    }
}

/// Another site or bench where the same person may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The site's slug, sent by the chooser as `site`.
    pub(crate) slug: String,
    /// Its name as people say it.
    pub(crate) name: String,
}

/// One answer of a select or of radio keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// What is sent.
    pub(crate) value: String,
    /// What is read.
    pub(crate) word: String,
}

impl Choice {
    /// A choice that sends `value` and reads `word`.
    pub(crate) fn new(value: impl Into<String>, word: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            word: word.into(),
        }
    }

    /// Whether it is the one that was sent.
    pub(crate) fn is(&self, sent: &str) -> bool {
        self.value == sent
    }
}

/// One bead of a thread: a stage of a device, a step of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bead {
    /// The stage's word.
    pub(crate) word: String,
    /// Already behind.
    pub(crate) past: bool,
    /// Here, now.
    pub(crate) current: bool,
}

impl Bead {
    /// A thread of `words` that stands at the `now`th, counted from 0; with `words.len()` all is behind.
    pub(crate) fn thread(words: &[&str], now: usize) -> Vec<Self> {
        let bead = |(n, word): (usize, &&str)| Self {
            word: (*word).to_owned(),
            past: n < now,
            current: n == now,
        };
        words.iter().enumerate().map(bead).collect()
    }
}

/// The frame of a page. A page that nobody is signed in for uses [`Frame::anonymous`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    /// Language of the page, as in `lang="fr"`.
    pub(crate) lang: &'static str,
    /// Name of the person signed in.
    pub(crate) person: Option<String>,
    /// Their role, as a word on the screen ("technicienne ou technicien de réemploi").
    pub(crate) role: Option<String>,
    /// The site or bench they stand at.
    pub(crate) site: Option<String>,
    /// Where else they may stand; the chooser is shown when there is any.
    pub(crate) places: Vec<Place>,
    /// Where their role may go, most used first.
    pub(crate) nav: Vec<NavEntry>,
    /// What was just done.
    pub(crate) flash: Option<Notice>,
    /// The form token, for sign-out and the site chooser.
    pub(crate) csrf: String,
    /// Whether the top bar has the scan field (not for those who never hold a device).
    pub(crate) has_scan: bool,
    /// The other roles of the person; the menu offers them.
    pub(crate) roles: Vec<Choice>,
    /// At a shared bench: the menu offers the next badge.
    pub(crate) bench: bool,
}

/// Words in the bottom bar of a phone; with more, the fifth is "Plus".
const BOTTOM_WORDS: usize = 5;

impl Frame {
    /// The frame of a page that anybody may see: the word Rebond, no navigation.
    pub(crate) fn anonymous() -> Self {
        Self {
            lang: "fr",
            ..Self::default()
        }
    }

    /// The address of an asset, with the hash of its content in it.
    #[expect(
        clippy::unused_self,
        reason = "templates reach it as frame.asset(\"rebond.css\")"
    )]
    pub(crate) fn asset(&self, name: &str) -> String {
        super::assets::url(name)
    }

    /// The entries that fit in the bottom bar.
    pub(crate) fn near(&self) -> &[NavEntry] {
        &self.nav[..self.fit()]
    }

    /// The entries behind "Plus".
    pub(crate) fn far(&self) -> &[NavEntry] {
        &self.nav[self.fit()..]
    }

    fn fit(&self) -> usize {
        if self.nav.len() <= BOTTOM_WORDS {
            self.nav.len()
        } else {
            BOTTOM_WORDS - 1
        }
    }
}

/// A language of a household's page, named by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tongue {
    /// As in `lang="en"`.
    pub(crate) code: &'static str,
    /// Français, English…
    pub(crate) name: &'static str,
    /// This page in that language.
    pub(crate) href: String,
    /// Whether it is the page's own.
    pub(crate) current: bool,
}

/// The frame of a household's page. Its words are passed in: nothing here is French by itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leaf {
    /// Language of the page.
    pub(crate) lang: &'static str,
    /// `ltr` or `rtl`.
    pub(crate) dir: &'static str,
    /// The languages the page can be read in.
    pub(crate) tongues: Vec<Tongue>,
    /// What was just done.
    pub(crate) flash: Option<Notice>,
    /// "Langue", said to those who hear the page.
    pub(crate) language_word: String,
    /// "Aide : 04 67 …", at the foot; empty when there is none.
    pub(crate) help: String,
}

impl Leaf {
    /// The address of an asset, with the hash of its content in it.
    #[expect(
        clippy::unused_self,
        reason = "templates reach it as leaf.asset(\"rebond.css\")"
    )]
    pub(crate) fn asset(&self, name: &str) -> String {
        super::assets::url(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_current_for_itself_and_what_lies_below() {
        assert!(NavEntry::new("/devices", "Équipements", "/devices").current);
        assert!(NavEntry::new("/devices", "Équipements", "/devices/7KD3BX0R").current);
        assert!(!NavEntry::new("/devices", "Équipements", "/devices-lost").current);
        assert!(!NavEntry::new("/", "Accueil", "/devices").current);
        assert!(NavEntry::new("/", "Accueil", "/").current);
    }

    #[test]
    fn the_bottom_bar_never_has_more_than_five_words() {
        let entry = |n: usize| NavEntry::new(&format!("/{n}"), "mot", "/");
        let five = Frame {
            nav: (0..5).map(entry).collect(),
            ..Frame::anonymous()
        };
        assert_eq!((five.near().len(), five.far().len()), (5, 0));
        let seven = Frame {
            nav: (0..7).map(entry).collect(),
            ..Frame::anonymous()
        };
        assert_eq!((seven.near().len(), seven.far().len()), (4, 3));
    }
}
