//! What monitoring reads.

use axum::http::header;
use chrono::TimeDelta;
use entities::enums::Role;

use crate::support::welcome::request;

both_databases! {
    async fn metrics_tell_what_waits_and_name_nobody(app: TestApp) {
        let worker = app.person(Role::SocialWorker).await;
        worker.post("/api/v1/requests", request("0601020343")).await.created();
        let monitor = app.person(Role::Auditor).await;
        let before = monitor.get("/metrics").await;
        before.is(200);
        assert_eq!(before.header(header::CONTENT_TYPE), "text/plain; version=0.0.4; charset=utf-8");
        let text = before.text();
        for line in [
            "rebond_requests{status=\"waiting\"} 1",
            "rebond_requests{status=\"needs_review\"} 0",
            "rebond_messages{state=\"waiting\"} 1",
            "rebond_messages{state=\"failed\"} 0",
            "rebond_jobs{state=\"failed\"} 0",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}: {text}");
        }
        assert!(!text.contains("rebond_verification"), "{text}");
        app.run_jobs().await;
        app.pass(TimeDelta::hours(20));
        app.run_jobs().await;
        let text = monitor.get("/metrics").await.text();
        assert!(text.contains("rebond_verification_breaches 0\n"), "{text}");
        assert!(text.contains("rebond_messages{state=\"waiting\"} 0\n"), "{text}");
        // Each sample follows its type.
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            assert!(text.contains(&format!("# TYPE {name} gauge\n")), "{line}");
        }
        // Who has no token that may read them gets none, wherever they ask from.
        for who in [app.nobody(), app.person(Role::Refurbisher).await] {
            let answer = who.get("/metrics").await;
            assert_ne!(answer.status(), 200);
            assert!(!answer.text().contains("rebond_"), "{}", answer.text());
        }
    }
}
