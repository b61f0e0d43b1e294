//! Holds every answer of the API against the description of the API: what is answered and not described
//! is as wrong as what is described and not answered.

use std::sync::LazyLock;

use axum::http::{Method, header};
use serde_json::{Map, Value};

use super::Answer;

/// What `/api/openapi.json` serves.
pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| rebond::web::openapi::document(&rebond::routes::declared()));

/// Keywords that say nothing about a value.
const SILENT: [&str; 9] = [
    "$schema",
    "title",
    "description",
    "default",
    "deprecated",
    "example",
    "examples",
    "contentMediaType",
    "writeOnly",
];

/// Fails when an answer of the API is not what its operation says.
pub(crate) fn hold(method: &Method, path: &str, answer: &Answer) {
    if !path.starts_with("/api/v1/") {
        return;
    }
    let status = answer.status();
    let media_type = answer.header(header::CONTENT_TYPE);
    let media_type = media_type.split(';').next().unwrap_or_default();
    let is_problem = media_type == "application/problem+json";
    let Some(operation) = operation(method, path) else {
        // What nobody declared is not there, or not by this method; who has no business at all hears that first.
        let fate = answer.problem();
        let known = [
            "not-found",
            "method-not-allowed",
            "sign-in",
            "form-token",
            "forbidden",
        ];
        assert!(
            is_problem && fate.as_deref().is_some_and(|code| known.contains(&code)),
            "{method} {path}: answered {status}, and no operation says so"
        );
        return;
    };
    if is_problem {
        let problem = &DOCUMENT["components"]["schemas"]["Problem"];
        complain(method, path, answer, fits(problem, &answer.json(), "#"));
        if let Err(fault) = says_problem(operation, answer) {
            panic!("{method} {path}: {fault}");
        }
        return;
    }
    let said = &operation["responses"][status.to_string()]["content"][media_type];
    assert!(
        said.is_object(),
        "{method} {path}: {status} as {media_type:?} is not described: {}",
        answer.text()
    );
    if media_type == "application/json" {
        complain(
            method,
            path,
            answer,
            fits(&said["schema"], &answer.json(), "#"),
        );
    }
}

/// Whether an operation says that it may refuse like this.
fn says_problem(operation: &Value, answer: &Answer) -> Result<(), String> {
    let status = answer.status();
    let kind = answer.json()["type"].clone();
    let schema = &operation["responses"][status.to_string()]["content"]["application/problem+json"]
        ["schema"];
    let said = schema["allOf"][1]["properties"]["type"]["enum"].as_array();
    if said.is_some_and(|types| types.contains(&kind)) {
        Ok(())
    } else {
        Err(format!(
            "{status} {kind} is not described for {}: say it with `.refuses` beside the route",
            operation["operationId"]
        ))
    }
}

fn complain(method: &Method, path: &str, answer: &Answer, verdict: Result<(), String>) {
    if let Err(fault) = verdict {
        panic!(
            "{method} {path}: {} is not as described: {fault}\n{:#}",
            answer.status(),
            answer.json()
        );
    }
}

/// The operation of a path: the one with the most words of its own.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    template(method, path).map(|(_, operation)| operation)
}

/// The template of a path, and its operation.
pub(super) fn template(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let method = method.as_str().to_lowercase();
    let path = path.split('?').next()?;
    let paths = DOCUMENT["paths"].as_object()?;
    paths
        .iter()
        .filter(|(template, operations)| operations.get(&method).is_some() && leads(template, path))
        .min_by_key(|(template, _)| template.matches('{').count())
        .map(|(template, operations)| (template.as_str(), &operations[&method]))
}

/// Whether a path is one of a template's.
fn leads(template: &str, path: &str) -> bool {
    let words: Vec<_> = template.split('/').collect();
    let parts: Vec<_> = path.split('/').collect();
    words.len() == parts.len()
        && words
            .iter()
            .zip(&parts)
            .all(|(word, part)| word.starts_with('{') || word == part)
}

