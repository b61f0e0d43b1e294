//! The booking of each start: a household that comes today, to a venue that is open whatever the hour, for a device
//! that is there and costs nothing. Filed, held and told by the same actions as any other.

use chrono::{DateTime, Datelike, Days, TimeDelta, Utc};
use chrono_tz::Europe::Paris;
use entities::enums::{
    AppointmentState, Channel, Condition, DeviceKind, DonationStatus, EnteredAs, FamilyTie,
    NeedUse, OnboardingState, RequestStatus,
};
use entities::ids::{AppointmentId, DonationId, OnboardingId};
use entities::{appointment, appointment_request, donation, onboarding, request};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;

use super::announcement::Booking;
use super::bench::{Work, account as account_of};
use super::book::Book;
use super::catalogue::{FAMILY_NAMES, GIVEN_NAMES, PRODUCTS};
use super::dice::Dice;
use super::gifts::{self, Given};
use super::people::{Cast, Stage};
use super::rows::insert;
use super::territory::{ALWAYS_OPEN, Territory};
use crate::access::{Actor, assignments, steps as access_steps};
use crate::allocation::actions::{AllocateInput, DirectReason, allocate};
use crate::app::App;
use crate::appointments::rules::{SlotTime, slots};
use crate::appointments::{seats, steps as appointment_steps, store as appointment_store};
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::households::input::{ContactInput, PersonInput};
use crate::households::steps::{HouseholdInput, new_link};
use crate::notifications::message::Message;
use crate::requests::actions::file;
use crate::requests::input::{EvidenceInput, NeedInput, RequestInput, ResourcesInput};
use crate::requests::words::Proof;
use crate::{allocation, french, notifications, requests};

/// Tries to find somebody whom no earlier start made up.
const TRIES: usize = 5;

/// Makes the booking.
///
/// # Errors
/// When the demo's places or people were changed so much that nobody can come.
pub(super) async fn book(app: &App) -> Result<Booking> {
    let now = app.clock.now();
    let dice = Dice::open(now);
    let territory = Territory::load(app.db.read()).await?;
    let cast = Cast::load(app.db.read()).await?;
    let request = ask(app, &dice, now).await?;
    let device = bring(app, &dice, &territory, &cast, now).await?;
    let hold = AllocateInput {
        id: None,
        request: request.reference.clone(),
        device: device.clone(),
        reason: DirectReason::Urgent,
    };
    allocate(app, &actor(app, "coordination").await?, &hold).await?;
    let (appointment, code, link) = come(app, &territory, &request).await?;
    Ok(Booking {
        link,
        pickup_code: code,
        request: request.reference,
        appointment: appointment.to_string(),
        device,
    })
}

/// Somebody of the cast as they act through a page.
async fn actor(app: &App, name: &str) -> Result<Actor> {
    assignments::acting(app, &format!("{name}@rebond.example")).await
}

/// A request that the policy approves at once and that costs nothing.
#[expect(clippy::similar_names, reason = "the words of the field")]
async fn ask(app: &App, dice: &Dice, now: DateTime<Utc>) -> Result<request::Model> {
    let files = actor(app, "prescription").await?;
    for _ in 0..TRIES {
        let filed = file(app, &files, need(dice, now)).await?;
        let row = requests::steps::by_reference(app.db.read(), &filed.view.reference).await?;
        if row.status == RequestStatus::Waiting && row.contribution_cents == 0 {
            return Ok(row);
        }
    }
    Err(Error::broken(
        "the policy of the demo approves nobody at no cost",
    ))
}

fn need(dice: &Dice, now: DateTime<Utc>) -> RequestInput {
    let today = french::local_date(now);
    let born = today
        .checked_sub_days(Days::new(dice.between(20 * 366, 70 * 365).into()))
        .unwrap_or(today);
    RequestInput {
        id: None,
        household: HouseholdInput {
            people: vec![PersonInput {
                birth_date: born,
                family_name: (*dice.pick(&FAMILY_NAMES)).to_owned(),
                given_name: (*dice.pick(&GIVEN_NAMES)).to_owned(),
                relation: FamilyTie::Applicant,
            }],
            commune: "34172".to_owned(),
            language: "fr".to_owned(),
            contact: ContactInput {
                phone: Some(format!("06399{:05}", dice.between(80_000, 89_999))),
                email: None,
                postal_address: None,
                channel: Channel::Text,
            },
        },
        resources: ResourcesInput {
            net_monthly_cents: Some(42_000),
            quotient_familial: None,
            low_income_status: false,
        },
        evidence: vec![EvidenceInput {
            kind: Proof::Resources,
            seen_on: today,
            valid_until: today.checked_add_days(Days::new(60)).unwrap_or(today),
        }],
        need: NeedInput {
            kind: DeviceKind::Laptop,
            need_use: NeedUse::Administration,
        },
    }
}

/// A laptop given this morning, wiped, repaired and brought to the venue. Answers its code.
async fn bring(
    app: &App,
    dice: &Dice,
    territory: &Territory,
    cast: &Cast,
    now: DateTime<Utc>,
) -> Result<String> {
    let stage = Stage::new(territory, cast)?;
    let mut book = Book::default();
    let mut given = give(dice, &stage, &mut book, now - TimeDelta::minutes(170))?;
    let mut work = Work {
        book: &mut book,
        dice,
        stage: &stage,
    };
    let here = territory.venue(ALWAYS_OPEN)?.site_id;
    let media = work.make_ready(&mut given, here, &cast.by("mediation")?, now)?;
    book.keep_logs(app).await?;
    let code = given.device.code.clone();
    let (donation, counter) = (given.device.donation_id, &stage.counters[2]);
    book.devices.push(given.device);
    book.media.extend(media);
    let tx = app.db.write().await?;
    let year = french::local_date(now).year();
    let row = donation::Model {
        id: donation,
        reference: access_steps::next_reference(&tx, "D", year).await?,
        site_id: counter.site,
        donor_id: None,
        entered_as: EnteredAs::Product,
        legal_basis: None,
        unit_value_cents: None,
        transfer_reference: None,
        public_donor: false,
        consent_to_erasure: true,
        status: DonationStatus::Closed,
        received_by: account_of(&counter.by),
        received_at: now - TimeDelta::minutes(170),
        closed_at: Some(now - TimeDelta::minutes(165)),
        body_hash: app
            .keys
            .keyed_hash("donation-body", donation.0.as_bytes())
            .to_vec(),
        version: 2,
    };
    insert::<donation::Entity, _, donation::ActiveModel>(&tx, vec![row]).await?;
    book.write(&tx).await?;
    tx.commit().await?;
    Ok(code)
}

