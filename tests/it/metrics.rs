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
        assert!(!text.contains("rebond_anchor"), "{text}");
        app.device().ready().build().await;
        let counted = monitor.get("/metrics").await.text();
        assert!(!counted.contains("stage=\"ready\""), "counted a moment ago: {counted}");
        app.run_jobs().await;
        app.pass(TimeDelta::hours(20));
        app.run_jobs().await;
        let text = monitor.get("/metrics").await.text();
        assert!(text.contains("rebond_verification_breaches 0\n"), "{text}");
        assert!(text.contains("rebond_messages{state=\"waiting\"} 0\n"), "{text}");
        assert!(text.contains("rebond_devices{stage=\"ready\",custody=\"site\"} 1\n"), "{text}");
        assert!(text.contains("rebond_anchor_number 1\n"), "{text}");
        assert!(text.contains("rebond_outbox_age_seconds 0\n"), "{text}");
        // What was asked for so far, by the route as declared.
        let asked = "rebond_http_request_duration_seconds_count{method=\"GET\",route=\"/metrics\",status=\"2xx\"} 2";
        assert!(text.lines().any(|l| l == asked), "{text}");
        // Each sample follows its type, and no series is told twice.
        let mut seen = std::collections::BTreeSet::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            let parts = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part));
            let kind = match parts.filter(|name| name.ends_with("_duration_seconds")) {
                Some(histogram) => format!("# TYPE {histogram} histogram\n"),
                None => format!("# TYPE {name} gauge\n"),
            };
            assert!(text.contains(&kind), "{line}");
            assert!(seen.insert(line.rsplit_once(' ').unwrap().0), "twice: {line}");
        }
        // Who has no token that may read them gets none, wherever they ask from.
        for who in [app.nobody(), app.person(Role::Refurbisher).await] {
            let answer = who.get("/metrics").await;
            assert_ne!(answer.status(), 200);
            assert!(!answer.text().contains("rebond_"), "{}", answer.text());
        }
    }
}

both_databases! {
    async fn health_says_why_nobody_should_be_sent_here(app: TestApp) {
        let nobody = app.nobody();
        nobody.get("/health/live").await.is(200);
        nobody.get("/health/ready").await.is(200);
        app.sql("delete from seaql_migrations where version like '%operations'").await.unwrap();
        let answer = nobody.get("/health/ready").await;
        answer.is(503);
        assert!(answer.text().contains("rebond migrate"), "{}", answer.text());
        app.db.close().await.unwrap();
        let answer = nobody.get("/health/ready").await;
        answer.is(503);
        assert!(answer.text().contains("database"), "{}", answer.text());
        nobody.get("/health/live").await.is(200);
    }
}
