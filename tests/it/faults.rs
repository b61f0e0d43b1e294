//! Every step of every action may fail: the n-th statement, or the commit. Then the answer says so, nothing of it is
//! kept, and the next try goes through.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use entities::enums::Role;
use rebond::db::Watch;
use sea_orm::{DbErr, Statement};
use serde_json::{Value, json};

use crate::support::welcome::{booking, handover, hold, request};
use crate::support::{Client, TestApp};

/// Lets so many steps of writers pass, and fails the next.
#[derive(Debug)]
struct Fault {
    left: AtomicUsize,
}

impl Fault {
    fn at(nth: usize) -> Arc<Self> {
        Arc::new(Self {
            left: AtomicUsize::new(nth),
        })
    }

    /// Whether it has struck.
    fn struck(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }

    fn step(&self) -> Result<(), DbErr> {
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        // From the fault on nothing works: a disk that is full stays full.
        if left.is_err() || left == Ok(1) {
            Err(DbErr::Custom("the disk is full".to_owned()))
        } else {
            Ok(())
        }
    }
}

impl Watch for Fault {
    fn statement(&self, _: &str, _: Option<&Statement>) -> Result<(), DbErr> {
        self.step()
    }

    fn commit(&self) -> Result<(), DbErr> {
        self.step()
    }
}

/// Tries an action with a fault at its first step, its second, and so on, until it goes through. Answers what it then
/// said, and counts the faults.
async fn try_hard(
    app: &TestApp,
    who: &Client,
    path: &str,
    body: Value,
    faults: &mut usize,
) -> Value {
    // The first use of a token in an hour is noted, which is a write of its own.
    who.get("/api/v1/grading").await;
    for nth in 1..200 {
        let before = app.everything().await;
        let fault = Fault::at(nth);
        let failing = app.with_db(app.db.watched(Arc::clone(&fault) as Arc<dyn Watch>));
        let answer = who.through(&failing).post(path, body.clone()).await;
        if !fault.struck() {
            assert!(
                (200..300).contains(&answer.status()),
                "{path}: {}",
                answer.text()
            );
            assert!(nth > 2, "{path} wrote nothing");
            return answer.json();
        }
        *faults += 1;
        assert!(
            matches!(answer.status(), 500 | 503),
            "{path} with a fault at step {nth} answered {}: {}",
            answer.status(),
            answer.text()
        );
        assert!(
            !answer.text().contains("disk"),
            "what broke inside is for the log: {}",
            answer.text()
        );
        assert_eq!(
            app.everything().await,
            before,
            "{path}: a fault at step {nth} left something behind"
        );
    }
    panic!("{path} has no end");
}

