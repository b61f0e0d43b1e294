//! What a stranger's client leans on: ids of its own, closed lists it can find out, cursors, what is missing.

use entities::enums::{DeviceKind, Role};
use rebond::app::App;
use rebond::chance::Chance;
use rebond::clock::Clock;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::start;
use crate::support::welcome::{handover, hold};

const PHONE: &str = "0601020304";
const HOLDS: &str = "/api/v1/allocations";
const RUNS: &str = "/api/v1/allocations/runs";

fn references(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|one| one["reference"].as_str().unwrap().to_owned())
        .collect()
}

both_databases! {
    async fn a_hold_is_known_by_the_id_of_its_client(app: TestApp) {
        let welcome = app.welcome(1).await;
        let request = welcome.waiting(PHONE).await;
        let (one, other) = (app.there(DeviceKind::Laptop).await, app.there(DeviceKind::Laptop).await);
        let id = Uuid::new_v4();
        let body = |device: &str| {
            let mut body = hold(&request, device);
            body["id"] = json!(id);
            body
        };
        let held = welcome.coordinator.post(HOLDS, body(&one.code)).await.created();
        assert_eq!(held["id"], json!(id));
        assert_eq!(welcome.coordinator.post(HOLDS, body(&one.code)).await.ok(), held);
        welcome.coordinator.post(HOLDS, body(&other.code)).await.refused(409, "id-reused");
        app.person(Role::Coordinator).await.post(HOLDS, body(&one.code)).await.refused(409, "id-reused");
        welcome.coordinator.post(&format!("{HOLDS}/{id}/release"), json!({"reason": "cancelled"})).await.ok();
        assert_eq!(welcome.coordinator.post(HOLDS, body(&one.code)).await.ok(), held, "what was answered then");
        assert_eq!(app.device_now(one.id).await.held_for, None);
        assert_eq!(app.count("select count(*) from allocation").await, 1);
    }

    async fn a_run_is_known_by_the_id_of_its_client(app: TestApp) {
        let welcome = app.welcome(1).await;
        welcome.waiting(PHONE).await;
        welcome.waiting("0601020305").await;
        app.there(DeviceKind::Laptop).await;
        let id = Uuid::new_v4();
        let body = json!({"id": id, "apply": true});
        let run = welcome.coordinator.post(RUNS, body.clone()).await.created();
        assert_eq!((&run["id"], run["allocated"].as_array().unwrap().len()), (&json!(id), 1));
        app.there(DeviceKind::Laptop).await;
        assert_eq!(welcome.coordinator.post(RUNS, body).await.ok(), run);
        welcome.coordinator.post(RUNS, json!({"id": id, "apply": false})).await.refused(409, "id-reused");
        assert_eq!(app.count("select count(*) from allocation").await, 1);
    }

    async fn a_handover_takes_an_id_and_says_which_code_is_missing(app: TestApp) {
        let welcome = app.welcome(1).await;
        let device = app.there(DeviceKind::Laptop).await;
        let request = welcome.waiting(PHONE).await;
        welcome.hold(&request, &device.code).await;
        let appointment = welcome.book(&request).await;
        let code = app.pickup_code(PHONE).await;
        let body = |code: &str| {
            let mut body = handover(&appointment["id"], &request, &device.code, code);
            body["id"] = json!(Uuid::new_v4());
            body
        };
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for refusal in ["wrong-pickup-code", "wrong-pickup-code", "wrong-pickup-code", "wrong-pickup-code", "pickup-code-locked"] {
            let problem = welcome.mediator.post("/api/v1/handovers", body(wrong)).await.refused(409, refusal);
            assert_eq!(problem["missing"][0]["code"], "pickup-code", "{problem:#}");
        }
        let code = app.pickup_code(PHONE).await;
        app.pass(chrono::TimeDelta::minutes(16));
        let done = welcome.mediator.post("/api/v1/handovers", body(&code)).await.created();
        assert_eq!(welcome.mediator.post("/api/v1/handovers", body(&code)).await.ok(), done);
    }

    async fn requests_are_listed_by_the_status_they_are_shown_with(app: TestApp) {
        let welcome = app.welcome(1).await;
        let mut filed = Vec::new();
        for n in 0..3 {
            filed.push(welcome.waiting(&format!("060102030{n}")).await);
        }
        for request in &filed[1..] {
            welcome.hold(request, &app.there(DeviceKind::Laptop).await.code).await;
        }
        welcome.book(&filed[2]).await;
        for who in [&welcome.worker, &welcome.coordinator] {
            for (n, status) in ["waiting", "held", "booked"].into_iter().enumerate() {
                let list = who.get(&format!("/api/v1/requests?status={status}")).await.ok();
                assert_eq!(references(&list), [filed[n].clone()], "{status}");
                assert_eq!(list["items"][0]["status"], status);
            }
            let problem = who.get("/api/v1/requests?cursor=R-2026-999999").await.refused(422, "invalid");
            assert_eq!(problem["errors"][0]["pointer"], "#/cursor");
        }
        let problem = welcome.coordinator.get("/api/v1/requests?status=served").await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "#/status");
        assert_eq!(references(&welcome.coordinator.get("/api/v1/requests").await.ok()), Vec::<String>::new());
    }

    async fn closed_lists_can_be_found_out(app: TestApp) {
        let welcome = app.welcome(1).await;
        let filed = welcome.worker.post("/api/v1/requests", {
            let mut body = crate::support::welcome::request(PHONE);
            body["evidence"] = json!([]);
            body
        }).await.created();
        assert_eq!(filed["status"], "needs_review", "{filed:#}");
        let decide = format!("/api/v1/requests/{}/decision", filed["reference"].as_str().unwrap());
        let answer = json!({"outcome": "eligible", "reason": "because"});
        let problem = welcome.coordinator.post(&decide, answer).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "#/reason");
        let said = problem["errors"][0]["detail"].as_str().unwrap();
        assert!(said.contains("proof_seen") && !said.contains("same_household"), "{said}");
        let exchange = format!("/api/v1/requests/{}/exchange", filed["reference"].as_str().unwrap());
        let problem = welcome.worker.post(&exchange, json!({"reason": "because"})).await.refused(422, "invalid");
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("unsuitable"), "{problem:#}");

        let api = welcome.worker.get("/api/openapi.json").await.ok();
        let schemas = api["components"]["schemas"].to_string();
        for word in ["distinct_need", "unsuitable", "wrong_device"] {
            assert!(schemas.contains(&format!("\"{word}\"")), "{word}");
        }
    }

    async fn a_wrong_second_person_of_a_scan_is_named_where_it_was_said(app: TestApp) {
        let mut app = app;
        let mut config = app.config.clone();
        config.rules.ready_by_two = true;
        app.app = App::open(config, Clock::manual(start()), Chance::fixed(7)).await.unwrap();
        let device = app.device().checked().build().await;
        let bench = app.person(Role::Refurbisher).await;
        let body = json!({"scan_id": Uuid::new_v4(), "code": device.code, "action": "make_ready", "data": {"second": "nobody"}});
        let problem = bench.post("/api/v1/scans", body).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "#/data/second");
    }
}
