//! Search: as people type, on both databases, without reading all there is.

use entities::enums::Role;
use rebond::devices::search;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{Client, TestApp};

/// As an AZERTY keyboard garbles the digits of a scanner set to QWERTY.
fn azerty(code: &str) -> String {
    let keys: Vec<char> = "à&é\"'(-è_ç".chars().collect();
    let key = |c: char| c.to_digit(10).map_or(c, |digit| keys[digit as usize]);
    code.chars().map(key).collect()
}

async fn codes(person: &Client, query: &[(&str, &str)]) -> Vec<String> {
    let query = serde_urlencoded(query);
    let page = person.get(&format!("/api/v1/devices?{query}")).await.ok();
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["code"].as_str().unwrap().to_owned())
        .collect()
}

fn serde_urlencoded(pairs: &[(&str, &str)]) -> String {
    let escaped = |text: &str| {
        let bytes = text.bytes();
        bytes.fold(String::new(), |mut all, byte| {
            use std::fmt::Write;
            write!(all, "%{byte:02X}").unwrap();
            all
        })
    };
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    pairs.join("&")
}

async fn give(app: &TestApp, devices: Value) -> Vec<String> {
    let agent = app.person(Role::CollectionAgent).await;
    let gift = json!({"site": "beziers-collecte", "consent_to_erasure": true, "devices": devices});
    let given = agent.post("/api/v1/donations", gift).await.created();
    let devices = given["devices"].as_array().unwrap();
    devices
        .iter()
        .map(|device| device["code"].as_str().unwrap().to_owned())
        .collect()
}

