//! The story of allocation, welcome and handover: who got which device, when they came, who did not.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use entities::enums::{
    AppointmentState, CustodyKind, DeviceKind, OnboardingState, PaymentMeans, ReleaseReason,
    RequestStatus, Stage,
};
use entities::ids::{AllocationId, AppointmentId, MediumId, OnboardingId, VenueId};
use entities::{allocation, appointment, appointment_request, handover, onboarding, seat};

use super::basin::{Basin, Place};
use super::bench::{Done, account};
use super::book::Book;
use super::dice::Dice;
use super::homes::Need;
use crate::access::By;
use crate::app::App;
use crate::appointments::rules::{self as slots, SlotTime};
use crate::appointments::steps;
use crate::clock::id_at;
use crate::devices::Event;
use crate::devices::event::ReturnReason;
use crate::devices::medium_event::MediumEvent;
use crate::error::{Error, Result};
use crate::french::local_date;
use crate::requests::rules::Reason;
use crate::requests::steps::policy;

/// Who holds and who welcomes.
#[derive(Debug)]
pub(super) struct Welcome {
    pub(super) holds: By,
    pub(super) hands_over: By,
    /// Slug of who hands over, in its receipts' numbers.
    pub(super) seller: String,
}

/// The match as the story tells it.
pub(super) struct Giving<'a> {
    pub(super) app: &'a App,
    pub(super) book: &'a mut Book,
    pub(super) dice: &'a Dice,
    pub(super) welcome: &'a Welcome,
    pub(super) now: DateTime<Utc>,
    openings: &'a [Place],
    /// Free devices by kind, the one that was ready first before the others.
    free: HashMap<DeviceKind, BTreeSet<(DateTime<Utc>, usize)>>,
}

/// How a visit ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Booked,
    Came,
    Missed,
    Cancelled,
}

impl<'a> Giving<'a> {
    /// Everything that is ready is free.
    pub(super) fn new(
        app: &'a App,
        book: &'a mut Book,
        dice: &'a Dice,
        basin: &'a Basin,
        devices: &[Done],
        now: DateTime<Utc>,
    ) -> Self {
        let mut free: HashMap<DeviceKind, BTreeSet<(DateTime<Utc>, usize)>> = HashMap::new();
        for (n, done) in devices.iter().enumerate() {
            let device = &done.given.device;
            // Some of the newest are left for whoever tries the demo.
            let left = now - done.at < TimeDelta::days(16) && dice.happens(60);
            if device.stage == Stage::Ready && device.custody == CustodyKind::Site && !left {
                free.entry(device.kind).or_default().insert((done.at, n));
            }
        }
        Self {
            app,
            book,
            dice,
            welcome: &basin.welcome,
            now,
            openings: &basin.places,
            free,
        }
    }

