//! The description of the API: whole, and no other than what is answered. Every story holds every answer
//! of the API against it (`support::contract`); here is what no answer shows.

use axum::http::Method;
use entities::enums::Role;
use rebond::web::routes::Access;
use serde_json::{Value, json};

use crate::access::things::Things;
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

/// Who may use a route that gets.
fn needs(path: &str) -> Access {
    let declared = rebond::routes::declared();
    let found = declared
        .iter()
        .find(|route| route.path == path && route.method == Method::GET);
    found.expect("a declared route").access
}

/// Lists: what answers `items` and says where the next page begins.
fn lists() -> impl Iterator<Item = (&'static str, &'static Value)> {
    operations().filter_map(|(method, path, said)| {
        let schema = &said["responses"]["200"]["content"]["application/json"]["schema"];
        let name = schema["$ref"].as_str()?;
        let list = DOCUMENT.pointer(name.trim_start_matches('#'))?;
        let has_items = method == "get" && list["properties"]["items"]["type"] == "array";
        // One thing with its parts is no list.
        let is_list = has_items && !path.ends_with('}');
        assert!(
            !is_list || list["properties"]["next_cursor"].is_object(),
            "{path} has no next_cursor"
        );
        is_list.then_some((path, said))
    })
}

#[test]
fn every_list_says_how_it_is_paged() {
    let mut tried = 0;
    for (path, said) in lists() {
        tried += 1;
        let parameters = said["parameters"].as_array().unwrap();
        for wanted in ["limit", "cursor"] {
            let found = parameters
                .iter()
                .any(|p| p["name"] == wanted && p["in"] == "query" && p["required"] == false);
            assert!(found, "{path} does not say {wanted}");
        }
        let limit = parameters.iter().find(|p| p["name"] == "limit").unwrap();
        assert_eq!(
            (&limit["schema"]["minimum"], &limit["schema"]["maximum"]),
            (&json!(1), &json!(500)),
            "{path}"
        );
    }
    assert!(tried > 4, "only {tried} lists");
}

/// Both ways: what is served is described, what is described is served.
#[test]
fn every_route_of_the_api_is_described() {
    let declared: std::collections::BTreeSet<_> = rebond::routes::declared()
        .iter()
        .filter(|route| rebond::web::routes::is_api(route.path))
        .map(|route| (route.method.as_str().to_lowercase(), route.path.to_owned()))
        .collect();
    let described: std::collections::BTreeSet<_> = operations()
        .map(|(method, path, _)| (method.to_owned(), path.to_owned()))
        .collect();
    assert_eq!(declared, described);
}

/// Each status of each refusal: its media type, its types of problems, each of them a page.
#[test]
fn every_refusal_is_described_whole() {
    let mut findings = Vec::new();
    for (method, path, said) in operations() {
        let responses = said["responses"].as_object().unwrap();
        for wanted in ["500", "503"] {
            if !responses.contains_key(wanted) {
                findings.push(format!("{method} {path} does not say {wanted}"));
            }
        }
        let secured = said["security"].is_null();
        if secured != (responses.contains_key("401") && responses.contains_key("403")) {
            findings.push(format!("{method} {path} does not say who is sent away"));
        }
        let takes = &said["requestBody"]["content"];
        let wanted: &[&str] = if takes["application/json"].is_object() {
            &["400", "408", "413", "415", "422"]
        } else if takes.is_object() {
            &["400", "408", "413", "422"]
        } else {
            &[]
        };
        for status in wanted {
            if !responses.contains_key(*status) {
                findings.push(format!(
                    "{method} {path} takes a body and does not say {status}"
                ));
            }
        }
        for (status, response) in responses
            .iter()
            .filter(|(status, _)| status.as_str() >= "400")
        {
            let schema = &response["content"]["application/problem+json"]["schema"];
            for kind in schema["allOf"][1]["properties"]["type"]["enum"]
                .as_array()
                .unwrap()
            {
                let code = kind.as_str().unwrap().trim_start_matches("/problems/");
                let known = rebond::web::problems::find(code);
                if known.code != code || known.status.to_string() != *status {
                    findings.push(format!("{method} {path}: {code} is not a {status}"));
                }
            }
        }
    }
    assert!(findings.is_empty(), "{findings:#?}");
}

