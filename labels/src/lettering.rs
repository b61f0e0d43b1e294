//! Letters without a layout engine: a label writes its code, a calibration sheet a few French words.
//!
//! One glyph a character, from left to right, without kerning. Names of people and things, in whatever
//! script, are never on a label; letters and receipts have a real text layout elsewhere.

use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use crate::error::LabelError;

/// Height of capitals and figures in both faces, in ems (`DejaVu`: 1493 of 2048 units).
pub(crate) const CAP_HEIGHT: f32 = 0.729;

/// A face of the embedded `DejaVu` family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Face {
    /// For codes: zero and the letters are told apart, figures have one width.
    Mono,
    /// For words.
    Sans,
}

/// A character of the font, ready to be placed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glyph {
    pub(crate) id: u32,
    /// How far the next one is, in ems.
    pub(crate) advance: f32,
}

impl Face {
    /// The font file.
    pub(crate) fn data(self) -> &'static [u8] {
        match self {
            Self::Mono => dejavu::sans_mono::bold(),
            Self::Sans => dejavu::sans::regular(),
        }
    }

    /// The names under which a browser may know the face.
    pub(crate) fn css(self) -> &'static str {
        match self {
            Self::Mono => "'DejaVu Sans Mono', ui-monospace, monospace",
            Self::Sans => "'DejaVu Sans', system-ui, sans-serif",
        }
    }

    /// The glyphs of `text`, one a character.
    pub(crate) fn glyphs(self, text: &str) -> Result<Vec<Glyph>, LabelError> {
        let font =
            FontRef::new(self.data()).map_err(|error| LabelError::Writing(error.to_string()))?;
        let (map, metrics) = (
            font.charmap(),
            font.glyph_metrics(Size::new(1.0), LocationRef::default()),
        );
        text.chars()
            .map(|character| {
                let id = map.map(character).ok_or_else(|| {
                    LabelError::Writing(format!("the font has no character {character:?}"))
                })?;
                Ok(Glyph {
                    id: id.to_u32(),
                    advance: metrics.advance_width(id).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// How wide `text` is, in ems.
    pub(crate) fn width(self, text: &str) -> Result<f32, LabelError> {
        Ok(self.glyphs(text)?.iter().map(|glyph| glyph.advance).sum())
    }
}
