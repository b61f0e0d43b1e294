//! Every declared route × nobody, every role × own and foreign organisation, everybody who was sent away; by page and
//! by API; made from the registry itself.

mod expired;
pub(crate) mod things;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entities::enums::Role;
use rebond::web::routes::{Access, Declared, is_api};
use serde_json::json;

use self::things::{Things, is_private, may, sees_all, takes_json};
use crate::support::contract::DOCUMENT;
use crate::support::{Answer, Client, TestApp};

/// What is counted of everybody and says nothing of what was changed: who came, what was tried, who looked.
const TRACES: [&str; 7] = [
    "session",
    "api_token",
    "account",
    "scan",
    "file_opening",
    "scan_miss",
    "access_log",
];

/// Asks for a route as a program (API) or as a browser (pages) does, with nothing in the body.
async fn ask(who: &Client, route: &Declared, address: &str, csrf: &str) -> Answer {
    match (route.method.as_str(), is_api(route.path)) {
        ("GET", true) => who.get(address).await,
        ("GET", false) => who.visit(address).await,
        ("POST", true) => who.post(address, json!({})).await,
        ("POST", false) => who.post_form(address, &[("csrf", csrf)]).await,
        (other, _) => panic!("{other} is a method this test does not know"),
    }
}

/// Routes that end the session of who asks; tried by the stories of signing in.
fn ends_the_session(route: &Declared) -> bool {
    route.path == "/sign-out"
}

/// Whether an answer sends somebody away who is nobody here.
fn sent_away(route: &Declared, answer: &Answer) -> bool {
    if is_api(route.path) {
        answer.status() == 401 && answer.problem().as_deref() == Some("sign-in")
    } else {
        let to = answer.header(axum::http::header::LOCATION);
        answer.status() == 303 && to.starts_with("/sign-in")
    }
}

/// Every route with an address; what has none is a finding.
fn addressed(things: &Things) -> Vec<(Declared, String)> {
    rebond::routes::declared()
        .into_iter()
        .map(|route| {
            let address = things.address(route.path).unwrap_or_else(|| {
                panic!(
                    "{} has a parameter that nothing stands for: say what in tests/it/access/things.rs",
                    route.path
                )
            });
            (route, address)
        })
        .collect()
}

