//! Parameters of paths and queries.

use schemars::Schema;
use serde_json::{Value, json};

use super::schemas::UUID;

/// What a parameter of a path names, and one that could be. A name that isn't here is still described, as a word.
const NAMES: &[(&str, &str, &str)] = &[
    (
        "code",
        "What a label carries: in any case, with or without its dash",
        "7KD3BX0R",
    ),
    (
        "reference",
        "What people call it by, as it was answered when it was made",
        "R-2026-000045",
    ),
    (
        "id",
        "Identity (UUID)",
        "0199aaaa-0000-7000-8000-000000000001",
    ),
    (
        "item",
        "Code of the item, or identity of its line (UUID)",
        "0199aaaa-0000-7000-8000-000000000003",
    ),
    (
        "lot",
        "Reference or identity of the lot",
        "0199aaaa-0000-7000-8000-000000000002",
    ),
];

/// The parameters between braces.
pub(super) fn of_path(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.split('}').next())
        .map(|name| {
            let mut parameter = json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } });
            if let Some((_, about, example)) = NAMES.iter().find(|(known, _, _)| *known == name) {
                parameter["description"] = json!(about);
                let is_gift = name == "reference" && path.contains("/donations/");
                let example = if is_gift { "D-2026-000123" } else { *example };
                parameter["schema"]["examples"] = json!([example]);
            }
            parameter
        })
        .collect()
}

/// The properties of a query, each as a parameter. One left out is null inside, and never sent as such.
pub(super) fn of_query(schema: &Schema) -> Vec<Value> {
    let required = |name: &str| {
        schema
            .get("required")
            .and_then(Value::as_array)
            .is_some_and(|names| names.iter().any(|n| n == name))
    };
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            let mut schema = without_null(schema);
            let description = schema.as_object_mut().and_then(|s| s.remove("description"));
            if schema["type"] == "string" {
                empty_is_none(&mut schema, required(name));
            }
            let mut parameter = json!({ "name": name, "in": "query", "required": required(name), "schema": schema });
            if let Some(description) = description {
                parameter["description"] = description;
            }
            parameter
        })
        .collect()
}

/// Says that an empty value counts as none.
fn empty_is_none(schema: &mut Value, required: bool) {
    if required {
        schema["minLength"] = json!(1);
        return;
    }
    let is_id = schema["format"] == "uuid";
    let pattern = if is_id {
        Some(UUID)
    } else {
        schema["pattern"].as_str()
    };
    if let Some(pattern) = pattern {
        schema["pattern"] = json!(format!("^$|{pattern}"));
    }
    if let Some(object) = schema.as_object_mut().filter(|_| is_id) {
        object.remove("format");
    }
}

/// A schema that does not allow null.
fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|t| t != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    if let Some(choices) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        choices.retain(|choice| choice["type"] != "null");
        if let [only] = choices.as_slice() {
            let only = only.clone();
            if let Some(object) = schema.as_object_mut() {
                object.remove("anyOf");
                object.extend(only.as_object().cloned().unwrap_or_default());
            }
        }
    }
    schema
}
