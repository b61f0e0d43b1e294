//! The sheets are measured in the PDF itself: its page size and the corners of each rectangle in it.

use krilla::SerializeSettings;

use super::{LabelContent, Stock, calibration_page, pages, pdf};
use crate::code::Code;
use crate::drawing::{Drawing, Rect};
use crate::error::LabelError;
use crate::pdf::{POINTS, write_with};

/// Two hundredths of a millimetre: below what any printer does.
const HAIR: f32 = 0.02;

fn labels(count: usize) -> Vec<LabelContent> {
    let mut byte = 0_u8;
    (0..count)
        .map(|_| {
            let code = Code::draw(|| {
                byte = byte.wrapping_mul(5).wrapping_add(113);
                byte
            });
            LabelContent {
                code,
                url: format!("https://rebond.example.org/p/{}", code.as_str()),
            }
        })
        .collect()
}

/// What a PDF says of itself, in millimetres.
struct Measured {
    pages: Vec<(f32, f32)>,
    rects: Vec<Rect>,
}

/// Reads the page sizes and the rectangles of all pages.
fn measured(drawings: &[Drawing]) -> Measured {
    let settings = SerializeSettings {
        compress_content_streams: false,
        ..SerializeSettings::default()
    };
    let file = write_with(drawings, "test", settings).unwrap();
    let text = String::from_utf8_lossy(&file);
    let numbers = |list: &str| -> Vec<f32> {
        list.split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect()
    };
    let pages = text
        .split("/MediaBox[")
        .skip(1)
        .map(|rest| numbers(rest.split(']').next().unwrap()))
        .map(|media| (media[2] / POINTS, media[3] / POINTS))
        .collect();
    // The page begins with "1 0 0 -1 0 841.89 cm": from there on y counts from the top.
    let rects = text
        .split("q 1 0 0 -1 0 841.8898 cm")
        .skip(1)
        .flat_map(|page| page.split("\nBT").next().unwrap().split(['\n', 'q']))
        .filter(|path| path.contains(" m ") && path.matches(" l").count() == 3)
        .map(|path| {
            // The first one follows "0 g", which chooses black.
            let corners = numbers(path.rsplit(" g ").next().unwrap());
            let (left, top, right, bottom) = (corners[0], corners[1], corners[2], corners[5]);
            Rect {
                x: left / POINTS,
                y: top / POINTS,
                width: (right - left) / POINTS,
                height: (bottom - top) / POINTS,
            }
        })
        .collect();
    Measured { pages, rects }
}

fn near(one: f32, other: f32) -> bool {
    (one - other).abs() < HAIR
}

#[test]
fn a_sheet_is_a4_and_has_what_was_laid_out() {
    for stock in Stock::all() {
        let drawn = pages(&labels(stock.per_sheet()), stock, 1, (0.0, 0.0)).unwrap();
        let found = measured(&drawn);
        assert_eq!(found.pages.len(), 1, "{}", stock.name);
        assert!(
            near(found.pages[0].0, 210.0) && near(found.pages[0].1, 297.0),
            "{}",
            stock.name
        );
        assert_eq!(found.rects.len(), drawn[0].rects.len(), "{}", stock.name);
        for (found, drawn) in found.rects.iter().zip(&drawn[0].rects) {
            assert!(
                near(found.x, drawn.x)
                    && near(found.y, drawn.y)
                    && near(found.width, drawn.width)
                    && near(found.height, drawn.height),
                "{}: {found:?} is not {drawn:?}",
                stock.name
            );
        }
    }
}

#[test]
fn all_ink_is_on_a_label_and_inside_what_printers_print() {
    for stock in Stock::all() {
        let drawn = pages(&labels(stock.per_sheet()), stock, 1, (0.0, 0.0)).unwrap();
        let mut used = vec![false; stock.per_sheet()];
        for ink in measured(&drawn).rects {
            let on = (0..stock.per_sheet()).find(|place| {
                let (x, y) = stock.position(*place);
                ink.x >= x + 1.0 - HAIR
                    && ink.y >= y + 1.0 - HAIR
                    && ink.x + ink.width <= x + stock.width - 1.0 + HAIR
                    && ink.y + ink.height <= y + stock.height - 1.0 + HAIR
            });
            used[on.unwrap_or_else(|| panic!("{}: {ink:?} is on no label", stock.name))] = true;
            assert!(
                ink.x >= 5.0 - HAIR && ink.x + ink.width <= 205.0 + HAIR,
                "{}",
                stock.name
            );
            assert!(
                ink.y >= 5.0 - HAIR && ink.y + ink.height <= 292.0 + HAIR,
                "{}",
                stock.name
            );
        }
        assert!(
            used.into_iter().all(|used| used),
            "{} has an empty label",
            stock.name
        );
    }
}

