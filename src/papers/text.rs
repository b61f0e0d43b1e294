//! Letters into lines: fonts, styles, line breaking, both directions.

use std::rc::Rc;
use std::sync::Arc;

use parley::fontique::{Blob, Collection, CollectionOptions, SourceCache};
use parley::{
    Alignment, AlignmentOptions, BaseDirection, FontContext, FontFamily, FontFamilyName,
    FontWeight, Layout, LayoutContext, LineHeight, OverflowWrap, StyleProperty,
};

/// Points in a millimetre; everything in this folder is measured in points from the upper left corner.
pub(super) const MM: f32 = 72.0 / 25.4;

/// The colours of a paper, those of the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// Text.
    Black,
    /// What is said in passing.
    Muted,
    /// Hairlines.
    Line,
    /// The one accent.
    Green,
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    /// The family's name inside the font file.
    family: &'static str,
    weight: FontWeight,
    size: f32,
    /// From one baseline to the next, in points.
    pub(super) leading: f32,
    /// Between letters, in points.
    spacing: f32,
    pub(super) ink: Ink,
}

const SANS: &str = "DejaVu Sans";
const MONO: &str = "DejaVu Sans Mono";

const fn style(size: f32, leading: f32, weight: FontWeight, ink: Ink) -> Style {
    Style {
        family: SANS,
        weight,
        size,
        leading,
        spacing: 0.0,
        ink,
    }
}

pub(super) const BODY: Style = style(9.5, 14.0, FontWeight::NORMAL, Ink::Black);
pub(super) const LABEL: Style = style(9.5, 14.0, FontWeight::NORMAL, Ink::Muted);
pub(super) const COLUMN: Style = style(8.0, 11.0, FontWeight::BOLD, Ink::Muted);
pub(super) const CELL: Style = style(9.0, 12.5, FontWeight::NORMAL, Ink::Black);
pub(super) const TITLE: Style = style(17.0, 22.0, FontWeight::BOLD, Ink::Black);
pub(super) const HEADING: Style = style(11.0, 15.0, FontWeight::BOLD, Ink::Black);
pub(super) const FINE: Style = style(7.5, 10.5, FontWeight::NORMAL, Ink::Muted);
pub(super) const ISSUER: Style = style(10.5, 14.0, FontWeight::BOLD, Ink::Green);
pub(super) const CODE: Style = Style {
    family: MONO,
    spacing: 2.0,
    ..style(24.0, 30.0, FontWeight::BOLD, Ink::Black)
};

/// A text that has been broken into lines.
pub(super) struct Set {
    pub(super) text: String,
    pub(super) layout: Layout<()>,
    pub(super) style: Style,
    /// How many lines; longer texts than sixty thousand lines are cut.
    pub(super) lines: u16,
}

impl Set {
    /// Height of all lines in points.
    pub(super) fn height(&self) -> f32 {
        f32::from(self.lines) * self.style.leading
    }
}

/// The side of a column on which lines are flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Where reading begins: the left in French, the right in Arabic.
    Start,
    /// The other one.
    End,
    /// The left in any language: postal addresses.
    Left,
}

/// Sets texts in one document's language.
pub(super) struct Typesetter {
    fonts: FontContext,
    layouts: LayoutContext<()>,
    right_to_left: bool,
}

impl Typesetter {
    /// With the embedded fonts only: else a letter would look different on another machine.
    pub(super) fn new(right_to_left: bool) -> Self {
        let options = CollectionOptions {
            system_fonts: false,
            ..CollectionOptions::default()
        };
        let mut collection = Collection::new(options);
        for font in [
            dejavu::sans::regular(),
            dejavu::sans::bold(),
            dejavu::sans_mono::bold(),
        ] {
            collection.register_fonts(Blob::new(Arc::new(font)), None);
        }
        let fonts = FontContext {
            collection,
            source_cache: SourceCache::default(),
        };
        Self {
            fonts,
            layouts: LayoutContext::new(),
            right_to_left,
        }
    }

    /// Breaks `text` into lines of at most `width` points; a word that is longer is broken too.
    pub(super) fn set(&mut self, text: &str, style: Style, width: f32, side: Side) -> Rc<Set> {
        // Control characters have no glyph and would be drawn as boxes.
        let text: String = text
            .replace("\r\n", "\n")
            .chars()
            .map(|letter| {
                if letter.is_control() && letter != '\n' {
                    ' '
                } else {
                    letter
                }
            })
            .collect();
        let mut builder = self
            .layouts
            .ranged_builder(&mut self.fonts, &text, 1.0, false);
        // A French address or a pickup code stays as it is in an Arabic letter: from the right, `123 456`
        // would be read as 456 123.
        let turned = self.right_to_left && text.chars().any(is_right_to_left);
        builder.set_base_direction(if turned {
            BaseDirection::Rtl
        } else {
            BaseDirection::Ltr
        });
        // The mono face has not all letters of all scripts: the other one stands in.
        let families = [
            FontFamilyName::named(style.family),
            FontFamilyName::named(SANS),
        ];
        builder.push_default(FontFamily::List((&families[..]).into()));
        builder.push_default(style.weight);
        builder.push_default(StyleProperty::FontSize(style.size));
        builder.push_default(StyleProperty::LetterSpacing(style.spacing));
        builder.push_default(LineHeight::Absolute(style.leading));
        builder.push_default(OverflowWrap::Anywhere);
        let mut layout = builder.build(&text);
        layout.break_all_lines(Some(width));
        let alignment = match (side, self.right_to_left) {
            (Side::Left, _) | (Side::Start, false) | (Side::End, true) => Alignment::Left,
            (Side::End, false) | (Side::Start, true) => Alignment::Right,
        };
        layout.align(alignment, AlignmentOptions::default());
        let lines = u16::try_from(layout.len()).unwrap_or(u16::MAX);
        Rc::new(Set {
            text,
            layout,
            style,
            lines,
        })
    }
}

/// Whether a document in this language (a tag as in HTML) is read from right to left.
pub(super) fn reads_from_the_right(lang: &str) -> bool {
    matches!(lang.split('-').next(), Some("ar" | "fa" | "he" | "ur"))
}

/// Letters of the Hebrew and Arabic blocks, with their presentation forms.
fn is_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}
