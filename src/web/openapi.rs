//! `/api/openapi.json`: the description of the API (OpenAPI 3.1), made from the registry of routes and
//! the very types that handlers read and answer.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};

use crate::web::problems;
use crate::web::routes::{Access, Content, Declared, is_api};

/// The description of all JSON routes.
pub fn document(declared: &[Declared]) -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let mut paths: BTreeMap<&str, Value> = BTreeMap::new();
    for route in declared.iter().filter(|route| is_api(route.path)) {
        let method = route.method.as_str().to_lowercase();
        paths.entry(route.path).or_insert_with(|| json!({}))[method] =
            operation(route, &mut generator);
    }
    let mut schemas = generator.take_definitions(true);
    schemas.insert("Problem".to_owned(), problem_schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rebond",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Reuse of computers, from donation to handover. Errors are RFC 9457 problem details.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "responses": {
                "Problem": {
                    "description": "A refusal",
                    "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
                },
            },
        },
    })
}

fn operation(route: &Declared, generator: &mut SchemaGenerator) -> Value {
    let mut responses = BTreeMap::from([(
        "default".to_owned(),
        json!({ "$ref": "#/components/responses/Problem" }),
    )]);
    for (status, content) in &route.says.answers {
        let content = media(*content, generator);
        responses.insert(
            status.to_string(),
            json!({ "description": route.says.summary, "content": content }),
        );
    }
    let mut parameters = path_parameters(route.path);
    if let Some(queries) = route.says.queries {
        parameters.extend(query_parameters(&queries(generator)));
    }
    let mut operation = json!({
        "summary": route.says.summary,
        "operationId": operation_id(route),
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(takes) = route.says.takes {
        operation["requestBody"] = json!({ "required": true, "content": media(takes, generator) });
    }
    match route.access {
        Access::Public | Access::Household => operation["security"] = json!([]),
        Access::SignedIn => {}
        Access::Needs(permission) => operation["x-permission"] = json!(permission.code()),
    }
    operation
}

fn operation_id(route: &Declared) -> String {
    let words = route
        .path
        .trim_start_matches("/api/")
        .replace(['{', '}', '*'], "")
        .replace(['/', '.', '-'], "_");
    format!("{}_{words}", route.method.as_str().to_lowercase())
}

/// A body by its media types.
fn media(content: Content, generator: &mut SchemaGenerator) -> Value {
    match content {
        Content::Json(schema) => json!({ "application/json": { "schema": schema(generator) } }),
        Content::File(types) => types
            .iter()
            .map(|media_type| {
                // A form has the file as a part; any other file is the body itself, which needs no schema.
                let says = if *media_type == "multipart/form-data" {
                    json!({ "schema": { "type": "object", "required": ["file"],
                        "properties": { "file": { "type": "string", "contentMediaType": "application/octet-stream" } } } })
                } else {
                    json!({})
                };
                ((*media_type).to_owned(), says)
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
    }
}

fn path_parameters(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.split('}').next())
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect()
}

/// The properties of a query, each as a parameter. One left out is null inside, and never sent as such.
fn query_parameters(schema: &Schema) -> Vec<Value> {
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
            let mut parameter = json!({ "name": name, "in": "query", "required": required(name), "schema": schema });
            if let Some(description) = description {
                parameter["description"] = description;
            }
            parameter
        })
        .collect()
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

/// The schema of a problem inside an answer.
pub(crate) fn problem(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "anyOf": [{ "$ref": "#/components/schemas/Problem" }, { "type": "null" }] })
}

fn problem_schema() -> Value {
    let types: Vec<String> = problems::ALL
        .iter()
        .map(|p| format!("/problems/{}", p.code))
        .collect();
    json!({
        "type": "object",
        "required": ["type", "title", "status"],
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
