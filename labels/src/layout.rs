//! Where the parts of a device label go, in millimetres.
//!
//! Sizes are whole dots of a 600 dpi printer: a bar of 6.5 dots is printed as 6 here and 7 there, and
//! scanners stumble. Three arrangements are tried, the one that scans best first; on stocks too small for
//! Code 128 with its quiet zones the QR symbol and the code in clear are enough.

use crate::error::LabelError;
use crate::lettering::CAP_HEIGHT;
use crate::stock::Area;
use crate::symbol::{CODE128_MODULES, CODE128_QUIET, Correction, QR_QUIET, Qr, qr};

/// One dot of a 600 dpi printer.
const DOT: f32 = 25.4 / 600.0;
/// Code 128: 0.254 mm is the least that a hand-held scanner reads at ease, 0.381 mm is generous.
const BAR_DOTS: (u16, u16) = (6, 9);
/// QR: 1.5 × the module of the bars beside it (GS1 General Specifications); on crowded labels 0.339 mm.
const QR_DOTS: [u16; 2] = [9, 8];
/// Bars lower than a quarter inch are missed by a tired hand.
const BAR_HEIGHT: (f32, f32) = (6.35, 12.0);
/// A larger QR symbol reads no better.
const QR_LARGEST: f32 = 24.0;
/// Em of the code in clear: 7 pt can be read, 23 pt at arm's length.
const TEXT_SIZE: (f32, f32) = (2.5, 8.0);
/// Between the QR symbol's quiet zone and the code, in ems of the code.
const TEXT_GAP: f32 = 0.25;
/// Labels that are this much wider than high have room for the bars beside the QR symbol.
const WIDE: f32 = 2.2;

/// Where a QR symbol is, quiet zone not included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct QrPlace {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) module: f32,
    pub(crate) side: f32,
}

/// Where a Code 128 symbol is, quiet zones not included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BarsPlace {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) module: f32,
    pub(crate) height: f32,
}

/// Where the code in clear is, and how large.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TextPlace {
    pub(crate) x: f32,
    pub(crate) baseline: f32,
    pub(crate) size: f32,
}

/// A whole label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Layout {
    pub(crate) qr: QrPlace,
    pub(crate) bars: Option<BarsPlace>,
    pub(crate) text: TextPlace,
}

/// Lays a label out: the QR symbol of `address`, Code 128 where it fits, the code (`text_width` in ems).
pub(crate) fn arrange(
    area: Area,
    address: &str,
    text_width: f32,
) -> Result<(Layout, Qr), LabelError> {
    // A label is handled, so the stronger correction is tried first.
    let symbols = [
        qr(address, Correction::Quartile)?,
        qr(address, Correction::Medium)?,
    ];
    for arrangement in [beside, stacked, without_bars] {
        for least in QR_DOTS {
            for symbol in &symbols {
                if let Some(layout) = arrangement(area, symbol.size, least, text_width) {
                    return Ok((layout, symbol.clone()));
                }
            }
        }
    }
    Err(LabelError::TooSmall(format!(
        "{} × {} mm",
        area.width, area.height
    )))
}

/// QR on the left, the code above the bars on the right.
fn beside(area: Area, modules: u16, least: u16, text_width: f32) -> Option<Layout> {
    if area.width < area.height * WIDE {
        return None;
    }
    let (mut qr, quiet) = largest_qr(modules, least, |side, quiet| {
        side + 2.0 * quiet.max(area.border_y) <= area.height
    })?;
    let left = area.border_x.max(quiet);
    let (module, gap) = (BAR_DOTS.0..=BAR_DOTS.1).rev().find_map(|dots| {
        let module = f32::from(dots) * DOT;
        let (gap, right) = (
            quiet.max(CODE128_QUIET * module),
            area.border_x.max(CODE128_QUIET * module),
        );
        (left + qr.side + gap + bars_width(module) + right <= area.width).then_some((module, gap))
    })?;
    let width = bars_width(module);
    qr.x = left.max((area.width - qr.side - gap - width) / 2.0);
    qr.y = (area.height - qr.side) / 2.0;
    let size = (width / text_width).min(TEXT_SIZE.1);
    let height = BAR_HEIGHT
        .1
        .min(area.height - 2.0 * area.border_y - 1.5 * size);
    if size < TEXT_SIZE.0 || height < BAR_HEIGHT.0 {
        return None;
    }
    let cap = CAP_HEIGHT * size;
    let between = size * 0.5;
    let top = (area.height - cap - between - height) / 2.0;
    let x = qr.x + qr.side + gap;
    Some(Layout {
        qr,
        bars: Some(BarsPlace {
            x,
            y: top + cap + between,
            module,
            height,
        }),
        text: TextPlace {
            x: x + (width - size * text_width) / 2.0,
            baseline: top + cap,
            size,
        },
    })
}

