//! Need: filed, decided at once, shown to those who serve it and to nobody else.

use entities::enums::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::races::{MANY, at_once, with};
use crate::support::Client;

/// A mother and her child, without any resources said.
pub(crate) fn need(family_name: &str, kind: &str) -> Value {
    json!({
        "household": {
            "people": [
                {"birth_date": "1984-05-02", "family_name": family_name, "given_name": "Amina", "relation": "applicant"},
                {"birth_date": "2015-01-09", "family_name": family_name, "given_name": "Lina", "relation": "child"}
            ],
            "commune": "34032", "language": "fr",
            "contact": {"phone": "06 12 34 56 78", "email": null, "channel": "text"}
        },
        "resources": {"net_monthly_cents": null, "quotient_familial": null, "low_income_status": false},
        "evidence": [],
        "need": {"kind": kind, "use": "schooling"}
    })
}

/// The same with a benefit that was seen: eligible at once, 20 euros.
pub(crate) fn eligible(family_name: &str, kind: &str) -> Value {
    let mut body = need(family_name, kind);
    body["resources"]["low_income_status"] = json!(true);
    body["evidence"] = json!([{"kind": "low_income_status", "seen_on": "2026-11-20", "valid_until": "2027-02-20"}]);
    body
}

/// Files a request that waits at once; answers its reference.
pub(crate) async fn waiting(who: &Client, family_name: &str, kind: &str) -> String {
    let filed = who
        .post("/api/v1/requests", eligible(family_name, kind))
        .await
        .created();
    assert_eq!(filed["status"], "waiting", "{filed:#}");
    filed["reference"].as_str().unwrap().to_owned()
}

fn codes(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect()
}