/// Whether a value fits a schema: the subset of JSON Schema that the description uses; any other keyword is
/// a fault. An object whose properties are listed has no others.
pub(crate) fn fits(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let Some(schema) = schema.as_object() else {
        return if *schema == Value::Bool(true) {
            Ok(())
        } else {
            Err(format!("{at}: nothing may be here"))
        };
    };
    for (keyword, says) in schema {
        let holds = match keyword.as_str() {
            "$ref" => {
                let name = says.as_str().unwrap_or_default();
                let target = DOCUMENT
                    .pointer(name.trim_start_matches('#'))
                    .ok_or_else(|| format!("{at}: {name} leads nowhere"))?;
                fits(target, value, at)?;
                true
            }
            "type" => match says.as_array() {
                Some(types) => types.iter().any(|t| is_a(t, value)),
                None => is_a(says, value),
            },
            "allOf" => {
                fits(&together(says), value, at)?;
                true
            }
            "pattern" => value.as_str().is_none_or(|text| {
                regex::Regex::new(says.as_str().unwrap_or_default())
                    .is_ok_and(|pattern| pattern.is_match(text))
            }),
            "minLength" => value
                .as_str()
                .is_none_or(|text| Some(text.chars().count() as u64) >= says.as_u64()),
            "maxLength" => value
                .as_str()
                .is_none_or(|text| Some(text.chars().count() as u64) <= says.as_u64()),
            "enum" => says.as_array().is_some_and(|all| all.contains(value)),
            "const" => says == value,
            "anyOf" | "oneOf" => return one_of(schema, says, value, at),
            "properties" | "required" | "additionalProperties" | "uniqueItems" => true,
            "items" => {
                for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                    fits(says, item, &format!("{at}/{n}"))?;
                }
                true
            }
            "minimum" => value.as_f64() >= says.as_f64() || !value.is_number(),
            "maximum" => value.as_f64() <= says.as_f64() || !value.is_number(),
            "minItems" => value.as_array().map(|v| v.len() as u64) >= says.as_u64(),
            "maxItems" => value
                .as_array()
                .is_none_or(|v| Some(v.len() as u64) <= says.as_u64()),
            "format" => has_format(says.as_str().unwrap_or_default(), value),
            silent if SILENT.contains(&silent) || silent.starts_with("x-") => true,
            other => return Err(format!("{at}: the keyword {other} is not understood here")),
        };
        if !holds {
            return Err(format!("{at}: {value} against {keyword} {says}"));
        }
    }
    value
        .as_object()
        .map_or(Ok(()), |object| members(schema, object, at))
}

/// The parts of a whole as one schema: later parts say more of what earlier ones named.
fn together(parts: &Value) -> Value {
    let mut whole = Map::new();
    for part in parts.as_array().into_iter().flatten() {
        let name = part["$ref"]
            .as_str()
            .map(|name| name.trim_start_matches('#'));
        let part = name.and_then(|name| DOCUMENT.pointer(name)).unwrap_or(part);
        for (keyword, says) in part.as_object().into_iter().flatten() {
            match (whole.get_mut(keyword), says) {
                (Some(Value::Object(all)), Value::Object(more)) => all.extend(more.clone()),
                (Some(Value::Array(all)), Value::Array(more)) => all.extend(more.clone()),
                _ => {
                    whole.insert(keyword.clone(), says.clone());
                }
            }
        }
    }
    Value::Object(whole)
}

fn is_a(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap_or_default() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

fn has_format(format: &str, value: &Value) -> bool {
    let Some(text) = value.as_str() else {
        return true;
    };
    match format {
        "uuid" => uuid::Uuid::parse_str(text).is_ok(),
        "date-time" => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
        "date" => text.parse::<chrono::NaiveDate>().is_ok(),
        _ => true,
    }
}

/// One of several shapes, with the members that stand beside them all.
fn one_of(
    around: &Map<String, Value>,
    choices: &Value,
    value: &Value,
    at: &str,
) -> Result<(), String> {
    let mut faults = Vec::new();
    for choice in choices.as_array().into_iter().flatten() {
        let mut whole = around.clone();
        whole.remove("anyOf");
        whole.remove("oneOf");
        let merged = match choice.as_object() {
            Some(choice) if !whole.contains_key("properties") => {
                whole.extend(choice.clone());
                Value::Object(whole)
            }
            Some(choice) => {
                for list in ["properties", "required"] {
                    match (whole.get_mut(list), choice.get(list)) {
                        (Some(Value::Object(all)), Some(Value::Object(more))) => {
                            all.extend(more.clone());
                        }
                        (Some(Value::Array(all)), Some(Value::Array(more))) => {
                            all.extend(more.clone());
                        }
                        _ => {}
                    }
                }
                Value::Object(whole)
            }
            None => choice.clone(),
        };
        match fits(&merged, value, at) {
            Ok(()) => return Ok(()),
            Err(fault) => faults.push(fault),
        }
    }
    Err(format!("{at}: none of: {}", faults.join("; ")))
}

fn members(
    schema: &Map<String, Value>,
    object: &Map<String, Value>,
    at: &str,
) -> Result<(), String> {
    for name in schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let name = name.as_str().unwrap_or_default();
        if !object.contains_key(name) {
            return Err(format!("{at}: {name} is missing"));
        }
    }
    let known = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties");
    for (name, value) in object {
        let at = format!("{at}/{name}");
        match (known.and_then(|known| known.get(name)), others) {
            (Some(schema), _) | (None, Some(schema)) => fits(schema, value, &at)?,
            (None, None) if known.is_some() => return Err(format!("{at}: is not described")),
            (None, None) => {}
        }
    }
    Ok(())
}