/// Examples are of what was really sent and answered, and fit.
#[test]
fn every_body_has_an_example_that_fits() {
    let mut findings = Vec::new();
    let mut tried = 0;
    for (method, path, said) in operations() {
        if path == "/api/openapi.json" {
            continue;
        }
        let mut bodies = vec![("body".to_owned(), &said["requestBody"]["content"])];
        for (status, response) in said["responses"].as_object().unwrap() {
            bodies.push((status.clone(), &response["content"]));
        }
        let any = ["200", "201"].iter().any(|status| {
            let content = &said["responses"][status]["content"]["application/json"];
            content["example"].is_object()
        });
        for (what, content) in bodies {
            for (media_type, body) in content.as_object().into_iter().flatten() {
                if !media_type.ends_with("json") {
                    continue;
                }
                match body.get("example") {
                    Some(example) => {
                        tried += 1;
                        if let Err(fault) = fits(&body["schema"], example, "#") {
                            findings.push(format!("{method} {path} {what}: {fault}"));
                        }
                    }
                    // A replay looks like what it repeats.
                    None if what == "200" && any => {}
                    None => findings.push(format!(
                        "{method} {path} {what} has no example: REBOND_RECORD_EXAMPLES=1 cargo test --test it sqlite"
                    )),
                }
            }
        }
    }
    assert!(findings.is_empty(), "{findings:#?}");
    assert!(tried > 100, "only {tried} examples");
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
    /// Each list of the description: bounded, walked row by row, and not fooled by a cursor of somebody's making.
    async fn every_list_is_paged(app: TestApp) {
        let things = Things::of(&app).await;
        for _ in 0..2 {
            let gift = json!({"consent_to_erasure": true, "devices": [{"kind": "laptop", "condition": "working"}]});
            app.person(Role::CollectionAgent).await.post("/api/v1/donations", gift).await.created();
            let lot = json!({"site": "montpellier-magasin", "category": "small_it"});
            app.person(Role::Storekeeper).await.post("/api/v1/recycling/lots", lot).await.created();
        }
        let mut walked = 0;
        for (path, said) in lists() {
            let who = things.who_may(needs(path));
            let mut address = format!("{}?", things.address(path).unwrap());
            for parameter in said["parameters"].as_array().unwrap() {
                if parameter["in"] == "query" && parameter["required"] == true {
                    let name = parameter["name"].as_str().unwrap();
                    let value = things.query(name).unwrap_or_else(|| panic!("{path}: nothing stands for {name}"));
                    address = format!("{address}{name}={value}&");
                }
            }
            for (wrong, pointer) in [("limit=501", "#/limit"), ("limit=0", "#/limit"), ("limit=x", "#/limit"), ("cursor=%FFnonsense", "#/cursor")] {
                let problem = who.get(&format!("{address}{wrong}")).await.refused(422, "invalid");
                assert_eq!(problem["errors"][0]["pointer"], pointer, "{path}?{wrong}");
            }
            let whole = who.get(&format!("{address}limit=500")).await.ok();
            let whole = whole["items"].as_array().unwrap();
            let mut rows = Vec::new();
            let mut cursor = String::new();
            for _ in 0..40 {
                let page = who.get(&format!("{address}limit=1{cursor}")).await.ok();
                let items = page["items"].as_array().unwrap();
                assert!(items.len() <= 1, "{path}");
                rows.extend(items.iter().cloned());
                match page["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            let wanted: Vec<_> = whole.iter().take(rows.len()).cloned().collect();
            assert_eq!(rows, wanted, "{path}");
            assert!(rows.len() > 1, "{path}: {} rows are no walk", rows.len());
            assert!(rows.len() == whole.len() || rows.len() == 40, "{path}");
            walked += 1;
        }
        assert!(walked > 4, "only {walked} lists");
    }

    /// Each type of problem has its page: what happened, why, what to do; and each operation has its own.
    async fn each_problem_and_each_operation_has_its_page(app: TestApp) {
        let nobody = app.nobody();
        for problem in rebond::web::problems::ALL {
            let page = nobody.page(&format!("/problems/{}", problem.code)).await;
            for words in ["Ce qui s’est passé", "Pourquoi", "Que faire maintenant", &problem.title.replace('\'', "&#39;")] {
                assert!(page.says(words), "{}: {words}", problem.code);
            }
        }
        nobody.visit("/problems/nothing").await.is(404);
        nobody.page("/problems").await;
        let index = nobody.page("/api").await;
        for (method, path, said) in operations() {
            let id = said["operationId"].as_str().unwrap();
            assert!(index.html().contains(&format!("href=\"/api/docs/{id}\"")), "{id}");
            let page = nobody.page(&format!("/api/docs/{id}")).await;
            for words in [path, &method.to_uppercase(), "curl", "urlopen", "fetch("] {
                assert!(page.says(words), "{id}: {words}");
            }
            assert!(!page.html().contains("https://"), "{id} names another host");
        }
        nobody.visit("/api/docs/nothing").await.is(404);
    }

    /// An appointment looked at, and an exchange asked for, by a program.
    async fn what_was_handed_over_is_exchanged(app: TestApp) {
        let welcome = app.welcome(1).await;
        let device = app.there(entities::enums::DeviceKind::Laptop).await;
        let request = welcome.waiting("0601020304").await;
        welcome.hold(&request, &device.code).await;
        let appointment = welcome.book(&request).await;
        let shown = welcome.worker.get(&format!("/api/v1/appointments/{}", appointment["id"].as_str().unwrap())).await.ok();
        assert_eq!(shown["id"], appointment["id"]);
        let code = app.pickup_code("0601020304").await;
        let over = crate::support::welcome::handover(&appointment["id"], &request, &device.code, &code);
        welcome.mediator.post("/api/v1/handovers", over).await.created();
        let exchange = format!("/api/v1/requests/{request}/exchange");
        let asked = welcome.worker.post(&exchange, json!({"reason": "fault"})).await.created();
        assert_eq!(asked["status"], "waiting", "{asked:#}");
        welcome.worker.post(&exchange, json!({"reason": "fault"})).await.refused(409, "already-exchanged");
    }

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
