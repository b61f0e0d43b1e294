//! The shape of the house, read from its sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A source file without its comments.
struct Source {
    /// Path below `src`, with slashes.
    path: String,
    /// Its text; comments are gone, strings are not.
    text: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut files = Vec::new();
    walk(&src, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            let code: Vec<&str> = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            Source {
                path: file
                    .strip_prefix(&src)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned(),
                text: code.join("\n"),
            }
        })
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

impl Source {
    fn is_of_tests(&self) -> bool {
        self.path.ends_with("tests.rs") || self.path.contains("/tests/")
    }

    fn domain(&self) -> &str {
        self.path.split('/').next().unwrap()
    }
}

/// Every finding at once: one fault a line.
fn assert_none(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

#[test]
fn rules_know_no_database_no_clock_and_no_http() {
    let banned = [
        "sea_orm",
        "axum",
        "async fn",
        ".await",
        "Clock",
        "Utc::now",
        "crate::db",
        "reqwest",
    ];
    let mut findings = Vec::new();
    for source in sources() {
        if !source.path.ends_with("/rules.rs") && !source.path.contains("/rules/") {
            continue;
        }
        for word in banned {
            if source.text.contains(word) {
                findings.push(format!("{} names {word}", source.path));
            }
        }
    }
    assert_none(&findings);
}

#[test]
fn pages_name_no_table() {
    let mut findings = Vec::new();
    for source in sources() {
        if !source.path.ends_with("/pages.rs") && !source.path.contains("/pages/") {
            continue;
        }
        for word in ["sea_orm", "::Entity", "::Column", "ActiveModel"] {
            if source.text.contains(word) {
                findings.push(format!("{} names {word}", source.path));
            }
        }
    }
    assert_none(&findings);
}

/// Who may call whom: each domain only those before it. `station`, `desk` and `demo` call everybody and are called
/// by nobody but the routes and the command line.
const ORDER: [&str; 18] = [
    "access",
    "devices",
    "households",
    "notifications",
    "requests",
    "allocation",
    "appointments",
    "handover",
    "workshop",
    "recycling",
    "intake",
    "logistics",
    "indicators",
    "anchors",
    "verify",
    "station",
    "desk",
    "demo",
];

/// Modules that all domains stand on; they know no domain but `access`, which `web` asks who is there.
const GROUND: [&str; 10] = [
    "web",
    "papers",
    "files.rs",
    "db.rs",
    "error.rs",
    "seal.rs",
    "chance.rs",
    "clock.rs",
    "french.rs",
    "limits.rs",
];

#[test]
fn no_arrow_turns() {
    let mut findings = Vec::new();
    for source in sources().iter().filter(|s| !s.is_of_tests()) {
        let from = source.domain();
        let called = called(&source.text);
        if let Some(rank) = ORDER.iter().position(|d| *d == from) {
            for domain in &called {
                if ORDER[rank + 1..].contains(&domain.as_str()) {
                    findings.push(format!("{} calls {domain}", source.path));
                }
            }
        } else if GROUND.contains(&from) {
            for domain in called.iter().filter(|d| d.as_str() != "access") {
                if ORDER.contains(&domain.as_str()) {
                    findings.push(format!("{} calls {domain}", source.path));
                }
            }
        }
    }
    assert_none(&findings);
}

/// The first names behind `crate::`, also of a group `crate::{a, b::c}`.
fn called(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            let mut first = true;
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        names.insert(std::mem::take(&mut word));
                        first = true;
                    }
                    c if depth == 0 && first && (c.is_alphanumeric() || c == '_') => word.push(c),
                    ':' => first = false,
                    _ => {}
                }
            }
            names.insert(word);
        } else {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            names.insert(rest[..end].to_owned());
        }
    }
    names
}

#[test]
fn no_file_is_a_drawer_for_the_rest() {
    let mut findings = Vec::new();
    for source in sources() {
        for part in source.path.trim_end_matches(".rs").split('/') {
            if [
                "utils", "util", "helpers", "helper", "common", "manager", "misc",
            ]
            .contains(&part)
            {
                findings.push(source.path.clone());
            }
        }
    }
    assert_none(&findings);
}

#[test]
fn every_refusal_has_a_page() {
    let mut findings = Vec::new();
    let known: BTreeSet<&str> = rebond::web::problems::ALL.iter().map(|p| p.code).collect();
    assert_eq!(
        known.len(),
        rebond::web::problems::ALL.len(),
        "a code twice"
    );
    let mut seen = 0;
    for source in sources() {
        for mark in ["Error::refused(", "Error::missing("] {
            for (at, _) in source.text.match_indices(mark) {
                let rest = source.text[at + mark.len()..].trim_start();
                let Some(code) = rest.strip_prefix('"').and_then(|r| r.split('"').next()) else {
                    continue;
                };
                seen += 1;
                if !known.contains(code) {
                    findings.push(format!("{}: {code}", source.path));
                }
            }
        }
    }
    assert!(
        seen > 50,
        "only {seen} refusals were read: has their form changed?"
    );
    assert_none(&findings);
}

#[test]
fn only_the_vault_names_a_personal_column() {
    let mut findings = Vec::new();
    for source in sources() {
        if matches!(source.domain(), "households" | "verify" | "demo") {
            continue;
        }
        for word in [
            "entities::person",
            "person::Column",
            "household::Column::Phone",
            "household::Column::Email",
            "household::Column::PostalAddress",
        ] {
            if source.text.contains(word) {
                findings.push(format!("{} names {word}", source.path));
            }
        }
    }
    assert_none(&findings);
}

#[test]
fn every_route_goes_through_the_registry() {
    let mut findings = Vec::new();
    for source in sources() {
        if source.path == "web/routes.rs" || source.is_of_tests() {
            continue;
        }
        for word in [".route(", "routing::get", "routing::post", ".nest("] {
            if source.text.contains(word) {
                findings.push(format!("{} has {word}", source.path));
            }
        }
    }
    assert_none(&findings);
}

#[test]
fn what_is_banned_stays_banned() {
    let clippy = std::fs::read_to_string(root().join("clippy.toml")).unwrap();
    for name in [
        "chrono::Utc::now",
        "uuid::Uuid::now_v7",
        "axum::Json",
        "axum::extract::Path",
        "axum::extract::Query",
        "axum::extract::Form",
    ] {
        assert!(clippy.contains(name), "clippy.toml lets {name} pass");
    }
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for lint in [
        "unwrap_used",
        "expect_used",
        "print_stdout",
        "wildcard_enum_match_arm",
        "allow_attributes",
        "unsafe_code",
        "missing_docs",
    ] {
        assert!(manifest.contains(lint), "Cargo.toml lets {lint} pass");
    }
}

#[test]
fn every_permission_is_asked_for() {
    let sources = sources();
    let mut findings = Vec::new();
    for permission in rebond::access::Permission::ALL {
        let word = format!("Permission::{permission:?}");
        let asked = sources
            .iter()
            .filter(|s| s.path != "access/rules.rs")
            .any(|s| s.text.contains(&word));
        if !asked {
            findings.push(format!("{word} opens nothing"));
        }
    }
    assert_none(&findings);
}
