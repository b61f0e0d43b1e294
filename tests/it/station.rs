//! The station: scans, each counted once, each with its own fate.

use std::sync::Arc;

use chrono::TimeDelta;
use entities::enums::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Client, TestApp};

/// A scan with an id of its own.
fn scan(code: &str, action: Option<&str>) -> Value {
    json!({"scan_id": Uuid::new_v4(), "code": code, "action": action, "site": "montpellier-atelier"})
}

async fn send(person: &Client, scan: &Value) -> Answer {
    person.post("/api/v1/scans", scan.clone()).await
}

/// One scan that must be recorded.
async fn step(person: &Client, code: &str, action: &str) -> Value {
    let done = send(person, &scan(code, Some(action))).await.ok();
    assert_eq!(done["outcome"], "recorded", "{done:#}");
    done
}

async fn lines(app: &TestApp, code: &str) -> i64 {
    let query = format!(
        "select count(*) from custody_event where item_id = (select id from device where code = '{code}')"
    );
    app.count(&query).await
}

both_databases! {
    /// The same scan sent again answers what became of it, and counts once.
    async fn a_scan_sent_again_counts_once(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let code = app.device().build().await.code;
        let first = scan(&code, Some("start_sanitisation"));
        let before = lines(&app, &code).await;
        let done = send(&person, &first).await.ok();
        assert_eq!(done["outcome"], "recorded");
        assert_eq!(done["device"]["status"], "sanitising");
        assert_eq!(done["event"]["event"], "sanitisation_started");
        for _ in 0..3 {
            let again = send(&person, &first).await.ok();
            assert_eq!(again["outcome"], "already_recorded");
            assert_eq!(again["event"], done["event"]);
        }
        assert_eq!(lines(&app, &code).await, before + 1);
        let mut other = first.clone();
        other["action"] = json!("start_refurbishment");
        send(&person, &other).await.refused(409, "id-reused");
        let colleague = app.person(Role::Refurbisher).await;
        send(&colleague, &first).await.refused(409, "id-reused");
        assert_eq!(lines(&app, &code).await, before + 1);
    }

    /// Two of the same scan at once: one is recorded, the other answers the stored outcome.
    async fn the_same_scan_twice_at_once_is_one_scan(app: TestApp) {
        let person = Arc::new(app.person(Role::Refurbisher).await);
        let code = app.device().at(&app.world.warehouse).build().await.code;
        let before = lines(&app, &code).await;
        for action in ["receive", "start_sanitisation"] {
            let same = scan(&code, Some(action));
            let tries: Vec<_> = (0..8)
                .map(|_| {
                    let (person, same) = (Arc::clone(&person), same.clone());
                    tokio::spawn(async move { send(&person, &same).await.ok() })
                })
                .collect();
            let mut recorded = 0;
            for one in tries {
                let outcome = one.await.unwrap()["outcome"].clone();
                recorded += i32::from(outcome == "recorded");
                assert!(outcome == "recorded" || outcome == "already_recorded", "{outcome}");
            }
            assert_eq!(recorded, 1, "{action}");
        }
        assert_eq!(lines(&app, &code).await, before + 2);
    }

    /// Another scan that asks for what has just been done is amber, not red, and writes nothing.
    async fn a_rescan_is_already_recorded(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let code = app.device().build().await.code;
        let done = step(&person, &code, "start_sanitisation").await;
        let before = lines(&app, &code).await;
        let again = send(&person, &scan(&code, Some("start_sanitisation"))).await.ok();
        assert_eq!(again["outcome"], "already_recorded");
        assert_eq!(again["event"], done["event"]);
        assert_eq!(lines(&app, &code).await, before);
    }

    /// A refused scan is kept: the same scan is refused the same way, even when it could pass now.
    async fn a_refused_scan_stays_refused(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let code = app.device().build().await.code;
        let refused = scan(&code, Some("make_ready"));
        let first = send(&person, &refused).await.refused(409, "wrong-state");
        let again = send(&person, &refused).await.refused(409, "wrong-state");
        assert_eq!(first, again);
        let early = scan(&code, Some("stop_sanitisation"));
        let first = send(&person, &early).await.refused(422, "invalid");
        assert_eq!(first["errors"][0]["pointer"], "#/data/reason");
        step(&person, &code, "start_sanitisation").await;
        assert_eq!(send(&person, &early).await.refused(422, "invalid"), first);
        let mut with_reason = scan(&code, Some("stop_sanitisation"));
        with_reason["data"] = json!({"reason": "parce que"});
        send(&person, &with_reason).await.refused(422, "invalid");
        with_reason["scan_id"] = json!(Uuid::new_v4());
        with_reason["data"] = json!({"reason": "disk_faulty"});
        let done = send(&person, &with_reason).await.ok();
        assert_eq!(done["event"]["data"]["reason"], "disk_faulty");
        let kept = app.count("select count(*) from scan where outcome = 'refused'").await;
        assert_eq!(kept, 3);
    }

    /// One scans where one works, what is on the books there, and what one's role does.
    async fn one_scans_at_one_s_own_site(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let stranger = app.stranger(Role::Refurbisher).await;
        let agent = app.person(Role::CollectionAgent).await;
        let code = app.device().at(&app.world.counter).build().await.code;
        let mut start = scan(&code, Some("start_sanitisation"));
        send(&stranger, &start).await.refused(409, "site-foreign");
        start["scan_id"] = json!(Uuid::new_v4());
        start["site"] = json!("nulle-part");
        send(&person, &start).await.refused(404, "not-found");
        let elsewhere = send(&person, &scan(&code, Some("start_sanitisation")))
            .await
            .refused(409, "wrong-place");
        assert_eq!(elsewhere["missing"][0]["code"], "receive-first");
        step(&person, &code, "receive").await;
        send(&agent, &scan(&code, Some("start_sanitisation"))).await.refused(403, "forbidden");
        step(&person, &code, "start_sanitisation").await;
        let warehouse = app
            .person_at(Role::Refurbisher, &app.world.association, Some(&app.world.warehouse))
            .await;
        let other = app.device().at(&app.world.warehouse).build().await.code;
        let mut start = scan(&other, Some("start_sanitisation"));
        start["site"] = Value::Null;
        send(&warehouse, &start).await.refused(409, "not-a-workshop");
    }

    /// A label is read in any form: case, dashes, address, an AZERTY keyboard; a misread one is told so.
    async fn a_label_is_read_in_any_form(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let code = app.device().build().await.code;
        let azerty: String = code
            .chars()
            .map(|c| c.to_digit(10).map_or(c, |d| ['à', '&', 'é', '"', '\'', '(', '-', 'è', '_', 'ç'][d as usize]))
            .collect();
        let readings = [
            code.to_lowercase(),
            format!("{}-{}", &code[..4], &code[4..]),
            format!(" {} {} ", &code[..4], &code[4..]),
            format!("https://rebond.example/p/{code}"),
            format!("HTTPS://REBOND.EXAMPLE/P/{code}"),
            azerty,
        ];
        for reading in readings {
            let shown = send(&person, &scan(&reading, None)).await.ok();
            assert_eq!(shown["outcome"], "shown");
            assert_eq!(shown["device"]["code"], *code, "{reading}");
            assert_eq!(shown["event"], Value::Null);
        }
        let wrong = if code.ends_with('0') { '1' } else { '0' };
        let misread = format!("{}{wrong}", &code[..7]);
        send(&person, &scan(&misread, None)).await.refused(422, "wrong-check-character");
        send(&person, &scan("bonjour", None)).await.refused(404, "unknown-code");
        let typed = app.count("select count(*) from scan where code = 'bonjour'").await;
        assert_eq!(typed, 0, "what is no code may be anything somebody typed");
    }

    /// In a batch each scan has its own fate: a malformed or refused one stops no other.
    async fn a_batch_tells_the_fate_of_each(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let mut codes = Vec::new();
        for _ in 0..10 {
            codes.push(app.device().build().await.code);
        }
        let mut scans: Vec<Value> =
            codes.iter().map(|c| scan(c, Some("start_sanitisation"))).collect();
        scans.push(scan(&codes[0], Some("make_ready")));
        scans.push(json!({"scan_id": "x", "code": codes[1]}));
        scans.push(scans[2].clone());
        let done = person.post("/api/v1/scans/batch", json!({"scans": scans})).await.ok();
        let results = done["results"].as_array().unwrap();
        assert_eq!(results.len(), 13);
        for (result, scan) in results.iter().zip(&scans).take(10) {
            assert_eq!(result["outcome"], "recorded", "{result:#}");
            assert_eq!(result["scan_id"], scan["scan_id"]);
            assert_eq!(result["problem"], Value::Null);
        }
        assert_eq!(results[10]["outcome"], "refused");
        assert_eq!(results[10]["problem"]["type"], "/problems/wrong-state");
        assert_eq!(results[11]["problem"]["errors"][0]["pointer"], "#/scan_id");
        assert_eq!(results[12]["outcome"], "already_recorded");
        let many: Vec<Value> = (0..501).map(|_| scan(&codes[0], None)).collect();
        person.post("/api/v1/scans/batch", json!({"scans": many})).await.refused(422, "invalid");
    }

    /// What is said to be allowed is what the next scan does, wherever one stands.
    async fn next_actions_know_where_one_stands(app: TestApp) {
        let bench = app.person(Role::Refurbisher).await;
        let keeper = app.person(Role::Storekeeper).await;
        let code = app.device().at(&app.world.warehouse).build().await.code;
        let next = |device: &Value, action: &str| {
            let all = device["next_actions"].as_array().unwrap();
            all.iter().find(|n| n["action"] == action).cloned()
        };
        // At the warehouse, seen from the workshop: only receiving is said to be allowed.
        let path = format!("/api/v1/devices/{code}");
        let seen = bench.get(&path).await.ok();
        assert_eq!(next(&seen, "receive").unwrap()["allowed"], true);
        let start = next(&seen, "start_sanitisation").unwrap();
        assert_eq!((&start["allowed"], &start["missing"][0]["code"]), (&json!(false), &json!("receive-first")));
        send(&bench, &scan(&code, Some("start_sanitisation"))).await.refused(409, "wrong-place");
        bench.sign_in().await;
        let page = bench.visit(&format!("/devices/{code}")).await.text();
        assert!(page.contains("value=\"receive\"") && !page.contains("Réceptionnez-le d’abord"), "{page}");
        // Standing in the warehouse, where it is: no workshop, and nothing to receive.
        let mut there = scan(&code, None);
        there["site"] = json!("montpellier-magasin");
        let shown = send(&bench, &there).await.ok();
        assert_eq!(next(&shown, "receive"), None);
        assert_eq!(next(&shown, "start_sanitisation").unwrap()["missing"][0]["code"], "not-a-workshop");
        // Received where it is, it came before: no second line, and nothing to take back.
        let before = lines(&app, &code).await;
        let mut again = scan(&code, Some("receive"));
        again["site"] = json!("montpellier-magasin");
        let again = send(&keeper, &again).await.ok();
        assert_eq!((&again["outcome"], &again["event"]["event"]), (&json!("already_recorded"), &json!("moved")));
        assert_eq!(lines(&app, &code).await, before);
        // A scan lists what its author can take back, as the device's own page does.
        let received = step(&bench, &code, "receive").await;
        assert_eq!(next(&received, "undo").unwrap()["allowed"], true);
        assert_eq!(received["next_actions"], bench.get(&path).await.ok()["next_actions"]);
        assert_eq!(next(&received, "start_sanitisation").unwrap()["allowed"], true);
        step(&bench, &code, "start_sanitisation").await;
    }

    /// A claimed moment is kept between the birth of the device and now, and the answer says when it was not.
    async fn a_claimed_moment_is_bounded(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let code = app.device().build().await.code;
        app.pass(TimeDelta::hours(2));
        let claimed = |at: &str, action: &str| {
            let mut scan = scan(&code, Some(action));
            scan["occurred_at"] = json!(at);
            scan
        };
        let elsewhere = async || {
            let mut scan = scan(&code, Some("receive"));
            scan["site"] = json!("montpellier-magasin");
            send(&person, &scan).await.ok();
        };
        elsewhere().await;
        let honest = send(&person, &claimed("2026-11-24T10:30:00Z", "receive")).await.ok();
        assert_eq!(honest["event"]["occurred_at"], "2026-11-24T10:30:00.000Z");
        assert_eq!(honest["occurred_at_adjusted"], false);
        elsewhere().await;
        let ahead = send(&person, &claimed("2031-01-01T00:00:00Z", "receive")).await.ok();
        assert_eq!(ahead["event"]["occurred_at"], ahead["event"]["recorded_at"]);
        assert_eq!(ahead["occurred_at_adjusted"], true);
        elsewhere().await;
        let long_ago = send(&person, &claimed("1999-01-01T00:00:00Z", "receive")).await.ok();
        assert_eq!(long_ago["event"]["occurred_at"], long_ago["device"]["registered_at"]);
        assert_eq!(long_ago["occurred_at_adjusted"], true);
    }

    /// One takes back one's own last step within minutes; nobody else's.
    async fn one_s_own_last_step_is_taken_back(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let colleague = app.person(Role::Refurbisher).await;
        let code = app.device().build().await.code;
        step(&person, &code, "start_sanitisation").await;
        send(&colleague, &scan(&code, Some("undo"))).await.refused(409, "nothing-to-undo");
        let undone = step(&person, &code, "undo").await;
        assert_eq!(undone["device"]["stage"], "intake");
        assert_eq!(undone["event"]["data"]["event"], "sanitisation_started");
        step(&person, &code, "start_sanitisation").await;
        app.pass(TimeDelta::minutes(30));
        send(&person, &scan(&code, Some("undo"))).await.refused(409, "nothing-to-undo");
    }

    /// What is missing keeps its stage, opens a breach case when data may be on it, and comes back to the site that scans.
    async fn what_is_missing_comes_back_where_it_is_scanned(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let lead = app.person(Role::WorkshopLead).await;
        let stranger = app.stranger(Role::WorkshopLead).await;
        let code = app.device().inventoried().build().await.code;
        let mut foreign = scan(&code, Some("declare_missing"));
        foreign["site"] = Value::Null;
        send(&stranger, &foreign).await.refused(409, "site-foreign");
        let lost = step(&lead, &code, "declare_missing").await;
        assert_eq!(lost["device"]["status"], "missing");
        assert_eq!(lost["device"]["stage"], "intake");
        assert_eq!(app.count("select count(*) from breach_case").await, 1);
        let next: Vec<&str> = lost["next_actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n["action"].as_str().unwrap())
            .collect();
        assert_eq!(next, ["find"]);
        let found = step(&person, &code, "find").await;
        assert_eq!(found["device"]["custody"]["site"], "montpellier-atelier");
        // Finding it settles nothing: a coordinator says, once and by name, whether anybody was at risk.
        let open = "select count(*) from breach_case where closed_at is null";
        assert_eq!(app.count(open).await, 1);
        let coordinator = app.person(Role::Coordinator).await;
        coordinator.sign_in().await;
        let page = coordinator.page("/breaches").await;
        assert!(page.says("introuvable, des données peuvent y être"));
        let door = page
            .html()
            .split("action=\"")
            .find(|rest| rest.starts_with("/breaches/"))
            .and_then(|rest| rest.split('"').next())
            .unwrap()
            .to_owned();
        coordinator.fill("/breaches", &door, &[]).await.is(422);
        coordinator.fill("/breaches", &door, &[("outcome", "no_risk")]).await.is(303);
        coordinator.fill("/breaches", &door, &[("outcome", "notified")]).await.is(409);
        assert_eq!(app.count(open).await, 0);
        assert!(coordinator.page("/breaches").await.says("sans risque pour les personnes"));
        let wiped = app.device().ready().build().await.code;
        step(&lead, &wiped, "declare_missing").await;
        assert_eq!(app.count("select count(*) from breach_case").await, 1);
    }

    /// Ready says all that is missing at once, and names the law.
    async fn ready_says_all_that_is_missing(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let bare = app.device().inventoried().build().await.code;
        step(&person, &bare, "start_refurbishment").await;
        let refused = send(&person, &scan(&bare, Some("make_ready"))).await.refused(409, "not-ready");
        let missing: Vec<&str> = refused["missing"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["code"].as_str().unwrap())
            .collect();
        for code in ["open-media", "grade", "locks-unchecked"] {
            assert!(missing.contains(&code), "{missing:?}");
        }
        let checked = app.device().checked().build().await.code;
        let ready = step(&person, &checked, "make_ready").await;
        assert_eq!(ready["device"]["status"], "ready");
        send(&person, &scan(&checked, Some("reopen"))).await.refused(403, "forbidden");
        let lead = app.person(Role::WorkshopLead).await;
        let reopened = step(&lead, &checked, "reopen").await;
        assert_eq!(reopened["device"]["grade"], Value::Null);
    }

    /// The station works without a script: a form, one result, and the same scan once.
    async fn the_station_works_without_a_script(app: TestApp) {
        let person = app.person(Role::Refurbisher).await;
        let code = app.device().build().await.code;
        person.sign_in().await;
        let page = person.page("/station?mode=start_sanitisation").await;
        let action = "/station/scan?mode=start_sanitisation";
        let before = lines(&app, &code).await;
        let done = person.submit(&page, action, &[("code", &code)]).await;
        done.is(200);
        assert!(done.page().says("Effacement lancé"), "{}", done.text());
        let again = person.submit(&page, action, &[("code", &code)]).await;
        assert!(again.page().says("Déjà fait"), "{}", again.text());
        assert_eq!(lines(&app, &code).await, before + 1);
        let forged = person.post_form(action, &[("csrf", "x"), ("code", &code), ("action", "undo")]).await;
        forged.is(403);
        let button = format!("/devices/{code}/actions");
        let undone = person
            .fill(&format!("/devices/{code}"), &button, &[("action", "undo")])
            .await;
        assert_eq!(undone.leads(), format!("/devices/{code}"));
        assert!(person.page(&format!("/devices/{code}")).await.says("Annulé"));
        assert_eq!(lines(&app, &code).await, before + 2);
    }
}
