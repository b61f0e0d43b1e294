//! Every pair of ink and ground that the stylesheet uses can be read, in the light and in the dark scheme.
//!
//! WCAG 2.2 AA asks 4.5 for text (1.4.3) and 3 for the edges of controls (1.4.11). The tokens are read from the
//! stylesheet itself, so that nobody can change a colour without this test seeing it.

use std::collections::BTreeMap;

const CSS: &str = include_str!("assets/rebond.css");
const TEXT: f64 = 4.5;
const EDGE: f64 = 3.0;

type Tokens = BTreeMap<String, [u8; 3]>;

/// The `--name: #rrggbb` of the first `:root` after `from`.
fn tokens(from: &str) -> Tokens {
    let after = &CSS[CSS.find(from).unwrap()..];
    let body = &after[after.find(":root {").unwrap()..];
    let body = &body[..body.find('}').unwrap()];
    body.lines().filter_map(token).collect()
}

fn token(line: &str) -> Option<(String, [u8; 3])> {
    let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
    let digits = value.trim_end_matches(';');
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    Some((name.to_owned(), [part(0), part(2), part(4)]))
}

/// Relative luminance, WCAG 2.2 definition.
fn luminance(colour: [u8; 3]) -> f64 {
    let linear = colour.map(|part| {
        let value = f64::from(part) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// (ink, grounds it is set on, what is asked).
const PAIRS: &[(&str, &[&str], f64)] = &[
    (
        "ink",
        &[
            "paper",
            "sheet",
            "wash",
            "green-ground",
            "amber-ground",
            "red-ground",
            "blue-ground",
            "violet-ground",
        ],
        TEXT,
    ),
    ("muted", &["paper", "sheet", "wash"], TEXT),
    ("paper", &["ink"], TEXT),
    ("green", &["paper", "sheet", "wash", "green-ground"], TEXT),
    ("amber", &["paper", "sheet", "amber-ground"], TEXT),
    ("red", &["paper", "sheet", "red-ground"], TEXT),
    ("blue", &["paper", "sheet", "blue-ground"], TEXT),
    ("violet", &["paper", "sheet", "violet-ground"], TEXT),
    ("on-action", &["action", "action-hover"], TEXT),
    (
        "on-solid",
        &[
            "solid-green",
            "solid-amber",
            "solid-red",
            "solid-blue",
            "solid-violet",
        ],
        TEXT,
    ),
    ("edge", &["paper", "sheet"], EDGE),
];

fn check(scheme: &str, tokens: &Tokens) {
    for (ink, grounds, asked) in PAIRS {
        for ground in *grounds {
            let got = contrast(tokens[*ink], tokens[*ground]);
            assert!(
                got >= *asked,
                "{scheme}: {ink} on {ground} has {got:.2}, {asked} is asked"
            );
        }
    }
}

#[test]
fn every_pair_can_be_read_in_the_light_and_in_the_dark() {
    let light = tokens("/* 1 tokens");
    let dark = tokens("@media (prefers-color-scheme: dark)");
    assert_eq!(
        light.keys().collect::<Vec<_>>(),
        dark.keys().collect::<Vec<_>>(),
        "one set of names for both schemes"
    );
    check("light", &light);
    check("dark", &dark);
}

#[test]
fn colours_are_written_in_the_tokens_only() {
    let body = &CSS[CSS.find("/* 2 ground").unwrap()..CSS.find("/* 14 print").unwrap()];
    let stray: Vec<&str> = body
        .lines()
        .filter(|line| {
            line.split("url(")
                .next()
                .is_some_and(|css| css.contains(": #") || css.contains("rgb("))
        })
        .collect();
    assert!(stray.is_empty(), "{stray:?}");
}

#[test]
fn nothing_is_fetched_from_elsewhere() {
    let outside = CSS
        .match_indices("url(")
        .filter(|(at, _)| !CSS[*at..].starts_with("url(\"data:image/svg+xml,"))
        .count();
    assert_eq!(outside, 0);
    assert!(!CSS.contains("@import") && !CSS.contains("@font-face"));
}
