//! With which problems an operation can refuse: what follows from its shape, and what it says of itself.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::web::problems;
use crate::web::routes::{Access, Content, Declared};

/// Problem codes by status.
pub(super) fn of(route: &Declared) -> BTreeMap<u16, BTreeSet<&'static str>> {
    let mut codes: BTreeSet<&'static str> = BTreeSet::from(["internal", "busy"]);
    let posts = route.method == axum::http::Method::POST;
    match route.access {
        Access::Public | Access::Household => {}
        Access::SignedIn | Access::Needs(_) => {
            codes.extend(["sign-in", "forbidden"]);
            if posts {
                codes.insert("form-token");
            }
        }
    }
    if route.path.contains('{') {
        codes.insert("not-found");
    }
    if route.path.contains("{code}") {
        codes.extend(["unknown-code", "wrong-check-character"]);
    }
    if route.says.queries.is_some() {
        codes.insert("invalid");
    }
    match route.says.takes {
        None => {}
        Some(Content::Json(_)) => codes.extend([
            "unreadable",
            "invalid",
            "too-large",
            "too-slow",
            "unsupported-media-type",
        ]),
        Some(Content::File(_)) => {
            codes.extend(["unreadable", "invalid", "too-large", "too-slow"]);
        }
    }
    codes.extend(route.says.refuses.iter().copied());
    let mut by_status: BTreeMap<u16, BTreeSet<&'static str>> = BTreeMap::new();
    for code in codes {
        by_status
            .entry(problems::find(code).status)
            .or_default()
            .insert(code);
    }
    by_status
}

/// The description of one status's problems.
pub(super) fn response(status: u16, codes: &BTreeSet<&'static str>) -> Value {
    let types: Vec<String> = codes
        .iter()
        .map(|code| format!("/problems/{code}"))
        .collect();
    let titles: Vec<&str> = codes
        .iter()
        .map(|code| problems::find(code).title)
        .collect();
    let first = codes.iter().next().map_or("internal", |code| code);
    let kind = problems::find(first);
    let mut response = json!({
        "description": titles.join("; "),
        "content": { "application/problem+json": {
            "schema": { "allOf": [
                { "$ref": "#/components/schemas/Problem" },
                { "type": "object", "properties": { "type": { "enum": types }, "status": { "const": status } } },
            ] },
            "example": { "type": format!("/problems/{first}"), "title": kind.title, "status": status, "detail": kind.meaning },
        } },
    });
    if status == 401 {
        response["headers"] = json!({ "WWW-Authenticate": { "description": "How to sign in", "schema": { "type": "string" } } });
    }
    if status == 429 || status == 503 {
        response["headers"] = json!({ "Retry-After": { "description": "Seconds to wait", "schema": { "type": "integer" } } });
    }
    response
}
