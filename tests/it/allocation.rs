//! A device for a request: one for one whatever the concurrency, the queue in its order, holds that end by an event.

use chrono::TimeDelta;
use entities::enums::{DeviceKind, Grade, Role};
use serde_json::{Value, json};

use crate::races::{MANY, at_once, with};
use crate::requests::{eligible, need, waiting};
use crate::support::{Answer, Client};

const HOLDS: &str = "/api/v1/allocations";
const RUNS: &str = "/api/v1/allocations/runs";

fn pair(request: &str, device: &str) -> Value {
    json!({"request": request, "device": device, "reason": "urgent_need"})
}

async fn status(who: &Client, reference: &str) -> Value {
    who.get(&format!("/api/v1/requests/{reference}")).await.ok()["status"].clone()
}

/// One wins, all others are told why in one of these words.
fn one_wins(answers: &[Answer], codes: &[&str]) {
    assert_eq!(with(answers, 201), 1, "{answers:?}");
    for answer in answers.iter().filter(|a| a.status() != 201) {
        answer.is(409);
        let code = answer.problem().unwrap();
        assert!(codes.contains(&code.as_str()), "{code}");
    }
}

both_databases! {
    async fn a_coordinator_holds_a_device_and_the_household_gets_its_link(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let coordinator = app.person(Role::Coordinator).await;
        let reference = waiting(&who, "Benali", "laptop").await;
        let device = app.device().ready().build().await;
        let hold = coordinator.post(HOLDS, pair(&reference, &device.code)).await.created();
        assert_eq!(hold["ends_at"], "2026-12-08T23:00:00Z", "local midnight after fourteen whole days");
        assert_eq!(status(&who, &reference).await, "held");
        assert_eq!(app.count("select count(*) from household_access").await, 1);
        assert_eq!(app.count("select count(*) from message where kind = 'held'").await, 1);
        let shown = coordinator.get(&format!("/api/v1/devices/{}", device.code)).await.ok();
        assert_eq!(shown["status"], "allocated");
        app.verified().await;

        let path = format!("{HOLDS}/{}/release", hold["id"].as_str().unwrap());
        coordinator.post(&path, json!({"reason": "wrong_device"})).await.ok();
        coordinator.post(&path, json!({"reason": "wrong_device"})).await.refused(409, "not-held");
        assert_eq!(status(&who, &reference).await, "waiting");
        app.verified().await;
    }

    async fn of_many_requests_at_once_one_gets_the_device(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let device = app.device().ready().build().await;
        let mut posts = Vec::new();
        for n in 0..MANY {
            let reference = waiting(&who, &format!("Foyer{}", char::from(b'a' + u8::try_from(n).unwrap())), "laptop").await;
            posts.push((app.person(Role::Coordinator).await, HOLDS.to_owned(), pair(&reference, &device.code)));
        }
        let answers = at_once(posts).await;
        one_wins(&answers, &["device-already-held", "stale"]);
        assert_eq!(app.count("select count(*) from allocation").await, 1);
        assert_eq!(app.count("select count(*) from message where kind = 'held'").await, 1);
        app.verified().await;
    }

    async fn of_many_devices_at_once_a_request_holds_one(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let reference = waiting(&who, "Benali", "laptop").await;
        let mut posts = Vec::new();
        for _ in 0..MANY {
            let device = app.device().ready().build().await;
            posts.push((app.person(Role::Coordinator).await, HOLDS.to_owned(), pair(&reference, &device.code)));
        }
        let answers = at_once(posts).await;
        one_wins(&answers, &["request-already-held", "stale"]);
        assert_eq!(app.count("select count(*) from allocation").await, 1);
        assert_eq!(app.count("select count(*) from device where held_for is not null").await, 1);
        app.verified().await;
    }

    async fn runs_at_once_give_each_device_once(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        for n in 0..6u8 {
            waiting(&who, &format!("Foyer{}", char::from(b'a' + n)), "laptop").await;
        }
        for _ in 0..4 {
            app.device().ready().build().await;
        }
        let mut posts = Vec::new();
        for _ in 0..8 {
            posts.push((app.person(Role::Coordinator).await, RUNS.to_owned(), json!({"apply": true})));
        }
        let answers = at_once(posts).await;
        let given: usize = answers
            .iter()
            .filter(|a| a.status() == 201)
            .map(|a| a.json()["allocated"].as_array().unwrap().len())
            .sum();
        assert_eq!(given, 4, "{answers:?}");
        assert_eq!(app.count("select count(*) from allocation where ended_at is null").await, 4);
        app.verified().await;
    }

    async fn a_device_that_does_not_fit_is_refused_with_what_is_missing(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let coordinator = app.person(Role::Coordinator).await;
        let reference = waiting(&who, "Benali", "laptop").await;
        let tablet = app.device().kind(DeviceKind::Tablet).ready().build().await;
        coordinator.post(HOLDS, pair(&reference, &tablet.code)).await.refused(409, "kind-mismatch");
        let bench = app.device().refurbishing().build().await;
        let problem = coordinator.post(HOLDS, pair(&reference, &bench.code)).await.refused(409, "not-ready");
        assert_eq!(problem["missing"][0]["code"], "not-ready");
        let review = who.post("/api/v1/requests", need("Martin", "laptop")).await.created();
        let ready = app.device().ready().build().await;
        let undecided = review["reference"].as_str().unwrap();
        coordinator.post(HOLDS, pair(undecided, &ready.code)).await.refused(409, "request-not-waiting");
        who.post(HOLDS, pair(&reference, &ready.code)).await.refused(403, "forbidden");
        let mut body = pair(&reference, &ready.code);
        body["reason"] = json!("because");
        coordinator.post(HOLDS, body).await.refused(422, "invalid");
        assert_eq!(app.count("select count(*) from allocation").await, 0);
    }

    async fn who_approved_does_not_also_allocate(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let coordinator = app.person(Role::Coordinator).await;
        let filed = who.post("/api/v1/requests", need("Benali", "laptop")).await.created();
        let reference = filed["reference"].as_str().unwrap();
        let answer = json!({"outcome": "eligible", "reason": "proof_seen"});
        coordinator.post(&format!("/api/v1/requests/{reference}/decision"), answer).await.ok();
        let device = app.device().ready().build().await;
        coordinator.post(HOLDS, pair(reference, &device.code)).await.refused(409, "one-person-two-steps");
        app.person(Role::Coordinator).await.post(HOLDS, pair(reference, &device.code)).await.created();
    }

    async fn a_run_previews_then_serves_priority_before_age(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let coordinator = app.person(Role::Coordinator).await;
        let mut older = eligible("Ancien", "laptop");
        older["need"]["use"] = json!("family_ties");
        let older = who.post("/api/v1/requests", older).await.created()["reference"].clone();
        app.pass(TimeDelta::days(1));
        let pupil = waiting(&who, "Ecole", "laptop").await;
        let tablet = waiting(&who, "Tablette", "tablet").await;
        let plain = app.device().grade(Grade::C).ready().build().await;
        let best = app.device().grade(Grade::A).ready().build().await;

        let seen = coordinator.post(RUNS, json!({"apply": false})).await.created();
        assert_eq!(seen["allocated"][0]["request"], pupil.as_str(), "schooling weighs more than age");
        assert_eq!(seen["allocated"][0]["device"], best.code.as_str(), "schooling takes the best grade");
        assert_eq!(seen["allocated"][0]["id"], Value::Null);
        assert_eq!(seen["allocated"][1]["request"], older);
        assert_eq!(seen["allocated"][1]["device"], plain.code.as_str());
        assert_eq!(seen["unserved"][0]["request"], tablet.as_str());
        assert_eq!(seen["unserved"][0]["missing"][0]["code"], "no-device-of-kind");
        assert_eq!(app.count("select count(*) from allocation").await, 0);

        let done = coordinator.post(RUNS, json!({"apply": true})).await.created();
        assert!(done["allocated"][0]["id"].is_string());
        assert_eq!(app.count("select count(*) from allocation where run_id is not null").await, 2);
        assert_eq!(status(&who, &pupil).await, "held");
        let again = coordinator.post(RUNS, json!({"apply": true})).await.created();
        assert_eq!(again["allocated"], json!([]));

        let kept = "inputs || result";
        let query = format!("select count(*) from allocation_run where {kept} like '%R-2026%' or {kept} like '%Ecole%'");
        assert_eq!(app.count(&query).await, 0, "frozen inputs name nobody");
        app.verified().await;
    }

    async fn an_auditor_reads_runs_and_never_a_reference(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let coordinator = app.person(Role::Coordinator).await;
        let reference = waiting(&who, "Benali", "laptop").await;
        let device = app.device().ready().build().await;
        let run = coordinator.post(RUNS, json!({"apply": true})).await.created();
        let auditor = app.person(Role::Auditor).await;
        auditor.post(RUNS, json!({"apply": true})).await.refused(403, "forbidden");
        auditor.sign_in().await;
        let list = auditor.page("/runs").await;
        assert!(list.says("appliquée") && !list.says("Appliquer"));
        let page = auditor.page(&format!("/runs/{}", run["id"].as_str().unwrap())).await;
        assert!(!page.says(&reference));
        assert!(page.says(&device.code) && page.says("Rang 1"));
        let random = app.device_now(device.id).await.held_for.unwrap().to_string();
        assert!(!page.says(&random), "the random id of a request is shown nowhere");
    }

    async fn a_hold_that_nobody_books_ends_by_an_event(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let coordinator = app.person(Role::Coordinator).await;
        let reference = waiting(&who, "Benali", "laptop").await;
        let device = app.device().ready().build().await;
        coordinator.post(HOLDS, pair(&reference, &device.code)).await.created();
        app.pass(TimeDelta::days(14));
        app.run_jobs().await;
        assert_eq!(status(&who, &reference).await, "held");
        app.pass(TimeDelta::days(1));
        app.run_jobs().await;
        assert_eq!(status(&who, &reference).await, "waiting");
        let journal = coordinator.get(&format!("/api/v1/devices/{}/journal", device.code)).await.ok();
        let last = journal["items"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["event"], "released");
        assert_eq!(last["data"]["reason"], "expired");
        app.verified().await;
    }

    async fn a_coordinator_holds_and_releases_by_the_pages(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let coordinator = app.person(Role::Coordinator).await;
        let reference = waiting(&who, "Benali", "laptop").await;
        let device = app.device().ready().build().await;
        coordinator.sign_in().await;
        let fields = [("device", device.code.as_str()), ("reason", "urgent_need")];
        let to = coordinator.fill(&format!("/queue/{reference}/hold"), "/allocations", &fields).await.leads();
        assert_eq!(to, "/queue");
        let hold = app.device_now(device.id).await.allocation_id.unwrap();
        let action = format!("/allocations/{hold}/release");
        coordinator.fill(&format!("/queue/{reference}"), &action, &[("reason", "wrong_device")]).await.leads();
        assert_eq!(status(&who, &reference).await, "waiting");
        coordinator.fill("/runs", "/runs", &[("apply", "true")]).await.leads();
        assert_eq!(status(&who, &reference).await, "held");
    }
}
