//! `/api/openapi.json`: the description of the API (OpenAPI 3.1), made from the registry of routes and
//! the very types that handlers read and answer.

use std::collections::BTreeMap;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::web::problems;
use crate::web::routes::{Access, Declared, is_api};

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
    for (status, schema) in &route.says.answers {
        let schema = schema(generator);
        responses.insert(
            status.to_string(),
            json!({ "description": route.says.summary, "content": { "application/json": { "schema": schema } } }),
        );
    }
    if route.says.answers.is_empty() {
        responses.insert(
            "2XX".to_owned(),
            json!({ "description": route.says.summary }),
        );
    }
    let mut operation = json!({
        "summary": route.says.summary,
        "operationId": operation_id(route),
        "parameters": parameters(route.path),
        "responses": responses,
    });
    if let Some(takes) = route.says.takes {
        let schema = takes(generator);
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": schema } } });
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

fn parameters(path: &str) -> Vec<Value> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.split('}').next())
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect()
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
            "errors": { "type": "array", "items": { "type": "object", "required": ["pointer", "detail"],
                "properties": { "pointer": { "type": "string" }, "detail": { "type": "string" } } } },
            "missing": { "type": "array", "items": { "type": "object", "required": ["code", "detail"],
                "properties": { "code": { "type": "string" }, "detail": { "type": "string" } } } },
        },
    })
}
