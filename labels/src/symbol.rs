//! The symbols on a label, as modules without any size: Code 128 and QR.

use std::ops::Range;

use barcoders::sym::code128::Code128;
use fast_qr::{ECL, QRBuilder};

use crate::code::Code;
use crate::error::LabelError;

/// Light modules that Code 128 needs on its left and right (GS1 General Specifications, 5.4.4.2).
pub const CODE128_QUIET: f32 = 10.0;
/// Light modules that QR needs on its four sides (ISO/IEC 18004).
pub const QR_QUIET: f32 = 4.0;
/// Modules of the Code 128 symbol of any code, quiet zones not included: start, eight characters, check, stop.
pub const CODE128_MODULES: u16 = 123;

/// The dark bars of the Code 128 symbol of `code` in set B, as ranges of modules from its left edge.
///
/// Set B because an optimiser would make symbols of differing width; all labels of a sheet look alike.
pub fn code128(code: Code) -> Result<Vec<Range<u16>>, LabelError> {
    // Ɓ chooses set B, barcoders' way of writing it.
    let symbol = Code128::new(format!("\u{181}{code}", code = code.as_str()))
        .map_err(|error| LabelError::Writing(error.to_string()))?;
    Ok(dark_runs(symbol.encode().iter().map(|module| *module == 1)))
}

/// How much of a QR symbol may be damaged and still be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// About 15 %: paper.
    Medium,
    /// About 25 %: surfaces that are handled.
    Quartile,
}

/// The modules of one QR symbol, quiet zone not included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qr {
    /// Modules on one side.
    pub size: u16,
    /// The dark modules of each row from top to bottom, as ranges from the left edge.
    pub rows: Vec<Vec<Range<u16>>>,
}

/// The QR symbol of `data`, taken as it is.
///
/// An address in capitals makes a smaller symbol (the alphanumeric mode); only do that where the
/// address is served in any case.
pub fn qr(data: &str, correction: Correction) -> Result<Qr, LabelError> {
    let level = match correction {
        Correction::Medium => ECL::M,
        Correction::Quartile => ECL::Q,
    };
    let symbol = QRBuilder::new(data)
        .ecl(level)
        .build()
        .map_err(|_| LabelError::TooLong)?;
    let size = u16::try_from(symbol.size).map_err(|_| LabelError::TooLong)?;
    let rows = (0..symbol.size)
        .map(|row| dark_runs(symbol[row].iter().map(|module| module.value())))
        .collect();
    Ok(Qr { size, rows })
}

/// Neighbouring dark modules as one range: fewer shapes, and no hairline between them.
fn dark_runs(modules: impl Iterator<Item = bool>) -> Vec<Range<u16>> {
    let mut runs: Vec<Range<u16>> = Vec::new();
    for (place, dark) in (0..).zip(modules) {
        if !dark {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.end == place => run.end += 1,
            _ => runs.push(place..place + 1),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_128_has_the_width_that_layouts_count_on() {
        let bars = code128(Code::parse("7KD3-BX0R").unwrap()).unwrap();
        // Start B, then the bars of ten characters and a stop with one bar more: 3 × 11 + 1.
        assert_eq!(bars.len(), 34);
        assert_eq!(bars[..3], [0..2, 3..4, 6..7]);
        assert_eq!(bars.last(), Some(&(121..CODE128_MODULES)));
    }

    #[test]
    fn an_address_in_capitals_makes_a_smaller_symbol() {
        let address = "https://example.org/d/rd7z4kx3";
        let size = |text: &str, correction| qr(text, correction).unwrap().size;
        assert_eq!(size(&address.to_uppercase(), Correction::Medium), 25);
        assert_eq!(size(&address.to_uppercase(), Correction::Quartile), 29);
        assert_eq!(size(address, Correction::Medium), 29);
    }

    #[test]
    fn a_qr_symbol_has_its_finder_patterns() {
        let symbol = qr("HTTPS://EXAMPLE.ORG/P/7KD3BX0R", Correction::Quartile).unwrap();
        let (first, last) = (0..7, symbol.size - 7..symbol.size);
        assert_eq!(symbol.rows.len(), usize::from(symbol.size));
        assert_eq!(symbol.rows[0].first(), Some(&first));
        assert_eq!(symbol.rows[0].last(), Some(&last));
        assert_eq!(symbol.rows.last().and_then(|row| row.first()), Some(&first));
    }

    #[test]
    fn what_no_qr_symbol_holds_is_refused() {
        assert_eq!(
            qr(&"x".repeat(5_000), Correction::Medium),
            Err(LabelError::TooLong)
        );
    }
}
