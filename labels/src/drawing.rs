//! A picture in millimetres, between the layouts and the file formats.
//!
//! Both PDF and SVG are written from it, and the tests measure it: what it says is what is printed.

use crate::lettering::Face;

/// A black rectangle; `x` and `y` are its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) width: f32,
    pub(crate) height: f32,
}

/// One line of text; `x` and `baseline` are where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Words {
    pub(crate) x: f32,
    pub(crate) baseline: f32,
    /// Height of the em, not of a letter.
    pub(crate) size: f32,
    pub(crate) face: Face,
    pub(crate) text: String,
}

/// A label or a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Drawing {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) rects: Vec<Rect>,
    pub(crate) words: Vec<Words>,
}

impl Drawing {
    /// An empty picture of this size.
    pub(crate) fn new(width: f32, height: f32) -> Self {
        Self {
            width,
            height,
            ..Self::default()
        }
    }

    /// Puts a smaller picture on this one, with its upper left corner at `x`, `y`.
    pub(crate) fn place(&mut self, part: Drawing, x: f32, y: f32) {
        let Drawing {
            width: _,
            height: _,
            rects,
            words,
        } = part;
        self.rects.extend(rects.into_iter().map(|rect| Rect {
            x: rect.x + x,
            y: rect.y + y,
            ..rect
        }));
        self.words.extend(words.into_iter().map(|line| Words {
            x: line.x + x,
            baseline: line.baseline + y,
            ..line
        }));
    }
}
