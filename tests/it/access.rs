//! Every declared route × nobody and every role × own and foreign organisation, made from the registry itself.

use std::collections::BTreeMap;

use entities::enums::Role;
use rebond::web::routes::{Access, Declared};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, Client, TestApp};

/// Things of the association's that addresses can name.
struct Things {
    device: String,
    medium: String,
    donation: String,
    lot: String,
}

impl Things {
    async fn of(app: &TestApp) -> Self {
        let device = app.device().inventoried().build().await;
        let agent = app.person(Role::CollectionAgent).await;
        let gift = json!({
            "consent_to_erasure": true,
            "devices": [{"kind": "laptop", "condition": "working"}],
        });
        let donation = agent.post("/api/v1/donations", gift).await.created();
        let store = app.person(Role::Storekeeper).await;
        let lot = store
            .post(
                "/api/v1/recycling/lots",
                json!({"site": "montpellier-magasin", "category": "small_it"}),
            )
            .await
            .created();
        let bench = app.person(Role::Refurbisher).await;
        let shown = bench
            .get(&format!("/api/v1/devices/{}", device.code))
            .await
            .ok();
        Self {
            device: device.code,
            medium: text(&shown["media"][0]["id"]),
            donation: text(&donation["reference"]),
            lot: text(&lot["id"]),
        }
    }

    /// An address of a route, naming what is there where it can.
    fn address(&self, path: &str) -> String {
        let code = if path.contains("/media/{code}") {
            "00000000"
        } else {
            &self.device
        };
        let id = if path.contains("/lots/") {
            self.lot.clone()
        } else if path.contains("/media/{id}") {
            self.medium.clone()
        } else {
            Uuid::from_u128(1).to_string()
        };
        let mut address = path
            .replace("{code}", code)
            .replace("{id}", &id)
            .replace("{reference}", &self.donation)
            .replace("{*path}", "rebond.css");
        while let (Some(from), Some(to)) = (address.find('{'), address.find('}')) {
            address.replace_range(from..=to, "nothing");
        }
        address
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("a word, not {value}"))
        .to_owned()
}

fn is_api(route: &Declared) -> bool {
    route.path.starts_with("/api/")
}

/// Asks for a route as a program (API) or as a browser (pages) does, with nothing in the body.
async fn ask(who: &Client, route: &Declared, address: &str, csrf: &str) -> Answer {
    match (route.method.as_str(), is_api(route)) {
        ("GET", true) => who.get(address).await,
        ("GET", false) => who.visit(address).await,
        ("POST", true) => who.post(address, json!({})).await,
        ("POST", false) => who.post_form(address, &[("csrf", csrf)]).await,
        (other, _) => panic!("{other} is a method this test does not know"),
    }
}

fn may(access: Access, role: Role) -> bool {
    match access {
        Access::Needs(permission) => permission.roles().contains(&role),
        Access::Public | Access::Household | Access::SignedIn => true,
    }
}

/// Routes that end the session of who asks; tried by the stories of signing in.
fn ends_the_session(route: &Declared) -> bool {
    route.path == "/sign-out"
}

both_databases! {
    async fn nobody_gets_in_without_signing_in(app: TestApp) {
        let things = Things::of(&app).await;
        let nobody = app.nobody();
        let csrf = nobody.page("/sign-in").await.csrf();
        let mut findings = Vec::new();
        for route in rebond::routes::declared() {
            let address = things.address(route.path);
            let answer = ask(&nobody, &route, &address, &csrf).await;
            let status = answer.status();
            let right = match route.access {
                Access::Needs(_) | Access::SignedIn if is_api(&route) => {
                    status == 401 && answer.problem().as_deref() == Some("sign-in")
                }
                Access::Needs(_) | Access::SignedIn => {
                    status == 303
                        && answer.header(axum::http::header::LOCATION).starts_with("/sign-in")
                }
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

    async fn each_role_does_what_it_may_and_nothing_else(app: TestApp) {
        let things = Things::of(&app).await;
        let mut findings = Vec::new();
        let mut tried = 0;
        for &role in Role::ALL {
            for foreign in [false, true] {
                let who = if foreign { app.stranger(role).await } else { app.person(role).await };
                who.sign_in().await;
                let csrf = who.page("/").await.csrf();
                let before = app.fingerprint().await;
                for route in rebond::routes::declared() {
                    if ends_the_session(&route) {
                        continue;
                    }
                    let address = things.address(route.path);
                    let answer = ask(&who, &route, &address, &csrf).await;
                    let status = answer.status();
                    tried += 1;
                    let right = if may(route.access, role) {
                        status != 401 && status < 500
                    } else {
                        status == 403
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
}

impl TestApp {
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
