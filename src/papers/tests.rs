//! The sample papers, laid out, written and read back.

use std::process::Command;

use super::page::{BOTTOM, Composed, Mark};
use super::samples::{appointment, decision, receipt, samples, strings};
use super::text::MM;
use super::{Block, Error, Paper, flow, pdf};

/// How many pages the file has, by its page objects.
fn pages(file: &[u8]) -> usize {
    String::from_utf8_lossy(file).matches("/MediaBox").count()
}

/// Each line of text on a page, with its upper left corner in millimetres.
fn lines(composed: &Composed, page: usize) -> Vec<(String, f32, f32)> {
    let mut found = Vec::new();
    for (mark, _) in &composed.pages[page].marks {
        if let Mark::Lines { set, lines, x, y } = mark {
            for (row, line) in (0_u16..)
                .zip(set.layout.lines())
                .filter(|(row, _)| lines.contains(row))
            {
                let top = y + f32::from(row - lines.start) * set.style.leading;
                let text = set
                    .text
                    .get(line.text_range())
                    .unwrap_or_default()
                    .trim_end()
                    .to_owned();
                found.push((text, x / MM, top / MM));
            }
        }
    }
    found
}

/// What the tool `pdftotext` reads, or nothing where it isn't installed.
#[expect(clippy::print_stderr, reason = "a test that could not run says so")]
fn text_of(file: &[u8], name: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paper.pdf");
    std::fs::write(&path, file).unwrap();
    let read = Command::new("pdftotext")
        .arg("-enc")
        .arg("UTF-8")
        .arg(&path)
        .arg("-")
        .output();
    let Ok(output) = read else {
        eprintln!("skipped: {name} (pdftotext is not installed)");
        return None;
    };
    // The tool makes a plain space of a no-break space.
    Some(
        String::from_utf8(output.stdout)
            .unwrap()
            .replace('\u{a0}', " "),
    )
}

#[test]
fn every_kind_of_paper_is_written_the_same_twice() {
    for (name, paper) in samples() {
        let file = pdf(&paper).unwrap();
        assert!(file.starts_with(b"%PDF-"), "{name}");
        assert_eq!(file, pdf(&paper).unwrap(), "{name}");
        if let Ok(folder) = std::env::var("REBOND_SAMPLES") {
            std::fs::write(format!("{folder}/{name}.pdf"), file).unwrap();
        }
    }
}

