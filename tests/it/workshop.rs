//! The bench: inventory of media, evidence of erasure, checks, grades.

use std::path::PathBuf;
use std::sync::Arc;

use entities::enums::Role;
use serde_json::{Value, json};

use crate::support::welcome::handover;
use crate::support::{Answer, Client, TestApp};

const SNAPSHOT: &str = include_str!("../fixtures/evidence/ereuse-11-inventory.json");
const CLEAR: &str = include_str!("../fixtures/evidence/nwipe-0.42-clear.txt");
const ABORTED: &str = include_str!("../fixtures/evidence/nwipe-0.42-aborted.txt");
const ONE_OF_TWO: &str = include_str!("../fixtures/evidence/nwipe-0.34-one-of-two-failed.txt");

/// A refurbisher and a lead of the workshop, and a laptop on their bench.
struct Bench {
    refurbisher: Client,
    lead: Client,
    code: String,
}

impl Bench {
    async fn with(app: &TestApp, serial: Option<&str>) -> Self {
        let refurbisher = app.person(Role::Refurbisher).await;
        let lead = app.person(Role::WorkshopLead).await;
        let code = laptop(app, serial).await;
        scan(&refurbisher, &code, "receive").await.ok();
        Self {
            refurbisher,
            lead,
            code,
        }
    }

    async fn hand_in(&self, file: &str) -> Answer {
        hand_in(&self.refurbisher, &self.code, file.as_bytes()).await
    }

    async fn add(&self, medium: Value) -> Answer {
        let path = format!("/api/v1/devices/{}/media", self.code);
        self.refurbisher.post(&path, medium).await
    }

    async fn post(&self, below: &str, body: Value) -> Answer {
        let path = format!("/api/v1/devices/{}/{below}", self.code);
        self.refurbisher.post(&path, body).await
    }

    /// Checked and graded, with nothing left to do but to say that it is ready.
    async fn all_but_ready(&self) {
        self.post("checks", json!({"locks_checked": true}))
            .await
            .created();
        let observed = json!({"observations": {"appearance": "clean", "screen": "clean"}});
        self.post("gradings", observed).await.created();
    }
}

/// A laptop given at the counter.
async fn laptop(app: &TestApp, serial: Option<&str>) -> String {
    let agent = app.person(Role::CollectionAgent).await;
    let gift = json!({
        "site": "beziers-collecte",
        "donor": {"kind": "individual"},
        "consent_to_erasure": true,
        "devices": [{"kind": "laptop", "serial": serial, "condition": "unknown"}],
    });
    let given = agent.post("/api/v1/donations", gift).await.created();
    given["devices"][0]["code"].as_str().unwrap().to_owned()
}

async fn scan(person: &Client, code: &str, action: &str) -> Answer {
    let scan = json!({
        "scan_id": uuid::Uuid::new_v4(),
        "code": code,
        "action": action,
        "site": "montpellier-atelier",
        "occurred_at": "2026-11-24T09:00:00Z",
        "data": {},
    });
    person.post("/api/v1/scans", scan).await
}

async fn hand_in(person: &Client, code: &str, file: &[u8]) -> Answer {
    let path = format!("/api/v1/devices/{code}/evidence");
    person
        .post_bytes(&path, "application/octet-stream", file.to_vec())
        .await
}

fn codes(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect()
}

/// The codes of the reasons of the first erasure refused.
fn reasons(handed_in: &Value) -> Vec<&str> {
    codes(&handed_in["refused"][0]["reasons"])
}

/// The disk of the sample logs.
fn disk() -> Value {
    json!({"kind": "hdd", "serial": "6RX7TEST", "model": "ST3160815AS", "capacity_bytes": 160_041_885_696_i64})
}

/// A report of usody-sanitize about a disk of the background: a good erasure, whatever its time.
fn usody(serial: &str, ended: Option<i64>) -> String {
    let mut command = json!({"success": true});
    if let Some(ended) = ended {
        command["end_time"] = json!(ended);
    }
    json!({
        "device_info": {"model": "WD5000LPVX", "serial_number": serial, "storage_medium": "HDD", "connector": "block:scsi:pci"},
        "method": {
            "name": "Basic Erasure", "removal_process": "Overwriting", "verification_enabled": true,
            "overwriting_steps": [{"tool": "badblocks", "pattern": "zeros"}],
        },
        "steps": [{"success": true, "commands": [command]}],
        "validation": {"result": true, "commands": []},
        "result": true,
        "version": "0.1.1",
    })
    .to_string()
}

/// A device that a household has had since ten o'clock, and the number of its disk.
struct Lent {
    code: String,
    serial: String,
    mediator: Client,
}

async fn lent(app: &TestApp) -> Lent {
    let welcome = app.welcome(1).await;
    let device = app.device().ready().at(&app.world.desk).build().await;
    let request = welcome.waiting("0601020301").await;
    welcome.hold(&request, &device.code).await;
    let appointment = welcome.book(&request).await;
    let pickup = app.pickup_code("0601020301").await;
    let handed = handover(&appointment["id"], &request, &device.code, &pickup);
    welcome
        .mediator
        .post("/api/v1/handovers", handed)
        .await
        .created();
    let seen = welcome
        .mediator
        .get(&format!("/api/v1/devices/{}", device.code))
        .await
        .ok();
    Lent {
        code: device.code,
        serial: seen["media"][0]["serial"].as_str().unwrap().to_owned(),
        mediator: welcome.mediator,
    }
}

impl Lent {
    /// It comes back two hours later and goes to the bench.
    async fn comes_back(&self, app: &TestApp) -> Value {
        app.pass(chrono::TimeDelta::hours(2));
        let back = json!({"code": self.code, "action": "return", "data": {"reason": "fault", "may_wipe": true}});
        self.mediator.post("/api/v1/scans", back).await.ok();
        let bench = app.person(Role::Refurbisher).await;
        scan(&bench, &self.code, "receive").await.ok()["device"].clone()
    }
}

