//! `/api`: the description of the API to read, made from the very document that programs read.

mod fields;
mod snippets;

use std::collections::BTreeMap;

use askama::Template;
use serde_json::{Map, Value};

use self::fields::Field;
use self::snippets::Snippet;
use crate::access;
use crate::error::Error;
use crate::web::{Access, Frame, PageResult, Path, Routes, Visit, page, problems};

/// Routes of the reference; `document` is the description of the API.
pub(crate) fn routes(document: fn() -> &'static Value) -> Routes {
    Routes::new()
        .get("/api", Access::Public, move |visit: Visit| async move {
            index(&visit, document())
        })
        .get(
            "/api/docs/{operation}",
            Access::Public,
            move |visit: Visit, Path(operation): Path<String>| async move {
                show(&visit, document(), &operation)
            },
        )
}

#[derive(Template)]
#[template(path = "web/templates/reference.html")]
struct IndexPage<'a> {
    frame: Frame,
    version: &'a str,
    groups: Vec<Group<'a>>,
}

/// Operations about one thing.
struct Group<'a> {
    name: &'a str,
    about: &'a str,
    operations: Vec<Line<'a>>,
}

/// One operation in the index.
struct Line<'a> {
    id: &'a str,
    method: String,
    path: &'a str,
    summary: &'a str,
}

#[derive(Template)]
#[template(path = "web/templates/operation.html")]
struct OperationPage<'a> {
    frame: Frame,
    method: String,
    path: &'a str,
    summary: &'a str,
    tag: &'a str,
    needs: Needs<'a>,
    parameters: Vec<Parameter<'a>>,
    bodies: Vec<Body<'a>>,
    answers: Vec<Answer<'a>>,
    refusals: Vec<Refusal<'a>>,
    snippets: Vec<Snippet>,
}

/// Who may ask.
enum Needs<'a> {
    Nothing,
    Account,
    Permission(&'a str, Vec<&'a str>),
}

struct Parameter<'a> {
    name: &'a str,
    place: &'static str,
    required: bool,
    kind: String,
    about: &'a str,
}

/// What is sent or answered, in one media type.
struct Body<'a> {
    media_type: &'a str,
    fields: Vec<Field>,
    example: Option<String>,
}

struct Answer<'a> {
    status: &'a str,
    about: &'a str,
    bodies: Vec<Body<'a>>,
}

/// The problems of one status.
struct Refusal<'a> {
    status: &'a str,
    problems: Vec<(&'a str, &'static str)>,
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flat_map(Map::iter)
        .map(|(name, value)| (name.as_str(), value))
}

/// Every operation: path, method, what is said of it.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    members(&document["paths"]).flat_map(|(path, methods)| {
        members(methods).map(move |(method, operation)| (path, method, operation))
    })
}

fn index(visit: &Visit, document: &Value) -> PageResult {
    let mut by_tag: BTreeMap<&str, Vec<Line<'_>>> = BTreeMap::new();
    for (path, method, operation) in operations(document) {
        let tag = operation["tags"][0].as_str().unwrap_or_default();
        by_tag.entry(tag).or_default().push(Line {
            id: text(operation, "operationId"),
            method: method.to_uppercase(),
            path,
            summary: text(operation, "summary"),
        });
    }
    let tags = document["tags"].as_array().into_iter().flatten();
    let groups = tags
        .map(|tag| Group {
            name: text(tag, "name"),
            about: text(tag, "description"),
            operations: by_tag.remove(text(tag, "name")).unwrap_or_default(),
        })
        .collect();
    page(&IndexPage {
        frame: access::anonymous(visit),
        version: text(&document["info"], "version"),
        groups,
    })
}

fn show(visit: &Visit, document: &Value, id: &str) -> PageResult {
    let (path, method, operation) = operations(document)
        .find(|(_, _, operation)| text(operation, "operationId") == id)
        .ok_or(Error::NotFound("operation"))?;
    let (mut answers, mut refusals) = (Vec::new(), Vec::new());
    for (status, response) in members(&operation["responses"]) {
        let refused = &response["content"]["application/problem+json"]["schema"]["allOf"][1];
        if refused.is_null() {
            answers.push(Answer {
                status,
                about: text(response, "description"),
                bodies: bodies(document, &response["content"]),
            });
        } else {
            let types = refused["properties"]["type"]["enum"].as_array();
            let codes = types.into_iter().flatten().filter_map(Value::as_str);
            let codes = codes.map(|kind| kind.trim_start_matches("/problems/"));
            refusals.push(Refusal {
                status,
                problems: codes
                    .map(|code| (code, problems::find(code).meaning))
                    .collect(),
            });
        }
    }
    page(&OperationPage {
        frame: access::anonymous(visit),
        method: method.to_uppercase(),
        path,
        summary: text(operation, "summary"),
        tag: operation["tags"][0].as_str().unwrap_or_default(),
        needs: needs(operation),
        parameters: parameters(document, operation),
        bodies: bodies(document, &operation["requestBody"]["content"]),
        answers,
        refusals,
        snippets: snippets::of(method, path, operation),
    })
}

fn needs(operation: &Value) -> Needs<'_> {
    if operation["security"].is_array() {
        return Needs::Nothing;
    }
    match operation["x-permission"].as_str() {
        None => Needs::Account,
        Some(permission) => {
            let roles = operation["x-roles"].as_array().into_iter().flatten();
            Needs::Permission(permission, roles.filter_map(Value::as_str).collect())
        }
    }
}

fn parameters<'a>(document: &'a Value, operation: &'a Value) -> Vec<Parameter<'a>> {
    let list = operation["parameters"].as_array().into_iter().flatten();
    list.map(|parameter| Parameter {
        name: text(parameter, "name"),
        place: if parameter["in"] == "path" {
            "adresse"
        } else {
            "requête"
        },
        required: parameter["required"] == true,
        kind: fields::kind(document, &parameter["schema"]),
        about: text(parameter, "description"),
    })
    .collect()
}

fn bodies<'a>(document: &'a Value, content: &'a Value) -> Vec<Body<'a>> {
    members(content)
        .map(|(media_type, body)| Body {
            media_type,
            fields: fields::of(document, &body["schema"]),
            example: body.get("example").map(|example| format!("{example:#}")),
        })
        .collect()
}
