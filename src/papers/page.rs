//! What is on the pages and what it means: between the flow of the text and the file format.

use std::ops::Range;
use std::rc::Rc;

use labels::symbol::Qr;

use super::text::{Ink, MM, Set};

/// Width of A4 in points.
pub(super) const PAGE_WIDTH: f32 = 210.0 * MM;
/// Height of A4 in points.
pub(super) const PAGE_HEIGHT: f32 = 297.0 * MM;
/// The margins at the left, at the right and on top.
pub(super) const MARGIN: f32 = 20.0 * MM;
/// Width of the text.
pub(super) const WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;
/// Where the text ends.
pub(super) const BOTTOM: f32 = 273.0 * MM;
/// Where the foot begins.
pub(super) const FOOT: f32 = 279.0 * MM;

/// Something printed. `x` and `y` are the upper left corner.
pub(super) enum Mark {
    /// Some lines of a text; those before them are on an earlier page.
    Lines {
        set: Rc<Set>,
        lines: Range<u16>,
        x: f32,
        y: f32,
    },
    /// A filled rectangle: a rule, a bar.
    Bar {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        ink: Ink,
    },
    /// A QR symbol without its quiet zone.
    Symbol { qr: Qr, x: f32, y: f32, module: f32 },
}

/// One page: its marks, each with what it is a part of. Marks that mean nothing (rules, page numbers, a
/// repeated head) have no part.
#[derive(Default)]
pub(super) struct Page {
    pub(super) marks: Vec<(Mark, Option<Part>)>,
}

/// A node of the outline that screen readers follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part(pub(super) usize);

/// What a part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Title,
    Heading,
    Paragraph,
    Table,
    Row,
    /// A head cell, of its row or of its column.
    Head {
        of_row: bool,
    },
    Cell,
    /// A picture, with the words that stand for it.
    Figure(String),
}

/// The whole document, laid out.
#[derive(Default)]
pub(super) struct Composed {
    pub(super) pages: Vec<Page>,
    /// Each part with the one it belongs to, in reading order.
    pub(super) parts: Vec<(Role, Option<Part>)>,
}

impl Composed {
    /// Adds a part to the outline.
    pub(super) fn part(&mut self, role: Role, parent: Option<Part>) -> Part {
        self.parts.push((role, parent));
        Part(self.parts.len() - 1)
    }
}
