//! Rows and columns.

use std::rc::Rc;

use super::flow::{Flow, rule};
use super::page::{BOTTOM, MARGIN, Part, Role, WIDTH};
use super::text::{BODY, CELL, COLUMN, LABEL, MM, Set, Side, Style};

/// Between two columns.
const GUTTER: f32 = 4.0 * MM;
/// Above and below the text of a cell.
const PADDING: f32 = 1.4 * MM;
/// How much of the width the names of facts take.
const NAME_SHARE: f32 = 0.34;

/// Where a column begins, from the start of the line, and how wide its text is.
type Column = (f32, f32);

/// One cell, set: its text, where it begins and what it is.
type Cell = (Rc<Set>, f32, Option<Part>);

impl Flow {
    /// Names on one side, values on the other.
    pub(super) fn facts(&mut self, facts: &[(String, String)]) {
        let columns = columns(2, &[NAME_SHARE, 1.0 - NAME_SHARE]);
        let table = self.composed.part(Role::Table, None);
        for (name, value) in facts {
            let row = self.composed.part(Role::Row, Some(table));
            let name_part = self.composed.part(Role::Head { of_row: true }, Some(row));
            let value_part = self.composed.part(Role::Cell, Some(row));
            let cells = [
                self.cell(name, LABEL, columns[0], Some(name_part)),
                self.cell(value, BODY, columns[1], Some(value_part)),
            ];
            self.row(&cells, 0.4 * MM, &[]);
        }
        self.y += 3.0 * MM;
    }

    /// A table whose head comes again on every page.
    pub(super) fn table(&mut self, head: &[String], rows: &[Vec<String>], widths: &[f32]) {
        let columns = columns(head.len(), widths);
        let table = self.composed.part(Role::Table, None);
        let named: Vec<Cell> = self.head(head, &columns, Some(table));
        let repeated: Vec<Cell> = named
            .iter()
            .map(|(set, x, _)| (Rc::clone(set), *x, None))
            .collect();
        // The head stays with a first row.
        self.room_for(height(&named) + CELL.leading + 4.0 * PADDING);
        self.place_head(&named);
        for texts in rows {
            let row = self.composed.part(Role::Row, Some(table));
            let mut cells = Vec::with_capacity(columns.len());
            for (place, column) in columns.iter().enumerate() {
                let text = texts.get(place).map_or("", String::as_str);
                let part = self.composed.part(Role::Cell, Some(row));
                cells.push(self.cell(text, CELL, *column, Some(part)));
            }
            self.row(&cells, PADDING, &repeated);
            let y = self.y;
            self.mark(rule(MARGIN, y, WIDTH), None);
        }
        self.y += 5.0 * MM;
    }

    fn head(&mut self, head: &[String], columns: &[Column], table: Option<Part>) -> Vec<Cell> {
        let row = self.composed.part(Role::Row, table);
        let mut cells = Vec::with_capacity(columns.len());
        for (text, column) in head.iter().zip(columns) {
            let part = self.composed.part(Role::Head { of_row: false }, Some(row));
            cells.push(self.cell(text, COLUMN, *column, Some(part)));
        }
        cells
    }

    fn place_head(&mut self, cells: &[Cell]) {
        self.y += PADDING;
        self.place(cells, |set| 0..set.lines);
        self.y += height(cells) + PADDING;
        let y = self.y;
        self.mark(rule(MARGIN, y, WIDTH), None);
    }

    fn cell(
        &mut self,
        text: &str,
        style: Style,
        (from, width): Column,
        part: Option<Part>,
    ) -> Cell {
        (
            self.letters.set(text, style, width, Side::Start),
            self.mirrored(from, width),
            part,
        )
    }

    /// One row, whole on a page if it can be; `head` comes first on a new page.
    fn row(&mut self, cells: &[Cell], padding: f32, head: &[Cell]) {
        let needed = height(cells) + 2.0 * padding;
        if self.y + needed > BOTTOM && self.y > MARGIN {
            self.next_page_with(head);
        }
        self.y += padding;
        let longest = cells
            .iter()
            .max_by_key(|(set, ..)| set.lines)
            .map(|(set, ..)| Rc::clone(set));
        let Some(longest) = longest else {
            return;
        };
        let mut from = 0;
        while from < longest.lines {
            let take = self.lines_that_fit(&longest, longest.lines - from).max(1);
            let upto = from.saturating_add(take);
            self.place(cells, |set| from.min(set.lines)..upto.min(set.lines));
            self.y += f32::from(take) * leading(cells);
            from = upto;
            if from < longest.lines {
                self.next_page_with(head);
            }
        }
        self.y += padding;
    }

    fn next_page_with(&mut self, head: &[Cell]) {
        self.next_page();
        if !head.is_empty() {
            self.place_head(head);
        }
    }

    fn place(&mut self, cells: &[Cell], lines: impl Fn(&Set) -> std::ops::Range<u16>) {
        let y = self.y;
        for (set, x, part) in cells {
            let range = lines(set);
            if !range.is_empty() {
                self.lines(set, range, (*x, y), *part);
            }
        }
    }
}

/// The columns of a table over the full width, in these proportions.
fn columns(count: usize, widths: &[f32]) -> Vec<Column> {
    let share = |place: usize| {
        widths
            .get(place)
            .copied()
            .filter(|width| *width > 0.0)
            .unwrap_or(1.0)
    };
    let total: f32 = (0..count).map(share).sum();
    let mut from = 0.0;
    (0..count)
        .map(|place| {
            let width = WIDTH * share(place) / total;
            let column = (from, (width - GUTTER).max(GUTTER));
            from += width;
            column
        })
        .collect()
}

fn height(cells: &[Cell]) -> f32 {
    cells
        .iter()
        .map(|(set, ..)| set.height())
        .fold(0.0, f32::max)
}

fn leading(cells: &[Cell]) -> f32 {
    cells
        .iter()
        .map(|(set, ..)| set.style.leading)
        .fold(0.0, f32::max)
}
