//! What was answered with success survives `kill -9`: the real binary, killed in the middle of 200 scans.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use entities::enums::Role;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::support::service::{Service, command};

/// Scans of the story, people who scan at once, and when the process is killed.
const SCANS: usize = 200;
const PEOPLE: usize = 4;
const KILLED_AFTER: [usize; 2] = [70, 140];

/// One scan, and what was answered.
async fn post(http: &reqwest::Client, url: &str, token: &str, scan: &Value) -> Option<Value> {
    let answer = http
        .post(format!("{url}/api/v1/scans"))
        .bearer_auth(token)
        .json(scan)
        .send()
        .await
        .ok()?;
    let status = answer.status();
    let body: Value = answer.json().await.ok()?;
    assert_eq!(status, 200, "{body}");
    Some(body)
}

/// Scans of the list that are not acknowledged yet, until all are or the service is gone.
async fn work(
    url: &str,
    token: &str,
    scans: &[Value],
    kept: &Mutex<BTreeMap<Uuid, i64>>,
    count: &AtomicUsize,
) {
    let http = reqwest::Client::new();
    for scan in scans {
        let id: Uuid = scan["scan_id"].as_str().unwrap().parse().unwrap();
        if kept.lock().await.contains_key(&id) {
            continue;
        }
        let Some(body) = post(&http, url, token, scan).await else {
            return;
        };
        let n = body["event"]["n"].as_i64().unwrap();
        kept.lock().await.insert(id, n);
        count.fetch_add(1, Ordering::SeqCst);
    }
}

both_databases! {
    async fn acknowledged_scans_survive_kill_9(app: TestApp) {
        // Each person has devices of their own and moves them to and fro.
        let mut plans = Vec::new();
        for _ in 0..PEOPLE {
            let who = app.person(Role::Storekeeper).await;
            let mut codes = Vec::new();
            for _ in 0..5 {
                codes.push(app.device().build().await.code);
            }
            let scans: Vec<Value> = (0..SCANS / PEOPLE)
                .map(|n| {
                    let site = if (n / 5) % 2 == 0 { "montpellier-magasin" } else { "montpellier-atelier" };
                    json!({"scan_id": Uuid::new_v4(), "code": codes[n % 5], "action": "receive", "site": site})
                })
                .collect();
            plans.push((who.token().to_owned(), scans));
        }
        let before = app.count("select count(*) from custody_event").await;

        let kept: Arc<Mutex<BTreeMap<Uuid, i64>>> = Arc::default();
        let count = Arc::new(AtomicUsize::new(0));
        let mut service = Service::start(&app).await;
        for kill_after in KILLED_AFTER.into_iter().chain([usize::MAX]) {
            let mut running = Vec::new();
            for (token, scans) in plans.clone() {
                let (url, kept, count) = (service.url.clone(), Arc::clone(&kept), Arc::clone(&count));
                running.push(tokio::spawn(async move { work(&url, &token, &scans, &kept, &count).await }));
            }
            if kill_after < SCANS {
                while count.load(Ordering::SeqCst) < kill_after {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                service.kill();
            }
            for run in running {
                run.await.unwrap();
            }
            if kill_after < SCANS {
                let told = kept.lock().await.len();
                assert!(told < SCANS, "killed too late to prove anything");
                service = Service::start(&app).await;
            }
        }

        // All there, once each; and each replay answers what was answered then.
        let kept = kept.lock().await.clone();
        assert_eq!(kept.len(), SCANS);
        assert_eq!(app.count("select count(*) from scan where outcome = 'recorded'").await, i64::try_from(SCANS).unwrap());
        assert_eq!(app.count("select count(*) from custody_event").await, before + i64::try_from(SCANS).unwrap());
        let http = reqwest::Client::new();
        for (token, scans) in &plans {
            for scan in scans {
                let id: Uuid = scan["scan_id"].as_str().unwrap().parse().unwrap();
                let body = post(&http, &service.url, token, scan).await.unwrap();
                assert_eq!(body["event"]["n"].as_i64(), kept.get(&id).copied(), "{body}");
                assert_eq!(body["outcome"], "already_recorded");
            }
        }
        service.kill();

        let verify = command(&app, "verify").output().unwrap();
        assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stdout));
    }
}
