//! Schemas that no type of ours derives, and what is added to those that are.

use serde_json::{Value, json};

use crate::web::problems;

/// How an identity is written; `format` alone obliges nobody.
pub(super) const UUID: &str =
    "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";

/// A refusal.
pub(super) fn problem() -> Value {
    let types: Vec<String> = problems::ALL
        .iter()
        .map(|p| format!("/problems/{}", p.code))
        .collect();
    json!({
        "type": "object",
        "description": "A refusal (RFC 9457). `type` is the address of a page that explains it.",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "type": "string", "enum": types },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "permission": { "type": "string" },
            "retry_after": { "type": "integer" },
            "request_id": { "type": "string" },
            "errors": { "type": "array", "items": { "type": "object", "required": ["pointer", "detail"],
                "properties": { "pointer": { "type": "string" }, "detail": { "type": "string" } } } },
            "missing": { "type": "array", "items": { "type": "object", "required": ["code", "detail"],
                "properties": { "code": { "type": "string" }, "detail": { "type": "string" } } } },
        },
    })
}

/// Says in a pattern what `format: uuid` only hints at, wherever it stands.
pub(super) fn tighten(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("format").is_some_and(|format| format == "uuid") {
                object.insert("pattern".to_owned(), json!(UUID));
            }
            object.values_mut().for_each(tighten);
        }
        Value::Array(list) => list.iter_mut().for_each(tighten),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
