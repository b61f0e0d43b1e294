//! What the association has, and what it is called in addresses and bodies: one entry a parameter of a path, one a
//! post of the API that takes JSON. A route without its entry fails, so whoever adds one says here what stands for it.

use axum::http::Method;
use entities::enums::Role;
use rebond::web::routes::{Access, Declared};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::welcome::{booking, handover, hold, request};
use crate::support::{Client, TestApp, tables};

const CLEAR: &str = include_str!("../../fixtures/evidence/nwipe-0.42-clear.txt");

/// Things of the association's that addresses and bodies can name.
pub(crate) struct Things {
    pub(crate) device: String,
    medium: String,
    loose: String,
    donation: String,
    lot: String,
    waiting: String,
    held: String,
    allocation: String,
    appointment: String,
    slot: Value,
    run: String,
    evidence: String,
    account: String,
    spare: String,
    opening: String,
    link: String,
    /// Who made them, by role.
    pub(crate) people: Vec<(Role, Client)>,
}

/// The first column of a query as a UUID.
async fn id(app: &TestApp, query: &str) -> String {
    let rows = tables::rows(app.db.read(), query).await;
    rows.first()
        .map_or(Uuid::nil(), |row| row.try_get_by_index::<Uuid>(0).unwrap())
        .to_string()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("a word, not {value}"))
        .to_owned()
}

impl Things {
    pub(crate) async fn of(app: &TestApp) -> Self {
        let welcome = app.welcome(8).await;
        let bench = app.person(Role::Refurbisher).await;
        let keeper = app.person(Role::Storekeeper).await;
        let agent = app.person(Role::CollectionAgent).await;
        let device = app.device().inventoried().build().await;
        let shown = bench
            .get(&format!("/api/v1/devices/{}", device.code))
            .await
            .ok();
        let donor = app.device().sanitised().build().await;
        let disk = bench
            .get(&format!("/api/v1/devices/{}", donor.code))
            .await
            .ok();
        let removal = format!(
            "/api/v1/devices/{}/media/{}/removal",
            donor.code,
            text(&disk["media"][0]["id"])
        );
        let loose = bench.post(&removal, json!({"to": "stock"})).await.ok();
        let gift = json!({"consent_to_erasure": true, "devices": [{"kind": "laptop", "condition": "working"}]});
        let donation = agent.post("/api/v1/donations", gift).await.created();
        let lot = json!({"site": "montpellier-magasin", "category": "small_it"});
        let lot = keeper.post("/api/v1/recycling/lots", lot).await.created();
        let waiting = welcome.waiting("0601020399").await;
        let held = welcome.waiting("0601020398").await;
        let booked = app.device().ready().at(&app.world.desk).build().await;
        let allocation = welcome.hold(&held, &booked.code).await;
        let slot = welcome.slots(&held).await[0]["id"].clone();
        let appointment = welcome.book(&held).await;
        keeper
            .get(&format!("/api/v1/recycling/lots/{}", text(&lot["id"])))
            .await
            .ok();
        let run = welcome
            .coordinator
            .post("/api/v1/allocations/runs", json!({"apply": false}))
            .await;
        let evidence = bench
            .post_bytes("/api/v1/evidence", "text/plain", CLEAR.as_bytes().to_vec())
            .await
            .ok();
        let spare = app.device().checked().build().await;
        app.run_jobs().await;
        Self {
            medium: text(&shown["media"][0]["id"]),
            device: device.code,
            loose: text(&loose["medium"]["code"]),
            donation: text(&donation["reference"]),
            lot: text(&lot["id"]),
            waiting,
            held,
            allocation: text(&allocation["id"]),
            appointment: text(&appointment["id"]),
            slot,
            run: run.json()["id"]
                .as_str()
                .map_or_else(|| Uuid::nil().to_string(), str::to_owned),
            evidence: evidence["inbox"]
                .as_str()
                .map_or_else(|| Uuid::nil().to_string(), str::to_owned),
            account: bench.account().id.0.to_string(),
            spare: spare.code,
            opening: id(app, "select id from opening").await,
            link: app.chance.secret(16),
            people: vec![
                (Role::SocialWorker, welcome.worker),
                (Role::Coordinator, welcome.coordinator),
                (Role::Mediator, welcome.mediator),
                (Role::Refurbisher, bench),
                (Role::Storekeeper, keeper),
                (Role::CollectionAgent, agent),
            ],
        }
    }

