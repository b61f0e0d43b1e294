//! Sixteen at once on both databases: as many winners as there are places, and nothing half done.

use std::sync::Arc;

use entities::device;
use entities::enums::{Role, Stage};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use uuid::Uuid;

use crate::support::{Answer, Client, TestApp};

/// How many run at once.
pub(crate) const MANY: usize = 16;

/// Posts at once, each its own body; the answers in the order of the bodies.
pub(crate) async fn at_once(posts: Vec<(Client, String, Value)>) -> Vec<Answer> {
    let start = Arc::new(Barrier::new(posts.len()));
    let mut running = Vec::new();
    for (who, path, body) in posts {
        let start = Arc::clone(&start);
        running.push(tokio::spawn(async move {
            start.wait().await;
            who.post(&path, body).await
        }));
    }
    let mut answers = Vec::new();
    for run in running {
        answers.push(run.await.unwrap());
    }
    answers
}

/// How many answers have a status.
pub(crate) fn with(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|a| a.status() == status).count()
}

async fn many(app: &TestApp, role: Role) -> Vec<Client> {
    let mut people = Vec::new();
    for _ in 0..MANY {
        people.push(app.person(role).await);
    }
    people
}

fn scan(code: &str, action: &str) -> Value {
    json!({"scan_id": Uuid::new_v4(), "code": code, "action": action})
}

both_databases! {
    async fn of_many_scans_at_once_one_is_recorded(app: TestApp) {
        let device = app.device().build().await;
        let posts = many(&app, Role::Refurbisher).await.into_iter()
            .map(|who| (who, "/api/v1/scans".to_owned(), scan(&device.code, "start_sanitisation")))
            .collect();
        let answers = at_once(posts).await;
        let recorded = answers.iter().filter(|a| a.status() == 200 && a.json()["outcome"] == "recorded").count();
        assert_eq!(recorded, 1);
        for answer in &answers {
            // Everybody else is told that it is done, or that somebody was faster.
            match answer.status() {
                200 => assert!(matches!(answer.json()["outcome"].as_str(), Some("recorded" | "already_recorded"))),
                409 => assert_eq!(answer.problem().as_deref(), Some("stale")),
                _ => panic!("{answer:?}"),
            }
        }
        assert_eq!(app.device_now(device.id).await.version, device.version + 1);
        app.verified().await;
    }

    async fn the_same_scan_many_times_at_once_counts_once(app: TestApp) {
        let device = app.device().build().await;
        let bench = app.person(Role::Refurbisher).await;
        let body = scan(&device.code, "start_sanitisation");
        let posts = (0..MANY)
            .map(|_| (bench.again(), "/api/v1/scans".to_owned(), body.clone()))
            .collect();
        for answer in at_once(posts).await {
            assert_eq!(answer.ok()["event"]["n"], 2);
        }
        assert_eq!(app.device_now(device.id).await.version, 2);
        assert_eq!(app.count("select count(*) from scan").await, 1);
    }

    async fn the_same_gift_many_times_at_once_counts_once(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let body = json!({
            "id": Uuid::new_v4(),
            "consent_to_erasure": true,
            "devices": [{"kind": "laptop", "make": "Lenovo", "model": "T440", "condition": "working"}],
        });
        let posts = (0..MANY)
            .map(|_| (agent.again(), "/api/v1/donations".to_owned(), body.clone()))
            .collect();
        let answers = at_once(posts).await;
        assert_eq!((with(&answers, 201), with(&answers, 200)), (1, MANY - 1), "{answers:?}");
        let reference = answers[0].json()["reference"].clone();
        assert!(answers.iter().all(|a| a.json()["reference"] == reference));
        assert_eq!(app.count("select count(*) from donation").await, 1);
        assert_eq!(app.count("select count(*) from device").await, 1);
    }

    async fn a_blank_label_is_claimed_once(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let code = labels::code::Code::draw(|| app.chance.bytes::<1>()[0]);
        app.sql(&format!(
            "insert into device_code (code, state, printed_at) values ('{}', 'blank', '2026-11-24T09:00:00Z')",
            code.as_str()
        )).await.unwrap();
        let posts = (0..MANY)
            .map(|n| (agent.again(), "/api/v1/donations".to_owned(), json!({
                "consent_to_erasure": true,
                "devices": [{"kind": "laptop", "serial": format!("SERIAL{n:04}"), "condition": "working", "code": code.as_str()}],
            })))
            .collect();
        let answers = at_once(posts).await;
        assert_eq!((with(&answers, 201), with(&answers, 409)), (1, MANY - 1), "{answers:?}");
        for answer in answers.iter().filter(|a| a.status() == 409) {
            answer.refused(409, "code-taken");
        }
        assert_eq!(app.count("select count(*) from device").await, 1);
        assert_eq!(app.count("select count(*) from donation").await, 1);
    }

    async fn numbers_of_gifts_have_no_gap_and_no_double(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let posts = (0..MANY)
            .map(|n| (agent.again(), "/api/v1/donations".to_owned(), json!({
                "consent_to_erasure": true,
                "devices": [{"kind": "laptop", "serial": format!("SERIAL{n:04}"), "condition": "working"}],
            })))
            .collect();
        let answers = at_once(posts).await;
        let mut numbers: Vec<String> = answers.iter().map(|a| a.created()["reference"].as_str().unwrap().to_owned()).collect();
        numbers.sort();
        let meant: Vec<String> = (1..=MANY).map(|n| format!("D-2026-{n:06}")).collect();
        assert_eq!(numbers, meant);
    }

    /// No CHECK sees an open medium fitted into a device without its count: the guarded update must.
    async fn fitting_an_open_medium_and_making_ready_exclude_each_other(app: TestApp) {
        let bench = app.person(Role::Refurbisher).await;
        let mut winners = [0, 0];
        for round in 0..4 {
            let device = app.device().checked().build().await;
            let mut posts = Vec::new();
            for _ in 0..MANY / 2 {
                let medium = loose_open_medium(&app, &bench).await;
                posts.push((bench.again(), format!("/api/v1/devices/{}/media", device.code), json!({"code": medium})));
                posts.push((bench.again(), "/api/v1/scans".to_owned(), scan(&device.code, "make_ready")));
            }
            if round % 2 == 1 {
                posts.reverse();
            }
            let answers = at_once(posts).await;
            for answer in &answers {
                assert!(matches!(answer.status(), 200 | 201 | 409), "{answer:?}");
            }
            let now = app.device_now(device.id).await;
            let ready = now.stage == Stage::Ready;
            winners[usize::from(ready)] += 1;
            assert_eq!(ready, now.open_media == 0, "{now:?}");
            assert_eq!(i64::from(now.open_media), open_media_in(&app, &now).await);
            app.verified().await;
        }
        assert_eq!(winners.iter().sum::<i32>(), 4);
    }
}

/// A disk with data on it, taken out of another device.
async fn loose_open_medium(app: &TestApp, bench: &Client) -> String {
    let donor = app.device().inventoried().build().await;
    let device = format!("/api/v1/devices/{}", donor.code);
    let shown = bench.get(&device).await.ok();
    let medium = shown["media"][0]["id"].as_str().unwrap();
    let removed = bench
        .post(
            &format!("{device}/media/{medium}/removal"),
            json!({"to": "stock"}),
        )
        .await
        .ok();
    removed["medium"]["code"].as_str().unwrap().to_owned()
}

async fn open_media_in(app: &TestApp, device: &device::Model) -> i64 {
    let id = app.id(device.id.0);
    app.count(&format!(
        "select count(*) from medium where device_id = {id} and open"
    ))
    .await
}