#[test]
fn the_text_can_be_taken_out_again() {
    let name = "the_text_can_be_taken_out_again";
    let Some(text) = text_of(&pdf(&receipt(2)).unwrap(), name) else {
        return;
    };
    for words in [
        "Récépissé de don",
        "François Cœur-Garçon",
        "12 rue de l’Œuvre",
        "PF0ABC02",
        "14 h 30",
        "1/1",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let text = text_of(&pdf(&decision()).unwrap(), name).unwrap();
    assert!(
        text.contains("Zoë Lefèvre-Ÿ") && text.contains("20 €"),
        "{text}"
    );
    let text = text_of(&pdf(&appointment("uk")).unwrap(), name).unwrap();
    assert!(text.contains("Ваш запис на отримання комп’ютера"), "{text}");
    let text = text_of(&pdf(&appointment("ar")).unwrap(), name).unwrap();
    // Words without lam-alef, whose two letters the tool exchanges.
    for words in [
        "موعدك",
        "محجوز",
        "يناير",
        "123 456",
        "3 rue des Lilas",
        "12.01.2027 14:30",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn a_long_table_goes_on_under_its_head_and_pages_are_counted() {
    let composed = flow::compose(&receipt(60)).unwrap();
    assert_eq!(composed.pages.len(), 3);
    assert_eq!(pages(&pdf(&receipt(60)).unwrap()), 3);
    let mut serials = Vec::new();
    for page in 0..3 {
        let lines = lines(&composed, page);
        assert!(
            lines.iter().any(|(text, ..)| text == "Numéro de série"),
            "page {page}"
        );
        assert!(
            lines
                .iter()
                .any(|(text, ..)| *text == format!("{}/3", page + 1)),
            "page {page}"
        );
        serials.extend(
            lines
                .into_iter()
                .map(|line| line.0)
                .filter(|text| text.starts_with("PF0ABC")),
        );
    }
    assert_eq!(serials.len(), 60, "each row once");
}

#[test]
fn nothing_is_lost_and_nothing_runs_into_the_foot() {
    let words: Vec<String> = (0..3_000).map(|word| format!("mot{word}")).collect();
    let cell = "cellule ".repeat(2_000);
    let paper = Paper {
        lang: "fr".to_owned(),
        blocks: vec![
            Block::Paragraph(words.join(" ")),
            Block::Table {
                head: strings(&["A", "B"]),
                rows: vec![strings(&[&cell])],
                widths: vec![],
            },
        ],
        ..Paper::default()
    };
    let composed = flow::compose(&paper).unwrap();
    let mut read = String::new();
    for page in 0..composed.pages.len() {
        for (text, _, top) in lines(&composed, page) {
            let is_number = text.ends_with(&format!("/{}", composed.pages.len()));
            assert!(
                is_number || text.is_empty() || top < BOTTOM / MM,
                "{text} at {top} mm"
            );
            read.push_str(&text);
            read.push(' ');
        }
    }
    for word in &words {
        assert!(read.contains(word.as_str()), "{word} is lost");
    }
    assert_eq!(read.matches("cellule").count(), 2_000);
}

#[test]
fn no_line_and_no_heading_stands_alone() {
    for filler in 30..60 {
        let mut blocks = vec![Block::Paragraph(vec!["ligne"; filler].join("\n"))];
        blocks.push(Block::Heading("Un titre".to_owned()));
        blocks.push(Block::Paragraph("première\ndeuxième\ntroisième".to_owned()));
        let paper = Paper {
            lang: "fr".to_owned(),
            blocks,
            ..Paper::default()
        };
        let composed = flow::compose(&paper).unwrap();
        let page_of = |wanted: &str| {
            (0..composed.pages.len())
                .find(|page| lines(&composed, *page).iter().any(|line| line.0 == wanted))
        };
        assert_eq!(page_of("Un titre"), page_of("première"), "{filler}");
        assert_eq!(page_of("première"), page_of("deuxième"), "{filler}");
    }
}

#[test]
fn the_address_is_in_the_window_of_the_envelope() {
    for paper in [decision(), appointment("ar")] {
        let first = if let Some(Block::AddressWindow(lines)) = paper.blocks.first() {
            lines[0].clone()
        } else {
            String::new()
        };
        let composed = flow::compose(&paper).unwrap();
        let found = lines(&composed, 0)
            .into_iter()
            .find(|line| line.0 == first)
            .unwrap();
        assert!(
            (found.1 - 110.0).abs() < 0.1 && (found.2 - 50.0).abs() < 0.1,
            "{found:?}"
        );
        // Between the two is what the window shows; the title is below it.
        let title = lines(&composed, 0)
            .into_iter()
            .find(|line| line.0 == paper.title)
            .unwrap();
        assert!(title.2 > 90.0, "{title:?}");
    }
}

#[test]
fn title_and_language_are_in_the_file() {
    let file = pdf(&appointment("fr")).unwrap();
    let text = String::from_utf8_lossy(&file);
    assert!(text.contains("/Lang(fr)"), "language");
    assert!(text.contains("/Title(Votre rendez-vous)"), "title");
    assert!(text.contains("/StructTreeRoot"), "tags");
}

#[test]
fn odd_papers_are_written_too() {
    let empty = Paper {
        lang: "fr".to_owned(),
        title: "Vide".to_owned(),
        ..Paper::default()
    };
    assert_eq!(pages(&pdf(&empty).unwrap()), 1);
    let odd = Paper {
        blocks: vec![
            Block::Paragraph(String::new()),
            Block::Paragraph("tab\t, cloche \u{7}, 中文, \u{1f4bb}".to_owned()),
            Block::Table {
                head: vec![],
                rows: vec![strings(&["perdu"])],
                widths: vec![],
            },
            Block::Table {
                head: strings(&["A"]),
                rows: vec![vec![]],
                widths: vec![0.0, f32::NAN],
            },
            Block::KeyValues(vec![]),
            Block::Space(500.0),
            Block::AddressWindow(strings(&["Tard venu"])),
        ],
        ..Paper::default()
    };
    assert_eq!(pages(&pdf(&odd).unwrap()), 2);
    let qr = Block::Qr {
        data: "x".repeat(5_000),
        caption: String::new(),
    };
    assert_eq!(
        pdf(&Paper {
            blocks: vec![qr],
            ..Paper::default()
        }),
        Err(Error::QrTooLong)
    );
}