both_databases! {
    async fn people_type_as_they_like(app: TestApp) {
        let given = give(&app, json!([
            {"kind": "laptop", "make": "Lenovo", "model": "ThinkPad T440", "serial": "PF0-QMY5N", "asset_tag": "INV 0042"},
            {"kind": "laptop", "make": "Dell Inc.", "model": "Latitude E7240", "serial": "5CQ6VY1"},
            {"kind": "laptop", "make": "Hewlett-Packard", "model": "ProBook 450 G2", "serial": "CND4286ZJ2"},
            {"kind": "desktop", "make": "Écran & Bœuf", "model": "Modèle É"},
        ])).await;
        let person = app.person(Role::Refurbisher).await;
        let dashed = format!("{}-{}", &given[0][..4], &given[0][4..]);
        for (typed, at) in [
            ("thinkpad t440", 0), ("T-440", 0), ("t440 lenovo", 0), ("pf0qmy", 0), ("qmy5n", 0), ("inv0042", 0), ("0042", 0),
            ("LATITUDE e7240", 1), ("e72", 1), ("dell lat", 1), ("latitude-e7240", 1),
            ("hp probook", 2), ("hewlett packard 450", 2), ("cnd 4286", 2),
            ("ecran bœuf", 3), ("ECRAN modele", 3),
            (&*dashed, 0), (&*given[0].to_lowercase(), 0), (&*azerty(&given[0]), 0), (&*azerty(&given[2]), 2),
        ] {
            let wanted: &[String] = if typed == "cnd 4286" { &[] } else { &given[at..=at] };
            assert_eq!(codes(&person, &[("q", typed)]).await, wanted, "{typed}");
        }
        for nothing in ["thinkpad e7240", "440s", "---", "inkpad"] {
            assert_eq!(codes(&person, &[("q", nothing)]).await, Vec::<String>::new(), "{nothing}");
        }
        person.sign_in().await;
        let page = person.visit("/devices?q=t-440").await;
        assert!(page.text().contains("ThinkPad T440"));
    }

    /// A search finds what reading every device would find, by pages that lose and repeat nothing.
    async fn a_search_finds_what_a_scan_finds(app: TestApp) {
        let makes = ["Dell Inc.", "Hewlett-Packard", "LENOVO", "Acer"];
        let models = ["Latitude E7240", "ProBook 450", "ThinkPad T-440s", "Aspire A315-53", "Latitude 7400"];
        let mut devices = Vec::new();
        for n in 0..60_u64 {
            // A fixed mixture in which each make meets each model.
            let mixed = usize::try_from(n * 7 % 20).unwrap();
            devices.push(json!({
                "kind": "laptop", "make": makes[mixed % 4], "model": models[mixed % 5],
                "serial": format!("S{}-{n}", n * 7_919 % 97), "asset_tag": (n % 3 == 0).then(|| format!("INV {n}")),
            }));
        }
        let given = give(&app, Value::from(devices.clone())).await;
        let person = app.person(Role::Refurbisher).await;
        for typed in ["latitude", "dell lati", "t440", "t-4", "s1", "inv 3", "HP pro", "hewlett", "a315 acer", "e", "7", "lenovo thinkpad s6", "inc"] {
            let words: Vec<String> = typed.to_uppercase().split(' ').map(|word| word.replace('-', "")).collect();
            let naive: Vec<&String> = given.iter().zip(&devices).filter(|(code, device)| {
                let text = |field: &str| device[field].as_str().unwrap_or_default().to_uppercase();
                let make = text("make");
                let mut texts = vec![code.to_uppercase(), format!("{make} {}", text("model")), text("serial"), text("asset_tag")];
                if make.starts_with("HEWLETT") {
                    texts.push(format!("HP {}", text("model")));
                }
                words.iter().all(|word| texts.iter().any(|text| {
                    let begins = |(at, _): (usize, char)| at == 0 || !text.as_bytes()[at - 1].is_ascii_alphanumeric();
                    let rest = |(at, _): (usize, char)| text[at..].chars().filter(|c: &char| c.is_ascii_alphanumeric()).collect::<String>();
                    text.char_indices().filter(|at| begins(*at)).any(|at| rest(at).starts_with(word.as_str()))
                }))
            }).map(|(code, _)| code).collect();
            let mut found = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = person.get(&format!("/api/v1/devices?limit=7&{}{cursor}", serde_urlencoded(&[("q", typed)]))).await.ok();
                let items = page["items"].as_array().unwrap();
                found.extend(items.iter().map(|item| item["code"].as_str().unwrap().to_owned()));
                let Some(next) = page["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            let (mut sorted, mut wanted) = (found.clone(), naive.into_iter().cloned().collect::<Vec<_>>());
            sorted.sort();
            wanted.sort();
            assert_eq!(sorted, wanted, "{typed}");
            assert!(!wanted.is_empty(), "{typed}");
        }
    }

    /// What finds a device follows it: a correction, a disk that leaves and enters another.
    async fn the_words_follow_the_device(app: TestApp) {
        let person = app.person(Role::WorkshopLead).await;
        let one = app.device().build().await;
        let other = app.device().build().await;
        let path = |code: &str| format!("/api/v1/devices/{code}/media");
        let body = json!({"kind": "ssd", "serial": "MOVES-77", "capacity_bytes": 1_000_000_000_000_i64, "complete": true});
        person.post(&path(&one.code), body).await;
        let device = person.get(&format!("/api/v1/devices/{}", one.code)).await.ok();
        let medium = device["media"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(codes(&person, &[("q", "moves77")]).await, std::slice::from_ref(&one.code));
        let removal = format!("{}/{medium}/removal", path(&one.code));
        let taken = person.post(&removal, json!({"to": "stock"})).await.ok();
        let loose = taken["medium"]["code"].as_str().unwrap().to_owned();
        assert_eq!(codes(&person, &[("q", "moves77")]).await, Vec::<String>::new());
        person.post(&path(&other.code), json!({"code": loose, "complete": true})).await;
        assert_eq!(codes(&person, &[("q", "MOVES-7")]).await, std::slice::from_ref(&other.code));
    }

    /// An instance whose terms are gone, or of a former form, has them when it opens.
    async fn missing_terms_are_filled(app: TestApp) {
        let given = give(&app, json!([{"kind": "laptop", "make": "Lenovo", "model": "ThinkPad T440", "serial": "PF0ABCDE"}])).await;
        let tx = app.db.write().await.unwrap();
        tx.execute_unprepared("delete from device_term").await.unwrap();
        tx.commit().await.unwrap();
        let app = app.with_settings(|_| {}).await;
        let person = app.person(Role::Refurbisher).await;
        assert_eq!(codes(&person, &[("q", "t440 pf0")]).await, given);
    }

    /// No shape of list reads the whole table or sorts what it finds.
    async fn each_list_has_its_index(app: TestApp) {
        for _ in 0..3 {
            app.device().build().await;
        }
        for (shape, plan) in search::plans(&app.db).await.unwrap() {
            let lines = plan.lines().map(str::trim);
            let reads_all = |line: &str| {
                line.contains("Seq Scan") || (line.starts_with("SCAN") && !line.contains("INDEX") && !line.contains("some"))
            };
            let sorts = |line: &str| line.contains("USE TEMP B-TREE") || line.contains("Sort");
            // What was gathered is few by then; a stage of one site has an index of its own, and is a bench's.
            let may_sort = shape == "gather" || shape == "site and stage";
            for line in lines {
                assert!(!reads_all(line), "{shape} reads all:\n{plan}");
                assert!(may_sort || !sorts(line), "{shape} sorts:\n{plan}");
            }
        }
    }
}
