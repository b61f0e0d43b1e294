//! Blocks into pages, from top to bottom.

use std::rc::Rc;

use super::blocks::QR_SIDE;
use super::page::{BOTTOM, Composed, MARGIN, Mark, PAGE_WIDTH, Page, Part, Role, WIDTH};
use super::text::{BODY, FINE, HEADING, Ink, MM, Set, Side, Typesetter, reads_from_the_right};
use super::{Block, Error, Paper};

/// Thickness of a rule.
pub(super) const HAIRLINE: f32 = 0.5;

/// The page being filled.
pub(super) struct Flow {
    pub(super) letters: Typesetter,
    pub(super) composed: Composed,
    pub(super) right_to_left: bool,
    /// Where the next block begins.
    pub(super) y: f32,
}

/// Lays the whole paper out.
pub(super) fn compose(paper: &Paper) -> Result<Composed, Error> {
    let right_to_left = reads_from_the_right(&paper.lang);
    let mut flow = Flow {
        letters: Typesetter::new(right_to_left),
        composed: Composed {
            pages: vec![Page::default()],
            parts: Vec::new(),
        },
        right_to_left,
        y: MARGIN,
    };
    flow.issuer(&paper.issuer);
    let mut titled = paper.title.is_empty();
    for (block, next) in paper.blocks.iter().zip(following(&paper.blocks)) {
        if !titled && !matches!(block, Block::AddressWindow(_) | Block::Dateline(_)) {
            flow.title(&paper.title);
            titled = true;
        }
        flow.block(block, next)?;
    }
    if !titled {
        flow.title(&paper.title);
    }
    flow.feet(&paper.footer);
    Ok(flow.composed)
}

impl Flow {
    fn block(&mut self, block: &Block, next: Option<&Block>) -> Result<(), Error> {
        match block {
            Block::AddressWindow(lines) => self.address(lines),
            Block::Dateline(text) => {
                let set = self.letters.set(text, BODY, WIDTH, Side::End);
                self.running(&set, Role::Paragraph);
                self.y += 6.0 * MM;
            }
            Block::Heading(text) => {
                let set = self.letters.set(text, HEADING, WIDTH, Side::Start);
                self.y += 3.0 * MM;
                // With the beginning of what follows, or on the next page.
                self.room_for(set.height() + 1.5 * MM + beginning(next));
                self.running(&set, Role::Heading);
                self.y += 1.5 * MM;
            }
            Block::Paragraph(text) => {
                let set = self.letters.set(text, BODY, WIDTH, Side::Start);
                self.running(&set, Role::Paragraph);
                self.y += 2.5 * MM;
            }
            Block::Fine(text) => {
                let set = self.letters.set(text, FINE, WIDTH, Side::Start);
                self.running(&set, Role::Paragraph);
                self.y += 2.0 * MM;
            }
            Block::Table { head, rows, widths } => self.table(head, rows, widths),
            Block::KeyValues(facts) => self.facts(facts),
            Block::Code { caption, value } => self.code(caption, value),
            Block::Qr { data, caption } => self.qr(data, caption)?,
            Block::Space(height) => self.y += height * MM,
        }
        Ok(())
    }

    /// A text over the full width that may go on on the next page, never leaving one line alone.
    pub(super) fn running(&mut self, set: &Rc<Set>, role: Role) {
        let part = self.composed.part(role, None);
        let mut from = 0;
        while from < set.lines {
            let left = set.lines - from;
            let mut take = self.lines_that_fit(set, left);
            if take < left {
                if take == 1 && from == 0 {
                    take = 0;
                } else if left - take == 1 {
                    take = if take > 2 { take - 1 } else { 0 };
                }
            }
            if take == 0 && self.y > MARGIN {
                self.next_page();
                continue;
            }
            let take = take.max(1);
            let at = (MARGIN, self.y);
            self.lines(set, from..from + take, at, Some(part));
            self.y += f32::from(take) * set.style.leading;
            from += take;
        }
    }

    /// How many of `wanted` lines go on this page.
    pub(super) fn lines_that_fit(&self, set: &Set, wanted: u16) -> u16 {
        let fits = |count: &u16| self.y + f32::from(*count) * set.style.leading <= BOTTOM;
        (1..=wanted).take_while(fits).last().unwrap_or(0)
    }

    /// Goes on on the next page unless `height` is free on this one.
    pub(super) fn room_for(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > MARGIN {
            self.next_page();
        }
    }

    pub(super) fn next_page(&mut self) {
        self.composed.pages.push(Page::default());
        self.y = MARGIN;
    }

    /// Where something `width` wide goes that begins `from` the start of the line.
    pub(super) fn mirrored(&self, from: f32, width: f32) -> f32 {
        if self.right_to_left {
            PAGE_WIDTH - MARGIN - from - width
        } else {
            MARGIN + from
        }
    }

    pub(super) fn mark(&mut self, mark: Mark, part: Option<Part>) {
        if let Some(page) = self.composed.pages.last_mut() {
            page.marks.push((mark, part));
        }
    }

    pub(super) fn lines(
        &mut self,
        set: &Rc<Set>,
        lines: std::ops::Range<u16>,
        (x, y): (f32, f32),
        part: Option<Part>,
    ) {
        self.mark(
            Mark::Lines {
                set: Rc::clone(set),
                lines,
                x,
                y,
            },
            part,
        );
    }

    pub(super) fn bar(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), ink: Ink) {
        self.mark(
            Mark::Bar {
                x,
                y,
                width,
                height,
                ink,
            },
            None,
        );
    }
}

/// The block after each block.
fn following(blocks: &[Block]) -> impl Iterator<Item = Option<&Block>> {
    blocks.iter().skip(1).map(Some).chain(std::iter::once(None))
}

/// How much of a block has to stay with its heading: what can't be parted, or three lines.
fn beginning(block: Option<&Block>) -> f32 {
    match block {
        Some(Block::Qr { .. }) => QR_SIDE * 1.4,
        Some(Block::Code { .. }) => 24.0 * MM,
        Some(Block::Table { .. }) => 18.0 * MM,
        Some(
            Block::AddressWindow(_)
            | Block::Dateline(_)
            | Block::Heading(_)
            | Block::Paragraph(_)
            | Block::KeyValues(_)
            | Block::Space(_)
            | Block::Fine(_),
        ) => 3.0 * BODY.leading,
        None => 0.0,
    }
}

/// A hairline.
pub(super) fn rule(x: f32, y: f32, width: f32) -> Mark {
    Mark::Bar {
        x,
        y,
        width,
        height: HAIRLINE,
        ink: Ink::Line,
    }
}
