use super::{LabelContent, draw};
use crate::code::Code;
use crate::drawing::{Drawing, Rect};
use crate::error::LabelError;
use crate::layout::{Layout, arrange};
use crate::lettering::{CAP_HEIGHT, Face};
use crate::stock::{Area, Stock};
use crate::symbol::{CODE128_MODULES, CODE128_QUIET, QR_QUIET};

/// A rounding error is less than this; a tenth of a dot of a good printer.
const HAIR: f32 = 0.004;

/// Addresses of the lengths that départements have, and one that is long.
const ADDRESSES: [&str; 4] = [
    "https://a.fr/p/",
    "https://rebond.example.org/p/",
    "https://rebond.herault.example/p/",
    "https://reemploi-numerique.pyrenees-orientales.example.org/p/",
];

fn content(base: &str, code: &str) -> LabelContent {
    let code = Code::parse(code).unwrap();
    LabelContent {
        code,
        url: format!("{base}{}", code.as_str()),
    }
}

fn every_label(check: impl Fn(&str, Area, Layout, &Drawing)) {
    for stock in Stock::all() {
        for base in ADDRESSES {
            for code in ["7KD3-BX0R", "2HB5-N8TN", "0000-0001"] {
                let content = content(base, code);
                let width = Face::Mono.width(code).unwrap();
                let (layout, _) =
                    arrange(stock.area(), &content.url.to_uppercase(), width).unwrap();
                let drawing = draw(&content, stock.area()).unwrap();
                check(
                    &format!("{} {base}", stock.name),
                    stock.area(),
                    layout,
                    &drawing,
                );
            }
        }
    }
}

fn qr_rect(layout: &Layout) -> Rect {
    Rect {
        x: layout.qr.x,
        y: layout.qr.y,
        width: layout.qr.side,
        height: layout.qr.side,
    }
}

fn bars_rect(layout: &Layout) -> Option<Rect> {
    layout.bars.map(|bars| Rect {
        x: bars.x,
        y: bars.y,
        width: f32::from(CODE128_MODULES) * bars.module,
        height: bars.height,
    })
}

/// What the letters cover, from the size of the font.
fn text_rect(drawing: &Drawing) -> Rect {
    let [line] = drawing.words.as_slice() else {
        panic!("one line of text: {:?}", drawing.words)
    };
    Rect {
        x: line.x,
        y: line.baseline - CAP_HEIGHT * line.size,
        width: line.face.width(&line.text).unwrap() * line.size,
        height: CAP_HEIGHT * line.size,
    }
}

fn grown(rect: Rect, by_x: f32, by_y: f32) -> Rect {
    Rect {
        x: rect.x - by_x,
        y: rect.y - by_y,
        width: rect.width + 2.0 * by_x,
        height: rect.height + 2.0 * by_y,
    }
}

fn inside(inner: Rect, outer: Rect) -> bool {
    inner.x >= outer.x - HAIR
        && inner.y >= outer.y - HAIR
        && inner.x + inner.width <= outer.x + outer.width + HAIR
        && inner.y + inner.height <= outer.y + outer.height + HAIR
}

fn apart(one: Rect, other: Rect) -> bool {
    one.x + one.width <= other.x + HAIR
        || other.x + other.width <= one.x + HAIR
        || one.y + one.height <= other.y + HAIR
        || other.y + other.height <= one.y + HAIR
}

