//! A label as ZPL II, for a thermal printer of 203 dpi: eight dots a millimetre.
//!
//! The printer draws the symbols itself, so sizes are whole dots of its own; places are those of the
//! layout, as near as its dots allow.

use std::fmt::Write;

use crate::error::LabelError;
use crate::label::LabelContent;
use crate::layout::arrange;
use crate::lettering::Face;
use crate::stock::Area;
use crate::symbol::{Correction, qr};

/// Dots of the printer in a millimetre.
const DOTS: f32 = 8.0;
/// `^BQ` prints this many dots below its place.
const QR_SINKS: u32 = 10;

/// Writes one label, a format of its own.
pub(crate) fn write(
    zpl: &mut String,
    content: &LabelContent,
    area: Area,
) -> Result<(), LabelError> {
    let text = content.code.to_string();
    let address = content.url.to_uppercase();
    let (layout, symbol) = arrange(area, &address, Face::Mono.width(&text)?)?;
    let strong = qr(&address, Correction::Quartile)?.size == symbol.size;
    let magnification = dots(layout.qr.module).max(1);
    // Writing to a String can't fail.
    let _ = writeln!(
        zpl,
        "^XA\n^CI28\n^PW{}\n^LL{}\n^LH0,0",
        dots(area.width),
        dots(area.height)
    );
    let _ = writeln!(
        zpl,
        "^FO{},{}^BQN,2,{magnification}^FH^FD{}A,{}^FS",
        dots(layout.qr.x),
        dots(layout.qr.y).saturating_sub(QR_SINKS),
        if strong { 'Q' } else { 'M' },
        escaped(&address)
    );
    if let Some(bars) = layout.bars {
        let _ = writeln!(
            zpl,
            "^FO{},{}^BY{}^BCN,{},N,N,N^FH^FD{}^FS",
            dots(bars.x),
            dots(bars.y),
            dots(bars.module).max(1),
            dots(bars.height),
            escaped(content.code.as_str())
        );
    }
    let size = dots(layout.text.size);
    let _ = writeln!(
        zpl,
        "^FT{},{}^A0N,{size},{size}^FH^FD{}^FS\n^XZ",
        dots(layout.text.x),
        dots(layout.text.baseline),
        escaped(&text)
    );
    Ok(())
}

/// Whole dots, the nearest.
fn dots(millimetres: f32) -> u32 {
    let dots = (millimetres * DOTS).round().clamp(0.0, 32_000.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within bounds, just above"
    )]
    let dots = dots as u32;
    dots
}

/// What begins a command of the printer, and the mark of the escape itself, by their numbers (`^FH`).
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, letter| {
        match letter {
            '^' => out.push_str("_5E"),
            '~' => out.push_str("_7E"),
            '_' => out.push_str("_5F"),
            '\n' | '\r' => {}
            other => out.push(other),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;
    use crate::stock::Stock;

    fn label(url: &str) -> String {
        let content = LabelContent {
            code: Code::parse("7KD3-BX0R").unwrap(),
            url: url.to_owned(),
        };
        let mut zpl = String::new();
        write(&mut zpl, &content, Stock::find("L7160").unwrap().area()).unwrap();
        zpl
    }

    #[test]
    fn a_label_has_both_symbols_and_the_code_in_clear() {
        let zpl = label("https://a.fr/p/7KD3BX0R");
        assert!(zpl.starts_with("^XA\n") && zpl.ends_with("^XZ\n"), "{zpl}");
        assert!(zpl.contains("^PW508\n^LL305\n"), "{zpl}");
        assert!(
            zpl.contains("^BQN,2,") && zpl.contains("A,HTTPS://A.FR/P/7KD3BX0R^FS"),
            "{zpl}"
        );
        assert!(
            zpl.contains("^BCN,") && zpl.contains("^FD7KD3BX0R^FS"),
            "{zpl}"
        );
        assert!(zpl.contains("^FD7KD3-BX0R^FS"), "{zpl}");
    }

    #[test]
    fn nothing_in_an_address_is_a_command() {
        let zpl = label("https://a.fr/~x^y_z/p/7KD3BX0R");
        assert!(
            zpl.contains("HTTPS://A.FR/_7EX_5EY_5FZ/P/7KD3BX0R"),
            "{zpl}"
        );
    }
}
