//! Sheets of labels for an ordinary printer, as PDF.

use crate::drawing::{Drawing, Rect, Words};
use crate::error::LabelError;
use crate::label;
use crate::lettering::Face;
use crate::pdf;
use crate::stock::{A4_HEIGHT, A4_WIDTH};

pub use crate::label::LabelContent;
pub use crate::stock::Stock;

/// Labels on A4 sheets of this stock.
///
/// `start_at` is the first label to use, counted from 1 row by row, so that a sheet begun yesterday is
/// finished today. `offset_mm` moves everything right and down, for a printer that feeds askew; the
/// [`calibration`] sheet shows by how much.
pub fn pdf(
    labels: &[LabelContent],
    stock: &Stock,
    start_at: usize,
    offset_mm: (f32, f32),
) -> Result<Vec<u8>, LabelError> {
    pdf::write(&pages(labels, stock, start_at, offset_mm)?, "Étiquettes")
}

/// The first sheet of the same as an SVG picture in its true size; labels that need another sheet are an error.
pub fn svg(
    labels: &[LabelContent],
    stock: &Stock,
    start_at: usize,
    offset_mm: (f32, f32),
) -> Result<String, LabelError> {
    match pages(labels, stock, start_at, offset_mm)?.as_slice() {
        [page] => Ok(crate::svg::write(page)),
        pages => Err(LabelError::MoreThanOneSheet(pages.len())),
    }
}

fn pages(
    labels: &[LabelContent],
    stock: &Stock,
    start_at: usize,
    offset_mm: (f32, f32),
) -> Result<Vec<Drawing>, LabelError> {
    let per_sheet = stock.per_sheet();
    if labels.is_empty() {
        return Err(LabelError::NothingToPrint);
    }
    if start_at == 0 || start_at > per_sheet {
        return Err(LabelError::StartOutsideSheet {
            start_at,
            per_sheet,
        });
    }
    let mut pages = Vec::new();
    let mut page = Drawing::new(A4_WIDTH, A4_HEIGHT);
    for (place, content) in (start_at - 1..).zip(labels) {
        if place > start_at - 1 && place % per_sheet == 0 {
            pages.push(std::mem::replace(
                &mut page,
                Drawing::new(A4_WIDTH, A4_HEIGHT),
            ));
        }
        let (x, y) = stock.position(place % per_sheet);
        page.place(
            label::draw(content, stock.area())?,
            x + offset_mm.0,
            y + offset_mm.1,
        );
    }
    pages.push(page);
    Ok(pages)
}

/// A sheet to print on plain paper and hold against a sheet of labels: the corners of each label, and a
/// rule of 100 mm that shows whether the printer scaled the page.
pub fn calibration(stock: &Stock, offset_mm: (f32, f32)) -> Result<Vec<u8>, LabelError> {
    pdf::write(&[calibration_page(stock, offset_mm)?], "Feuille de réglage")
}

/// Width of a line on the calibration sheet.
const LINE: f32 = 0.2;
/// The words and the rule of the calibration sheet: from its left edge and from its upper edge, to where.
const LEGEND: Rect = Rect {
    x: 20.0,
    y: 108.0,
    width: 170.0,
    height: 80.0,
};

fn calibration_page(stock: &Stock, offset_mm: (f32, f32)) -> Result<Drawing, LabelError> {
    let mut page = Drawing::new(A4_WIDTH, A4_HEIGHT);
    for place in 0..stock.per_sheet() {
        let (x, y) = stock.position(place);
        page.place(
            corners(stock.width, stock.height),
            x + offset_mm.0,
            y + offset_mm.1,
        );
    }
    page.rects.retain(|mark| !touches(mark, &LEGEND));
    page.place(rule(), (A4_WIDTH - 100.0) / 2.0, 150.0);
    let name = format!("Feuille de réglage {} {}", stock.maker, stock.name);
    for (text, size, baseline) in [
        (name.as_str(), 5.0, 118.0),
        (
            "Imprimez cette page à 100\u{a0}% («\u{a0}taille réelle\u{a0}»), sur du papier ordinaire.",
            3.6,
            127.0,
        ),
        ("La règle doit mesurer exactement 100\u{a0}mm.", 3.6, 134.0),
        (
            "Posez ensuite la page sur une planche d’étiquettes, devant une fenêtre\u{a0}:",
            3.6,
            172.0,
        ),
        (
            "les coins doivent tomber juste. Sinon, notez l’écart et indiquez-le au moment d’imprimer.",
            3.6,
            179.0,
        ),
    ] {
        let x = (A4_WIDTH - Face::Sans.width(text)? * size) / 2.0;
        page.words.push(Words {
            x,
            baseline,
            size,
            face: Face::Sans,
            text: text.to_owned(),
        });
    }
    Ok(page)
}

fn touches(one: &Rect, other: &Rect) -> bool {
    one.x < other.x + other.width
        && other.x < one.x + one.width
        && one.y < other.y + other.height
        && other.y < one.y + one.height
}

/// The four corners of a label, a few millimetres of each side.
fn corners(width: f32, height: f32) -> Drawing {
    let arm = 3.0;
    let mut drawing = Drawing::new(width, height);
    for (x, arm_x) in [(0.0, 0.0), (width, -arm)] {
        for (y, arm_y) in [(0.0, 0.0), (height, -arm)] {
            let (left, top) = (x - LINE / 2.0, y - LINE / 2.0);
            drawing.rects.push(Rect {
                x: x + arm_x,
                y: top,
                width: arm,
                height: LINE,
            });
            drawing.rects.push(Rect {
                x: left,
                y: y + arm_y,
                width: LINE,
                height: arm,
            });
        }
    }
    drawing
}

/// 100 mm from the middle of its first mark to the middle of its last, a mark each millimetre.
fn rule() -> Drawing {
    let mut drawing = Drawing::new(100.0, 10.0);
    drawing.rects.push(Rect {
        x: 0.0,
        y: 0.0,
        width: 100.0,
        height: LINE,
    });
    for millimetre in 0_u16..=100 {
        let height = match millimetre % 10 {
            0 => 6.0,
            5 => 4.0,
            _ => 2.5,
        };
        let x = f32::from(millimetre) - LINE / 2.0;
        drawing.rects.push(Rect {
            x,
            y: -height,
            width: LINE,
            height,
        });
    }
    for (text, at) in [("0", -0.8), ("50", 48.0), ("100 mm", 97.0)] {
        let (text, face) = (text.to_owned(), Face::Sans);
        drawing.words.push(Words {
            x: at,
            baseline: 4.5,
            size: 3.6,
            face,
            text,
        });
    }
    drawing
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
