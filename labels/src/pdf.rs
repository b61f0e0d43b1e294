//! Pictures as pages of a PDF.

use std::collections::HashMap;

use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use crate::drawing::{Drawing, Words};
use crate::error::LabelError;
use crate::lettering::Face;

/// Points in a millimetre.
pub(crate) const POINTS: f32 = 72.0 / 25.4;

/// Writes one page a picture. No time of day goes in: the same pictures give the same bytes.
pub(crate) fn write(pages: &[Drawing], title: &str) -> Result<Vec<u8>, LabelError> {
    write_with(pages, title, SerializeSettings::default())
}

/// As [`write()`], for tests that look into the page.
pub(crate) fn write_with(
    pages: &[Drawing],
    title: &str,
    settings: SerializeSettings,
) -> Result<Vec<u8>, LabelError> {
    let mut document = Document::new_with(settings);
    document.set_metadata(
        Metadata::new()
            .title(title.to_owned())
            .language("fr".to_owned()),
    );
    let mut fonts = HashMap::new();
    for drawing in pages {
        let settings = PageSettings::from_wh(drawing.width * POINTS, drawing.height * POINTS)
            .ok_or_else(|| LabelError::TooSmall("0 × 0 mm".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        draw_rects(&mut surface, drawing);
        for line in &drawing.words {
            draw_words(&mut surface, line, &mut fonts)?;
        }
        surface.finish();
        page.finish();
    }
    document
        .finish()
        .map_err(|error| LabelError::Writing(format!("{error:?}")))
}

/// All rectangles as one path: thousands of small ones make a slow and a large file.
fn draw_rects(surface: &mut Surface<'_>, drawing: &Drawing) {
    let mut path = PathBuilder::new();
    for rect in &drawing.rects {
        let (x, y) = (rect.x * POINTS, rect.y * POINTS);
        if let Some(rect) = Rect::from_xywh(x, y, rect.width * POINTS, rect.height * POINTS) {
            path.push_rect(rect);
        }
    }
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn draw_words(
    surface: &mut Surface<'_>,
    line: &Words,
    fonts: &mut HashMap<Face, Font>,
) -> Result<(), LabelError> {
    let font = if let Some(font) = fonts.get(&line.face) {
        font.clone()
    } else {
        let font = Font::new(line.face.data().into(), 0)
            .ok_or_else(|| LabelError::Writing("the font can't be read".to_owned()))?;
        fonts.insert(line.face, font.clone());
        font
    };
    let glyphs: Vec<KrillaGlyph> = line
        .text
        .char_indices()
        .zip(line.face.glyphs(&line.text)?)
        .map(|((at, character), glyph)| {
            let range = at..at + character.len_utf8();
            KrillaGlyph::new(
                GlyphId::new(glyph.id),
                glyph.advance,
                0.0,
                0.0,
                0.0,
                range,
                None,
            )
        })
        .collect();
    let start = Point::from_xy(line.x * POINTS, line.baseline * POINTS);
    surface.draw_glyphs(start, &glyphs, font, &line.text, line.size * POINTS, false);
    Ok(())
}