#[test]
fn quiet_zones_are_quiet_and_on_the_label() {
    every_label(|name, area, layout, drawing| {
        let label = Rect {
            x: 0.0,
            y: 0.0,
            width: area.width,
            height: area.height,
        };
        let text = text_rect(drawing);
        let quiet = QR_QUIET * layout.qr.module;
        let qr = grown(qr_rect(&layout), quiet, quiet);
        assert!(inside(qr, label), "{name}: {qr:?}");
        assert!(apart(qr, text), "{name}: {text:?} in {qr:?}");
        let bars = bars_rect(&layout)
            .map(|bars| grown(bars, CODE128_QUIET * layout.bars.unwrap().module, 0.0));
        if let Some(bars) = bars {
            assert!(inside(bars, label), "{name}: {bars:?}");
            assert!(apart(bars, text), "{name}: {text:?} in {bars:?}");
        }
        for rect in &drawing.rects {
            let of_qr = inside(*rect, qr_rect(&layout));
            let of_bars = bars_rect(&layout).is_some_and(|bars| inside(*rect, bars));
            assert!(of_qr != of_bars, "{name}: {rect:?} belongs to one symbol");
            assert!(
                of_qr || apart(*rect, qr),
                "{name}: {rect:?} in the quiet zone of the QR"
            );
            assert!(
                of_bars || bars.is_none_or(|bars| apart(*rect, bars)),
                "{name}: {rect:?}"
            );
        }
    });
}

#[test]
fn no_ink_is_where_it_would_be_lost() {
    every_label(|name, area, _, drawing| {
        let label = Rect {
            x: 0.0,
            y: 0.0,
            width: area.width,
            height: area.height,
        };
        let printable = grown(label, -area.border_x, -area.border_y);
        assert!(area.border_x >= 1.0 && area.border_y >= 1.0, "{name}");
        for rect in drawing.rects.iter().copied().chain([text_rect(drawing)]) {
            assert!(inside(rect, printable), "{name}: {rect:?}");
        }
    });
}

#[test]
fn symbols_are_large_enough_and_in_whole_dots() {
    let whole = |module: f32| {
        let dots = module / (25.4 / 600.0);
        (dots - dots.round()).abs() < 0.001
    };
    every_label(|name, _, layout, _| {
        assert!(
            layout.qr.module >= 0.338 && whole(layout.qr.module),
            "{name}"
        );
        assert!(layout.text.size >= 2.5, "{name}: {}", layout.text.size);
        if let Some(bars) = layout.bars {
            assert!(bars.module >= 0.253 && whole(bars.module), "{name}");
            assert!(bars.height >= 6.35 - HAIR, "{name}: {}", bars.height);
        }
    });
}

#[test]
fn every_stock_but_the_narrowest_has_bars() {
    let content = content(ADDRESSES[1], "7KD3-BX0R");
    for stock in Stock::all() {
        let text = Face::Mono.width("7KD3-BX0R").unwrap();
        let (layout, _) = arrange(stock.area(), &content.url.to_uppercase(), text).unwrap();
        // 143 modules of 0.254 mm need 36.3 mm; L4732 has 35.6.
        assert_eq!(
            layout.bars.is_some(),
            stock.name != "L4732",
            "{}",
            stock.name
        );
    }
}

#[test]
fn the_code_in_clear_is_all_the_words_there_are() {
    every_label(|name, _, _, drawing| {
        let [line] = drawing.words.as_slice() else {
            panic!("{name}: {:?}", drawing.words)
        };
        assert_eq!(
            line.text,
            Code::parse(&line.text).unwrap().to_string(),
            "{name}"
        );
    });
}

#[test]
fn a_label_too_small_for_its_symbols_is_refused() {
    let area = Area {
        width: 20.0,
        height: 10.0,
        border_x: 1.0,
        border_y: 1.0,
    };
    let refused = draw(&content(ADDRESSES[1], "7KD3-BX0R"), area);
    assert_eq!(refused, Err(LabelError::TooSmall("20 × 10 mm".to_owned())));
}

#[test]
fn svg_has_the_true_size_and_a_white_ground() {
    let stock = Stock::find("L7160").unwrap();
    let svg = super::svg(&content(ADDRESSES[1], "7KD3-BX0R"), stock).unwrap();
    assert!(svg.starts_with(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"63.5mm\" height=\"38.1mm\""
    ));
    assert!(svg.contains("<path fill=\"#fff\""));
    assert!(svg.contains(">7KD3-BX0R</text>"));
}
