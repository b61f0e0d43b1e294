//! Giving: the counter, its receipt and its labels.

use axum::http::header;
use entities::enums::Role;
use entities::{device_code, donor};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestApp};

/// A laptop of a company, as the contract shows it.
fn gift() -> Value {
    json!({
        "site": "beziers-collecte",
        "donor": {"kind": "company", "name": "Cave des Vignerons", "email": "parc@example.org", "siret": null},
        "consent_to_erasure": true,
        "devices": [{
            "kind": "laptop", "make": "Lenovo", "model": "ThinkPad T440", "serial": "PF0QMY5N",
            "asset_tag": "INV-0042", "condition": "working", "code": null,
        }],
        "accessories": [{"kind": "charger", "count": 1}],
    })
}

fn with(mut gift: Value, field: &str, value: Value) -> Value {
    gift[field] = value;
    gift
}

async fn give(person: &Client, gift: Value) -> Answer {
    person.post("/api/v1/donations", gift).await
}

fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().unwrap();
    errors
        .iter()
        .map(|e| e["pointer"].as_str().unwrap())
        .collect()
}

/// Blank codes, drawn by printing a sheet of them.
async fn blanks(app: &TestApp, person: &Client, count: u32) -> Vec<String> {
    person
        .post("/api/v1/labels", json!({"blank": count}))
        .await
        .is(200);
    let rows = device_code::Entity::find()
        .all(app.db.read())
        .await
        .unwrap();
    rows.into_iter()
        .filter(|row| row.device_id.is_none())
        .map(|row| row.code)
        .collect()
}

