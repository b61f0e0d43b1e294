//! Turning the keys while the instance works.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entities::enums::Role;
use serde_json::{Value, json};

use crate::support::TestApp;

/// Sealed by a household's own key, which is itself sealed by the ring.
const BY_DATA_KEY: [&str; 7] = [
    "household.phone",
    "household.email",
    "household.postal_address",
    "person.family_name",
    "person.given_name",
    "person.birth_date",
    "decision.reasons",
];

/// Whatever the tables call sealed is turned, or sealed by a key that is.
#[test]
fn every_sealed_column_is_turned() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/src");
    let mut sealed = BTreeSet::new();
    for place in [folder.clone(), folder.join("sql")] {
        for file in std::fs::read_dir(place).unwrap() {
            let Ok(text) = std::fs::read_to_string(file.unwrap().path()) else {
                continue;
            };
            let mut table = "";
            for line in text.lines() {
                if let Some(rest) = line.strip_prefix("create table ") {
                    table = rest.split_whitespace().next().unwrap();
                } else if let Some(rest) = line.strip_prefix("alter table ") {
                    table = rest.split_whitespace().next().unwrap();
                }
                if line.contains("{bytes}") && line.contains("sealed") {
                    let words: Vec<&str> = line.split_whitespace().collect();
                    let at = words.iter().position(|w| w.starts_with("{bytes}")).unwrap();
                    sealed.insert(format!("{table}.{}", words[at - 1]));
                }
            }
        }
    }
    let turned = rebond::rotation::SEALED.map(|(table, column)| format!("{table}.{column}"));
    let known: BTreeSet<String> = turned
        .into_iter()
        .chain(BY_DATA_KEY.map(str::to_owned))
        .collect();
    assert_eq!(
        sealed, known,
        "src/rotation.rs turns what the tables call sealed"
    );
}

impl TestApp {
    /// Takes away, or gives back, the database's leave to change donors: a turn dies there.
    async fn donors_are_stuck(&self, stuck: bool) {
        let postgres = self.db.is_postgres();
        let sqls: &[&str] = match (stuck, postgres) {
            (true, true) => &[
                "create function stuck() returns trigger language plpgsql as $$ begin raise exception 'stuck'; end $$",
                "create trigger stuck before update on donor for each row execute function stuck()",
            ],
            (true, false) => &[
                "create trigger stuck before update on donor begin select raise(abort, 'stuck'); end",
            ],
            (false, true) => &["drop trigger stuck on donor"],
            (false, false) => &["drop trigger stuck"],
        };
        for sql in sqls {
            self.sql(sql).await.unwrap();
        }
    }
}

both_databases! {
    async fn a_turn_that_dies_goes_on_and_loses_nothing(app: TestApp) {
        let welcome = app.welcome(1).await;
        let agent = app.person(Role::CollectionAgent).await;
        let give = async |name: &str| {
            let gift = json!({
                "consent_to_erasure": true,
                "donor": {"kind": "company", "name": name, "email": "parc@example.org"},
                "devices": [{"kind": "laptop", "condition": "working"}],
            });
            agent.post("/api/v1/donations", gift).await.created()["reference"].clone()
        };
        let first = give("Cave des Vignerons").await;
        let request = welcome.waiting("0601020304").await;
        let key = app.nobody().get("/api/v1/signing-key").await.ok();
        let device = app.device().sanitised().build().await;
        let certificate = format!("/api/v1/devices/{}/certificate.json", device.code);
        let old_paper = app.person(Role::Auditor).await.get(&certificate).await.ok();

        app.donors_are_stuck(true).await;
        rebond::rotation::rotate(&app.app).await.unwrap_err();
        let turned = app.nobody().get("/api/v1/signing-key").await.ok();
        assert_ne!(turned["public_key"], key["public_key"]);
        assert_eq!(turned["earlier"], json!([key["public_key"]]));
        // Half is sealed by one key, half by the other, and everything opens.
        let shown = async |reference: &Value| agent.get(&format!("/api/v1/donations/{}", reference.as_str().unwrap())).await.ok();
        assert_eq!(shown(&first).await["donor"]["name"], "Cave des Vignerons");
        let second = give("Mairie de Lunel").await;

        app.donors_are_stuck(false).await;
        let done = rebond::rotation::rotate(&app.app).await.unwrap();
        assert!(done.resealed > 0 && !done.finished && done.unreadable == 0, "{done:?}");
        assert_eq!(app.nobody().get("/api/v1/signing-key").await.ok(), turned, "no second turn was begun");

        // By night the key before is dropped; nothing was under it any more.
        app.run_jobs().await;
        app.pass(TimeDelta::hours(20));
        app.run_jobs().await;
        let file = std::fs::read_to_string(app.folder.path().join("key")).unwrap();
        assert!(!file.contains("\nold "), "the key before is gone");
        assert_eq!(shown(&first).await["donor"]["name"], "Cave des Vignerons");
        assert_eq!(shown(&second).await["donor"]["name"], "Mairie de Lunel");
        welcome.worker.get(&format!("/api/v1/requests/{request}")).await.ok();
        let third = welcome.waiting("0601020305").await;
        assert_ne!(third, request);
        // The same household is found again: blind indexes did not turn.
        let again = welcome.worker.post("/api/v1/requests", crate::support::welcome::request("0601020304")).await.created();
        assert_eq!(again["status"], "needs_review", "{again:#}");
        // Mail queued before and after left.
        assert_eq!(app.count("select count(*) from message where delivered_at is null and channel = 'email'").await, 0);
        app.verified().await;

        // What the old key signed is still this instance's word.
        let old = &old_paper["signature"];
        assert_eq!(old["public_key"], key["public_key"]);
        let document = serde_jcs::to_vec(&old_paper["certificate"]).unwrap();
        let bytes = |value: &Value| hex::decode(value.as_str().unwrap()).unwrap();
        assert!(app.keys.signed(&bytes(&old["public_key"]), &document, &bytes(&old["signature"])));
    }
}
