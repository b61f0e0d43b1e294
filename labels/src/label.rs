//! The label of a device or a medium.
//!
//! It will sit in somebody's living room: it carries the code, for scanners, for phones and in clear, and
//! nothing else. Not who gave, who got, where or when, nor the name of a programme.

use crate::code::Code;
use crate::drawing::{Drawing, Rect, Words};
use crate::error::LabelError;
use crate::layout::{Layout, arrange};
use crate::lettering::Face;
use crate::stock::{Area, Stock};
use crate::symbol::{Qr, code128};

/// What one label says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelContent {
    /// The code, for Code 128 and in clear.
    pub code: Code,
    /// The address of the item's public page, `https://…/p/CODE`. It is printed in capitals, which makes the
    /// QR symbol smaller: scheme and host don't mind, the path has to be served in any case.
    pub url: String,
}

/// One label of this stock as an SVG picture in its true size.
pub fn svg(content: &LabelContent, stock: &Stock) -> Result<String, LabelError> {
    Ok(crate::svg::write(&draw(content, stock.area())?))
}

/// Labels of this size for a thermal printer of 203 dpi, as ZPL: one format a label.
pub fn zpl(labels: &[LabelContent], stock: &Stock) -> Result<String, LabelError> {
    let mut zpl = String::new();
    for content in labels {
        crate::zpl::write(&mut zpl, content, stock.area())?;
    }
    Ok(zpl)
}

/// One label as a picture.
pub(crate) fn draw(content: &LabelContent, area: Area) -> Result<Drawing, LabelError> {
    let text = content.code.to_string();
    let (layout, symbol) = arrange(area, &content.url.to_uppercase(), Face::Mono.width(&text)?)?;
    let mut drawing = Drawing::new(area.width, area.height);
    draw_qr(&mut drawing, &layout, &symbol);
    draw_bars(&mut drawing, &layout, content.code)?;
    drawing.words.push(Words {
        x: layout.text.x,
        baseline: layout.text.baseline,
        size: layout.text.size,
        face: Face::Mono,
        text,
    });
    Ok(drawing)
}

fn draw_qr(drawing: &mut Drawing, layout: &Layout, symbol: &Qr) {
    let place = layout.qr;
    for (row, runs) in (0_u16..).zip(&symbol.rows) {
        drawing.rects.extend(runs.iter().map(|run| Rect {
            x: place.x + f32::from(run.start) * place.module,
            y: place.y + f32::from(row) * place.module,
            width: f32::from(run.end - run.start) * place.module,
            height: place.module,
        }));
    }
}

fn draw_bars(drawing: &mut Drawing, layout: &Layout, code: Code) -> Result<(), LabelError> {
    let Some(place) = layout.bars else {
        return Ok(());
    };
    drawing.rects.extend(code128(code)?.iter().map(|run| Rect {
        x: place.x + f32::from(run.start) * place.module,
        y: place.y,
        width: f32::from(run.end - run.start) * place.module,
        height: place.height,
    }));
    Ok(())
}

#[cfg(test)]
#[path = "label_tests.rs"]
mod tests;