both_databases! {
    async fn a_gift_makes_a_device_with_its_code_journal_and_receipt(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let given = give(&agent, gift()).await.created();
        assert_eq!(given["reference"], "D-2026-000001");
        assert_eq!(given["status"], "open");
        assert_eq!(given["receipt"], "/api/v1/donations/D-2026-000001/receipt.pdf");
        assert_eq!(given["lines"][0]["outcome"], "new");
        assert_eq!(given["lines"][0]["code"], given["devices"][0]["code"]);
        let code = given["devices"][0]["code"].as_str().unwrap();
        assert_eq!(code.len(), 8);
        let seen = agent.get("/api/v1/donations/D-2026-000001").await.ok();
        assert_eq!(seen, given);
        assert_eq!(app.count("select count(*) from custody_event where event = 'registered' and n = 1").await, 1);
        for term in ["PF0QMY5N", "LENOVO", "T440", code] {
            assert_eq!(app.count(&format!("select count(*) from device_term where term like '{term}%'")).await, 1, "{term}");
        }
        let receipt = agent.get("/api/v1/donations/D-2026-000001/receipt.pdf").await;
        receipt.is(200);
        assert_eq!(receipt.header(header::CONTENT_TYPE), "application/pdf");
        assert!(receipt.bytes().starts_with(b"%PDF-"));
    }

    async fn a_gift_sent_twice_counts_once(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let id = "0199c0de-0000-7000-8000-000000000001";
        let body = with(gift(), "id", json!(id));
        let given = give(&agent, body.clone()).await.created();
        assert_eq!(give(&agent, body.clone()).await.ok(), given);
        give(&agent, with(body.clone(), "accessories", json!([]))).await.refused(409, "id-reused");
        let stranger = app.stranger(Role::CollectionAgent).await;
        give(&stranger, body).await.refused(409, "id-reused");
        assert_eq!(app.count("select count(*) from donation").await, 1);
        assert_eq!(app.count("select count(*) from device").await, 1);
    }

    async fn of_many_equal_gifts_at_once_one_is_taken(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let body = with(gift(), "id", json!("0199c0de-0000-7000-8000-000000000002"));
        let sent: Vec<_> = (0..8).map(|_| give(&agent, body.clone())).collect();
        let mut statuses: Vec<u16> = Vec::new();
        for answer in at_once(sent).await {
            statuses.push(answer.status());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 201]);
        assert_eq!(app.count("select count(*) from device").await, 1);
    }

    async fn references_count_up_without_gap_whatever_is_refused(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let mut body = gift();
        body["devices"][0]["code"] = json!("0000000T");
        for n in 1..=3 {
            assert!(give(&agent, body.clone()).await.status() >= 400);
            let given = give(&agent, gift()).await.created();
            assert_eq!(given["reference"], format!("D-2026-{n:06}"));
        }
    }

    async fn a_pre_printed_label_goes_on_one_device(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let blank = blanks(&app, &agent, 2).await;
        let typed = format!("{}-{}", &blank[0][..4].to_lowercase(), &blank[0][4..]);
        let labelled = |code: &str| {
            let mut body = gift();
            body["devices"][0]["code"] = json!(code);
            body
        };
        let given = give(&agent, labelled(&typed)).await.created();
        assert_eq!(given["devices"][0]["code"], blank[0].as_str());
        give(&agent, labelled(&blank[0])).await.refused(409, "code-taken");
        let wrong = format!("{}{}", &blank[1][..7], if blank[1].ends_with('0') { '1' } else { '0' });
        give(&agent, labelled(&wrong)).await.refused(422, "wrong-check-character");
        app.sql(&format!("delete from device_code where code = '{}'", blank[1])).await.unwrap();
        give(&agent, labelled(&blank[1])).await.refused(404, "unknown-code");
        assert_eq!(app.count("select count(*) from donation").await, 1);
        assert_eq!(app.count("select count(*) from donor").await, 1);
    }

    async fn a_public_donor_says_by_which_law_it_gives(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let donor = json!({"kind": "local_authority", "name": "Ville de Béziers"});
        let body = with(gift(), "donor", donor);
        let problem = give(&agent, body.clone()).await.refused(422, "invalid");
        assert_eq!(pointers(&problem), ["#/legal_basis"]);
        let body = with(body, "legal_basis", json!("CG3P L3212-3"));
        let given = give(&agent, with(body.clone(), "unit_value_cents", json!(30_000))).await.created();
        assert_eq!(given["public_donor"], true);
        assert_eq!(given["warnings"], json!([]).clone());
        let body = with(body, "unit_value_cents", json!(30_001));
        let body = with(body, "devices", json!([{"kind": "monitor"}]));
        let dear = give(&agent, body).await.created();
        assert_eq!(dear["warnings"][0]["code"], "unit-value-above-300");
    }

    async fn what_is_wrong_is_named_and_nothing_is_kept(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let donor = json!({"kind": "company", "email": "parc@example", "siret": "73282932000075"});
        let problem = give(&agent, with(gift(), "donor", donor)).await.refused(422, "invalid");
        assert_eq!(pointers(&problem), ["#/donor/email", "#/donor/siret"]);
        for (field, value, pointer) in [
            ("devices", json!([]), "#/devices"),
            ("devices", json!([{"kind": "toaster"}]), "#/devices/0/kind"),
            ("devices", json!([{"make": "Dell"}]), "#/devices/0/kind"),
            ("devices", json!([{"kind": "laptop", "serial": "x".repeat(65)}]), "#/devices/0/serial"),
            ("devices", json!([{"kind": "laptop", "serial": "2 69 05 49 588 157 80"}]), "#/devices/0/serial"),
            ("consent_to_erasure", json!(false), "#/consent_to_erasure"),
            ("accessories", json!([{"kind": "charger", "count": 0}]), "#/accessories/0/count"),
            ("unit_value_cents", json!(-1), "#/unit_value_cents"),
            ("id", json!("not-an-id"), "#/id"),
        ] {
            let body = with(with(gift(), "accessories", json!([])), field, value);
            let problem = give(&agent, body).await.refused(422, "invalid");
            assert_eq!(pointers(&problem), [pointer], "{field}");
        }
        assert_eq!(app.count("select count(*) from donation").await, 0);
        assert_eq!(app.count("select count(*) from donor").await, 0);
    }

    async fn a_gift_is_seen_where_it_was_received(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let reference = give(&agent, gift()).await.created()["reference"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/donations/{reference}");
        app.person(Role::Storekeeper).await.get(&path).await.ok();
        app.person(Role::Coordinator).await.get(&path).await.ok();
        let stranger = app.stranger(Role::CollectionAgent).await;
        stranger.get(&path).await.refused(404, "not-found");
        stranger.get(&format!("{path}/receipt.pdf")).await.refused(404, "not-found");
        stranger.post(&format!("{path}/close"), json!({})).await.refused(404, "not-found");
        assert_eq!(stranger.get("/api/v1/donations").await.ok()["items"], json!([]));
        app.person(Role::SocialWorker).await.get(&path).await.refused(403, "forbidden");
        give(&stranger, gift()).await.refused(409, "site-foreign");
    }

    async fn a_donors_name_is_nowhere_in_the_clear(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let given = give(&agent, gift()).await.created();
        assert_eq!(given["donor"]["name"], "Cave des Vignerons");
        let row = donor::Entity::find().one(app.db.read()).await.unwrap().unwrap();
        for (sealed, plain) in [(row.name.unwrap(), "Cave"), (row.email.unwrap(), "parc@")] {
            assert!(!sealed.windows(plain.len()).any(|w| w == plain.as_bytes()));
        }
        let journal = app.count("select count(*) from custody_event where data like '%Cave%'").await;
        assert_eq!(journal, 0);
    }

    async fn a_serial_number_known_already_is_a_warning_never_a_refusal(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let first = give(&agent, gift()).await.created();
        assert_eq!(first["warnings"], json!([]));
        let code = first["devices"][0]["code"].as_str().unwrap();
        let again = give(&agent, gift()).await.created();
        assert_eq!(again["warnings"][0]["code"], "serial-known");
        let words = again["warnings"][0]["detail"].as_str().unwrap();
        assert!(words.contains(&format!("{}-{}", &code[..4], &code[4..])), "{words}");
        assert_eq!(again["lines"][0]["outcome"], "new");
        let junk = json!([{"kind": "laptop", "serial": "System Serial Number"}, {"kind": "laptop", "serial": "System Serial Number"}]);
        let given = give(&agent, with(gift(), "devices", junk)).await.created();
        assert_eq!(given["warnings"], json!([]));
    }

    async fn gifts_are_listed_by_pages(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        for _ in 0..3 {
            give(&agent, gift()).await.created();
        }
        let first = agent.get("/api/v1/donations?limit=2").await.ok();
        assert_eq!(first["items"][0]["reference"], "D-2026-000003");
        assert_eq!(first["items"][0]["devices"], 1);
        let cursor = first["next_cursor"].as_str().unwrap();
        let second = agent.get(&format!("/api/v1/donations?limit=2&cursor={cursor}")).await.ok();
        assert_eq!(second["items"].as_array().unwrap().len(), 1);
        assert_eq!(second["next_cursor"], Value::Null);
    }

    async fn a_closed_gift_is_not_corrected(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let given = give(&agent, gift()).await.created();
        let code = given["devices"][0]["code"].as_str().unwrap().to_owned();
        agent.sign_in().await;
        let path = format!("/donations/D-2026-000001/devices/{code}");
        let page = agent.page(&path).await;
        let fields = [("kind", "laptop"), ("make", "Lenovo"), ("serial", "PF0CORRECT"), ("condition", "faulty")];
        let leads = agent.submit(&page, &path, &fields).await.leads();
        assert_eq!(leads, "/donations/D-2026-000001");
        assert_eq!(app.count("select count(*) from device_term where term = 'PF0QMY5N'").await, 0);
        assert_eq!(app.count("select count(*) from device_term where term = 'PF0CORRECT'").await, 1);
        for _ in 0..2 {
            let closed = agent.post("/api/v1/donations/D-2026-000001/close", json!({})).await.ok();
            assert_eq!(closed["status"], "closed");
        }
        let answer = agent.submit(&page, &path, &fields).await;
        answer.is(409);
        assert!(answer.text().contains("Ce don est clos."));
    }

    async fn the_counter_works_without_a_script_and_keeps_what_was_typed(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        agent.sign_in().await;
        let page = agent.page("/counter").await;
        let laptop = [
            ("draft[kind]", "laptop"), ("draft[make]", "Lenovo"), ("draft[model]", "ThinkPad T440"),
            ("draft[condition]", "working"), ("consent_to_erasure", "true"), ("do", "add"),
        ];
        let added = agent.submit(&page, "/counter", &laptop).await;
        added.is(200);
        let page = added.page();
        assert!(page.says("Lenovo ThinkPad T440"));
        assert!(page.says("name=\"devices[0][model]\" value=\"ThinkPad T440\""));
        let wrong = [
            ("draft[kind]", "monitor"), ("draft[model]", "P2214H"), ("donor[kind]", "state"),
            ("donor[email]", "parc@example"), ("unit_value_cents", "douze"), ("do", "register"),
        ];
        let refused = agent.submit(&page, "/counter", &wrong).await;
        refused.is(422);
        let page = refused.page();
        for kept in ["value=\"parc@example\"", "value=\"douze\"", "value=\"P2214H\"", "value=\"ThinkPad T440\""] {
            assert!(page.says(kept), "{kept}");
        }
        for fault in ["Cette adresse n’est pas complète.", "Un montant en euros", "Un don public se fonde", "Sans cet accord"] {
            assert!(page.says(fault), "{fault}");
        }
        assert_eq!(app.count("select count(*) from donation").await, 0);
        let right = [
            ("donor[kind]", "state"), ("donor[email]", "parc@example.org"), ("legal_basis", "CG3P L3212-2"),
            ("unit_value_cents", "249,90"), ("consent_to_erasure", "true"), ("do", "register"),
        ];
        let leads = agent.submit(&page, "/counter", &right).await.leads();
        assert_eq!(leads, "/donations/D-2026-000001?fresh=true");
        // The same form again, by an impatient hand: the same gift.
        assert_eq!(agent.submit(&page, "/counter", &right).await.leads(), leads);
        assert_eq!(app.count("select count(*) from device").await, 2);
        let page = agent.page(&leads).await;
        assert!(page.says("Don D-2026-000001 enregistré"));
        assert!(page.says("249,90"));
    }

    async fn the_counter_says_which_label_is_wrong(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let given = give(&agent, gift()).await.created();
        let taken = given["devices"][0]["code"].as_str().unwrap().to_owned();
        agent.sign_in().await;
        let page = agent.page("/counter").await;
        let fields = [
            ("devices[0][kind]", "laptop"), ("devices[0][model]", "X"), ("devices[0][code]", taken.as_str()),
            ("consent_to_erasure", "true"), ("do", "register"),
        ];
        let refused = agent.submit(&page, "/counter", &fields).await;
        refused.is(422);
        assert!(refused.text().contains("Cette étiquette est déjà sur un autre objet."));
        assert!(refused.text().contains(&format!("value=\"{taken}\"")));
    }

    async fn the_donor_gets_the_receipt_from_the_server(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let id = "0199c0de-0000-7000-8000-000000000003";
        for _ in 0..2 {
            give(&agent, with(gift(), "id", json!(id))).await;
        }
        let anonymous = with(gift(), "donor", Value::Null);
        give(&agent, anonymous).await.created();
        app.run_jobs().await;
        let receipts = "select count(*) from message where kind = 'donation_receipt' and channel = 'email'";
        assert_eq!(app.count(receipts).await, 1);
        app.run_jobs().await;
        assert_eq!(app.count(&format!("{receipts} and delivered_at is not null and content is null")).await, 1);
    }

    async fn makes_and_models_come_from_what_was_given(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        for (make, model) in [("Lenovo", "ThinkPad T440"), ("LENOVO", "ThinkPad X230"), ("LG", "Gram"), ("Dell", "Latitude")] {
            let devices = json!([{"kind": "laptop", "make": make, "model": model}]);
            give(&agent, with(gift(), "devices", devices)).await.created();
        }
        agent.sign_in().await;
        let asked = async |query: &str| agent.visit(&format!("/counter/suggest?{query}")).await.ok()["items"].clone();
        let makes = asked("field=make&q=l&kind=laptop").await;
        assert_eq!(makes.as_array().unwrap().len(), 2);
        assert_eq!(asked("field=model&q=&kind=laptop&make=lenovo").await, json!(["ThinkPad T440", "ThinkPad X230"]));
        assert_eq!(asked("field=model&q=x&kind=laptop&make=Dell").await, json!([]));
        assert_eq!(asked("field=make&q=l&kind=monitor").await, json!([]));
    }

    async fn labels_are_printed_as_asked_or_refused_by_field(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        let given = give(&agent, gift()).await.created();
        let code = given["devices"][0]["code"].as_str().unwrap().to_owned();
        let print = async |body: Value| agent.post("/api/v1/labels", body).await;
        let sheet = print(json!({"codes": [code], "layout": "device", "stock": "L7651", "start_at": 3, "format": "pdf"})).await;
        sheet.is(200);
        assert!(sheet.bytes().starts_with(b"%PDF-"));
        let svg = print(json!({"codes": [code], "format": "svg"})).await;
        assert_eq!(svg.header(header::CONTENT_TYPE), "image/svg+xml");
        let sheet = print(json!({"blank": 3, "format": "svg"})).await;
        assert_eq!(sheet.text().matches("<text").count(), 3);
        let zpl = print(json!({"codes": [code], "format": "zpl"})).await;
        zpl.is(200);
        assert_eq!(zpl.text().matches("^XA").count(), 1);
        assert!(zpl.text().contains(&format!("^FD{code}^FS")), "{}", zpl.text());
        for (body, pointer) in [
            (json!({"codes": [code], "format": "png"}), "#/format"),
            (json!({"blank": 66, "format": "svg"}), "#/format"),
            (json!({"codes": [code], "stock": "L0000"}), "#/stock"),
            (json!({"codes": [code], "start_at": 66}), "#/start_at"),
            (json!({"blank": 0}), "#/blank"),
            (json!({"blank": 100_000}), "#/blank"),
            (json!({}), "#/codes"),
        ] {
            let problem = print(body).await.refused(422, "invalid");
            assert_eq!(pointers(&problem), [pointer]);
        }
        print(json!({"codes": ["????"]})).await.refused(404, "unknown-code");
        app.person(Role::SocialWorker).await.post("/api/v1/labels", json!({"blank": 1})).await.refused(403, "forbidden");
    }

    async fn blank_labels_are_reserved_once_and_printed_as_often_as_needed(app: TestApp) {
        let agent = app.person(Role::CollectionAgent).await;
        agent.sign_in().await;
        let leads = agent.fill("/labels", "/labels", &[("blank", "40"), ("stock", "L7651")]).await.leads();
        assert_eq!(app.count("select count(*) from device_code where state = 'blank'").await, 40);
        let query = leads.split_once('?').unwrap().1.to_owned();
        for _ in 0..2 {
            let sheet = agent.visit(&format!("/labels.pdf?{query}")).await;
            sheet.is(200);
            assert!(sheet.bytes().starts_with(b"%PDF-"));
        }
        assert_eq!(app.count("select count(*) from device_code").await, 40);
        let wrong = agent.visit("/labels.pdf?codes=7KD3BX0X&start_at=x").await;
        wrong.is(422);
        assert!(wrong.text().contains("7KD3BX0X") && wrong.text().contains("Un nombre entier."));
        agent.visit("/labels/calibration.pdf?stock=L7160").await.is(200);
    }
}

/// All at once, on the test's threads.
async fn at_once(sent: Vec<impl Future<Output = Answer>>) -> Vec<Answer> {
    let mut waiting: Vec<_> = sent.into_iter().map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(answer) => {
                done.push(answer);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}
