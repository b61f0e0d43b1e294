//! What a household may keep: its quota, a need that is distinct, an exchange.

use entities::device;
use entities::enums::{DeviceKind, Role};
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::welcome::{Welcome, handover, hold, request};

const PHONE: &str = "0601020304";
const RUNS: &str = "/api/v1/allocations/runs";

/// Holds, books and hands over.
async fn served(app: &TestApp, welcome: &Welcome, request: &str, device: &device::Model) -> Value {
    // Texts are told apart by when they left: each code is the newest.
    app.pass(chrono::TimeDelta::minutes(1));
    welcome.hold(request, &device.code).await;
    let appointment = welcome.book(request).await;
    let code = app.pickup_code(PHONE).await;
    let body = handover(&appointment["id"], request, &device.code, &code);
    welcome
        .mediator
        .post("/api/v1/handovers", body)
        .await
        .created()
}

fn decision(reason: &str) -> Value {
    json!({"outcome": "eligible", "reason": reason})
}

both_databases! {
    async fn a_second_device_needs_a_decision_that_its_need_is_distinct(app: TestApp) {
        let welcome = app.welcome(1).await;
        let first = welcome.waiting(PHONE).await;
        served(&app, &welcome, &first, &app.there(DeviceKind::Laptop).await).await;

        // The same people ask again; somebody sees that they are the same, and lets them in for another reason.
        let again = welcome.worker.post("/api/v1/requests", request(PHONE)).await.created();
        let again = again["reference"].as_str().unwrap().to_owned();
        let decider = app.person(Role::Coordinator).await;
        decider.sign_in().await;
        let page = decider.page("/queue").await;
        let (_, rest) = page.html().split_once("action=\"/duplicates/").unwrap();
        let review = format!("/duplicates/{}", rest.split('"').next().unwrap());
        decider.submit(&page, &review, &[("same", "true")]).await.leads();
        let decide = format!("/api/v1/requests/{again}/decision");
        decider.post(&decide, decision("situation_changed")).await.ok();

        let device = app.there(DeviceKind::Laptop).await;
        let problem = welcome.coordinator.post("/api/v1/allocations", hold(&again, &device.code)).await.refused(409, "quota-reached");
        assert_eq!(problem["missing"][0]["code"], "quota-reached");
        let run = welcome.coordinator.post(RUNS, json!({"apply": true})).await.created();
        assert_eq!(run["allocated"], json!([]));
        assert_eq!(run["unserved"][0]["missing"][0]["code"], "quota-reached");

        decider.post(&decide, decision("proof_seen")).await.refused(409, "already-decided");
        let action = format!("/queue/{again}/decision");
        decider.fill(&format!("/queue/{again}"), &action, &[("outcome", "eligible"), ("reason", "distinct_need")]).await.leads();
        decider.post(&decide, decision("distinct_need")).await.refused(409, "already-decided");
        served(&app, &welcome, &again, &device).await;
        app.verified().await;
    }

    async fn a_device_brought_back_first_can_be_exchanged(app: TestApp) {
        let welcome = app.welcome(1).await;
        let first = welcome.waiting(PHONE).await;
        let broken = app.there(DeviceKind::Laptop).await;
        served(&app, &welcome, &first, &broken).await;
        let scan = json!({"code": broken.code, "action": "return", "data": {"reason": "fault", "may_wipe": true}});
        welcome.mediator.post("/api/v1/scans", scan).await.ok();
        welcome.worker.sign_in().await;
        let action = format!("/requests/{first}/exchange");
        let to = welcome.worker.fill(&format!("/requests/{first}"), &action, &[("reason", "fault")]).await.leads();
        let exchange = to.trim_start_matches("/requests/").to_owned();
        let api = format!("/api/v1/requests/{first}/exchange");
        welcome.worker.post(&api, json!({"reason": "fault"})).await.refused(409, "already-exchanged");
        served(&app, &welcome, &exchange, &app.there(DeviceKind::Laptop).await).await;

        // Nothing was ever given for one that was withdrawn.
        let other = welcome.waiting("0601020399").await;
        welcome.worker.post(&format!("/api/v1/requests/{other}/withdraw"), json!({})).await.ok();
        let api = format!("/api/v1/requests/{other}/exchange");
        welcome.worker.post(&api, json!({"reason": "fault"})).await.refused(409, "not-served");
        app.verified().await;
    }
}
