//! Pages into a PDF file, with the outline for screen readers.

use std::collections::HashMap;

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{Metadata, TextDirection};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};
use labels::symbol::Qr;
use parley::{Line, Run};

use super::outline::outline;
use super::page::{Composed, Mark, PAGE_HEIGHT, PAGE_WIDTH, Page, Part};
use super::text::{Ink, Set, reads_from_the_right};
use super::{Error, Paper};

/// Writes the file.
pub(super) fn write(paper: &Paper, composed: &Composed) -> Result<Vec<u8>, Error> {
    let settings = SerializeSettings {
        enable_tagging: true,
        ..SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    let right_to_left = reads_from_the_right(&paper.lang);
    let direction = if right_to_left {
        TextDirection::RightToLeft
    } else {
        TextDirection::LeftToRight
    };
    document.set_metadata(
        Metadata::new()
            .title(paper.title.clone())
            .language(paper.lang.clone())
            .authors(paper.issuer.first().cloned().into_iter().collect())
            .text_direction(direction),
    );
    let mut pen = Pen {
        fonts: HashMap::new(),
        parts: vec![Vec::new(); composed.parts.len()],
    };
    for page in &composed.pages {
        let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT)
            .ok_or_else(|| Error::Writing("no such page size".to_owned()))?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        pen.page(&mut surface, page)?;
        surface.finish();
        sheet.finish();
    }
    document.set_tag_tree(outline(composed, &pen.parts).with_lang(Some(paper.lang.clone())));
    document
        .finish()
        .map_err(|error| Error::Writing(format!("{error:?}")))
}

/// Draws, and remembers which content belongs to which part.
struct Pen {
    fonts: HashMap<u64, Font>,
    parts: Vec<Vec<Identifier>>,
}

impl Pen {
    fn page(&mut self, surface: &mut Surface<'_>, page: &Page) -> Result<(), Error> {
        for (mark, part) in &page.marks {
            match mark {
                Mark::Lines { set, lines, x, y } => {
                    for (row, line) in (0_u16..).zip(set.layout.lines()) {
                        if lines.contains(&row) {
                            let top = y - f32::from(lines.start) * set.style.leading;
                            self.line(surface, set, &line, (*x, top), *part)?;
                        }
                    }
                }
                Mark::Bar {
                    x,
                    y,
                    width,
                    height,
                    ink,
                } => {
                    self.tagged(surface, ContentTag::Other, *part, |surface| {
                        fill(surface, *ink, std::iter::once((*x, *y, *width, *height)));
                    });
                }
                Mark::Symbol { qr, x, y, module } => {
                    self.tagged(surface, ContentTag::Other, *part, |surface| {
                        fill(surface, Ink::Black, modules(qr, (*x, *y), *module));
                    });
                }
            }
        }
        Ok(())
    }

    fn line(
        &mut self,
        surface: &mut Surface<'_>,
        set: &Set,
        line: &Line<'_, ()>,
        (x, top): (f32, f32),
        part: Option<Part>,
    ) -> Result<(), Error> {
        if set.text.is_empty() {
            return Ok(());
        }
        let mut start = Point::from_xy(x + line.metrics().offset, top + line.metrics().baseline);
        let mut drawn = Vec::new();
        for run in line.runs() {
            let (glyphs, advance) = glyphs(&run);
            drawn.push((self.font(&run)?, start, glyphs, run.font_size()));
            start.x += advance;
        }
        // No `ActualText` on lines of Arabic, though it is meant for them: poppler and pdfium, tried in 2026, then turn
        // the whole line around. Without it they only exchange the two letters of lam-alef when text is copied.
        let tag = ContentTag::Span(SpanTag::empty());
        self.tagged(surface, tag, part, |surface| {
            surface.set_fill(Some(colour(set.style.ink)));
            for (font, start, glyphs, size) in drawn {
                surface.draw_glyphs(start, &glyphs, font, &set.text, size, false);
            }
        });
        Ok(())
    }