#[test]
fn the_printed_bars_are_whole_dots_wide() {
    let stock = Stock::find("L7651").unwrap();
    let drawn = pages(&labels(1), stock, 1, (0.0, 0.0)).unwrap();
    let bars: Vec<Rect> = measured(&drawn)
        .rects
        .into_iter()
        .filter(|rect| rect.height > 6.0)
        .collect();
    assert_eq!(bars.len(), 34);
    for bar in &bars {
        let modules = bar.width / 0.254;
        assert!(
            (modules - modules.round()).abs() < 0.01 && modules < 4.5,
            "{bar:?}"
        );
    }
    let ink = bars[33].x + bars[33].width - bars[0].x;
    assert!(near(ink, 123.0 * 0.254), "{ink}");
}

#[test]
fn a_begun_sheet_is_finished_before_a_new_one() {
    let stock = Stock::find("L7651").unwrap();
    let drawn = pages(&labels(4), stock, 64, (0.0, 0.0)).unwrap();
    assert_eq!(
        drawn
            .iter()
            .map(|page| page.words.len())
            .collect::<Vec<_>>(),
        [2, 2]
    );
    assert_eq!(measured(&drawn).pages.len(), 2);
    let (x, y) = stock.position(63);
    let first = &drawn[0].words[0];
    assert!(first.x > x && first.x < x + stock.width);
    assert!(first.baseline > y && first.baseline < y + stock.height);
    let last_of_sheet = pages(&labels(2), stock, 64, (0.0, 0.0)).unwrap();
    assert_eq!(
        last_of_sheet.len(),
        1,
        "a full sheet is not followed by an empty one"
    );
}

#[test]
fn an_offset_moves_everything_by_just_that() {
    let stock = Stock::find("L7160").unwrap();
    let straight = pages(&labels(3), stock, 1, (0.0, 0.0)).unwrap();
    let moved = pages(&labels(3), stock, 1, (1.5, -0.75)).unwrap();
    for (one, other) in measured(&straight).rects.iter().zip(measured(&moved).rects) {
        assert!(near(other.x - one.x, 1.5) && near(other.y - one.y, -0.75));
    }
    assert!(near(moved[0].words[0].x - straight[0].words[0].x, 1.5));
}

#[test]
fn what_can_not_be_printed_is_refused() {
    let stock = Stock::find("L7160").unwrap();
    let refused = |count, start_at| pdf(&labels(count), stock, start_at, (0.0, 0.0)).unwrap_err();
    assert_eq!(refused(0, 1), LabelError::NothingToPrint);
    assert_eq!(
        refused(1, 0),
        LabelError::StartOutsideSheet {
            start_at: 0,
            per_sheet: 21
        }
    );
    assert_eq!(
        refused(1, 22),
        LabelError::StartOutsideSheet {
            start_at: 22,
            per_sheet: 21
        }
    );
}

#[test]
fn the_same_labels_give_the_same_file() {
    let stock = Stock::find("L7651").unwrap();
    let file = || pdf(&labels(70), stock, 3, (0.0, 0.0)).unwrap();
    assert_eq!(file(), file());
    assert!(file().starts_with(b"%PDF-"));
}

#[test]
fn the_rule_measures_100_mm_in_the_pdf() {
    for stock in Stock::all() {
        let page = calibration_page(stock, (0.0, 0.0)).unwrap();
        let marks: Vec<f32> = measured(std::slice::from_ref(&page))
            .rects
            .iter()
            .filter(|mark| near(mark.height, 6.0))
            .map(|mark| mark.x)
            .collect();
        assert_eq!(marks.len(), 11, "{}", stock.name);
        assert!(
            near(marks[10] - marks[0], 100.0),
            "{}: {marks:?}",
            stock.name
        );
    }
}
