//! Label stocks that are sold in shops, in millimetres.
//!
//! Sizes and pitches as the glabels project lists them, checked against each other by symmetry: the
//! sources disagree by up to 1.4 mm about margins, but a sheet is always centred, so margins are computed.

/// Width of a sheet of A4.
pub(crate) const A4_WIDTH: f32 = 210.0;
/// Height of a sheet of A4.
pub(crate) const A4_HEIGHT: f32 = 297.0;
/// Printers leave a border of the paper white: 4.2 mm is common, 5 mm is safe.
const UNPRINTABLE: f32 = 5.0;
/// No ink nearer to the edge of a label than this, so that a sheet fed askew does no harm.
const SAFE: f32 = 1.0;

/// One product of a label maker: an A4 sheet with labels in a grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stock {
    /// The maker's number, which is how people ask for it.
    pub name: &'static str,
    /// The makers who use this number.
    pub maker: &'static str,
    /// Width of one label in millimetres.
    pub width: f32,
    /// Height of one label in millimetres.
    pub height: f32,
    /// Labels in a row.
    pub columns: u16,
    /// Rows on a sheet.
    pub rows: u16,
    /// From the left edge of one label to that of the next, in millimetres.
    pub pitch_x: f32,
    /// From the upper edge of one label to that of the next, in millimetres.
    pub pitch_y: f32,
}

/// The area of a label: its size, and how much of its border has to stay without ink.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) width: f32,
    pub(crate) height: f32,
    pub(crate) border_x: f32,
    pub(crate) border_y: f32,
}

const fn stock(
    (name, maker): (&'static str, &'static str),
    (width, height): (f32, f32),
    (columns, rows): (u16, u16),
    (pitch_x, pitch_y): (f32, f32),
) -> Stock {
    Stock {
        name,
        maker,
        width,
        height,
        columns,
        rows,
        pitch_x,
        pitch_y,
    }
}

static ALL: [Stock; 9] = [
    stock(("L7651", "Avery"), (38.1, 21.2), (5, 13), (40.6, 21.2)),
    stock(("L7654", "Avery"), (45.7, 25.4), (4, 10), (48.5, 25.4)),
    stock(("L7160", "Avery"), (63.5, 38.1), (3, 7), (66.04, 38.1)),
    stock(("L7161", "Avery"), (63.5, 46.6), (3, 6), (65.93, 46.74)),
    stock(("L7163", "Avery"), (99.1, 38.1), (2, 7), (101.6, 38.1)),
    stock(("L4732", "Avery"), (35.6, 16.9), (5, 16), (38.1, 16.9)),
    stock(
        ("3474", "Avery Zweckform"),
        (70.0, 37.0),
        (3, 8),
        (70.0, 37.0),
    ),
    stock(
        ("3490", "Avery Zweckform"),
        (70.0, 36.0),
        (3, 8),
        (70.0, 36.0),
    ),
    stock(
        ("3651", "Avery Zweckform"),
        (52.5, 29.7),
        (4, 10),
        (52.5, 29.7),
    ),
];

impl Stock {
    /// Every stock we know, in the order in which to offer them: the usual one first.
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The stock with this number, in any case.
    pub fn find(name: &str) -> Option<&'static Self> {
        ALL.iter()
            .find(|stock| stock.name.eq_ignore_ascii_case(name.trim()))
    }

    /// Labels on one sheet.
    pub fn per_sheet(&self) -> usize {
        usize::from(self.columns) * usize::from(self.rows)
    }

    /// The upper left corner of a label on its sheet in millimetres; `place` counts from 0, row by row.
    pub fn position(&self, place: usize) -> (f32, f32) {
        let columns = usize::from(self.columns);
        let (column, row) = (whole(place % columns), whole(place / columns));
        let (left, top) = self.margin();
        (left + column * self.pitch_x, top + row * self.pitch_y)
    }

    /// Left and upper margin of the sheet in millimetres, by symmetry.
    pub fn margin(&self) -> (f32, f32) {
        let grid = |count: u16, pitch: f32, size: f32| f32::from(count - 1) * pitch + size;
        (
            (A4_WIDTH - grid(self.columns, self.pitch_x, self.width)) / 2.0,
            (A4_HEIGHT - grid(self.rows, self.pitch_y, self.height)) / 2.0,
        )
    }

    /// One label, with the border that its worst neighbour, the edge of the paper, imposes on all of them.
    pub(crate) fn area(&self) -> Area {
        let (left, top) = self.margin();
        Area {
            width: self.width,
            height: self.height,
            border_x: (UNPRINTABLE - left).max(SAFE),
            border_y: (UNPRINTABLE - top).max(SAFE),
        }
    }
}

/// A column or row number as a factor; sheets have a few dozen at most.
fn whole(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_are_those_of_the_published_centred_grids() {
        for (name, x, y) in [
            ("L7160", 7.21, 15.15),
            ("L7163", 4.65, 15.15),
            ("L7651", 4.75, 10.7),
            ("3490", 0.0, 4.5),
        ] {
            let (left, top) = Stock::find(name).unwrap().margin();
            assert!(
                (left - x).abs() < 0.01 && (top - y).abs() < 0.01,
                "{name}: {left} {top}"
            );
        }
    }

    #[test]
    fn every_label_is_on_the_paper_and_off_its_neighbours() {
        for stock in Stock::all() {
            assert!(
                stock.pitch_x >= stock.width && stock.pitch_y >= stock.height,
                "{}",
                stock.name
            );
            let (first, last) = (stock.position(0), stock.position(stock.per_sheet() - 1));
            assert!(first.0 >= -0.01 && first.1 >= -0.01, "{}", stock.name);
            let (right, bottom) = (last.0 + stock.width, last.1 + stock.height);
            assert!(
                (A4_WIDTH - right - first.0).abs() < 0.01,
                "{} is centred",
                stock.name
            );
            assert!(
                (A4_HEIGHT - bottom - first.1).abs() < 0.01,
                "{} is centred",
                stock.name
            );
        }
    }

    #[test]
    fn is_found_by_its_number_in_any_case() {
        assert_eq!(Stock::find(" l7651 ").map(Stock::per_sheet), Some(65));
        assert_eq!(Stock::find("L0000"), None);
    }
}