    fn font(&mut self, run: &Run<'_, ()>) -> Result<Font, Error> {
        let (data, id) = run.font().data.clone().into_raw_parts();
        if let Some(font) = self.fonts.get(&id) {
            return Ok(font.clone());
        }
        let font = Font::new(data.into(), run.font().index)
            .ok_or_else(|| Error::Writing("an embedded font can't be read".to_owned()))?;
        self.fonts.insert(id, font.clone());
        Ok(font)
    }

    /// Draws as a part of the outline, or as something that means nothing.
    fn tagged(
        &mut self,
        surface: &mut Surface<'_>,
        tag: ContentTag<'_>,
        part: Option<Part>,
        draw: impl FnOnce(&mut Surface<'_>),
    ) {
        if let Some(content) = part.and_then(|Part(number)| self.parts.get_mut(number)) {
            content.push(surface.start_tagged(tag));
        } else {
            let artifact = Artifact::with_kind(ArtifactType::Layout);
            surface.start_tagged(ContentTag::Artifact(artifact));
        }
        draw(surface);
        surface.end_tagged();
    }
}

/// The glyphs of a run from left to right, and how far they reach.
///
/// A ligature stands for several characters: the glyph takes the text of all of them. Read from left to
/// right, the rest of a ligature comes *after* its glyph in French and *before* it in Arabic.
fn glyphs(run: &Run<'_, ()>) -> (Vec<KrillaGlyph>, f32) {
    let size = run.font_size();
    let mut glyphs: Vec<KrillaGlyph> = Vec::new();
    let mut waiting: Option<usize> = None;
    let mut reach = 0.0;
    for cluster in run.visual_clusters() {
        let mut range = cluster.text_range();
        if cluster.is_hard_line_break() {
            continue;
        }
        if cluster.is_ligature_continuation() {
            if run.is_rtl() {
                waiting = Some(waiting.map_or(range.end, |end| end.max(range.end)));
            } else if let Some(glyph) = glyphs.last_mut() {
                glyph.text_range.end = range.end;
            }
            continue;
        }
        if let Some(end) = waiting.take() {
            range.end = range.end.max(end);
        }
        for glyph in cluster.glyphs() {
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(glyph.id),
                glyph.advance / size,
                glyph.x / size,
                glyph.y / size,
                0.0,
                range.clone(),
                None,
            ));
            reach += glyph.advance;
        }
    }
    (glyphs, reach)
}

/// The dark modules of a symbol as rectangles.
fn modules(qr: &Qr, (x, y): (f32, f32), module: f32) -> impl Iterator<Item = (f32, f32, f32, f32)> {
    (0_u16..).zip(&qr.rows).flat_map(move |(row, runs)| {
        runs.iter().map(move |run| {
            let width = f32::from(run.end - run.start) * module;
            (
                x + f32::from(run.start) * module,
                y + f32::from(row) * module,
                width,
                module,
            )
        })
    })
}

/// Rectangles as one path.
fn fill(surface: &mut Surface<'_>, ink: Ink, rects: impl Iterator<Item = (f32, f32, f32, f32)>) {
    let mut path = PathBuilder::new();
    for (x, y, width, height) in rects {
        if let Some(rect) = Rect::from_xywh(x, y, width, height) {
            path.push_rect(rect);
        }
    }
    if let Some(path) = path.finish() {
        surface.set_fill(Some(colour(ink)));
        surface.draw_path(&path);
    }
}

/// The tokens of the screens, on paper.
fn colour(ink: Ink) -> Fill {
    let (red, green, blue) = match ink {
        Ink::Black => (0x1b, 0x1f, 0x1d),
        Ink::Muted => (0x5b, 0x63, 0x5f),
        Ink::Line => (0xc9, 0xcf, 0xc9),
        Ink::Green => (0x0b, 0x6b, 0x4f),
    };
    let paint = rgb::Color::new(red, green, blue).into();
    Fill {
        paint,
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }
}