/// QR and the code in one row, the bars below.
fn stacked(area: Area, modules: u16, least: u16, text_width: f32) -> Option<Layout> {
    let module = (BAR_DOTS.0..=BAR_DOTS.1)
        .rev()
        .map(|dots| f32::from(dots) * DOT)
        .find(|module| {
            bars_width(*module) + 2.0 * area.border_x.max(CODE128_QUIET * module) <= area.width
        })?;
    let height = (area.height * 0.28).clamp(BAR_HEIGHT.0, BAR_HEIGHT.1);
    let y = area.height - area.border_y - height;
    let (mut qr, quiet) = largest_qr(modules, least, |side, quiet| {
        quiet.max(area.border_y) + side + quiet <= y
            && text_size(area, side, quiet, text_width).is_some()
    })?;
    qr.y = quiet.max(area.border_y).max((y - qr.side - quiet) / 2.0);
    let text = text_beside(area, &mut qr, quiet, text_width)?;
    let bars = BarsPlace {
        x: (area.width - bars_width(module)) / 2.0,
        y,
        module,
        height,
    };
    Some(Layout {
        qr,
        bars: Some(bars),
        text,
    })
}

/// QR and the code in clear only.
fn without_bars(area: Area, modules: u16, least: u16, text_width: f32) -> Option<Layout> {
    let (mut qr, quiet) = largest_qr(modules, least, |side, quiet| {
        side + 2.0 * quiet.max(area.border_y) <= area.height
            && text_size(area, side, quiet, text_width).is_some()
    })?;
    qr.y = (area.height - qr.side) / 2.0;
    let text = text_beside(area, &mut qr, quiet, text_width)?;
    Some(Layout {
        qr,
        bars: None,
        text,
    })
}

/// The largest symbol, not yet placed, that `fits` (its side and its quiet zone), and that quiet zone.
fn largest_qr(modules: u16, least: u16, fits: impl Fn(f32, f32) -> bool) -> Option<(QrPlace, f32)> {
    (least..=40).rev().find_map(|dots| {
        let module = f32::from(dots) * DOT;
        let (side, quiet) = (f32::from(modules) * module, QR_QUIET * module);
        let chosen = side <= QR_LARGEST.max(f32::from(modules * least) * DOT) && fits(side, quiet);
        chosen.then_some((
            QrPlace {
                x: 0.0,
                y: 0.0,
                module,
                side,
            },
            quiet,
        ))
    })
}

/// The em of the code beside a QR symbol, if it can be read at all.
fn text_size(area: Area, symbol: f32, quiet: f32, text_width: f32) -> Option<f32> {
    let room = area.width - area.border_x.max(quiet) - symbol - quiet - area.border_x;
    let em = (room / (text_width + TEXT_GAP)).min(TEXT_SIZE.1);
    (em >= TEXT_SIZE.0).then_some(em)
}

/// Puts the code to the right of the symbol, and both together in the middle of the label.
fn text_beside(area: Area, qr: &mut QrPlace, quiet: f32, text_width: f32) -> Option<TextPlace> {
    let size = text_size(area, qr.side, quiet, text_width)?;
    let gap = quiet + size * TEXT_GAP;
    let row = qr.side + gap + size * text_width;
    qr.x = area.border_x.max(quiet).max((area.width - row) / 2.0);
    let baseline = qr.y + f32::midpoint(qr.side, CAP_HEIGHT * size);
    Some(TextPlace {
        x: qr.x + qr.side + gap,
        baseline,
        size,
    })
}

fn bars_width(module: f32) -> f32 {
    f32::from(CODE128_MODULES) * module
}
