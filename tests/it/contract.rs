//! The description of the API: whole, and no other than what is answered. Every story holds every answer
//! of the API against it (`support::contract`); here is what no answer shows.

use axum::http::Method;
use entities::enums::Role;
use serde_json::{Value, json};

use crate::support::Answer;
use crate::support::contract::{DOCUMENT, fits};

/// Posts whose path says all.
const WITHOUT_BODY: [&str; 5] = [
    "/api/v1/appointments/{id}/cancel",
    "/api/v1/donations/{reference}/close",
    "/api/v1/recycling/lots/{lot}/items/{item}/removal",
    "/api/v1/recycling/lots/{lot}/reopen",
    "/api/v1/requests/{reference}/withdraw",
];

/// Every operation: method, path, what is said of it.
fn operations() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, operations)| {
        let operations = operations.as_object().unwrap();
        operations
            .iter()
            .map(move |(method, said)| (method.as_str(), path.as_str(), said))
    })
}

#[test]
fn every_operation_says_what_it_takes() {
    let lacking: Vec<_> = operations()
        .filter(|(method, path, said)| {
            let content = said["requestBody"]["content"].as_object();
            let whole = content.is_some_and(|types| {
                types.iter().all(|(media_type, body)| {
                    media_type != "application/json" || body["schema"].is_object()
                })
            });
            let takes = *method == "post" && !WITHOUT_BODY.contains(path);
            takes != whole
        })
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[test]
fn every_operation_says_what_it_answers() {
    let lacking: Vec<_> = operations()
        .filter(|(_, _, said)| {
            let mut good = said["responses"]
                .as_object()
                .unwrap()
                .iter()
                .filter(|(status, _)| *status != "default")
                .peekable();
            good.peek().is_none()
                || good.any(|(_, answer)| {
                    answer["content"].as_object().is_none_or(|types| {
                        types.is_empty()
                            || types.iter().any(|(media_type, body)| {
                                media_type == "application/json" && body.get("schema").is_none()
                            })
                    })
                })
        })
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
}

#[test]
fn every_list_says_how_it_is_paged() {
    for (_, path, said) in operations() {
        let schema = &said["responses"]["200"]["content"]["application/json"]["schema"];
        let name = schema["$ref"].as_str().unwrap_or_default();
        let Some(list) = DOCUMENT.pointer(name.trim_start_matches('#')) else {
            continue;
        };
        let whole = ["/api/v1/devices/{code}/journal", "/api/v1/slots"].contains(&path);
        if list["properties"]["next_cursor"].is_null() || whole {
            continue;
        }
        let parameters = said["parameters"].as_array().unwrap();
        for wanted in ["limit", "cursor"] {
            let found = parameters
                .iter()
                .any(|p| p["name"] == wanted && p["in"] == "query" && p["required"] == false);
            assert!(found, "{path} does not say {wanted}");
        }
    }
}

#[test]
fn an_operation_has_one_name_and_a_line() {
    let mut names = std::collections::BTreeSet::new();
    for (method, path, said) in operations() {
        assert!(
            names.insert(said["operationId"].as_str().unwrap()),
            "{path}"
        );
        assert!(
            !said["summary"].as_str().unwrap().is_empty(),
            "{method} {path}"
        );
    }
}

#[test]
fn what_is_not_described_does_not_fit() {
    let schema = json!({
        "type": "object",
        "required": ["id"],
        "properties": { "id": { "type": "string", "format": "uuid" }, "n": { "type": ["integer", "null"] } },
    });
    let id = "0199aaaa-0000-7000-8000-000000000001";
    fits(&schema, &json!({"id": id, "n": null}), "#").unwrap();
    for wrong in [
        json!({}),
        json!({"id": "x"}),
        json!({"id": id, "n": "1"}),
        json!({"id": id, "other": 1}),
        json!([id]),
    ] {
        fits(&schema, &wrong, "#").unwrap_err();
    }
}

both_databases! {
    async fn a_malformed_scan_of_a_batch_has_a_whole_fate(app: TestApp) {
        let device = app.device().build().await;
        let bench = app.person(Role::Refurbisher).await;
        let scans = json!({"scans": [{"action": "start_sanitisation"}, {"code": device.code, "action": null}]});
        let results = bench.post("/api/v1/scans/batch", scans).await.ok();
        let refused = &results["results"][0];
        assert_eq!(refused["scan_id"], Value::Null);
        assert_eq!(refused["occurred_at_adjusted"], false);
        assert_eq!(refused["problem"]["errors"][0]["pointer"], "#/code");
        assert_eq!(results["results"][1]["outcome"], "shown");
        assert_eq!(results["results"][1]["problem"], Value::Null);
    }

    async fn an_answer_that_is_not_as_described_fails_a_story(app: TestApp) {
        let reader = app.person(Role::Refurbisher).await;
        let answer: Answer = reader.get("/api/v1/devices?limit=1").await;
        // The same answer, taken for one of another operation.
        let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            crate::support::contract::hold(&Method::GET, "/api/v1/signing-key", &answer);
        }));
        assert!(held.is_err());
    }
}
