//! Which slots can be booked for a request: openings, minus seats taken, from when the device can be there.

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::{CustodyKind, Format};
use entities::ids::{OpeningId, OrganisationId};
use entities::{device, request, venue};
use sea_orm::ConnectionTrait;

use super::rules::{OpeningRule, SlotTime, Window, slots, window};
use super::view::SlotView;
use super::{rules, seats, store};
use crate::access;
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::{allocation, devices, requests};

/// How far ahead one looks when no end is given.
const DEFAULT_DAYS: i64 = 28;

/// What to look for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Search {
    /// At this venue only.
    pub(crate) venue: Option<venue::Model>,
    /// At this organisation's venues only.
    pub(crate) organisation: Option<OrganisationId>,
    /// From when.
    pub(crate) from: Option<DateTime<Utc>>,
    /// Until when.
    pub(crate) to: Option<DateTime<Utc>>,
    /// This kind of session only.
    pub(crate) format: Option<Format>,
}

/// A slot with where it is.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    /// When.
    pub(crate) slot: SlotTime,
    /// Of which opening.
    pub(crate) rule: OpeningRule,
    /// Where.
    pub(crate) venue: venue::Model,
    /// Places left.
    pub(crate) seats_left: u16,
}

impl Offer {
    /// Its place among others, as they are listed.
    pub(crate) fn position(&self) -> Position {
        (self.slot.starts_at, self.rule.id)
    }

    /// As the API shows it.
    pub(crate) fn view(&self) -> SlotView {
        let purposes = [
            (self.rule.pickup, "pickup"),
            (self.rule.onboarding, "onboarding"),
        ];
        SlotView {
            id: rules::slot_id(self.rule.id, self.slot.starts_at),
            venue: self.venue.slug.clone(),
            format: self.rule.format,
            purpose: purposes
                .into_iter()
                .filter_map(|(on, word)| on.then_some(word))
                .collect(),
            starts_at: self.slot.starts_at,
            ends_at: self.slot.ends_at,
            seats_left: self.seats_left,
        }
    }
}

/// Where a slot stands in a list: its start, then its opening.
pub(crate) type Position = (DateTime<Utc>, OpeningId);

/// The place of a slot by its id.
pub(crate) fn position(id: &str) -> Option<Position> {
    rules::parse_slot_id(id).map(|(opening, starts_at)| (starts_at, opening))
}

/// The device held for a request.
///
/// # Errors
/// `not-held` when none is.
pub(crate) async fn held_device(
    db: &impl ConnectionTrait,
    request: &request::Model,
) -> Result<device::Model> {
    let hold = allocation::steps::live(db, request.id)
        .await?
        .filter(|a| a.kept.is_none());
    let hold = hold.ok_or_else(|| {
        Error::refused(
            "not-held",
            "Aucun équipement n’est encore réservé pour cette demande.",
        )
    })?;
    devices::store::by_id(db, hold.device_id).await
}

/// How long a device needs to be at a venue; none when it is there.
pub(crate) fn transfer(device: &device::Model, venue: &venue::Model) -> Option<TimeDelta> {
    let there = device.custody == CustodyKind::Site && device.site_id == Some(venue.site_id);
    (!there).then(|| TimeDelta::hours(venue.transfer_lead_hours.into()))
}

/// What can be booked for a request now, in order of time.
///
/// # Errors
/// `not-held` when no device is.
pub(crate) async fn offers(
    app: &App,
    request: &request::Model,
    search: &Search,
) -> Result<Vec<Offer>> {
    let device = held_device(app.db.read(), request).await?;
    open(app, Some(&device), search).await
}

/// Where an onboarding alone can be booked now, in order of time: no device has to be brought.
pub(crate) async fn lessons(app: &App, search: &Search) -> Result<Vec<Offer>> {
    let mut found = open(app, None, search).await?;
    found.retain(|offer| offer.rule.onboarding);
    Ok(found)
}

