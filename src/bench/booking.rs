//! Visits that are booked and cancelled, so that they can be booked again.

use std::collections::HashMap;

use axum::body::Body;
use axum::http::{Request, header};
use entities::enums::AppointmentState;
use entities::{appointment, appointment_request, request};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::app::App;
use crate::appointments::actions::Who;
use crate::appointments::endings;
use crate::bench::client::Ask;
use crate::bench::person::Person;
use crate::error::{Error, Result};
use crate::{allocation, routes};

/// Visits at once, at most.
const MOST: usize = 48;

/// Requests with a device held for them, and a slot for each.
#[derive(Debug)]
pub(super) struct Booking {
    /// Books.
    pub(super) who: Person,
    /// Holds the devices again after each block.
    coordinator: Person,
    /// Request and device.
    pairs: Vec<(String, String)>,
    /// Request and slot: what can be booked now.
    pub(super) ready: Vec<(String, String)>,
}

impl Booking {
    /// Pairs that a run would make for this person's service. None when there are none with a slot.
    pub(super) async fn of(app: &App, who: Person, coordinator: Person) -> Result<Option<Self>> {
        let look = serde_json::from_value(json!({"apply": false})).map_err(Error::internal)?;
        let run = allocation::actions::run(app, &coordinator.actor, look).await?;
        let run = serde_json::to_value(&run.body).map_err(Error::internal)?;
        let own = own_requests(app, &who).await?;
        let pairs: Vec<_> = run["allocated"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|pair| (word(&pair["request"]), word(&pair["device"])))
            .filter(|(request, _)| own.contains_key(request))
            .take(MOST)
            .collect();
        let mut booking = Self {
            who,
            coordinator,
            pairs,
            ready: Vec::new(),
        };
        booking.hold(app).await?;
        Ok((!booking.ready.is_empty()).then_some(booking))
    }

    /// Holds each device for its request, and looks for slots.
    async fn hold(&mut self, app: &App) -> Result<()> {
        self.ready.clear();
        let mut taken: HashMap<String, u64> = HashMap::new();
        for (reference, device) in &self.pairs {
            let input = json!({"request": reference, "device": device, "reason": "urgent_need"});
            let input = serde_json::from_value(input).map_err(Error::internal)?;
            let who = &self.coordinator.actor;
            match allocation::actions::allocate(app, who, &input).await {
                // A screen goes with its desktop: a request of its own that is not held alone.
                Err(Error::Refused { .. }) => continue,
                held => held?,
            };
            let slots = self.slots(app, reference).await?;
            let free = slots.into_iter().find(|(slot, seats)| {
                let there = taken.entry(slot.clone()).or_default();
                *there += 1;
                *there <= *seats
            });
            if let Some((slot, _)) = free {
                self.ready.push((reference.clone(), slot));
            }
        }
        Ok(())
    }

    /// Slots where one visit does both, with their seats.
    async fn slots(&self, app: &App, reference: &str) -> Result<Vec<(String, u64)>> {
        let ask = self
            .who
            .get(format!("/api/v1/slots?request={reference}&limit=500"), "");
        let request = Request::get(&ask.path)
            .header(header::AUTHORIZATION, format!("Bearer {}", ask.token))
            .body(Body::empty())
            .map_err(Error::internal)?;
        let answer = routes::router(app)
            .oneshot(request)
            .await
            .map_err(Error::internal)?;
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX)
            .await
            .map_err(Error::internal)?;
        let body: Value = serde_json::from_slice(&body).map_err(Error::internal)?;
        let slots = body["items"].as_array().into_iter().flatten();
        Ok(slots
            .filter(|slot| slot["purpose"].as_array().is_some_and(|p| p.len() == 2))
            .map(|slot| (word(&slot["id"]), slot["seats_left"].as_u64().unwrap_or(0)))
            .collect())
    }

    /// The bodies of as many bookings, each once.
    pub(super) fn bodies(&mut self, count: usize) -> Vec<Value> {
        let left = self.ready.len().saturating_sub(count);
        self.ready
            .split_off(left)
            .into_iter()
            .map(|(request, slot)| {
                json!({"requests": [request], "pickup_slot": slot, "onboarding_slot": slot})
            })
            .collect()
    }

    pub(super) fn ask(&self, body: &Value) -> Ask {
        self.who.post("/api/v1/appointments", body, "\"booked\"")
    }

    /// Cancels what was booked and holds the devices again.
    pub(super) async fn clear(&mut self, app: &App) -> Result<()> {
        let own = own_requests(app, &self.who).await?;
        let ids: Vec<_> = self
            .pairs
            .iter()
            .filter_map(|(reference, _)| own.get(reference).copied())
            .collect();
        let visits = appointment_request::Entity::find()
            .filter(appointment_request::Column::RequestId.is_in(ids))
            .all(app.db.read())
            .await?;
        let visits: Vec<_> = visits.iter().map(|v| v.appointment_id).collect();
        let booked = appointment::Entity::find()
            .filter(appointment::Column::Id.is_in(visits))
            .filter(appointment::Column::State.eq(AppointmentState::Booked))
            .all(app.db.read())
            .await?;
        for visit in booked {
            endings::cancel(app, Who::Account(&self.who.actor), visit.id).await?;
        }
        self.hold(app).await
    }
}

/// The requests of somebody's service, by reference.
async fn own_requests(
    app: &App,
    who: &Person,
) -> Result<HashMap<String, entities::ids::RequestId>> {
    let own = request::Entity::find()
        .filter(request::Column::OrganisationId.eq(who.actor.organisation))
        .all(app.db.read())
        .await?;
    Ok(own.into_iter().map(|r| (r.reference, r.id)).collect())
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
