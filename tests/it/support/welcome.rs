//! Households, their requests and the venue's slots, as a story about something else needs them.

use entities::enums::{DeviceKind, Format, Role};
use entities::ids::{OpeningId, VenueId};
use entities::{device, opening};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::{Client, TestApp};

/// Who takes part in a welcome.
pub(crate) struct Welcome {
    /// Files the requests and books.
    pub(crate) worker: Client,
    /// Decides and holds.
    pub(crate) coordinator: Client,
    /// Hands over.
    pub(crate) mediator: Client,
}

impl TestApp {
    /// A ready device of a kind at the venue's own site.
    pub(crate) async fn there(&self, kind: DeviceKind) -> device::Model {
        self.device()
            .kind(kind)
            .ready()
            .at(&self.world.desk)
            .build()
            .await
    }

    /// People and a venue that opens every day with so many seats a slot.
    pub(crate) async fn welcome(&self, seats: i32) -> Welcome {
        let row = opening::Model {
            capacity: seats,
            format: if seats == 1 {
                Format::Individual
            } else {
                Format::Group
            },
            ..self.every_day(self.world.venue.id)
        };
        self.opens(row).await;
        Welcome {
            worker: self.person(Role::SocialWorker).await,
            coordinator: self.person(Role::Coordinator).await,
            mediator: self.person(Role::Mediator).await,
        }
    }

    /// An opening of a venue: one household an hour, all day long and every day, for pickup and onboarding.
    pub(crate) fn every_day(&self, venue: VenueId) -> opening::Model {
        opening::Model {
            id: OpeningId(self.chance.random_id()),
            venue_id: venue,
            capacity: 1,
            format: Format::Individual,
            pickup: true,
            onboarding: true,
            weekdays: "1,2,3,4,5,6,7".to_owned(),
            local_start: "09:00".to_owned(),
            local_end: "18:00".to_owned(),
            slot_minutes: 60,
            on_holidays: true,
            valid_from: chrono::NaiveDate::from_ymd_opt(2026, 11, 1).unwrap(),
            valid_until: None,
            closed_days: "[]".to_owned(),
            version: 1,
        }
    }

    /// Opens a venue.
    pub(crate) async fn opens(&self, opening: opening::Model) {
        let tx = self.db.write().await.unwrap();
        opening.into_active_model().insert(&tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The six digits of the newest text to a telephone that holds some.
    pub(crate) async fn pickup_code(&self, phone: &str) -> String {
        self.run_jobs().await;
        let mut texts: Vec<_> = std::fs::read_dir(self.folder.path().join("mail"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        texts.sort();
        texts
            .iter()
            .rev()
            .map(|path| std::fs::read_to_string(path).unwrap())
            .find_map(|text| {
                let (to, text) = text.split_once('\n')?;
                let digits: String = to.chars().filter(char::is_ascii_digit).collect();
                if !digits.ends_with(&phone[1..]) {
                    return None;
                }
                six_digits(text.split_once("retrait")?.1)
            })
            .expect("a text with the pickup code")
    }
}

/// The first six digits in a row that are no part of a longer number.
fn six_digits(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit())
        .find(|word| word.len() == 6)
        .map(str::to_owned)
}

impl Welcome {
    /// A request that waits, of a household with this telephone.
    pub(crate) async fn waiting(&self, phone: &str) -> String {
        let filed = self
            .worker
            .post("/api/v1/requests", request(phone))
            .await
            .created();
        assert_eq!(filed["status"], "waiting", "{filed:#}");
        filed["reference"].as_str().unwrap().to_owned()
    }

    /// Holds a device for a request and answers the allocation.
    pub(crate) async fn hold(&self, request: &str, device: &str) -> Value {
        self.coordinator
            .post("/api/v1/allocations", hold(request, device))
            .await
            .created()
    }

    /// The slots offered for a request, the earliest first.
    pub(crate) async fn slots(&self, request: &str) -> Vec<Value> {
        let answer = self
            .worker
            .get(&format!("/api/v1/slots?request={request}&limit=500"))
            .await
            .ok();
        let slots = answer["items"].as_array().unwrap().clone();
        assert!(!slots.is_empty(), "no slot is offered");
        slots
    }

    /// Books one visit for pickup and onboarding on the earliest slot; answers the appointment.
    pub(crate) async fn book(&self, request: &str) -> Value {
        let slot = self.slots(request).await[0]["id"].clone();
        self.worker
            .post("/api/v1/appointments", booking(request, &slot))
            .await
            .created()
    }
}

/// A request as it is filed: eligible by its status.
pub(crate) fn request(phone: &str) -> Value {
    json!({
        "household": {
            "people": [{"birth_date": "1984-05-02", "family_name": format!("Foyer{phone}"), "given_name": "Ada", "relation": "applicant"}],
            "commune": "34172",
            "language": "fr",
            "contact": {"phone": phone, "email": null, "channel": "text"},
        },
        "resources": {"net_monthly_cents": 60_000, "quotient_familial": null, "low_income_status": true},
        "evidence": [
            {"kind": "low_income_status", "seen_on": "2026-11-20", "valid_until": "2027-02-20"},
            {"kind": "resources", "seen_on": "2026-11-20", "valid_until": "2027-02-20"},
        ],
        "need": {"kind": "laptop", "use": "schooling"},
    })
}

/// A hold as it is asked for.
pub(crate) fn hold(request: &str, device: &str) -> Value {
    json!({"request": request, "device": device, "reason": "urgent_need"})
}

/// A booking of one visit.
pub(crate) fn booking(request: &str, slot: &Value) -> Value {
    json!({"requests": [request], "pickup_slot": slot, "onboarding_slot": slot})
}

/// A handover as the mediator asks for it.
pub(crate) fn handover(appointment: &Value, request: &str, device: &str, code: &str) -> Value {
    json!({
        "appointment": appointment, "request": request, "code": device, "pickup_code": code,
        "checklist": {"charger": true}, "contribution": {"means": "cash"},
    })
}