both_databases! {
    async fn nobody_gets_in_without_signing_in(app: TestApp) {
        let things = Things::of(&app).await;
        let nobody = app.nobody();
        let csrf = nobody.page("/sign-in").await.csrf();
        let mut findings = Vec::new();
        for (route, address) in addressed(&things) {
            let answer = ask(&nobody, &route, &address, &csrf).await;
            let status = answer.status();
            let right = match route.access {
                Access::Needs(_) | Access::SignedIn => sent_away(&route, &answer),
                Access::Public => status < 500 && status != 401,
                // Without a link of its own a household finds nothing and changes nothing.
                Access::Household => status < 500 && !(route.method == "POST" && status < 300),
            };
            if !right {
                findings.push(format!("{} {address} answers {status} to nobody", route.method));
            }
        }
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
    }

    /// By a token taken back, by an account switched off, by a session that ended or a password to be changed first.
    async fn who_was_sent_away_is_nobody(app: TestApp) {
        let things = Things::of(&app).await;
        let now = if app.db.is_postgres() { "now()" } else { "'2026-11-24T09:00:00+00:00'" };
        let revoked = app.person(Role::Refurbisher).await;
        let disabled = app.person(Role::Refurbisher).await;
        let expired = app.person(Role::Refurbisher).await;
        for who in [&revoked, &disabled, &expired] {
            who.get("/api/v1/devices").await.ok();
            who.sign_in().await;
        }
        let of = |who: &Client| app.id(who.account().id.0);
        let token = format!("update api_token set revoked_at = {now} where account_id = {}", of(&revoked));
        let session = format!("update session set revoked_at = {now} where account_id = {}", of(&revoked));
        let account = format!("update account set disabled_at = {now} where id = {}", of(&disabled));
        for change in [token, session, account] {
            assert_eq!(app.sql(&change).await.unwrap(), 1, "{change}");
        }
        app.pass(TimeDelta::hours(13));
        let before = app.fingerprint().await;
        let mut findings = Vec::new();
        let mut tried = 0;
        for (route, address) in addressed(&things) {
            if !matches!(route.access, Access::Needs(_) | Access::SignedIn) {
                continue;
            }
            for (word, who) in [("revoked", &revoked), ("disabled", &disabled), ("expired", &expired)] {
                // A session that ended is tried by pages; a token of the same person is still good.
                if word == "expired" && is_api(route.path) {
                    continue;
                }
                tried += 1;
                let answer = ask(who, &route, &address, "").await;
                let forged = route.method == "POST" && answer.status() == 403;
                if !sent_away(&route, &answer) && !forged {
                    findings.push(format!("{} {address} answers {} to somebody {word}", route.method, answer.status()));
                }
            }
        }
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
        assert!(tried > 300, "only {tried} tries");
        assert_eq!(app.fingerprint().await, before);
    }

    async fn each_role_does_what_it_may_and_nothing_else(app: TestApp) {
        let things = Things::of(&app).await;
        let mut findings = Vec::new();
        let mut tried = 0;
        for &role in Role::ALL {
            for foreign in [true, false] {
                let who = if foreign { app.stranger(role).await } else { app.person(role).await };
                who.sign_in().await;
                let csrf = who.page("/").await.csrf();
                let before = app.fingerprint().await;
                for (route, address) in addressed(&things) {
                    if ends_the_session(&route) {
                        continue;
                    }
                    let answer = ask(&who, &route, &address, &csrf).await;
                    let status = answer.status();
                    tried += 1;
                    let right = if !may(route.access, role) {
                        status == 403
                    } else if foreign && !sees_all(role) && is_private(route.path, role) && route.method == "GET" {
                        status == 404
                    } else {
                        status != 401 && status < 500
                    };
                    if !right {
                        findings.push(format!(
                            "{} {address} answers {status} to a {}{}",
                            route.method,
                            role.as_str(),
                            if foreign { " of another organisation" } else { "" },
                        ));
                    }
                }
                if foreign && app.fingerprint().await != before {
                    findings.push(format!("a foreign {} changed what is not theirs", role.as_str()));
                }
            }
        }
        assert!(findings.is_empty(), "{tried} tried\n{}", findings.join("\n"));
        assert!(tried > 500, "only {tried} tries");
    }

    /// Bodies that are in order and name what is somebody else's: nothing is found, or it is not theirs to change.
    async fn what_a_body_names_of_others_is_not_there(app: TestApp) {
        let things = Things::of(&app).await;
        let mut findings = Vec::new();
        let mut tried = 0;
        for (route, address) in addressed(&things) {
            if !takes_json(&route, &DOCUMENT) {
                continue;
            }
            for &role in Role::ALL {
                if !may(route.access, role) || sees_all(role) {
                    continue;
                }
                let body = things.body(route.path).unwrap_or_else(|| {
                    panic!("{} has no body: say one in tests/it/access/things.rs", route.path)
                });
                let who = app.stranger(role).await;
                let before = (app.fingerprint().await, app.kept().await);
                let answer = who.post(&address, body).await;
                tried += 1;
                let status = answer.status();
                let refused = match route.path {
                    // A request of one's own, and labels, name nothing of others.
                    "/api/v1/requests" | "/api/v1/labels" => continue,
                    // Each scan has its own fate.
                    "/api/v1/scans/batch" => answer.json()["results"][0]["outcome"] == "refused",
                    _ => [403, 404, 409].contains(&status),
                };
                if !refused || is_private(route.path, role) && status == 409 {
                    findings.push(format!("POST {address} answers {status} to a foreign {}: {}", role.as_str(), answer.text()));
                }
                if (app.fingerprint().await, app.kept().await) != before {
                    findings.push(format!("POST {address} of a foreign {} changed something", role.as_str()));
                }
            }
        }
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
        assert!(tried > 25, "only {tried} tries");
        // The same bodies are in order for those whose things they name.
        for (route, address) in addressed(&things) {
            let Access::Needs(permission) = route.access else { continue };
            if !takes_json(&route, &DOCUMENT) {
                continue;
            }
            // Some roles of a permission do a part of it only: one at least does this.
            let mut said = Vec::new();
            for &role in permission.roles() {
                let who = app.person(role).await;
                let answer = who.post(&address, things.body(route.path).unwrap()).await;
                if [200, 201, 404, 409].contains(&answer.status()) || answer.text().contains("witness") {
                    said.clear();
                    break;
                }
                said.push(format!("POST {address} answers {} to a {}: {}", answer.status(), role.as_str(), answer.text()));
            }
            findings.extend(said);
        }
        assert!(findings.is_empty(), "\n{}", findings.join("\n"));
    }
}

impl TestApp {
    /// How many rows each table has, but those that keep what was tried.
    async fn kept(&self) -> BTreeMap<String, i64> {
        let mut counts = self.counts().await;
        counts.retain(|table, _| !TRACES.contains(&table.as_str()));
        counts
    }

    /// What the association has, in few words: changes when anything of it does.
    async fn fingerprint(&self) -> BTreeMap<&'static str, i64> {
        let mut print = BTreeMap::new();
        for (name, query) in [
            ("events", "select count(*) from custody_event"),
            (
                "devices",
                "select cast(coalesce(sum(version), 0) as bigint) from device",
            ),
            (
                "media",
                "select cast(coalesce(sum(version), 0) as bigint) from medium",
            ),
            (
                "donations",
                "select cast(coalesce(sum(version), 0) as bigint) from donation",
            ),
            (
                "closed donations",
                "select count(*) from donation where status = 'closed'",
            ),
            (
                "open lots",
                "select count(*) from lot where status = 'open'",
            ),
            ("lot items", "select count(*) from lot_item"),
            ("evidence", "select count(*) from evidence"),
            (
                "live holds",
                "select count(*) from allocation where ended_at is null",
            ),
            ("seats", "select count(*) from seat"),
        ] {
            print.insert(name, self.count(query).await);
        }
        print
    }
}

#[test]
fn no_route_is_declared_twice() {
    let mut seen = std::collections::BTreeSet::new();
    for route in rebond::routes::declared() {
        assert!(
            seen.insert((route.method.to_string(), route.path)),
            "{} {} twice",
            route.method,
            route.path
        );
    }
}
