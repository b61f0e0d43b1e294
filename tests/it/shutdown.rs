//! An orderly end: SIGTERM to the real process in the middle of requests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use entities::enums::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::service::{Service, command};

const PEOPLE: usize = 4;

/// Asks the process to end, as systemd does.
fn terminate(service: &Service) {
    let pid = service.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
}

/// Waits for the process, at most a while; answers whether it ended well.
async fn ended_well(service: &mut Service) -> bool {
    for _ in 0..400 {
        if let Some(status) = service.child.try_wait().unwrap() {
            return status.success();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it did not end within 40 seconds");
}

both_databases! {
    async fn what_was_answered_is_kept_and_what_was_not_is_refused(app: TestApp) {
        let mut service = Service::start(&app).await;
        let ready = reqwest::get(format!("{}/health/ready", service.url)).await.unwrap();
        assert_eq!(ready.status(), 200);
        let answered = Arc::new(AtomicUsize::new(0));
        let mut devices = Vec::new();
        for _ in 0..PEOPLE {
            devices.push((app.person(Role::Storekeeper).await.token().to_owned(), app.device().build().await.code));
        }
        let slow = app.device().build().await.code;
        let before = app.count("select count(*) from custody_event").await;
        let mut people = Vec::new();
        for (token, code) in devices.clone() {
            let (url, answered) = (service.url.clone(), Arc::clone(&answered));
            people.push(tokio::spawn(async move {
                let http = reqwest::Client::new();
                for n in 0.. {
                    let site = if n % 2 == 0 { "montpellier-magasin" } else { "montpellier-atelier" };
                    let scan = json!({"scan_id": Uuid::new_v4(), "code": code, "action": "receive", "site": site});
                    let sent = http.post(format!("{url}/api/v1/scans")).bearer_auth(&token).json(&scan).send().await;
                    let Ok(answer) = sent else { return };
                    assert_eq!(answer.status(), 200);
                    let body: Value = answer.json().await.expect("an answer that began is whole");
                    assert_eq!(body["outcome"], "recorded");
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            }));
        }
        while answered.load(Ordering::SeqCst) < 40 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Half a request is there when the end comes: the other half is still taken.
        let address = service.url.trim_start_matches("http://").to_owned();
        let (token, _) = &devices[0];
        let body = json!({"scan_id": Uuid::new_v4(), "code": slow, "action": "receive", "site": "montpellier-magasin"}).to_string();
        let head = format!(
            "POST /api/v1/scans HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut half = TcpStream::connect(&address).unwrap();
        half.write_all(head.as_bytes()).unwrap();
        half.write_all(&body.as_bytes()[..10]).unwrap();
        half.flush().unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let began = Instant::now();
        terminate(&service);
        for person in people {
            person.await.unwrap();
        }
        assert!(TcpStream::connect(&address).is_err(), "nobody is taken any more");
        half.write_all(&body.as_bytes()[10..]).unwrap();
        let mut answer = String::new();
        half.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(ended_well(&mut service).await);
        assert!(began.elapsed() < Duration::from_secs(35));

        let answered = i64::try_from(answered.load(Ordering::SeqCst)).unwrap() + 1;
        let kept = app.count("select count(*) from custody_event").await - before;
        assert_eq!(kept, answered, "each answered scan, and no other");
        let verify = command(&app, "verify").output().unwrap();
        assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stdout));
    }
}
