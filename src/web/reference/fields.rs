//! A schema as a table of fields.

use serde_json::Value;

/// How deep a table goes; what lies deeper is named and not unfolded.
const DEPTH: usize = 4;

/// One field of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Where it stands: `devices[].kind`.
    pub(super) name: String,
    /// What it may be.
    pub(super) kind: String,
    /// Must be there.
    pub(super) required: bool,
    /// What it means.
    pub(super) about: String,
}

/// The fields of a body, each under its whole name.
pub(super) fn of(document: &Value, schema: &Value) -> Vec<Field> {
    let mut list = Vec::new();
    unfold(document, schema, "", DEPTH, &mut list);
    list
}

fn unfold(document: &Value, schema: &Value, at: &str, depth: usize, list: &mut Vec<Field>) {
    let schema = target(document, schema);
    if depth == 0 {
        return;
    }
    if let Some(items) = schema.get("items") {
        return unfold(document, items, &format!("{at}[]"), depth, list);
    }
    // Alternatives that are objects show their own fields, one after the other.
    for choice in ["oneOf", "anyOf", "allOf"] {
        for one in schema[choice].as_array().into_iter().flatten() {
            unfold(document, one, at, depth, list);
        }
    }
    let required = |name: &str| {
        let names = schema["required"].as_array();
        names.is_some_and(|names| names.iter().any(|n| n == name))
    };
    for (name, inner) in super::members(&schema["properties"]) {
        let whole = if at.is_empty() {
            name.to_owned()
        } else {
            format!("{at}.{name}")
        };
        if list.iter().any(|field| field.name == whole) {
            continue;
        }
        list.push(Field {
            kind: kind(document, inner),
            required: required(name),
            about: super::text(inner, "description").to_owned(),
            name: whole.clone(),
        });
        unfold(document, inner, &whole, depth - 1, list);
    }
}

/// What a reference leads to.
fn target<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        None => schema,
        Some(name) => document
            .pointer(name.trim_start_matches('#'))
            .unwrap_or(&Value::Null),
    }
}

/// What a value may be, in few words.
pub(super) fn kind(document: &Value, schema: &Value) -> String {
    let schema = target(document, schema);
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(word).collect::<Vec<_>>().join(" · ");
    }
    if let Some(constant) = schema.get("const") {
        return word(constant);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[choice].as_array() {
            let mut words: Vec<String> = choices.iter().map(|one| kind(document, one)).collect();
            words.dedup();
            return words.join(" · ");
        }
    }
    let types = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    };
    let words: Vec<String> = types
        .into_iter()
        .map(|name| match name {
            "string" => format(schema).to_owned(),
            "integer" => "entier".to_owned(),
            "number" => "nombre".to_owned(),
            "boolean" => "oui ou non".to_owned(),
            "array" => format!("liste\u{a0}: {}", kind(document, &schema["items"])),
            "object" => "objet".to_owned(),
            other => other.to_owned(),
        })
        .collect();
    let mut said = if words.is_empty() {
        "au choix".to_owned()
    } else {
        words.join(" · ")
    };
    for (keyword, before, after) in [
        ("minimum", "≥ ", ""),
        ("maximum", "≤ ", ""),
        ("minLength", "≥ ", " car."),
        ("maxLength", "≤ ", " car."),
    ] {
        if let Some(bound) = schema[keyword].as_number() {
            said = format!("{said}, {before}{bound}{after}");
        }
    }
    said
}

fn word(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn format(schema: &Value) -> &'static str {
    match schema["format"].as_str() {
        Some("uuid") => "UUID",
        Some("date") => "date",
        Some("date-time") => "date et heure",
        Some(_) | None => "texte",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_becomes_a_table() {
        let document = json!({ "components": { "schemas": { "Kind": { "type": "string", "enum": ["laptop", "other"] } } } });
        let schema = json!({
            "type": "object", "required": ["devices"],
            "properties": {
                "devices": { "type": "array", "items": { "type": "object", "required": ["kind"], "properties": {
                    "kind": { "$ref": "#/components/schemas/Kind" },
                    "serial": { "type": ["string", "null"], "maxLength": 64, "description": "As read." },
                } } },
            },
        });
        let fields = of(&document, &schema);
        let names: Vec<_> = fields
            .iter()
            .map(|f| (f.name.as_str(), f.required))
            .collect();
        assert_eq!(
            names,
            [
                ("devices", true),
                ("devices[].kind", true),
                ("devices[].serial", false)
            ]
        );
        assert_eq!(fields[1].kind, "laptop · other");
        assert_eq!(fields[2].kind, "texte · null, ≤ 64 car.");
        assert_eq!(fields[2].about, "As read.");
    }

    #[test]
    fn what_names_itself_ends() {
        let document = json!({ "components": { "schemas": { "Tree": {
            "type": "object", "properties": { "child": { "$ref": "#/components/schemas/Tree" } } } } } });
        assert_eq!(
            of(&document, &json!({ "$ref": "#/components/schemas/Tree" })).len(),
            DEPTH
        );
    }
}