both_databases! {
    async fn a_snapshot_makes_the_inventory_and_a_good_log_wipes_the_device(app: TestApp) {
        let bench = Bench::with(&app, Some("CND4TEST12")).await;
        let read = bench.hand_in(SNAPSHOT).await.ok();
        assert_eq!(read["recognised"], "ereuse_snapshot");
        assert_eq!(codes(&read["applied"]), ["make", "model", "memory_bytes", "medium", "media_known"]);
        assert_eq!(read["device"]["media"][0]["serial"], "6RX7TEST");
        assert_eq!(read["device"]["media_known"], true);
        assert_eq!(read["device"]["stage"], "intake");
        let wiped = bench.hand_in(CLEAR).await.ok();
        assert_eq!(wiped["recognised"], "nwipe_log");
        assert_eq!(codes(&wiped["applied"]), ["sanitisation", "sanitised"]);
        assert_eq!(wiped["device"]["media"][0]["open"], false);
        assert_eq!(wiped["device"]["stage"], "sanitised");
        // On both journals.
        assert_eq!(app.count("select count(*) from custody_event where event = 'medium_sanitised'").await, 2);
        // The same file again changes nothing and is no second line.
        let again = bench.hand_in(CLEAR).await.ok();
        assert_eq!(again["already"], true);
        assert_eq!(again["id"], wiped["id"]);
        assert_eq!(codes(&again["applied"]), ["already_sanitised"]);
        assert_eq!(app.count("select count(*) from sanitisation").await, 1);
        assert_eq!(app.count("select count(*) from evidence").await, 2);
    }

    async fn what_proves_nothing_never_closes_a_medium(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        bench.add(disk()).await.created();
        let cases = [
            (ABORTED.to_owned(), "aborted"),
            (CLEAR.replace("Fill With Zeros", "Verify Zeros (0x00)"), "verify-only"),
            (CLEAR.replace("6RX7TEST", "6RX7OTHER"), "other-disk"),
            (CLEAR.replace("sda | Erased |", "sda |-FAILED-|"), "failed"),
            (CLEAR.replace("sda |           0 |", "sda |           3 |"), "errors"),
            (CLEAR.replace("1R+B+VL", "1R+B+NV"), "no-verification"),
        ];
        for (n, (log, reason)) in (1..).zip(cases) {
            let read = bench.hand_in(&log).await.ok();
            assert!(reasons(&read).contains(&reason), "{reason}: {read:#}");
            assert_eq!(codes(&read["applied"]), [] as [&str; 0], "{reason}");
            assert_eq!(read["device"]["open_media"], 1, "{reason}");
            assert_eq!(read["device"]["stage"], "intake", "{reason}");
            let kept = "select count(*) from sanitisation where result = 'not_evidenced'";
            assert_eq!(app.count(kept).await, n, "{reason}");
        }
        scan(&bench.refurbisher, &bench.code, "confirm_sanitisation").await.refused(409, "not-sanitised");
        assert_eq!(bench.hand_in(CLEAR).await.ok()["device"]["stage"], "sanitised");
    }

    async fn two_disks_need_both(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        let mut first = disk();
        first["complete"] = json!(false);
        assert_eq!(bench.add(first).await.created()["media_known"], false);
        let second = json!({"kind": "hdd", "serial": "WD-WCC2TEST0001", "model": "WDC WD5000AAKX-60U6AA0", "capacity_bytes": 500_107_862_016_i64});
        assert_eq!(bench.add(second).await.created()["open_media"], 2);
        let half = bench.hand_in(ONE_OF_TWO).await.ok();
        assert_eq!(codes(&half["applied"]), ["sanitisation"]);
        assert_eq!(half["refused"].as_array().unwrap().len(), 1);
        assert_eq!(half["device"]["open_media"], 1);
        assert_eq!(half["device"]["stage"], "intake");
        scan(&bench.refurbisher, &bench.code, "confirm_sanitisation").await.refused(409, "not-sanitised");
        let rest = CLEAR
            .replace("6RX7TEST", "WD-WCC2TEST0001")
            .replace("ST3160815AS", "WDC WD5000AAKX-60")
            .replace("160041885696", "500107862016");
        let whole = bench.hand_in(&rest).await.ok();
        assert_eq!(codes(&whole["applied"]), ["sanitisation", "sanitised"], "{whole:#}");
        assert_eq!(whole["device"]["stage"], "sanitised");
    }

    async fn what_differs_is_asked_and_changes_nothing_until_answered(app: TestApp) {
        let bench = Bench::with(&app, Some("PF0OTHER1")).await;
        let read = bench.hand_in(SNAPSHOT).await.ok();
        assert_eq!(codes(&read["questions"]), ["machine"]);
        assert_eq!(codes(&read["applied"]), [] as [&str; 0]);
        assert_eq!(read["device"]["media_known"], false);
        assert_eq!(read["device"]["make"], Value::Null);
        let path = format!("evidence/{}/answers", read["id"].as_str().unwrap());
        let answered = bench.post(&path, json!({"confirm": ["machine"]})).await.ok();
        assert_eq!(answered["device"]["media_known"], true);
        assert_eq!(answered["device"]["serial"], "PF0OTHER1");
        assert!(codes(&answered["questions"]).contains(&"serial"));
        let answered = bench.post(&path, json!({"confirm": ["machine", "serial"]})).await.ok();
        assert_eq!(answered["device"]["serial"], "CND4TEST12");
    }

    async fn a_disk_on_record_elsewhere_is_not_taken_for_a_new_one(app: TestApp) {
        let here = Bench::with(&app, None).await;
        let there = Bench::with(&app, None).await;
        there.add(disk()).await.created();
        let read = here.hand_in(SNAPSHOT).await.ok();
        assert!(codes(&read["questions"]).contains(&"medium-elsewhere"), "{read:#}");
        assert_eq!(read["device"]["media_known"], false);
        here.add(disk()).await.refused(409, "medium-known");
    }

    async fn a_declared_erasure_is_held_against_the_same_rules(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        let mut ssd = json!({"kind": "ssd", "serial": "S21PNXAG"});
        ssd["complete"] = json!(false);
        let ssd = bench.add(ssd).await.created()["medium"]["id"].as_str().unwrap().to_owned();
        let hdd = bench.add(disk()).await.created()["medium"]["id"].as_str().unwrap().to_owned();
        let declared = |result: &str| json!({"method": "overwrite", "level": "clear", "tool": "dd", "verification": "last_pass", "result": result});
        let refused = bench.post(&format!("media/{ssd}/sanitisations"), declared("success")).await.refused(409, "not-evidenced");
        assert_eq!(codes(&refused["missing"]), ["overwrite-on-flash"]);
        assert_eq!(app.count("select count(*) from sanitisation").await, 0);
        let failed = bench.post(&format!("media/{hdd}/sanitisations"), declared("failure")).await.created();
        assert_eq!(failed["result"], "failure");
        assert_eq!(failed["medium"]["open"], true);
        let done = bench.post(&format!("media/{hdd}/sanitisations"), declared("success")).await.created();
        assert_eq!(done["result"], "success");
        assert_eq!(done["evidence"], "declared");
        assert_eq!(done["medium"]["open"], false);
        bench.post(&format!("media/{hdd}/sanitisations"), declared("success")).await.refused(409, "wrong-state");
        let wrong = json!({"method": "magic", "level": "destroy", "verification": "maybe", "result": "perhaps"});
        let problem = bench.post(&format!("media/{ssd}/sanitisations"), wrong).await.refused(422, "invalid");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 4);
        bench.post(&format!("media/{}/sanitisations", uuid::Uuid::new_v4()), declared("success")).await.refused(404, "medium-unknown");
    }

    async fn an_empty_inventory_is_an_inventory(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        scan(&bench.refurbisher, &bench.code, "confirm_sanitisation").await.refused(409, "not-sanitised");
        let none = bench.add(json!({"none_seen": true})).await.created();
        assert_eq!(none["media_known"], true);
        bench.add(json!({"none_seen": true})).await.ok();
        scan(&bench.refurbisher, &bench.code, "confirm_sanitisation").await.ok();
        // A laptop without any disk is wiped, and still not ready.
        bench.all_but_ready().await;
        let refused = scan(&bench.refurbisher, &bench.code, "make_ready").await.refused(409, "not-ready");
        assert_eq!(codes(&refused["missing"]), ["disk-too-small"]);
    }

    async fn a_medium_without_readable_serial_gets_our_code(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        for serial in [Value::Null, json!("To Be Filled By O.E.M.")] {
            let medium = json!({"kind": "emmc", "serial": serial, "complete": false});
            let medium = bench.add(medium).await.created()["medium"].clone();
            assert_eq!(medium["serial"], Value::Null);
            assert_eq!(medium["code"].as_str().unwrap().len(), 8);
        }
    }

    async fn a_medium_found_late_reopens_a_ready_device(app: TestApp) {
        let bench = Bench::with(&app, Some("CND4TEST12")).await;
        bench.hand_in(SNAPSHOT).await.ok();
        bench.hand_in(CLEAR).await.ok();
        bench.all_but_ready().await;
        scan(&bench.refurbisher, &bench.code, "make_ready").await.ok();
        // Anybody who handles it may say so, where it is.
        let keeper = app.person(Role::Storekeeper).await;
        let path = format!("/api/v1/devices/{}/media", bench.code);
        let found = keeper.post(&path, json!({"kind": "card"})).await.created();
        assert_eq!(found["event"], "medium_found");
        assert_eq!(found["stage"], "refurbishing");
        assert_eq!(found["grade"], Value::Null);
        assert_eq!(found["open_media"], 1);
        let auditor = app.person(Role::Auditor).await;
        auditor.post(&path, json!({"kind": "card"})).await.refused(403, "forbidden");
        let stranger = app.stranger(Role::Storekeeper).await;
        stranger.post(&path, json!({"kind": "card"})).await.refused(409, "site-foreign");
    }

    async fn a_medium_out_of_its_device_is_followed_until_it_is_destroyed(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        let medium = bench.add(disk()).await.created()["medium"]["id"].as_str().unwrap().to_owned();
        let removal = format!("media/{medium}/removal");
        let out = bench.post(&removal, json!({"to": "destruction"})).await.ok();
        assert_eq!(out["open_media"], 0);
        assert_eq!(out["medium"]["open"], true);
        let code = out["medium"]["code"].as_str().unwrap();
        bench.post(&removal, json!({"to": "stock"})).await.refused(404, "medium-unknown");
        bench.add(json!({"code": code})).await.refused(409, "wrong-state");
        let path = format!("/api/v1/media/{code}/destruction");
        let by = |witness: &str| json!({"witness": witness, "certificate": "BSD-2026-7"});
        let me = &bench.refurbisher;
        me.post(&path, by(me.token())).await.refused(409, "one-person-two-steps");
        me.post(&path, by("somebody")).await.refused(422, "invalid");
        let stranger = app.stranger(Role::WorkshopLead).await;
        // A name proves nothing: the second person shows their own token.
        let named = me.post(&path, by(&bench.lead.account().email)).await.refused(422, "invalid");
        assert_eq!(named["errors"][0]["pointer"], "#/witness");
        me.post(&path, by(stranger.token())).await.refused(422, "invalid");
        stranger.post(&path, by(me.token())).await.refused(409, "site-foreign");
        let gone = me.post(&path, by(bench.lead.token())).await.created();
        assert_eq!(gone["medium"]["custody"], "gone");
        assert_eq!(gone["medium"]["open"], false);
        me.post(&path, by(bench.lead.token())).await.refused(409, "wrong-place");
        assert_eq!(app.count("select count(*) from sanitisation where level = 'destroy' and result = 'success'").await, 1);
    }

    /// A disk typed in by mistake is struck off; one that was there and is gone is missing, which is a breach.
    async fn a_medium_that_is_not_there_is_a_mistake_or_missing(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        let typed = json!({"kind": "hdd", "serial": "6RX7TSET", "complete": true});
        let wrong = bench.add(typed).await.created()["medium"]["id"].as_str().unwrap().to_owned();
        let mistake = json!({"reason": "mistake"});
        bench.post(&format!("media/{wrong}/missing"), json!({"reason": "lost"})).await.refused(422, "invalid");
        let struck = bench.post(&format!("media/{wrong}/missing"), mistake.clone()).await.ok();
        assert_eq!(struck["media"], json!([]));
        assert_eq!((&struck["media_known"], &struck["open_media"]), (&json!(false), &json!(0)));
        bench.post(&format!("media/{wrong}/missing"), mistake.clone()).await.refused(404, "medium-unknown");
        assert_eq!(app.count("select count(*) from breach_case").await, 0);
        // An erasure was tried on this one: it exists.
        let right = bench.add(disk()).await.created()["medium"]["id"].as_str().unwrap().to_owned();
        bench.hand_in(ABORTED).await.ok();
        bench.post(&format!("media/{right}/missing"), mistake).await.refused(409, "medium-proved");
        let me = &bench.refurbisher;
        me.sign_in().await;
        let page = format!("/devices/{}/media", bench.code);
        me.fill(&page, &format!("{page}/{right}/missing"), &[("reason", "missing")]).await.leads();
        let device = me.get(&format!("/api/v1/devices/{}", bench.code)).await.ok();
        assert_eq!((&device["media"], &device["open_media"]), (&json!([]), &json!(0)));
        assert_eq!(app.count("select count(*) from medium where custody = 'missing' and open and code is not null").await, 1);
        assert_eq!(app.count("select count(*) from breach_case where reason = 'missing'").await, 1);
        // It has a label now; whoever mounts it by that has found it, and the case stays for a person to settle.
        let code = crate::support::tables::texts(app.db.read(), "select code from medium where custody = 'missing'").await;
        let coordinator = app.person(Role::Coordinator).await;
        coordinator.sign_in().await;
        assert!(coordinator.page("/breaches").await.says(&format!("/media/{}", code[0])));
        let found = bench.add(json!({"code": code[0]})).await.created();
        assert_eq!((&found["medium"]["custody"], &found["open_media"]), (&json!("device"), &json!(1)));
        assert_eq!(app.count("select count(*) from breach_case where closed_at is null").await, 1);
        assert!(rebond::verify::verify(&app.app).await.unwrap().is_clean());
    }

    /// What a household said about its data is kept, shown and obeyed until it says yes.
    async fn no_wiping_before_the_household_agrees(app: TestApp) {
        let device = lent(&app).await;
        let bench = app.person(Role::Refurbisher).await;
        let back = json!({"code": device.code, "action": "return", "data": {"reason": "fault", "may_wipe": false}});
        app.pass(chrono::TimeDelta::hours(2));
        device.mediator.post("/api/v1/scans", back).await.ok();
        scan(&bench, &device.code, "receive").await.ok();
        let refused = scan(&bench, &device.code, "start_sanitisation").await.refused(409, "wipe-refused");
        assert_eq!(codes(&refused["missing"]), ["wipe-refused"]);
        let seen = bench.get(&format!("/api/v1/devices/{}", device.code)).await.ok();
        assert_eq!(seen["wipe_refused"], true);
        let medium = seen["media"][0]["id"].as_str().unwrap();
        let declared = json!({"method": "overwrite", "level": "clear", "tool": "dd", "verification": "last_pass", "result": "success"});
        let declare = format!("/api/v1/devices/{}/media/{medium}/sanitisations", device.code);
        bench.post(&declare, declared.clone()).await.refused(409, "wipe-refused");
        // Nor is it taken out to be destroyed, where nothing would tell of the household's no any more.
        let removal = format!("/api/v1/devices/{}/media/{medium}/removal", device.code);
        bench.post(&removal, json!({"to": "destruction"})).await.refused(409, "wipe-refused");
        scan(&bench, &device.code, "agree_to_wipe").await.refused(403, "forbidden");
        let lead = app.person(Role::WorkshopLead).await;
        lead.sign_in().await;
        let page = lead.visit(&format!("/devices/{}", device.code)).await.text();
        assert!(page.contains("l’effacement attend son accord") && page.contains("agree_to_wipe"), "{page}");
        scan(&lead, &device.code, "agree_to_wipe").await.ok();
        let page = lead.visit(&format!("/devices/{}", device.code)).await.text();
        assert!(!page.contains("agree_to_wipe"), "nothing is left to agree to");
        bench.post(&declare, declared).await.created();
        assert!(rebond::verify::verify(&app.app).await.unwrap().is_clean());
    }

    /// Whoever was not answered sends again: the same id makes one row, and another body is refused.
    async fn the_same_id_makes_one_row_of_the_bench(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        let id = || app.chance.random_id();
        let medium = json!({"id": id(), "kind": "hdd", "serial": null, "capacity_bytes": 160_041_885_696_i64});
        let first = bench.add(medium.clone()).await.created();
        assert_eq!(first["medium"]["id"], medium["id"]);
        let again = bench.add(medium.clone()).await.ok();
        assert_eq!((&again["medium"]["id"], &again["event"]), (&medium["id"], &first["event"]));
        let mut other = medium.clone();
        other["kind"] = json!("ssd");
        bench.add(other).await.refused(409, "id-reused");
        assert_eq!(app.count("select count(*) from medium").await, 1);

        let path = format!("media/{}/sanitisations", medium["id"].as_str().unwrap());
        let mut wiped = json!({"id": id(), "method": "overwrite", "level": "clear", "tool": "dd", "verification": "last_pass", "result": "success"});
        bench.post(&path, wiped.clone()).await.created();
        let again = bench.post(&path, wiped.clone()).await.ok();
        assert_eq!(again["id"], wiped["id"]);
        wiped["tool"] = json!("shred");
        bench.post(&path, wiped).await.refused(409, "id-reused");
        assert_eq!(app.count("select count(*) from sanitisation").await, 1);

        let mut seen = json!({"id": id(), "observations": {"appearance": "clean", "screen": "clean"}});
        let graded = bench.post("gradings", seen.clone()).await.created();
        assert_eq!(bench.post("gradings", seen.clone()).await.ok(), graded);
        seen["observations"]["appearance"] = json!("minor_wear");
        bench.post("gradings", seen).await.refused(409, "id-reused");
        assert_eq!(app.count("select count(*) from grading").await, 1);

        let removal = format!("media/{}/removal", medium["id"].as_str().unwrap());
        let code = bench.post(&removal, json!({"to": "destruction"})).await.ok()["medium"]["code"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/media/{code}/destruction");
        let mut gone = json!({"id": id(), "witness": bench.lead.token(), "certificate": "BSD-2026-7"});
        let done = bench.refurbisher.post(&path, gone.clone()).await.created();
        assert_eq!(bench.refurbisher.post(&path, gone.clone()).await.ok(), done);
        gone["certificate"] = json!("BSD-2026-8");
        bench.refurbisher.post(&path, gone).await.refused(409, "id-reused");
        assert!(rebond::verify::verify(&app.app).await.unwrap().is_clean());
    }

    /// After a return a medium without a serial number is inventoried again by our own code, in any reading of it.
    async fn a_medium_with_our_code_is_inventoried_again(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        let added = bench.add(json!({"kind": "emmc", "complete": false})).await.created();
        assert_eq!(added["media_known"], false);
        let code = added["medium"]["code"].as_str().unwrap();
        let address = format!("https://une-instance-au-nom-assez-long.rebond-en-herault.example/p/{code}");
        assert!(address.len() > 64);
        let not_yet = bench.add(json!({"code": address, "complete": false})).await.ok();
        assert_eq!(not_yet["media_known"], false);
        let seen = bench.add(json!({"code": address})).await.created();
        assert_eq!((&seen["media_known"], &seen["open_media"]), (&json!(true), &json!(1)));
        assert_eq!(seen["medium"]["code"], code);
    }

    /// A disk set aside for destruction and wiped after all serves again.
    async fn a_wiped_medium_leaves_the_box_of_those_to_destroy(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        let medium = bench.add(disk()).await.created()["medium"]["id"].as_str().unwrap().to_owned();
        let out = bench.post(&format!("media/{medium}/removal"), json!({"to": "destruction"})).await.ok();
        let code = out["medium"]["code"].as_str().unwrap().to_owned();
        bench.add(json!({"code": code})).await.refused(409, "wrong-state");
        bench.refurbisher.post_bytes("/api/v1/evidence", "text/plain", CLEAR.as_bytes().to_vec()).await.ok();
        assert_eq!(bench.add(json!({"code": code})).await.created()["event"], "medium_fitted");
    }

    /// A form whose only part is named as its client likes is a file as good as another.
    async fn the_one_part_of_a_form_is_the_file(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        let form = format!("--x\r\nContent-Disposition: form-data; name=\"log\"\r\n\r\n{CLEAR}\r\n--x--\r\n");
        let path = format!("/api/v1/devices/{}/evidence", bench.code);
        let read = bench.refurbisher.post_bytes(&path, "multipart/form-data; boundary=x", form.into_bytes()).await.ok();
        assert_eq!(read["recognised"], "nwipe_log");
    }

    /// Law 9: the tests of before a household used it don't make it « reconditionné » again.
    async fn function_tests_are_of_this_stay(app: TestApp) {
        let device = lent(&app).await;
        let bench = app.person(Role::Refurbisher).await;
        let tables = bench.get("/api/v1/checks").await.ok();
        let tests: Vec<Value> = tables["kinds"]["laptop"]["tests"].as_array().unwrap().iter()
            .map(|test| json!({"test": test, "outcome": "pass"}))
            .collect();
        device.comes_back(&app).await;
        let seen = bench.get(&format!("/api/v1/devices/{}", device.code)).await.ok();
        let medium = seen["media"][0]["id"].as_str().unwrap();
        let declared = json!({"method": "overwrite", "level": "clear", "tool": "dd", "verification": "last_pass", "result": "success"});
        bench.post(&format!("/api/v1/devices/{}/media/{medium}/sanitisations", device.code), declared).await.created();
        bench.post(&format!("/api/v1/devices/{}/media", device.code), json!({"complete": true})).await.created();
        let checks = format!("/api/v1/devices/{}/checks", device.code);
        // The background recorded the keyboard before the household had it.
        let rest: Vec<&Value> = tests.iter().filter(|test| test["test"] != "keyboard").collect();
        let checked = bench.post(&checks, json!({"locks_checked": true, "tests": rest})).await.created();
        assert_eq!(checked["tests"]["missing"], json!(["keyboard"]));
        scan(&bench, &device.code, "confirm_sanitisation").await.ok();
        let observed = json!({"observations": {"appearance": "clean", "screen": "clean"}});
        bench.post(&format!("/api/v1/devices/{}/gradings", device.code), observed).await.created();
        scan(&bench, &device.code, "make_ready").await.ok();
        let passport = async || -> Value {
            let request = axum::http::Request::builder()
                .uri(format!("/p/{}", device.code))
                .header("accept", "application/json")
                .body(axum::body::Body::empty())
                .unwrap();
            app.nobody().send(request).await.ok()
        };
        assert_eq!(passport().await["reconditioned"], false);
        bench.post(&checks, json!({"tests": [{"test": "keyboard", "outcome": "pass"}]})).await.created();
        assert_eq!(passport().await["reconditioned"], true);
    }

    async fn a_loose_medium_takes_its_history_along(app: TestApp) {
        let from = Bench::with(&app, None).await;
        let to = Bench::with(&app, None).await;
        let medium = from.add(disk()).await.created()["medium"]["id"].as_str().unwrap().to_owned();
        let out = from.post(&format!("media/{medium}/removal"), json!({"to": "stock"})).await.ok();
        let code = out["medium"]["code"].as_str().unwrap();
        to.add(json!({"none_seen": true})).await.created();
        scan(&to.refurbisher, &to.code, "confirm_sanitisation").await.ok();
        let fitted = to.add(json!({"code": code})).await.created();
        assert_eq!(fitted["event"], "medium_fitted");
        assert_eq!(fitted["stage"], "refurbishing");
        assert_eq!(fitted["open_media"], 1);
        assert_eq!(fitted["medium"]["id"], medium.as_str());
        to.add(json!({"code": code})).await.ok();
        from.add(json!({"code": code})).await.refused(409, "wrong-place");
    }

    async fn fitting_an_open_medium_races_make_ready_and_no_data_leaves(app: TestApp) {
        let bench = Bench::with(&app, Some("CND4TEST12")).await;
        bench.hand_in(SNAPSHOT).await.ok();
        bench.hand_in(CLEAR).await.ok();
        bench.all_but_ready().await;
        let donor = Bench::with(&app, None).await;
        let medium = donor.add(json!({"kind": "ssd", "serial": "S2"})).await.created()["medium"]["id"].as_str().unwrap().to_owned();
        let out = donor.post(&format!("media/{medium}/removal"), json!({"to": "stock"})).await.ok();
        let loose = out["medium"]["code"].as_str().unwrap().to_owned();
        let bench = Arc::new(bench);
        let mut all = tokio::task::JoinSet::new();
        for n in 0..16 {
            let (bench, loose) = (bench.clone(), loose.clone());
            all.spawn(async move {
                if n % 2 == 0 {
                    (true, bench.add(json!({"code": loose})).await)
                } else {
                    (false, scan(&bench.refurbisher, &bench.code, "make_ready").await)
                }
            });
        }
        let mut fitted = 0;
        while let Some(done) = all.join_next().await {
            let (fits, answer) = done.unwrap();
            assert!([200, 201, 409].contains(&answer.status()), "{}", answer.text());
            fitted += usize::from(fits && answer.status() == 201);
        }
        assert_eq!(fitted, 1);
        assert_eq!(app.count("select count(*) from device where stage = 'ready' and open_media > 0").await, 0);
        let wrong = "select count(*) from device d where open_media <> (select count(*) from medium m where m.device_id = d.id and m.open)";
        assert_eq!(app.count(wrong).await, 0);
    }

    async fn a_lock_keeps_a_device_from_being_ready_until_it_is_cleared(app: TestApp) {
        let bench = Bench::with(&app, Some("CND4TEST12")).await;
        bench.hand_in(SNAPSHOT).await.ok();
        bench.hand_in(CLEAR).await.ok();
        bench.all_but_ready().await;
        let locked = json!({"locks": [{"kind": "bios", "state": "open", "asked": "donor"}, {"kind": "bios", "state": "open"}]});
        assert_eq!(bench.post("checks", locked).await.created()["open_locks"], 1);
        let refused = scan(&bench.refurbisher, &bench.code, "make_ready").await.refused(409, "not-ready");
        assert_eq!(codes(&refused["missing"]), ["open-locks"]);
        let cleared = json!({"locks": [{"kind": "bios", "state": "cleared"}], "tests": [{"test": "keyboard", "outcome": "pass"}]});
        let cleared = bench.post("checks", cleared).await.created();
        assert_eq!(cleared["open_locks"], 0);
        assert_eq!(cleared["locks"][0]["asked"], "donor");
        scan(&bench.refurbisher, &bench.code, "make_ready").await.ok();
        let wrong = json!({"locks": [{"kind": "bios", "state": "open", "asked": "nobody"}], "tests": [{"test": "touch", "outcome": "pass"}, {"test": "keyboard", "outcome": "not_applicable"}]});
        let problem = bench.post("checks", wrong).await.refused(422, "invalid");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem:#}");
        bench.post("checks", json!({})).await.refused(422, "invalid");
    }

    async fn a_grade_is_computed_by_the_table_and_says_why(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        let table = bench.refurbisher.get("/api/v1/grading").await.ok();
        let observed = json!({"observations": {"appearance": "minor_wear", "screen": "clean", "battery": "83 %", "keyboard": "clean", "hinges": "firm", "missing_parts": "none"}});
        let graded = bench.post("gradings", observed).await.created();
        assert_eq!(graded["grade"], "B");
        assert_eq!(codes(&graded["reasons"]), ["appearance.minor_wear"]);
        assert_eq!(graded["table_version"], table["version"]);
        let problem = bench.post("gradings", json!({"observations": {"appearance": "superb", "stand": "firm"}})).await.refused(422, "invalid");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem:#}");
    }

    async fn the_bench_is_for_those_who_work_at_it(app: TestApp) {
        let code = laptop(&app, None).await;
        let refurbisher = app.person(Role::Refurbisher).await;
        // Still at the counter: the right organisation, no workshop.
        hand_in(&refurbisher, &code, SNAPSHOT.as_bytes()).await.refused(409, "not-a-workshop");
        scan(&refurbisher, &code, "receive").await.ok();
        let stranger = app.stranger(Role::Refurbisher).await;
        hand_in(&stranger, &code, SNAPSHOT.as_bytes()).await.refused(409, "site-foreign");
        for role in [Role::Coordinator, Role::SocialWorker, Role::Storekeeper] {
            let person = app.person(role).await;
            hand_in(&person, &code, SNAPSHOT.as_bytes()).await.refused(403, "forbidden");
        }
        assert_eq!(app.count("select count(*) from evidence").await, 0);
        hand_in(&refurbisher, &code, b"").await.refused(422, "invalid");
        hand_in(&refurbisher, &code, b"hello").await.refused(422, "invalid");
        hand_in(&refurbisher, &code, &vec![b' '; (8 << 20) + 1]).await.refused(413, "too-large");
        assert_eq!(app.count("select count(*) from evidence").await, 0);
    }

    async fn a_file_finds_its_device_by_its_disks_or_waits_in_the_inbox(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        let me = &bench.refurbisher;
        let post = async |file: &str| me.post_bytes("/api/v1/evidence", "text/plain", file.as_bytes().to_vec()).await;
        let waits = post(CLEAR).await.ok();
        assert_eq!(waits["matched"], json!([]));
        let id = waits["inbox"].as_str().unwrap().to_owned();
        assert_eq!(post(CLEAR).await.ok()["inbox"], id.as_str());
        me.sign_in().await;
        assert!(me.visit("/evidence").await.text().contains("6RX7TEST"));
        let stranger = app.stranger(Role::Refurbisher).await;
        let attach = format!("/api/v1/evidence/{id}/device");
        stranger.post(&attach, json!({"device": bench.code})).await.refused(404, "not-found");
        bench.add(disk()).await.created();
        let done = me.post(&attach, json!({"device": bench.code})).await.ok();
        assert_eq!(codes(&done["applied"]), ["sanitisation", "sanitised"]);
        me.post(&attach, json!({"device": bench.code})).await.refused(409, "stale");
        assert!(!me.visit("/evidence").await.text().contains("6RX7TEST"));
        // Another laptop, whose disk is on record before its log comes in.
        let other = Bench::with(&app, None).await;
        let mut second = disk();
        second["serial"] = json!("6RX7SECOND");
        other.add(second).await.created();
        let sorted = post(&CLEAR.replace("6RX7TEST", "6RX7SECOND")).await.ok();
        assert_eq!(sorted["inbox"], Value::Null);
        assert_eq!(sorted["matched"][0]["device"]["code"], other.code.as_str());
        assert_eq!(sorted["matched"][0]["device"]["stage"], "sanitised");
    }

    async fn a_pulled_disk_is_closed_by_its_serial_number(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        let medium = bench.add(disk()).await.created()["medium"]["id"].as_str().unwrap().to_owned();
        bench.post(&format!("media/{medium}/removal"), json!({"to": "stock"})).await.ok();
        let sorted = bench.refurbisher.post_bytes("/api/v1/evidence", "text/plain", CLEAR.as_bytes().to_vec()).await.ok();
        assert_eq!(sorted["inbox"], Value::Null, "{sorted:#}");
        assert_eq!(sorted["matched"][0]["medium"]["id"], medium.as_str());
        assert_eq!(app.count("select count(*) from medium where open").await, 0);
    }

    async fn the_pages_do_all_of_it_without_a_script(app: TestApp) {
        let bench = Bench::with(&app, None).await;
        let me = &bench.refurbisher;
        me.sign_in().await;
        let media = format!("/devices/{}/media", bench.code);
        let to = me.fill(&media, &media, &[("do", "add"), ("kind", "hdd"), ("serial", "6RX7TEST"), ("capacity", "160,041")]).await.leads();
        assert_eq!(to, media);
        let form = me.page(&media).await;
        let refused = me.submit(&form, &media, &[("do", "finish"), ("looked[main_bay]", "true")]).await;
        refused.is(422);
        assert!(refused.text().contains("Regardez aussi ici"));
        let places = ["main_bay", "second_bay", "m2_slot", "soldered", "card_slot", "sim_tray", "optical_drive"];
        let mut looked: Vec<(String, &str)> = places.iter().map(|p| (format!("looked[{p}]"), "true")).collect();
        looked.push(("do".to_owned(), "finish"));
        let looked: Vec<(&str, &str)> = looked.iter().map(|(n, v)| (n.as_str(), *v)).collect();
        let to = me.submit(&form, &media, &looked).await.leads();
        assert_eq!(to, format!("/devices/{}", bench.code));
        let evidence = format!("/devices/{}/evidence", bench.code);
        me.upload(&evidence, "forged", ABORTED.as_bytes()).await.is(403);
        let token = me.page(&evidence).await.csrf();
        let to = me.upload(&evidence, &token, ABORTED.as_bytes()).await.leads();
        let page = me.visit(&to).await.text();
        assert!(page.contains("Exécution interrompue"), "{page}");
        let to = me.upload(&evidence, &token, CLEAR.as_bytes()).await.leads();
        assert!(me.visit(&to).await.text().contains("Accepté"));
        me.upload(&evidence, &token, b"hello").await.is(422);
        let checks = format!("/devices/{}/checks", bench.code);
        me.fill(&checks, &checks, &[("locks_checked", "true"), ("locks[bios]", ""), ("tests[keyboard]", "pass")]).await.leads();
        let grading = format!("/devices/{}/grading", bench.code);
        me.fill(&grading, &grading, &[("observations[appearance]", "clean")]).await.is(422);
        me.fill(&grading, &grading, &[("observations[appearance]", "clean"), ("observations[screen]", "clean")]).await.leads();
        scan(me, &bench.code, "make_ready").await.ok();
    }

    /// Law 2: what was erased before a household had the disk says nothing of what the household left on it.
    async fn an_erasure_from_before_a_return_is_no_evidence_after_it(app: TestApp) {
        let bench = app.person(Role::Refurbisher).await;
        let device = lent(&app).await;
        let log = |ended: &str| {
            CLEAR
                .replace("6RX7TEST", &device.serial)
                .replace("ST3160815AS", "WD5000LPVX")
                .replace("160041885696", "500107862016")
                .replace("[2026/11/24 09:43:12]", &format!("[{ended}]"))
        };
        // Handed in while the device is away, by a stick whose clock is a month ahead.
        let early = log("2026/12/24 09:00:00");
        bench.post_bytes("/api/v1/evidence", "text/plain", early.clone().into_bytes()).await.ok();
        let back = device.comes_back(&app).await;
        assert_eq!(back["open_media"], 1);
        let code = &device.code;
        let cases = [
            // One hour before the return, by its own clock.
            (log("2026/11/24 10:00:00"), "before-return"),
            (early, "before-return"),
            (usody(&device.serial, None), "no-end"),
            (usody(&device.serial, Some(1_795_514_400)), "before-return"),
        ];
        for (file, reason) in cases {
            let read = hand_in(&bench, code, file.as_bytes()).await.ok();
            assert_eq!(reasons(&read), [reason], "{read:#}");
            assert_eq!(read["device"]["open_media"], 1, "{reason}");
        }
        // The same report, written again with other blanks, is another file with the same time.
        let indented = usody(&device.serial, Some(1_795_514_400)).replace(',', ",\n  ");
        assert_eq!(reasons(&hand_in(&bench, code, indented.as_bytes()).await.ok()), ["before-return"]);
        // Made since: 2026-11-24 at noon.
        let since = usody(&device.serial, Some(1_795_521_600));
        let read = hand_in(&bench, code, since.as_bytes()).await.ok();
        assert!(codes(&read["applied"]).contains(&"sanitisation"), "{read:#}");
        assert_eq!(read["device"]["open_media"], 0);
    }

    /// An erasure that seems older than the gift is asked about: sticks have wrong clocks, donors have old logs.
    async fn an_erasure_from_before_the_gift_is_asked_about(app: TestApp) {
        let bench = Bench::with(&app, Some("CND4TEST12")).await;
        bench.hand_in(SNAPSHOT).await.ok();
        let old = CLEAR.replace("2026/11/24", "2022/01/13");
        let read = bench.hand_in(&old).await.ok();
        assert_eq!(codes(&read["questions"]), ["before-donation"]);
        assert_eq!(read["questions"][0]["can_confirm"], true);
        assert_eq!(read["device"]["open_media"], 1);
        assert_eq!(app.count("select count(*) from sanitisation").await, 0);
        // The page asks the same, and its answer is taken.
        let me = &bench.refurbisher;
        me.sign_in().await;
        let (below, id) = (format!("/devices/{}/evidence", bench.code), read["id"].as_str().unwrap());
        // Both files came in the same moment: the page of this very one.
        let page = format!("{below}?file={id}");
        let shown = me.visit(&page).await.text();
        assert!(shown.contains("date d’avant le don") && shown.contains("À confirmer"), "{shown}");
        let answers = format!("{below}/{id}/answers");
        me.fill(&page, &answers, &[("confirm", "before-donation")]).await.leads();
        let device = me.get(&format!("/api/v1/devices/{}", bench.code)).await.ok();
        assert_eq!(device["stage"], "sanitised");
    }

    async fn real_files_of_real_machines(app: TestApp) {
        let Some(folder) = fixtures("real_files_of_real_machines") else {
            return;
        };
        let refurbisher = app.person(Role::Refurbisher).await;
        let cases = [
            ("ereuse/wb-11-12/hp-probook-450-g2_erase-sectors.json", "sanitised", 1),
            ("ereuse/wb-11-12/hp-dc7900_three-disks.json", "intake", 3),
            ("ereuse/wb-11-12/lenovo-2988D6G_erase-basic.json", "intake", 1),
            ("ereuse/wbscript-2024-26/dell-latitude-e7240_native.json", "intake", 2),
            ("ereuse/wb-10-and-older/school-lot-2015-12-09_22.json", "intake", 1),
        ];
        for (file, stage, media) in cases {
            let code = laptop(&app, None).await;
            scan(&refurbisher, &code, "receive").await.ok();
            let bytes = std::fs::read(folder.join(file)).unwrap();
            let mut read = hand_in(&refurbisher, &code, &bytes).await.ok();
            if codes(&read["questions"]).contains(&"before-donation") {
                let path = format!("/api/v1/devices/{code}/evidence/{}/answers", read["id"].as_str().unwrap());
                read = refurbisher.post(&path, json!({"confirm": ["before-donation"]})).await.ok();
            }
            assert_eq!(read["device"]["stage"], stage, "{file}");
            assert_eq!(read["device"]["media"].as_array().unwrap().len(), media, "{file}");
            assert_eq!(read["device"]["media_known"], true, "{file}");
        }
    }
}

/// The folder of files from real machines; says which story is skipped where there is none.
#[expect(clippy::print_stderr, reason = "a skipped story is named")]
pub(crate) fn fixtures(story: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("REBOND_FIXTURES").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"),
        PathBuf::from,
    );
    if !folder.is_dir() {
        eprintln!("skipped: {story}, no real files at {}", folder.display());
        return None;
    }
    Some(folder)
}