fn give(dice: &Dice, stage: &Stage, book: &mut Book, at: DateTime<Utc>) -> Result<Given> {
    let product = PRODUCTS
        .iter()
        .map(|(_, product)| *product)
        .find(|p| p.model == "ThinkPad T460")
        .ok_or_else(|| Error::broken("the demo's laptop is in no catalogue"))?;
    let donation = DonationId(id_at(at));
    let mut device = gifts::device(book, dice, &stage.counters[2], donation, product, at)?;
    device.condition = Condition::Working;
    gifts::line(book, donation, 0, &device, at);
    Ok(Given {
        device,
        product,
        public_donor: false,
    })
}

/// The appointment: seat, code, link, and the message that tells the household.
async fn come(
    app: &App,
    territory: &Territory,
    request: &request::Model,
) -> Result<(AppointmentId, String, String)> {
    let now = app.clock.now();
    let venue = territory.venue(ALWAYS_OPEN)?;
    let opening = territory
        .openings
        .iter()
        .find(|(slug, _)| *slug == ALWAYS_OPEN)
        .map(|(_, row)| row)
        .ok_or_else(|| Error::broken("the demo's venue is never open"))?;
    let rule = appointment_store::rule(opening)?;
    let slot = slot_of_today(&rule, now)?;
    let code = format!("{:06}", app.chance.below(1_000_000));
    let tx = app.db.write().await?;
    let id = AppointmentId(id_at(now));
    let row = appointment::Model {
        id,
        client_id: None,
        body_hash: app
            .keys
            .keyed_hash("appointment-body", id.0.as_bytes())
            .to_vec(),
        household_id: request.household_id,
        venue_id: venue.id,
        opening_id: opening.id,
        starts_at: slot.starts_at.timestamp(),
        ends_at: slot.ends_at.timestamp(),
        state: AppointmentState::Booked,
        booked_by: Some(request.filed_by),
        pickup_code_hash: Some(appointment_steps::code_hash(app, id, &code)),
        pickup_code_failures: 0,
        pickup_code_misses: 0,
        pickup_code_renewals: 0,
        pickup_code_sent_at: Some(now),
        created_at: now,
        ended_at: None,
        version: 1,
    };
    insert::<appointment::Entity, _, appointment::ActiveModel>(&tx, vec![row]).await?;
    couple(&tx, request, id, opening, slot, now).await?;
    seats::take(&tx, &rule, slot.starts_at, id).await?;
    let hold = allocation::steps::live(&tx, request.id)
        .await?
        .ok_or_else(|| Error::broken("the demo's hold is gone"))?;
    // Until the end of tomorrow: whoever tries the demo in the evening finds it in the morning.
    allocation::steps::extend(&tx, &hold, slot.ends_at + TimeDelta::hours(36)).await?;
    let link = new_link(app, &tx, request.household_id, now).await?;
    let message = Message::Booked {
        pickup: appointment_steps::meeting(venue, slot.starts_at),
        onboarding: None,
        code: code.clone(),
        link: link.clone(),
    };
    notifications::steps::to_household(app, &tx, request.household_id, &message, now).await?;
    tx.commit().await?;
    Ok((id, code, link))
}

async fn couple(
    tx: &Tx,
    request: &request::Model,
    appointment: AppointmentId,
    opening: &entities::opening::Model,
    slot: SlotTime,
    now: DateTime<Utc>,
) -> Result<()> {
    let lesson = onboarding::Model {
        id: OnboardingId(id_at(now)),
        household_id: request.household_id,
        venue_id: opening.venue_id,
        opening_id: opening.id,
        starts_at: slot.starts_at.timestamp(),
        ends_at: slot.ends_at.timestamp(),
        state: OnboardingState::Booked,
        topics: "[]".to_owned(),
        minutes: None,
        version: 1,
    };
    let pair = appointment_request::ActiveModel {
        appointment_id: Set(appointment),
        request_id: Set(request.id),
        onboarding_id: Set(lesson.id),
        household_id: Set(request.household_id),
        live: Set(true),
    };
    insert::<onboarding::Entity, _, onboarding::ActiveModel>(tx, vec![lesson]).await?;
    appointment_request::Entity::insert(pair)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// The next slot that still starts today, or the last one that did: one may come at any hour of its day.
fn slot_of_today(
    rule: &crate::appointments::rules::OpeningRule,
    now: DateTime<Utc>,
) -> Result<SlotTime> {
    let today = french::local_date(now);
    let day = slots(rule, now - TimeDelta::hours(24), now + TimeDelta::hours(24));
    let of_today: Vec<_> = day
        .into_iter()
        .filter(|s| s.starts_at.with_timezone(&Paris).date_naive() == today)
        .collect();
    of_today
        .iter()
        .find(|s| s.starts_at >= now)
        .or(of_today.last())
        .copied()
        .ok_or_else(|| Error::broken("the demo's venue is closed today"))
}