    /// An address of a route, naming what is there; none when nobody said what stands for a parameter.
    pub(crate) fn address(&self, path: &str) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        let mut before = String::new();
        for part in path.split('/') {
            let Some(name) = part.strip_prefix('{') else {
                part.clone_into(&mut before);
                parts.push(part.to_owned());
                continue;
            };
            let end = name.find('}').unwrap_or(name.len());
            let (name, rest) = name.split_at(end);
            let value = self.named(&before, name)?;
            parts.push(format!("{value}{}", &rest[1..]));
        }
        Some(parts.join("/"))
    }

    /// Somebody of theirs who may use a route.
    pub(crate) fn who_may(&self, access: Access) -> &Client {
        let found = self.people.iter().find(|(role, _)| may(access, *role));
        &found.expect("somebody who may").1
    }

    /// What stands for a parameter, by the word before it.
    fn named(&self, before: &str, name: &str) -> Option<String> {
        let nobody = || Uuid::from_u128(1).to_string();
        Some(match (before, name) {
            ("devices" | "p" | "P", "code") => self.device.clone(),
            ("media", "id") => self.medium.clone(),
            ("media", "code") => self.loose.clone(),
            ("donations", "reference") => self.donation.clone(),
            ("lots", "lot") => self.lot.clone(),
            ("requests" | "queue", "reference") => self.held.clone(),
            ("allocations", "id") => self.allocation.clone(),
            ("appointments" | "agenda" | "handovers", "id") => self.appointment.clone(),
            ("runs", "id") => self.run.clone(),
            ("evidence", "id") => self.evidence.clone(),
            ("accounts", "id") => self.account.clone(),
            ("openings", "id") => self.opening.clone(),
            ("h" | "link", "secret") => self.link.clone(),
            ("sites", "slug") => "montpellier-atelier".to_owned(),
            ("organisations", "slug") => "envie".to_owned(),
            ("venues", "slug") => "montpellier-mediatheque".to_owned(),
            ("problems", "code") => "held".to_owned(),
            ("assets", "*path") => "rebond.css".to_owned(),
            ("docs", "operation") => "post_v1_scans".to_owned(),
            // Nothing of the kind is there before a story makes it.
            (
                "tokens" | "letters" | "breaches" | "duplicates" | "items" | "mail" | "sessions"
                | "roles" | "badges",
                _,
            ) => nobody(),
            _ => return None,
        })
    }

    /// What must be in the query of a list.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        (name == "request").then(|| self.held.clone())
    }

    /// A body that is in order, of each post of the API that takes JSON, naming the association's things; none when
    /// nobody said one.
    pub(crate) fn body(&self, path: &str) -> Option<Value> {
        Some(match path {
            "/api/v1/allocations" => hold(&self.waiting, &self.spare),
            "/api/v1/allocations/runs" => json!({"apply": false}),
            "/api/v1/allocations/{id}/release" => json!({"reason": "cancelled"}),
            "/api/v1/appointments" => booking(&self.held, &self.slot),
            "/api/v1/appointments/{id}/move" => {
                json!({"pickup_slot": self.slot, "onboarding_slot": self.slot})
            }
            "/api/v1/appointments/{id}/attendance" => json!({"outcome": "no_show", "part": "both"}),
            "/api/v1/devices/{code}/checks" => {
                json!({"locks_checked": true, "locks": [], "tests": []})
            }
            "/api/v1/devices/{code}/evidence/{id}/answers" => {
                json!({"confirm": ["before-donation"]})
            }
            "/api/v1/devices/{code}/gradings" => {
                json!({"observations": {"appearance": "minor_wear", "screen": "clean"}})
            }
            "/api/v1/devices/{code}/media" => json!({"code": self.loose}),
            "/api/v1/devices/{code}/media/{id}/missing" => json!({"reason": "missing"}),
            "/api/v1/devices/{code}/media/{id}/removal" => json!({"to": "stock"}),
            "/api/v1/devices/{code}/media/{id}/sanitisations" => json!({
                "method": "overwrite", "level": "clear", "tool": "nwipe 0.34", "verification": "last_pass", "result": "success",
            }),
            "/api/v1/donations" => json!({
                "site": "beziers-collecte", "consent_to_erasure": true, "devices": [{"kind": "laptop", "condition": "working"}],
            }),
            "/api/v1/evidence/{id}/device" => json!({"device": self.device}),
            "/api/v1/handovers" => {
                handover(&json!(self.appointment), &self.held, &self.device, "000000")
            }
            "/api/v1/labels" => {
                json!({"codes": [self.device], "layout": "device", "format": "pdf"})
            }
            "/api/v1/media/{code}/destruction" => {
                json!({"witness": "nobody", "certificate": "C-1"})
            }
            "/api/v1/recycling/lots" => {
                json!({"site": "montpellier-magasin", "category": "small_it"})
            }
            "/api/v1/recycling/lots/{lot}/close" => json!({"weight_grams": 1800}),
            "/api/v1/recycling/lots/{lot}/collect" => {
                json!({"carrier": "Camion", "operator": "Filière", "reference": "B-1"})
            }
            "/api/v1/recycling/lots/{lot}/items" => json!({"code": self.device}),
            "/api/v1/requests" => request("0601020397"),
            "/api/v1/requests/{reference}/decision" => {
                json!({"outcome": "eligible", "reason": "proof_seen"})
            }
            "/api/v1/requests/{reference}/exchange" => json!({"reason": "fault"}),
            "/api/v1/scans" => {
                json!({"scan_id": Uuid::new_v4(), "code": self.device, "action": "start_sanitisation", "site": "montpellier-atelier"})
            }
            "/api/v1/scans/batch" => {
                json!({"scans": [{"scan_id": Uuid::new_v4(), "code": self.device, "action": "start_sanitisation", "site": "montpellier-atelier"}]})
            }
            _ => return None,
        })
    }
}

/// Whether a route is the API's, and posts JSON.
pub(crate) fn takes_json(route: &Declared, document: &Value) -> bool {
    let method = route.method.as_str().to_lowercase();
    route.method == Method::POST
        && document["paths"][route.path][method]["requestBody"]["content"]["application/json"]
            .is_object()
}

/// Things of a family that only who serves them finds: for everybody else they are not there. A mediator books at
/// their own venue whoever's request it is.
pub(crate) fn is_private(path: &str, role: Role) -> bool {
    if role == Role::Mediator && path.starts_with("/requests/{") {
        return false;
    }
    [
        "donations/{",
        "lots/{",
        "requests/{",
        "appointments/{",
        "agenda/{",
        "handovers/{",
        "openings/{",
    ]
    .iter()
    .any(|family| path.contains(family))
}

/// Roles that see beyond their own organisation.
pub(crate) const fn sees_all(role: Role) -> bool {
    matches!(
        role,
        Role::Coordinator | Role::Auditor | Role::Administrator
    )
}

/// Whether a role may use a route.
pub(crate) fn may(access: Access, role: Role) -> bool {
    match access {
        Access::Needs(permission) => permission.roles().contains(&role),
        Access::Public | Access::Household | Access::SignedIn => true,
    }
}