    /// Serves needs in the order in which they wait. Some of the newest are left for whoever tries the demo.
    pub(super) fn serve(&mut self, needs: &mut [Need], devices: &mut [Done]) -> Result<()> {
        let mut order: Vec<usize> = (0..needs.len())
            .filter(|n| needs[*n].waits.is_some())
            .collect();
        order.sort_by_key(|n| needs[*n].waits);
        for n in order {
            let fresh = needs[n]
                .waits
                .is_some_and(|w| self.now - w < TimeDelta::days(9));
            if fresh && self.dice.happens(75) {
                continue;
            }
            // Who does not come the first time is served the second time, or waits.
            for _ in 0..2 {
                if !self.visit(&mut needs[n], devices)? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// One round for a need: hold, book, come or not. True when it waits again.
    fn visit(&mut self, need: &mut Need, devices: &mut [Done]) -> Result<bool> {
        let Some(waits) = need.waits else {
            return Ok(false);
        };
        let Some(chosen) = self.choose(need) else {
            return Ok(false);
        };
        let ready = chosen.iter().map(|(at, _)| *at).max().unwrap_or(waits);
        let Some(held) = self.dice.later(ready.max(waits), 4, 70) else {
            return self.put_back(need, chosen);
        };
        let mut allocations = Vec::new();
        for (request, (_, n)) in need.requests.iter().zip(&chosen) {
            let id = AllocationId(id_at(held));
            let event = Event::Allocated {
                allocation: id,
                request: request.id,
            };
            let device = &mut devices[*n].given.device;
            self.book
                .happens(device, &event, &self.welcome.holds, held)?;
            devices[*n].at = held;
            allocations.push(self.allocation(id, device.id, request.id, held)?);
        }
        let booked = self.dice.later(held, 2, 72);
        let slot = booked.and_then(|at| self.slot(need.venue, at).map(|slot| (at, slot)));
        let Some((booked, (opening, slot))) = slot else {
            // Held, and nobody has booked yet; an old hold would have ended.
            if self.now - held > TimeDelta::days(13) {
                return Err(Error::broken("the demo found no slot"));
            }
            self.book.allocations.extend(allocations);
            return Ok(false);
        };
        let visit = if slot.ends_at + TimeDelta::minutes(40) > self.now {
            Visit::Booked
        } else {
            self.dice
                .weighed(&[(90, Visit::Came), (6, Visit::Missed), (4, Visit::Cancelled)])
        };
        let appointment = self.appointment(need, opening, slot, booked, visit);
        for one in &mut allocations {
            one.ends_at = slots::hold_end(slot.ends_at, policy(self.app).hold_grace());
        }
        let nth: Vec<usize> = chosen.iter().map(|(_, n)| *n).collect();
        match visit {
            Visit::Booked => {}
            Visit::Came => self.hand_over(
                need,
                devices,
                &nth,
                &mut allocations,
                appointment,
                opening,
                slot,
            )?,
            Visit::Missed | Visit::Cancelled => {
                self.release(need, devices, &nth, &mut allocations, booked, slot, visit)?;
            }
        }
        self.book.allocations.extend(allocations);
        Ok(matches!(visit, Visit::Missed | Visit::Cancelled))
    }

    #[expect(clippy::unnecessary_wraps, reason = "the same shape as its neighbours")]
    fn put_back(&mut self, need: &Need, chosen: Vec<(DateTime<Utc>, usize)>) -> Result<bool> {
        for (request, place) in need.requests.iter().zip(chosen) {
            self.free.entry(request.kind).or_default().insert(place);
        }
        Ok(false)
    }

    /// The oldest free device for each request of a need, or nothing.
    fn choose(&mut self, need: &Need) -> Option<Vec<(DateTime<Utc>, usize)>> {
        let has_all = need
            .requests
            .iter()
            .all(|r| self.free.get(&r.kind).is_some_and(|pool| !pool.is_empty()));
        if !has_all {
            return None;
        }
        need.requests
            .iter()
            .map(|r| self.free.get_mut(&r.kind)?.pop_first())
            .collect()
    }

    fn allocation(
        &self,
        id: AllocationId,
        device: entities::ids::DeviceId,
        request: entities::ids::RequestId,
        at: DateTime<Utc>,
    ) -> Result<allocation::Model> {
        let reasons = [Reason::new(
            "rank",
            "Première de la file pour ce type d’équipement.",
        )];
        Ok(allocation::Model {
            id,
            device_id: device,
            request_id: request,
            run_id: None,
            allocated_by: account(&self.welcome.holds),
            reason: "queue_order".to_owned(),
            reasons: serde_json::to_string(&reasons).map_err(Error::internal)?,
            at,
            ends_at: at + policy(self.app).hold_length(),
            ended_at: None,
            end_reason: None,
            kept: None,
        })
    }

    /// A slot near the household that a device can reach, with a free seat.
    fn slot(&self, venue: VenueId, booked: DateTime<Utc>) -> Option<(usize, SlotTime)> {
        let mut found = Vec::new();
        for (n, opening) in self.openings.iter().enumerate() {
            if opening.venue.id != venue {
                continue;
            }
            let lead = TimeDelta::hours(opening.venue.transfer_lead_hours.into());
            let from = booked + lead + TimeDelta::hours(12);
            for slot in slots::slots(&opening.rule, from, from + TimeDelta::days(35)) {
                let taken = self
                    .book
                    .carried
                    .taken
                    .get(&(opening.row.id, slot.starts_at.timestamp()));
                if taken.copied().unwrap_or(0) < opening.row.capacity {
                    found.push((slot.starts_at, n, slot));
                }
            }
        }
        found.sort_unstable_by_key(|(at, n, _)| (*at, *n));
        let first = u32::try_from(found.len()).ok()?.min(16).checked_sub(1)?;
        let (_, n, slot) = *found.get(self.dice.between(0, first) as usize)?;
        Some((n, slot))
    }

    fn appointment(
        &mut self,
        need: &Need,
        opening: usize,
        slot: SlotTime,
        booked: DateTime<Utc>,
        visit: Visit,
    ) -> AppointmentId {
        let Place { row, venue, .. } = &self.openings[opening];
        let id = AppointmentId(id_at(booked));
        let code = format!("{:06}", self.dice.between(0, 999_999));
        let (state, meeting, ended) = match visit {
            Visit::Booked => (AppointmentState::Booked, OnboardingState::Booked, None),
            Visit::Came => (
                AppointmentState::Attended,
                OnboardingState::Attended,
                Some(slot.starts_at),
            ),
            Visit::Missed => (
                AppointmentState::NoShow,
                OnboardingState::NoShow,
                Some(slot.ends_at),
            ),
            Visit::Cancelled => (
                AppointmentState::Cancelled,
                OnboardingState::Cancelled,
                Some(booked),
            ),
        };
        self.book.appointments.push(appointment::Model {
            id,
            client_id: None,
            body_hash: self
                .app
                .keys
                .keyed_hash("appointment-body", id.0.as_bytes())
                .to_vec(),
            household_id: need.household,
            venue_id: venue.id,
            opening_id: row.id,
            starts_at: slot.starts_at.timestamp(),
            ends_at: slot.ends_at.timestamp(),
            state,
            booked_by: need.requests.first().map(|r| r.filed_by),
            pickup_code_hash: (visit == Visit::Booked)
                .then(|| steps::code_hash(self.app, id, &code)),
            pickup_code_failures: 0,
            pickup_code_misses: 0,
            pickup_code_renewals: 0,
            pickup_code_sent_at: Some(booked),
            created_at: booked,
            ended_at: ended,
            version: if visit == Visit::Booked { 1 } else { 2 },
        });
        let meeting_id = OnboardingId(id_at(booked));
        self.book.onboardings.push(onboarding::Model {
            id: meeting_id,
            household_id: need.household,
            venue_id: venue.id,
            opening_id: row.id,
            starts_at: slot.starts_at.timestamp(),
            ends_at: slot.ends_at.timestamp(),
            state: meeting,
            topics: "[]".to_owned(),
            minutes: (visit == Visit::Came).then_some(row.slot_minutes),
            version: if visit == Visit::Booked { 1 } else { 2 },
        });
        for request in &need.requests {
            self.book.couples.push(appointment_request::Model {
                appointment_id: id,
                request_id: request.id,
                onboarding_id: meeting_id,
                household_id: need.household,
                live: matches!(visit, Visit::Booked | Visit::Came),
            });
        }
        if matches!(visit, Visit::Booked | Visit::Came) {
            let n = self
                .book
                .carried
                .taken
                .entry((row.id, slot.starts_at.timestamp()))
                .or_default();
            *n += 1;
            self.book.seats.push(seat::Model {
                opening_id: row.id,
                starts_at: slot.starts_at.timestamp(),
                n: *n,
                capacity: row.capacity,
                appointment_id: id,
            });
        }
        id
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the couple of device, request and visit"
    )]
    fn hand_over(
        &mut self,
        need: &mut Need,
        devices: &mut [Done],
        nth: &[usize],
        allocations: &mut [allocation::Model],
        appointment: AppointmentId,
        opening: usize,
        slot: SlotTime,
    ) -> Result<()> {
        let by = self.welcome.hands_over;
        let site = self.openings[opening].venue.site_id;
        for ((request, n), held) in need.requests.iter_mut().zip(nth).zip(allocations) {
            let done = &mut devices[*n];
            let brought = slot.starts_at - TimeDelta::minutes(self.dice.between(25, 180).into());
            let device = &mut done.given.device;
            self.book.happens(
                device,
                &Event::Moved { site },
                &by,
                brought.max(done.at + TimeDelta::minutes(1)),
            )?;
            let at = slot.starts_at + TimeDelta::seconds(self.dice.between(300, 1_800).into());
            let event = Event::HandedOver {
                allocation: held.id,
                request: request.id,
            };
            self.book.happens(device, &event, &by, at)?;
            done.at = at;
            held.kept = Some(true);
            let cap = policy(self.app).cap_cents(device.kind);
            let contribution = request.contribution_cents.min(cap);
            let receipt = (contribution > 0).then(|| {
                let (seller, year) = (&self.welcome.seller, local_date(at).year());
                let n = self.book.number(&format!("receipt-{seller}-{year}"));
                format!("{seller}-{year}-{n:05}")
            });
            self.book.handovers.push(handover::Model {
                allocation_id: held.id,
                device_id: device.id,
                request_id: request.id,
                appointment_id: appointment,
                kept: true,
                contribution_cents: contribution,
                cap_cents: cap,
                public_donor: done.given.public_donor,
                seller_may_sell: true,
                means: (contribution > 0).then(|| {
                    *self
                        .dice
                        .pick(&[PaymentMeans::Cash, PaymentMeans::Card, PaymentMeans::Cheque])
                }),
                payment_reference: None,
                receipt_number: receipt,
                checklist: r#"{"charger":true}"#.to_owned(),
                mediator_id: account(&by),
                witness_id: None,
                exception: None,
                organisation_id: by
                    .organisation
                    .ok_or_else(|| Error::broken("nobody's venue"))?,
                at,
            });
            request.status = RequestStatus::Served;
            request.served_at = Some(at);
            request.version += 1;
            need.waits = None;
            if self.dice.happens(3)
                && let Some(back) = self.dice.later(at, 500, 5_000)
            {
                self.take_back(request, done, held, site, back)?;
            }
        }
        Ok(())
    }

    /// It comes back: what a household had may hold its data.
    fn take_back(
        &mut self,
        request: &mut entities::request::Model,
        done: &mut Done,
        held: &mut allocation::Model,
        site: entities::ids::SiteId,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let by = self.welcome.hands_over;
        let reopened: Vec<MediumId> = done.media.iter().map(|m| m.id).collect();
        for medium in &mut done.media {
            self.book
                .medium_happens(medium, &MediumEvent::Returned {}, &by, at)?;
        }
        let event = Event::Returned {
            site,
            reason: *self.dice.pick(ReturnReason::ALL),
            may_wipe: true,
            reopened,
        };
        self.book.happens(&mut done.given.device, &event, &by, at)?;
        done.at = at;
        held.ended_at = Some(at);
        held.end_reason = Some(ReleaseReason::Returned);
        request.status = RequestStatus::Closed;
        request.closed_at = Some(at);
        request.version += 1;
        Ok(())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the couple of device, request and visit"
    )]
    fn release(
        &mut self,
        need: &mut Need,
        devices: &mut [Done],
        nth: &[usize],
        allocations: &mut [allocation::Model],
        booked: DateTime<Utc>,
        slot: SlotTime,
        visit: Visit,
    ) -> Result<()> {
        let missed = visit == Visit::Missed;
        let (at, by, reason) = if missed {
            let at = slot.ends_at + TimeDelta::minutes(self.dice.between(5, 30).into());
            (at, self.welcome.hands_over, ReleaseReason::NoShow)
        } else {
            let at = booked + TimeDelta::minutes(self.dice.between(60, 600).into());
            (
                at.min(slot.starts_at),
                By::HOUSEHOLD,
                ReleaseReason::Cancelled,
            )
        };
        for ((request, n), held) in need.requests.iter_mut().zip(nth).zip(allocations) {
            let done = &mut devices[*n];
            let event = Event::Released {
                allocation: held.id,
                reason,
            };
            self.book.happens(&mut done.given.device, &event, &by, at)?;
            done.at = at;
            held.ended_at = Some(at);
            held.end_reason = Some(reason);
            held.kept = Some(false);
            self.free.entry(request.kind).or_default().insert((at, *n));
            request.no_shows += i32::from(missed);
            request.waits_since = Some(at);
            request.version += 1;
            need.waits = Some(at);
        }
        Ok(())
    }
}