/// Slots with a free seat, once the device can be there.
async fn open(app: &App, device: Option<&device::Model>, search: &Search) -> Result<Vec<Offer>> {
    let db = app.db.read();
    let now = app.clock.now();
    let mut venues = match &search.venue {
        Some(venue) => vec![venue.clone()],
        None => access::store::venues(db).await?,
    };
    venues.retain(|venue| {
        search
            .organisation
            .is_none_or(|one| venue.organisation_id == one)
    });
    let openings = store::openings_of(db, venues.iter().map(|v| v.id).collect()).await?;
    let terms = &requests::steps::policy(app).booking;
    let from = search.from.unwrap_or(now).max(now);
    let to = search.to.unwrap_or(from + TimeDelta::days(DEFAULT_DAYS));
    let ids: Vec<OpeningId> = openings.iter().map(|o| o.id).collect();
    let taken = seats::taken(db, ids, from.timestamp(), to.timestamp()).await?;
    let mut offers = Vec::new();
    for row in openings
        .iter()
        .filter(|o| search.format.is_none_or(|f| o.format == f))
    {
        let Some(venue) = venues.iter().find(|v| v.id == row.venue_id && v.active) else {
            continue;
        };
        let rule = store::rule(row)?;
        // An onboarding alone needs no device.
        let lead = device
            .filter(|_| rule.pickup)
            .and_then(|device| transfer(device, venue));
        let open = window(terms, now, lead);
        for slot in slots(&rule, from.max(open.earliest), to.min(open.latest)) {
            let used = taken
                .get(&(rule.id, slot.starts_at.timestamp()))
                .copied()
                .unwrap_or(0);
            let left = rule.capacity.saturating_sub(used);
            if left > 0 {
                offers.push(Offer {
                    slot,
                    rule: rule.clone(),
                    venue: venue.clone(),
                    seats_left: left,
                });
            }
        }
    }
    offers.sort_by_key(Offer::position);
    Ok(offers)
}

/// A slot asked for by its id: its opening, rule, venue and time.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The opening's rule.
    pub(crate) rule: OpeningRule,
    /// Where.
    pub(crate) venue: venue::Model,
    /// When.
    pub(crate) slot: SlotTime,
}

impl Asked {
    /// Its key among the seats.
    pub(crate) fn key(&self) -> seats::SlotKey {
        (self.rule.id, self.slot.starts_at.timestamp())
    }
}

/// Keeps the openings of some slots as they are until the commit: nobody closes a day that is just being booked. In
/// order of id, where the database locks rows.
pub(crate) async fn lock(tx: &Tx, slots: &[&str]) -> Result<()> {
    if !tx.is_postgres() {
        return Ok(());
    }
    let mut ids: Vec<OpeningId> = slots
        .iter()
        .filter_map(|slot| rules::parse_slot_id(slot))
        .map(|(opening, _)| opening)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        store::keep_opening(tx, id).await?;
    }
    Ok(())
}

/// The slot of an id, if its opening makes it.
///
/// # Errors
/// `slot-unknown`.
pub(crate) async fn asked(db: &impl ConnectionTrait, id: &str) -> Result<Asked> {
    let unknown = || Error::refused("slot-unknown", "");
    let (opening, starts_at) = rules::parse_slot_id(id).ok_or_else(unknown)?;
    let row = store::opening(db, opening).await?;
    let rule = store::rule(&row)?;
    let slot = rules::slot_at(&rule, starts_at).ok_or_else(unknown)?;
    let venue = access::store::venue_by_id(db, row.venue_id).await?;
    if !venue.active {
        return Err(unknown());
    }
    Ok(Asked { rule, venue, slot })
}

/// When a slot may be booked for a device, or for an onboarding alone.
pub(crate) fn window_of(app: &App, now: DateTime<Utc>, lead: Option<TimeDelta>) -> Window {
    window(&requests::steps::policy(app).booking, now, lead)
}
