//! What `verify` names, and what it does not: each law that no key sees is broken behind the application's back.

use chrono::TimeDelta;
use entities::enums::Role;
use serde_json::json;
use uuid::Uuid;

use crate::support::TestApp;
use crate::support::welcome::{Welcome, booking, handover};

const PHONE: &str = "0601020399";

/// The findings of the check that begins with these words; it must be there, and have looked at something.
async fn found(app: &TestApp, what: &str) -> Vec<String> {
    let report = rebond::verify::verify(&app.app).await.unwrap();
    let check = report
        .checks
        .iter()
        .find(|check| check.what.starts_with(what))
        .unwrap_or_else(|| panic!("no check {what}: {report}"));
    assert!(check.tried > 0, "{report}");
    check.findings.clone()
}

/// A household that has got its device; answers the request and the device's code.
async fn handed_over(app: &TestApp, welcome: &Welcome) -> (String, String) {
    let device = app.device().ready().at(&app.world.desk).build().await;
    let request = welcome.waiting(PHONE).await;
    welcome.hold(&request, &device.code).await;
    let appointment = welcome.book(&request).await;
    let code = app.pickup_code(PHONE).await;
    let body = handover(&appointment["id"], &request, &device.code, &code);
    welcome
        .mediator
        .post("/api/v1/handovers", body)
        .await
        .created();
    app.verified().await;
    (request, device.code)
}

both_databases! {
    async fn an_onboarding_cancelled_under_a_handover_is_named(app: TestApp) {
        let welcome = app.welcome(1).await;
        let (_, device) = handed_over(&app, &welcome).await;
        app.sql("update onboarding set state = 'cancelled'").await.unwrap();
        assert_eq!(found(&app, "no onboarding was cancelled").await, [device]);
    }

    async fn a_handover_on_another_day_is_named(app: TestApp) {
        let welcome = app.welcome(1).await;
        let (_, device) = handed_over(&app, &welcome).await;
        app.sql("update appointment set starts_at = starts_at + 86400, ends_at = ends_at + 86400").await.unwrap();
        assert_eq!(found(&app, "each handover was on the day").await, [device]);
    }

    async fn a_household_with_more_than_its_quota_is_named(app: TestApp) {
        let welcome = app.welcome(1).await;
        handed_over(&app, &welcome).await;
        let second = app.id(Uuid::from_u128(7));
        let columns = "body_hash, household_id, filed_by, organisation_id, kind, \"use\", status, priority, contribution_cents, no_shows, filed_at, served_at, version";
        app.sql(&format!("insert into request (id, reference, {columns}) select {second}, 'R-2026-999999', {columns} from request")).await.unwrap();
        let copy = |id: &str, n: u8, reasons: &str, by: &str| format!(
            "insert into decision (id, request_id, n, outcome, reason_codes, missing, bands, policy_version, proposed_by_policy, decided_by, at)
             select {id}, {second}, {n}, outcome, '{reasons}', missing, bands, policy_version, proposed_by_policy, {by}, at from decision where request_id <> {second}"
        );
        app.sql(&copy(&app.id(Uuid::from_u128(8)), 1, r#"["low_income_status"]"#, "null")).await.unwrap();
        let what = "no household was given more";
        assert_eq!(found(&app, what).await.len(), 1);
        // A coordinator called it a distinct need.
        let by = app.id(welcome.coordinator.account().id.0);
        app.sql(&copy(&app.id(Uuid::from_u128(9)), 2, r#"["distinct_need"]"#, &by)).await.unwrap();
        assert_eq!(found(&app, what).await.len(), 0);
        // A companion screen and an exchange never count.
        app.sql(&format!("delete from decision where request_id = {second} and n = 2")).await.unwrap();
        app.sql(&format!("update request set companion_of = (select r.id from request r where r.id <> {second}) where id = {second}")).await.unwrap();
        let report = rebond::verify::verify(&app.app).await.unwrap();
        assert!(report.checks.iter().any(|c| c.what.starts_with(what) && c.broken == 0), "{report}");
    }

    async fn an_onboarding_without_its_seat_is_named(app: TestApp) {
        let welcome = app.welcome(1).await;
        let device = app.device().ready().at(&app.world.desk).build().await;
        let request = welcome.waiting(PHONE).await;
        welcome.hold(&request, &device.code).await;
        let slots = welcome.slots(&request).await;
        let mut visits = booking(&request, &slots[0]["id"]);
        visits["onboarding_slot"] = slots[1]["id"].clone();
        welcome.worker.post("/api/v1/appointments", visits).await.created();
        app.verified().await;
        app.sql("delete from seat where starts_at = (select max(starts_at) from seat)").await.unwrap();
        assert_eq!(found(&app, "each booked onboarding has its seat").await.len(), 1);
    }

    async fn what_left_before_its_lot_is_named(app: TestApp) {
        let store = app.person(Role::Storekeeper).await;
        let device = app.device().end_of_life().at(&app.world.warehouse).build().await;
        let lot = store.post("/api/v1/recycling/lots", json!({"category": "small_it"})).await.created();
        let items = format!("/api/v1/recycling/lots/{}/items", lot["reference"].as_str().unwrap());
        store.post(&items, json!({"code": device.code})).await.created();
        app.verified().await;
        let what = "what is in a lot";
        let (id, elsewhere) = (app.id(device.id.0), app.id(app.world.workshop.id.0));
        // Scanned elsewhere, or rescued: lawful, and kept back when the lot is collected.
        app.sql(&format!("update device set site_id = {elsewhere} where id = {id}")).await.unwrap();
        assert!(found(&app, what).await.is_empty());
        // Gone while its lot still stands: by no lawful way.
        app.sql(&format!("update device set custody = 'gone', site_id = null where id = {id}")).await.unwrap();
        assert_eq!(found(&app, what).await, [device.code]);
    }

    async fn a_new_instance_waits_for_its_first_night(app: TestApp) {
        let verified = async || app.count("select count(*) from verification").await;
        app.device().ready().build().await;
        app.run_jobs().await;
        app.pass(TimeDelta::hours(16));
        app.run_jobs().await;
        assert_eq!(verified().await, 0, "two in the morning in Paris");
        app.pass(TimeDelta::hours(2));
        app.run_jobs().await;
        app.run_jobs().await;
        assert_eq!(verified().await, 1);
        app.pass(TimeDelta::hours(24));
        app.run_jobs().await;
        assert_eq!(verified().await, 2);
    }

    async fn work_that_goes_on_is_no_breach(app: TestApp) {
        let mut benches = Vec::new();
        for _ in 0..4 {
            let device = app.device().build().await;
            let bench = app.person(Role::Refurbisher).await;
            benches.push(tokio::spawn(async move {
                for _ in 0..12 {
                    for (action, data) in [
                        ("start_sanitisation", json!({})),
                        ("stop_sanitisation", json!({"reason": "tool_failed"})),
                    ] {
                        let scan = json!({"code": device.code, "action": action, "data": data});
                        bench.post("/api/v1/scans", scan).await.ok();
                    }
                }
            }));
        }
        while !benches.iter().all(tokio::task::JoinHandle::is_finished) {
            app.verified().await;
        }
        for bench in benches {
            bench.await.unwrap();
        }
        app.verified().await;
    }
}