both_databases! {
    async fn a_laptop_goes_its_whole_way_through_faults_at_every_step(app: TestApp) {
        const PHONE: &str = "0601020388";
        let mut faults = 0;
        let welcome = app.welcome(1).await;
        let agent = app.person(Role::CollectionAgent).await;
        let bench = app.person(Role::Refurbisher).await;
        let keeper = app.person(Role::Storekeeper).await;
        let gift = json!({
            "site": "beziers-collecte", "consent_to_erasure": true,
            "donor": {"kind": "company", "name": "Cave des Vignerons", "email": "parc@example.org"},
            "devices": [{"kind": "laptop", "make": "Lenovo", "model": "ThinkPad T440", "serial": "PF0ABCDE", "condition": "working"}],
            "accessories": [{"kind": "charger", "count": 1}],
        });
        let gift = try_hard(&app, &agent, "/api/v1/donations", gift, &mut faults).await;
        let close = format!("/api/v1/donations/{}/close", gift["reference"].as_str().unwrap());
        try_hard(&app, &agent, &close, json!({}), &mut faults).await;
        let code = gift["devices"][0]["code"].as_str().unwrap().to_owned();
        let device = |what: &str| format!("/api/v1/devices/{code}/{what}");
        let scan = |action: &str, site: &str| json!({"code": code, "action": action, "site": site});
        let workshop = "montpellier-atelier";

        try_hard(&app, &bench, "/api/v1/scans", scan("receive", workshop), &mut faults).await;
        let disk = json!({"kind": "hdd", "serial": "WD-1", "capacity_bytes": 500_107_862_016_u64});
        let shown = try_hard(&app, &bench, &device("media"), disk, &mut faults).await;
        let medium = shown["media"][0]["id"].as_str().or_else(|| shown["id"].as_str()).unwrap().to_owned();
        try_hard(&app, &bench, "/api/v1/scans", scan("start_sanitisation", workshop), &mut faults).await;
        let wiped = json!({"method": "overwrite", "level": "clear", "tool": "nwipe 0.34", "verification": "last_pass", "result": "success"});
        try_hard(&app, &bench, &device(&format!("media/{medium}/sanitisations")), wiped, &mut faults).await;
        try_hard(&app, &bench, "/api/v1/scans", scan("confirm_sanitisation", workshop), &mut faults).await;
        let tables = bench.get("/api/v1/checks").await.ok();
        let tests: Vec<Value> = tables["kinds"]["laptop"]["tests"].as_array().unwrap().iter()
            .map(|test| json!({"test": test, "outcome": "pass"}))
            .collect();
        try_hard(&app, &bench, &device("checks"), json!({"locks_checked": true, "tests": tests}), &mut faults).await;
        let seen = json!({"observations": {"appearance": "clean", "screen": "clean"}});
        try_hard(&app, &bench, &device("gradings"), seen, &mut faults).await;
        try_hard(&app, &bench, "/api/v1/scans", scan("make_ready", workshop), &mut faults).await;

        let filed = try_hard(&app, &welcome.worker, "/api/v1/requests", request(PHONE), &mut faults).await;
        let reference = filed["reference"].as_str().unwrap().to_owned();
        let held = hold(&reference, &code);
        let held = try_hard(&app, &welcome.coordinator, "/api/v1/allocations", held, &mut faults).await;
        let release = format!("/api/v1/allocations/{}/release", held["id"].as_str().unwrap());
        try_hard(&app, &welcome.coordinator, &release, json!({"reason": "cancelled"}), &mut faults).await;
        try_hard(&app, &welcome.coordinator, "/api/v1/allocations/runs", json!({"apply": true}), &mut faults).await;
        let slots = welcome.slots(&reference).await;
        let visit = booking(&reference, &slots[0]["id"]);
        let visit = try_hard(&app, &welcome.worker, "/api/v1/appointments", visit, &mut faults).await;
        let appointment = |what: &str| format!("/api/v1/appointments/{}/{what}", visit["id"].as_str().unwrap());
        let later = json!({"pickup_slot": slots[1]["id"], "onboarding_slot": slots[1]["id"]});
        try_hard(&app, &welcome.worker, &appointment("move"), later, &mut faults).await;
        try_hard(&app, &welcome.worker, &appointment("cancel"), json!({}), &mut faults).await;

        // Once more, to the end; the newest code is the one that counts.
        app.run_jobs().await;
        app.pass(chrono::TimeDelta::minutes(1));
        welcome.hold(&reference, &code).await;
        let visit = welcome.book(&reference).await;
        let secret = app.pickup_code(PHONE).await;
        let mediator = &welcome.mediator;
        try_hard(&app, mediator, "/api/v1/scans", scan("receive", "montpellier-accueil"), &mut faults).await;
        let starts = visit["pickup"]["starts_at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        app.pass(starts - app.clock.now());
        let body = handover(&visit["id"], &reference, &code, &secret);
        try_hard(&app, mediator, "/api/v1/handovers", body, &mut faults).await;
        let came = format!("/api/v1/appointments/{}/attendance", visit["id"].as_str().unwrap());
        try_hard(&app, mediator, &came, json!({"outcome": "attended", "part": "onboarding"}), &mut faults).await;
        let back = json!({"code": code, "action": "return", "site": "montpellier-accueil", "data": {"reason": "fault", "may_wipe": true}});
        try_hard(&app, mediator, "/api/v1/scans", back, &mut faults).await;

        // And to its end, the disk apart.
        try_hard(&app, &bench, "/api/v1/scans", scan("receive", workshop), &mut faults).await;
        try_hard(&app, &bench, &device("media"), json!({"kind": "hdd", "serial": "WD-1", "capacity_bytes": 500_107_862_016_u64}), &mut faults).await;
        try_hard(&app, &bench, &device(&format!("media/{medium}/removal")), json!({"to": "destruction"}), &mut faults).await;
        let end = json!({"code": code, "action": "declare_end_of_life", "site": workshop, "data": {"reason": "beyond_repair"}});
        try_hard(&app, &bench, "/api/v1/scans", end, &mut faults).await;
        let lot = json!({"site": workshop, "category": "small_it"});
        let lot = try_hard(&app, &keeper, "/api/v1/recycling/lots", lot, &mut faults).await;
        let lot = |what: &str| format!("/api/v1/recycling/lots/{}/{what}", lot["reference"].as_str().unwrap());
        try_hard(&app, &keeper, &lot("items"), json!({"code": code}), &mut faults).await;
        try_hard(&app, &keeper, &lot("close"), json!({"weight_grams": 2_300}), &mut faults).await;
        let papers = json!({"carrier": "Transports d’Oc", "operator": "Recyclage d’Oc", "reference": "BSD-2026-9"});
        try_hard(&app, &keeper, &lot("collect"), papers, &mut faults).await;
        app.verified().await;
        assert!(faults > 150, "only {faults} faults struck");
    }

    /// A message that could not be noted as sent may be sent again; none is lost.
    async fn no_message_is_lost_when_the_post_fails(app: TestApp) {
        const PHONE: &str = "0601020377";
        let welcome = app.welcome(1).await;
        let device = app.there(entities::enums::DeviceKind::Laptop).await;
        let reference = welcome.waiting(PHONE).await;
        welcome.hold(&reference, &device.code).await;
        welcome.book(&reference).await;
        let waiting = "select count(*) from message where delivered_at is null and gave_up_at is null";
        let many = app.count(waiting).await;
        assert!(many > 0);
        for nth in 1..40 {
            let fault = Fault::at(nth);
            let failing = app.with_db(app.db.watched(Arc::clone(&fault) as Arc<dyn Watch>));
            let _ = rebond::jobs::run_due(&failing).await;
            app.pass(chrono::TimeDelta::hours(2));
        }
        app.run_jobs().await;
        assert_eq!(app.count(waiting).await, 0);
        assert_eq!(app.count("select count(*) from message where gave_up_at is not null").await, 0);
        let sent = std::fs::read_dir(app.folder.path().join("mail")).unwrap().count();
        assert!(i64::try_from(sent).unwrap() >= many, "{sent} of {many}");
    }
}
