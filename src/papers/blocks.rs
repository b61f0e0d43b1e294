//! The blocks that have a place of their own on the page, and what stands on every page.

use std::rc::Rc;

use labels::symbol::{Correction, QR_QUIET, qr};

use super::Error;
use super::flow::{Flow, rule};
use super::page::{FOOT, MARGIN, Mark, Role, WIDTH};
use super::text::{BODY, CELL, CODE, FINE, ISSUER, Ink, LABEL, MM, Side, TITLE};

/// The window of a DL or C5 envelope, once the sheet is folded in three or in two: 20 mm from its right edge.
const WINDOW: (f32, f32, f32) = (110.0 * MM, 50.0 * MM, 80.0 * MM);
/// Where the text of a letter goes on below the window.
const BELOW_WINDOW: f32 = 92.0 * MM;
/// Side of a QR symbol on paper: a phone reads it from a table.
pub(super) const QR_SIDE: f32 = 28.0 * MM;
impl Flow {
    pub(super) fn issuer(&mut self, lines: &[String]) {
        for (style, line) in std::iter::once(ISSUER)
            .chain(std::iter::repeat(FINE))
            .zip(lines)
        {
            let set = self.letters.set(line, style, WIDTH / 2.0, Side::Start);
            let x = self.mirrored(0.0, WIDTH / 2.0);
            let part = self.composed.part(Role::Paragraph, None);
            let (y, height) = (self.y, set.height());
            self.lines(&set, 0..set.lines, (x, y), Some(part));
            self.y += height;
        }
        if !lines.is_empty() {
            self.y += 9.0 * MM;
        }
    }

    pub(super) fn title(&mut self, title: &str) {
        let set = self.letters.set(title, TITLE, WIDTH, Side::Start);
        self.room_for(set.height() + 3.0 * BODY.leading);
        self.running(&set, Role::Title);
        self.y += 5.0 * MM;
    }

    /// The addressee at the right of the sheet, whatever the language: that is where the window is.
    pub(super) fn address(&mut self, lines: &[String]) {
        let (x, mut y, width) = WINDOW;
        if self.y > y {
            self.next_page();
        }
        let part = self.composed.part(Role::Paragraph, None);
        for line in lines {
            let set = self.letters.set(line, BODY, width, Side::Left);
            let height = set.height();
            self.lines(&set, 0..set.lines, (x, y), Some(part));
            y += height;
        }
        self.y = BELOW_WINDOW.max(y + 6.0 * MM);
    }

    pub(super) fn code(&mut self, caption: &str, value: &str) {
        let (bar, inside) = (1.2 * MM, 5.0 * MM);
        let caption = self
            .letters
            .set(caption, LABEL, WIDTH - inside, Side::Start);
        let value = self.letters.set(value, CODE, WIDTH - inside, Side::Start);
        let height = caption.height() + value.height() + 3.0 * MM;
        self.y += 1.5 * MM;
        self.room_for(height);
        let top = self.y;
        let x = self.mirrored(0.0, bar);
        self.bar((x, top), (bar, height), Ink::Green);
        let x = self.mirrored(inside, WIDTH - inside);
        let part = self.composed.part(Role::Paragraph, None);
        self.lines(&caption, 0..caption.lines, (x, top + 1.5 * MM), Some(part));
        let part = self.composed.part(Role::Paragraph, None);
        self.lines(
            &value,
            0..value.lines,
            (x, top + 1.5 * MM + caption.height()),
            Some(part),
        );
        self.y = top + height + 4.0 * MM;
    }

    pub(super) fn qr(&mut self, data: &str, caption: &str) -> Result<(), Error> {
        let symbol = qr(data, Correction::Medium).map_err(|_| Error::QrTooLong)?;
        let module = QR_SIDE / f32::from(symbol.size);
        let quiet = QR_QUIET * module;
        let taken = QR_SIDE + quiet + 2.0 * MM;
        let words = self.letters.set(caption, CELL, WIDTH - taken, Side::Start);
        let height = QR_SIDE.max(words.height()) + 2.0 * quiet;
        self.room_for(height);
        let top = self.y + quiet;
        let part = self.composed.part(Role::Figure(data.to_owned()), None);
        let x = self.mirrored(0.0, QR_SIDE);
        self.mark(
            Mark::Symbol {
                qr: symbol,
                x,
                y: top,
                module,
            },
            Some(part),
        );
        let x = self.mirrored(taken, WIDTH - taken);
        let y = top + (QR_SIDE - words.height()).max(0.0) / 2.0;
        let part = self.composed.part(Role::Paragraph, None);
        self.lines(&words, 0..words.lines, (x, y), Some(part));
        self.y += height;
        Ok(())
    }

    /// The foot of every page, once their number is known.
    pub(super) fn feet(&mut self, footer: &str) {
        let total = self.composed.pages.len();
        let number_width = 20.0 * MM;
        let words = self
            .letters
            .set(footer, FINE, WIDTH - number_width, Side::Start);
        let words_x = self.mirrored(0.0, WIDTH - number_width);
        let number_x = self.mirrored(WIDTH - number_width, number_width);
        for number in 1..=total {
            let text = format!("{number}/{total}");
            let count = self.letters.set(&text, FINE, number_width, Side::End);
            let page = &mut self.composed.pages[number - 1];
            let (y, lines) = (FOOT + 2.0 * MM, words.lines);
            page.marks.extend([
                (rule(MARGIN, FOOT, WIDTH), None),
                (
                    Mark::Lines {
                        set: Rc::clone(&words),
                        lines: 0..lines,
                        x: words_x,
                        y,
                    },
                    None,
                ),
                (
                    Mark::Lines {
                        set: count,
                        lines: 0..1,
                        x: number_x,
                        y,
                    },
                    None,
                ),
            ]);
        }
    }
}
