//! What is wrong is answered with a stable problem, and changes nothing.

use axum::body::Body;
use axum::http::{Method, Request, header};
use entities::enums::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::TestApp;

/// A gift that is in order.
fn gift() -> Value {
    json!({
        "site": "beziers-collecte",
        "consent_to_erasure": true,
        "devices": [{"kind": "laptop", "make": "Lenovo", "model": "T440", "serial": "PF0ABCDE", "condition": "working"}],
    })
}

/// The counts of tables without those that keep what was tried: refused scans, sessions.
async fn kept(app: &TestApp) -> std::collections::BTreeMap<String, i64> {
    let mut counts = app.counts().await;
    for table in ["scan", "session", "api_token", "account", "account_role"] {
        counts.remove(table);
    }
    counts
}

/// The same code with another check character.
fn miskeyed(code: &str) -> String {
    let last = if code.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &code[..7])
}

both_databases! {
    async fn a_body_that_can_not_be_read_is_named(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let before = kept(&app).await;
        let path = "/api/v1/donations";
        let json = "application/json";
        agent.post_bytes(path, json, b"{\"devices\": [".to_vec()).await.refused(400, "unreadable");
        agent.post_bytes(path, json, b"{} trailing".to_vec()).await.refused(400, "unreadable");
        agent.post_bytes(path, json, vec![0xff, 0xfe, 0x00]).await.refused(400, "unreadable");
        agent.post_bytes(path, json, Vec::new()).await.refused(400, "unreadable");
        agent.post_bytes(path, "text/plain", gift().to_string().into_bytes()).await.refused(415, "unsupported-media-type");
        agent.post_bytes(path, json, vec![b' '; 9 << 20]).await.refused(413, "too-large");
        let answer = agent.get("/api/v1/donations/../../etc/passwd").await;
        answer.refused(404, "not-found");
        agent.get("/api/v1/nothing-here").await.refused(404, "not-found");
        assert_eq!(kept(&app).await, before);
    }

    async fn wrong_types_are_named_field_by_field(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let before = kept(&app).await;
        let with = |pointer: &str, value: Value| {
            let mut gift = gift();
            *gift.pointer_mut(pointer).unwrap() = value;
            gift
        };
        for (pointer, value) in [
            ("/devices", json!("laptop")),
            ("/devices/0/kind", json!("fridge")),
            ("/devices/0/kind", json!(7)),
            ("/devices/0/condition", json!(null)),
            ("/devices/0/serial", json!("x".repeat(65))),
            ("/consent_to_erasure", json!("yes")),
        ] {
            let problem = agent.post("/api/v1/donations", with(pointer, value)).await.refused(422, "invalid");
            let named = problem["errors"][0]["pointer"].as_str().unwrap();
            assert_eq!(named, format!("#{pointer}"));
        }
        agent.post("/api/v1/donations", json!([])).await.refused(422, "invalid");
        agent.post("/api/v1/donations", json!({"id": "no-uuid"})).await.refused(422, "invalid");
        assert_eq!(kept(&app).await, before);
    }

    async fn a_missing_field_is_named(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let bench = app.person(Role::Refurbisher).await;
        let before = kept(&app).await;
        let named = |problem: Value| {
            assert_eq!(problem["errors"][0]["detail"], "Ce champ est obligatoire.");
            problem["errors"][0]["pointer"].as_str().unwrap().to_owned()
        };
        let answer = bench.post("/api/v1/scans", json!({"action": "start_sanitisation"})).await;
        assert_eq!(named(answer.refused(422, "invalid")), "#/code");
        let mut incomplete = gift();
        incomplete["devices"][0].as_object_mut().unwrap().remove("kind");
        let answer = agent.post("/api/v1/donations", incomplete).await;
        assert_eq!(named(answer.refused(422, "invalid")), "#/devices/0/kind");
        assert_eq!(kept(&app).await, before);
    }

    async fn a_scan_of_a_wrong_code_changes_nothing(app: TestApp) {
        let device = app.device().build().await;
        let bench = app.person(Role::Refurbisher).await;
        let before = kept(&app).await;
        let scan = async |code: &str, action: Value| {
            bench.post("/api/v1/scans", json!({"scan_id": Uuid::new_v4(), "code": code, "action": action})).await
        };
        scan(&miskeyed(&device.code), json!("start_sanitisation")).await.refused(422, "wrong-check-character");
        scan("", json!("start_sanitisation")).await.refused(422, "invalid");
        scan("not a code at all", json!("start_sanitisation")).await.refused(404, "unknown-code");
        let other = labels::code::Code::draw(|| app.chance.bytes::<1>()[0]);
        scan(other.as_str(), json!("start_sanitisation")).await.refused(404, "unknown-code");
        scan(&device.code, json!("explode")).await.refused(422, "invalid");
        scan(&device.code, json!("make_ready")).await.refused(409, "wrong-state");
        scan(&device.code, json!("confirm_sanitisation")).await.refused(409, "not-sanitised");
        scan(&device.code, json!("declare_end_of_life")).await.refused(422, "invalid");
        scan(&device.code, json!("rescue")).await.refused(403, "forbidden");
        assert_eq!(kept(&app).await, before);
        assert_eq!(app.device_now(device.id).await, device);
    }

    async fn a_site_of_others_is_no_place_to_scan(app: TestApp) {
        let device = app.device().build().await;
        let bench = app.person(Role::Refurbisher).await;
        let stranger = app.stranger(Role::Refurbisher).await;
        let before = kept(&app).await;
        let scan = json!({"code": device.code, "action": "start_sanitisation", "site": "ales-atelier"});
        bench.post("/api/v1/scans", scan).await.refused(409, "site-foreign");
        let scan = json!({"code": device.code, "action": "start_sanitisation", "site": "nowhere"});
        bench.post("/api/v1/scans", scan).await.refused(404, "not-found");
        // It is not where the stranger works.
        let answer = stranger.post("/api/v1/scans", json!({"code": device.code, "action": "start_sanitisation"})).await;
        answer.refused(409, "wrong-place");
        assert_eq!(kept(&app).await, before);
        assert_eq!(app.device_now(device.id).await, device);
    }

    async fn an_id_is_used_for_one_thing(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let mut gift = gift();
        gift["id"] = json!(Uuid::new_v4());
        let first = agent.post("/api/v1/donations", gift.clone()).await.created();
        let before = kept(&app).await;
        let again = agent.post("/api/v1/donations", gift.clone()).await.ok();
        assert_eq!(again["reference"], first["reference"]);
        gift["devices"][0]["model"] = json!("T450");
        agent.post("/api/v1/donations", gift).await.refused(409, "id-reused");
        assert_eq!(kept(&app).await, before);
    }

    async fn a_form_without_its_token_is_forged(app: TestApp) {
        let bench = app.person(Role::Refurbisher).await;
        bench.sign_in().await;
        let before = kept(&app).await;
        for fields in [vec![], vec![("csrf", "")], vec![("csrf", "00000000000000000000000000000000")]] {
            let mut fields = fields;
            fields.push(("site", "montpellier-atelier"));
            let answer = bench.post_form("/place", &fields).await;
            answer.is(403);
            assert!(answer.header(header::CONTENT_TYPE).starts_with("text/html"));
        }
        // Somebody else's token is as good as none.
        let other = app.person(Role::Refurbisher).await;
        other.sign_in().await;
        let theirs = other.page("/").await.csrf();
        bench.post_form("/place", &[("csrf", &theirs), ("site", "montpellier-atelier")]).await.is(403);
        assert_eq!(kept(&app).await, before);
        let mine = bench.page("/").await.csrf();
        assert_eq!(bench.post_form("/place", &[("csrf", &mine), ("site", "montpellier-magasin")]).await.leads(), "/");
    }

    async fn a_post_from_another_site_is_refused(app: TestApp) {
        let bench = app.person(Role::Refurbisher).await;
        bench.sign_in().await;
        let csrf = bench.page("/").await.csrf();
        for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
            let request = Request::builder()
                .method(Method::POST)
                .uri("/place")
                .header(header::HOST, "127.0.0.1:8080")
                .header(header::COOKIE, bench.cookies())
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(name, value)
                .body(Body::from(format!("csrf={csrf}&site=montpellier-magasin")))
                .unwrap();
            bench.send(request).await.is(403);
        }
    }

    async fn a_session_without_a_form_token_can_not_post_to_the_api(app: TestApp) {
        let bench = app.person(Role::Refurbisher).await;
        let device = app.device().build().await;
        bench.sign_in().await;
        let post = async |csrf: &str| {
            let request = Request::builder()
                .method(Method::POST)
                .uri("/api/v1/scans")
                .header(header::COOKIE, bench.cookies())
                .header(header::CONTENT_TYPE, "application/json")
                .header("x-csrf", csrf)
                .body(Body::from(json!({"code": device.code, "action": "start_sanitisation"}).to_string()))
                .unwrap();
            bench.send(request).await
        };
        post("").await.refused(403, "form-token");
        post("00000000000000000000000000000000").await.refused(403, "form-token");
        assert_eq!(app.device_now(device.id).await, device);
        let csrf = bench.page("/").await.csrf();
        post(&csrf).await.ok();
    }

    async fn somebody_who_left_is_out_at_once(app: TestApp) {
        let bench = app.person(Role::Refurbisher).await;
        bench.sign_in().await;
        bench.get("/api/v1/devices").await.ok();
        let id = app.id(bench.account().id.0);
        let now = if app.db.is_postgres() { "now()" } else { "'2026-11-24T09:00:00+00:00'" };
        app.sql(&format!("update account set disabled_at = {now} where id = {id}")).await.unwrap();
        bench.get("/api/v1/devices").await.refused(401, "sign-in");
        assert!(bench.visit("/").await.leads().starts_with("/sign-in"));
    }

    async fn many_wrong_passwords_make_one_wait(app: TestApp) {
        let bench = app.person(Role::Refurbisher).await;
        let page = bench.page("/sign-in").await;
        let email = bench.account().email.clone();
        for _ in 0..5 {
            bench.submit(&page, "/sign-in", &[("email", &email), ("password", "faux")]).await.is(422);
        }
        // The wait is silent: the right password is as wrong as any.
        let right = [("email", email.as_str()), ("password", crate::support::world::PASSWORD)];
        bench.submit(&page, "/sign-in", &right).await.is(422);
        app.pass(chrono::TimeDelta::minutes(20));
        bench.sign_in().await;
    }
}