both_databases! {
    async fn a_proved_status_is_eligible_at_once_with_its_reasons(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let filed = who.post("/api/v1/requests", eligible("Benali", "laptop")).await.created();
        assert!(filed["reference"].as_str().unwrap().starts_with("R-2026-"));
        assert_eq!(filed["status"], "waiting");
        let decision = &filed["decision"];
        assert_eq!(decision["outcome"], "eligible");
        assert_eq!(decision["contribution_cents"], 2000);
        assert_eq!(decision["decided_by"], Value::Null);
        assert!(codes(&decision["reasons"]).contains(&"status_proved"), "{decision:#}");
        assert!(decision["policy_version"].as_str().unwrap().starts_with("herault-"));
        assert!(decision["algorithm"].as_str().unwrap().contains("L. 311-3-1"));
        assert_eq!(app.count("select count(*) from need_evidence").await, 1);
        assert_eq!(app.count("select count(*) from message where kind = 'decided'").await, 1);
    }

    async fn a_missing_proof_is_a_question_and_never_a_refusal(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let filed = who.post("/api/v1/requests", need("Benali", "laptop")).await.created();
        assert_eq!(filed["status"], "needs_review");
        assert_eq!(filed["decision"]["outcome"], "needs_review");
        assert!(!filed["decision"]["missing"].as_array().unwrap().is_empty());
    }

    async fn a_refusal_bears_the_name_of_a_human_who_did_not_file(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let mut body = need("Benali", "laptop");
        body["resources"]["net_monthly_cents"] = json!(900_000);
        body["evidence"] = json!([{"kind": "resources", "seen_on": "2026-11-20", "valid_until": "2027-02-20"}]);
        let filed = who.post("/api/v1/requests", body).await.created();
        assert_eq!(filed["status"], "needs_review", "the machine proposes, it does not refuse");
        assert!(codes(&filed["decision"]["reasons"]).contains(&"refusal_proposed"));

        let path = format!("/api/v1/requests/{}/decision", filed["reference"].as_str().unwrap());
        let refusal = json!({"outcome": "not_eligible", "reason": "resources_too_high"});
        who.post(&path, refusal.clone()).await.refused(403, "forbidden");
        let coordinator = app.person(Role::Coordinator).await;
        let wrong = json!({"outcome": "not_eligible", "reason": "proof_seen"});
        coordinator.post(&path, wrong).await.refused(422, "invalid");
        let decided = coordinator.post(&path, refusal.clone()).await.ok();
        assert_eq!(decided["status"], "not_eligible");
        assert_eq!(decided["decision"]["decided_by"], coordinator.account().display_name.as_str());
        assert_eq!(codes(&decided["decision"]["reasons"])[0], "resources_too_high");
        assert_eq!(decided["decision"]["contribution_cents"], Value::Null);
        coordinator.post(&path, refusal).await.refused(409, "already-decided");
        assert_eq!(app.count("select count(*) from decision").await, 2);
        app.verified().await;
    }

    async fn the_same_form_twice_is_one_request(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let mut body = eligible("Benali", "laptop");
        body["id"] = json!(Uuid::new_v4());
        let first = who.post("/api/v1/requests", body.clone()).await.created();
        let again = who.post("/api/v1/requests", body.clone()).await.ok();
        assert_eq!(first, again);
        body["need"]["use"] = json!("other");
        who.post("/api/v1/requests", body).await.refused(409, "id-reused");
        assert_eq!(app.count("select count(*) from request").await, 1);
        assert_eq!(app.count("select count(*) from household").await, 1);
    }

    async fn the_same_form_many_times_at_once_is_one_request(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let mut body = eligible("Benali", "laptop");
        body["id"] = json!(Uuid::new_v4());
        let posts = (0..MANY)
            .map(|_| (who.again(), "/api/v1/requests".to_owned(), body.clone()))
            .collect();
        let answers = at_once(posts).await;
        assert_eq!(with(&answers, 201), 1);
        assert_eq!(with(&answers, 200), MANY - 1);
        assert_eq!(app.count("select count(*) from request").await, 1);
        assert_eq!(app.count("select count(*) from household").await, 1);
    }

    async fn only_its_own_service_and_a_queue_open_a_file(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let reference = waiting(&who, "Benali", "laptop").await;
        let path = format!("/api/v1/requests/{reference}");
        let reads = async || app.count("select count(*) from read_record").await;
        let before = reads().await;
        who.get(&path).await.ok();
        app.person(Role::SocialWorker).await.get(&path).await.ok();
        // It waits: a coordinator sees the request, and its file stays closed.
        app.person(Role::Coordinator).await.get(&path).await.ok();
        assert_eq!(reads().await, before + 2, "each opening is recorded");
        app.stranger(Role::SocialWorker).await.get(&path).await.refused(404, "not-found");
        for role in [Role::Refurbisher, Role::WorkshopLead, Role::Administrator, Role::Auditor, Role::Mediator] {
            app.person(role).await.get(&path).await.refused(403, "forbidden");
        }
        assert_eq!(reads().await, before + 2);

        // Out of every queue, a coordinator no longer opens it.
        who.post(&format!("{path}/withdraw"), json!({})).await.ok();
        app.person(Role::Coordinator).await.get(&path).await.refused(404, "not-found");
        let listed = who.get("/api/v1/requests").await.ok();
        assert_eq!(listed["items"][0]["status"], "withdrawn");
        assert_eq!(app.stranger(Role::SocialWorker).await.get("/api/v1/requests").await.ok()["items"], json!([]));
    }

    async fn nothing_personal_lies_in_clear(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let mut body = eligible("Zorglubénali", "laptop");
        body["resources"]["net_monthly_cents"] = json!(98_765);
        who.post("/api/v1/requests", body).await.created();
        for column in ["family_name", "given_name", "birth_date", "blind_index"] {
            let query = format!("select count(*) from person where {column} is not null and length({column}) > 24");
            assert_eq!(app.count(&query).await, 2, "{column} is sealed");
        }
        let words = "reason_codes || missing || bands";
        let query = format!("select count(*) from decision where {words} like '%987%' or {words} like '%Zorg%'");
        assert_eq!(app.count(&query).await, 0);
        if !app.db.is_postgres() {
            let folder = app.folder.path();
            for file in std::fs::read_dir(folder).unwrap().flatten() {
                let bytes = std::fs::read(file.path()).unwrap_or_default();
                let found = bytes.windows(8).any(|part| part == b"Zorglub\xc3" || part == b"98765432");
                assert!(!found, "{}", file.path().display());
            }
        }
    }

    async fn a_file_that_looks_like_another_goes_to_a_coordinator(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        waiting(&who, "Ben-Ali", "laptop").await;
        let other = app.stranger(Role::SocialWorker).await;
        let filed = other.post("/api/v1/requests", eligible("BEN ALI", "tablet")).await.created();
        assert_eq!(filed["status"], "needs_review");
        assert!(codes(&filed["decision"]["reasons"]).contains(&"possible_duplicate"));
        assert_eq!(app.count("select count(*) from household_link where verdict = 'candidate'").await, 1);

        let coordinator = app.person(Role::Coordinator).await;
        let path = format!("/api/v1/requests/{}/decision", filed["reference"].as_str().unwrap());
        let answer = json!({"outcome": "eligible", "reason": "distinct_household"});
        let decided = coordinator.post(&path, answer).await.ok();
        assert_eq!(decided["status"], "waiting");
        assert_eq!(app.count("select count(*) from household_link where verdict = 'different'").await, 1);
    }

    async fn a_social_security_number_is_refused_wherever_it_is_typed(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let mut body = eligible("Benali", "laptop");
        body["household"]["people"][0]["family_name"] = json!("Benali 2 84 05 34 172 001");
        let problem = who.post("/api/v1/requests", body).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "#/household/people/0/family_name");
        let mut body = eligible("Benali", "laptop");
        body["household"]["contact"]["postal_address"] = json!("1 rue X\n284053417200123");
        body["household"]["commune"] = json!("Béziers");
        body["household"]["people"][1]["birth_date"] = json!("2031-01-01");
        who.post("/api/v1/requests", body).await.refused(422, "invalid");
        assert_eq!(app.count("select count(*) from household").await, 0);
    }

    async fn a_desktop_brings_the_request_of_its_screen(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let filed = who.post("/api/v1/requests", eligible("Benali", "desktop")).await.created();
        let screen = filed["companion"].as_str().unwrap();
        let shown = who.get(&format!("/api/v1/requests/{screen}")).await.ok();
        assert_eq!(shown["need"]["kind"], "monitor");
        assert_eq!(shown["status"], "waiting");
        assert_eq!(shown["decision"]["contribution_cents"], 0);
        assert_eq!(shown["companion_of"], filed["reference"]);
        let path = format!("/api/v1/requests/{}/withdraw", filed["reference"].as_str().unwrap());
        who.post(&path, json!({})).await.ok();
        assert_eq!(app.count("select count(*) from request where status = 'withdrawn'").await, 2);
    }

    async fn the_form_previews_without_writing_and_files_with_its_letter(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        who.sign_in().await;
        let page = who.page("/requests/new").await;
        let fields = page.html().matches("<input").count()
            + page.html().matches("<select").count()
            + page.html().matches("<textarea").count()
            - page.html().matches("type=\"hidden\"").count()
            - page.html().matches("type=\"radio\"").count();
        assert!(fields + 2 <= 20, "{fields} fields and two groups of keys");
        let typed = [
            ("household[people][0][relation]", "applicant"),
            ("household[people][0][given_name]", "Amina"),
            ("household[people][0][family_name]", "Benali"),
            ("household[people][0][birth_date]", "1984-05-02"),
            ("household[commune]", "Béziers"),
            ("household[language]", "fr"),
            ("household[contact][channel]", "text"),
            ("household[contact][phone]", "0612345678"),
            ("resources[net_monthly]", "754,50"),
            ("resources[seen]", "true"),
            ("need[kind]", "laptop"),
            ("need[use]", "job_search"),
        ];
        let mut sent = typed.to_vec();
        let token = page.csrf();
        sent.push(("csrf", &token));
        let answer = who.post_form("/requests/preview", &sent).await;
        answer.is(200);
        assert!(answer.text().contains("Éligible"), "{}", answer.text());
        assert!(answer.text().contains("20\u{a0}€"), "{}", answer.text());
        assert_eq!(app.count("select count(*) from household").await, 0);

        let wrong = [("household[people][0][birth_date]", "2031-05-02"), ("household[people][0][given_name]", "Amina")];
        let refused = who.submit(&page, "/requests/new", &wrong).await;
        refused.is(422);
        assert!(refused.text().contains("Amina"), "what was typed is kept");

        let to = who.submit(&page, "/requests/new", &typed).await.leads();
        let shown = who.page(&to).await;
        for words in ["Amina Benali", "en attente d’un équipement", "L. 311-3-1"] {
            assert!(shown.says(words), "{words}");
        }
        let letter = who.visit(&format!("{to}/decision.pdf")).await;
        letter.is(200);
        assert!(letter.bytes().starts_with(b"%PDF"));
        assert!(who.page("/requests").await.says("Amina Benali"));
        app.stranger(Role::SocialWorker).await.sign_in().await;
    }

    async fn a_coordinator_decides_from_the_queue(app: TestApp) {
        let who = app.person(Role::SocialWorker).await;
        let filed = who.post("/api/v1/requests", need("Benali", "laptop")).await.created();
        let reference = filed["reference"].as_str().unwrap();
        app.pass(chrono::TimeDelta::days(46));
        let coordinator = app.person(Role::Coordinator).await;
        coordinator.sign_in().await;
        let queue = coordinator.page("/queue").await;
        assert!(queue.says(reference) && queue.says("45 jours"));
        let path = format!("/queue/{reference}");
        let action = format!("{path}/decision");
        let file = coordinator.page(&path).await;
        coordinator.submit(&file, &action, &[("outcome", "eligible"), ("reason", "")]).await.is(422);
        let to = coordinator.submit(&file, &action, &[("outcome", "eligible"), ("reason", "proof_seen")]).await.leads();
        assert_eq!(to, "/queue");
        let shown = who.get(&format!("/api/v1/requests/{reference}")).await.ok();
        assert_eq!(shown["status"], "waiting");
        assert_eq!(shown["decision"]["contribution_cents"], 2000, "nothing known: the flat price");
    }
}
