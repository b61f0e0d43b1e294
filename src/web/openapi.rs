//! `/api/openapi.json`: the description of the API (OpenAPI 3.1), made from the registry of routes and
//! the very types that handlers read and answer.
//!
//! What an operation can refuse with is said whole: what follows from its shape (`refusals`), and what its own
//! rules say (`Routes::refuses`). The tests hold every answer of every story against it.

mod examples;
mod parameters;
mod refusals;
mod schemas;

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};

use crate::web::routes::{Access, Content, Declared, is_api};

/// Groups of operations: the word after `/api/v1/`, and what it is about.
const TAGS: &[(&str, &str)] = &[
    ("about", "What describes the instance itself"),
    ("allocations", "A device held for a request"),
    ("anchors", "Signed roots over every journal"),
    ("appointments", "Pickup and first use, booked together"),
    (
        "checklists",
        "What goes over the counter with a device, by kind",
    ),
    ("checks", "Function tests, locks, places to look at"),
    (
        "devices",
        "Devices, their media, their journals and what the bench does with them",
    ),
    ("donations", "What is given, and by whom"),
    (
        "evidence",
        "Files of erasure tools, with or without a device",
    ),
    ("grading", "The table that computes grades"),
    ("handovers", "A device changes hands"),
    ("labels", "Labels as PDF, SVG or ZPL"),
    ("media", "Loose media"),
    ("recycling", "Waste lots"),
    ("requests", "What households need"),
    ("scans", "A label was scanned"),
    ("signing-key", "The key behind certificates"),
    ("slots", "Times that can be booked"),
];

/// The description of all JSON routes.
pub fn document(declared: &[Declared]) -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let mut paths: BTreeMap<&str, Value> = BTreeMap::new();
    let mut tags = BTreeMap::new();
    for route in declared.iter().filter(|route| is_api(route.path)) {
        let method = route.method.as_str().to_lowercase();
        let tag = tag(route.path);
        tags.entry(tag).or_insert_with(|| {
            let about = TAGS.iter().find(|(name, _)| *name == tag);
            about.map_or("", |(_, about)| about)
        });
        paths.entry(route.path).or_insert_with(|| json!({}))[method] =
            operation(route, &mut generator);
    }
    let mut components = generator.take_definitions(true);
    components.insert("Problem".to_owned(), schemas::problem());
    let tags: Vec<Value> = tags
        .into_iter()
        .map(|(name, about)| json!({ "name": name, "description": about }))
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rebond",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Reuse of computers, from donation to handover. Errors are RFC 9457 problem details; each type is a page of this instance.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": { "token": {
                "type": "http", "scheme": "bearer",
                "description": "A token of an account, made on its own page; in this header only, never in an address.",
            } },
        },
    });
    schemas::tighten(&mut document);
    document
}

/// The group of a path.
pub(crate) fn tag(path: &str) -> &str {
    path.strip_prefix("/api/v1/")
        .and_then(|rest| rest.split('/').next())
        .unwrap_or("about")
}

fn operation(route: &Declared, generator: &mut SchemaGenerator) -> Value {
    let name = format!("{} {}", route.method, route.path);
    let example = examples::of(&name);
    let mut responses: BTreeMap<String, Value> = refusals::of(route)
        .into_iter()
        .map(|(status, codes)| (status.to_string(), refusals::response(status, &codes)))
        .collect();
    for (status, content) in &route.says.answers {
        let mut content = media(*content, generator);
        let answered = &example["answers"][status.to_string()];
        if !answered.is_null() && content["application/json"].is_object() {
            content["application/json"]["example"] = answered.clone();
        }
        let description = match status {
            201 => "Made",
            200 if route.says.answers.iter().any(|(status, _)| *status == 201) => {
                "Made before: the same id again"
            }
            _ => route.says.summary,
        };
        responses.insert(
            status.to_string(),
            json!({ "description": description, "content": content }),
        );
    }
    let mut list = parameters::of_path(route.path);
    if let Some(queries) = route.says.queries {
        list.extend(parameters::of_query(&queries(generator)));
    }
    let mut operation = json!({
        "tags": [tag(route.path)],
        "summary": route.says.summary,
        "operationId": operation_id(route),
        "parameters": list,
        "responses": responses,
    });
    if let Some(takes) = route.says.takes {
        let mut content = media(takes, generator);
        let taken = &example["takes"];
        if !taken.is_null() && content["application/json"].is_object() {
            content["application/json"]["example"] = taken.clone();
        }
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    match route.access {
        Access::Public | Access::Household => operation["security"] = json!([]),
        Access::SignedIn => {}
        Access::Needs(permission) => {
            let roles: Vec<&str> = permission
                .roles()
                .iter()
                .map(|role| role.as_str())
                .collect();
            operation["x-permission"] = json!(permission.code());
            operation["x-roles"] = json!(roles);
        }
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

/// The schema of a problem inside an answer.
pub(crate) fn problem(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({ "anyOf": [{ "$ref": "#/components/schemas/Problem" }, { "type": "null" }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_says_what_it_is_about() {
        let document = document(&crate::routes::declared());
        let silent: Vec<_> = document["tags"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|tag| tag["description"] == "")
            .map(|tag| tag["name"].as_str().unwrap())
            .collect();
        assert!(silent.is_empty(), "no line in TAGS: {silent:?}");
    }

    #[test]
    fn only_known_problems_are_declared() {
        for route in crate::routes::declared() {
            for code in route.says.refuses {
                let known = crate::web::problems::ALL.iter().any(|p| p.code == code);
                assert!(known, "{}: {code} is no problem", route.path);
            }
        }
    }
}
