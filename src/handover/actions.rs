//! Handing over and taking back.

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Europe::Paris;
use entities::enums::{AppointmentState, PaymentMeans};
use entities::ids::{AppointmentId, SiteId};
use entities::{appointment, device, handover, onboarding};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use subtle::ConstantTimeEq;

use super::facts::Counter;
use super::input::{ExceptionReason, HandoverInput};
use super::rules::{self, CODE_MISSES, CodeDoor};
use super::steps::{self, TakeBack};
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::appointments;
use crate::db::Tx;
use crate::devices::event::ReturnReason;
use crate::devices::{self, At, Event};
use crate::error::{Error, Missing, OnConstraint, Result};
use crate::notifications::message::Message;
use crate::{allocation, french, notifications, requests};

/// A handover, just done or found again.
#[derive(Debug)]
pub(crate) struct HandedOver {
    /// Its row.
    pub(crate) handover: handover::Model,
    /// The device as it is now.
    pub(crate) device: device::Model,
    /// It had been done before.
    pub(crate) replayed: bool,
}

/// Hands one device over.
///
/// # Errors
/// `handover-incomplete` with all that is missing, `wrong-pickup-code`, `pickup-code-locked`, `one-person-two-steps`,
/// `price-above-cap`, `sale-not-allowed`; not found for another organisation's appointment.
pub(crate) async fn hand_over(
    app: &App,
    actor: &Actor,
    input: &HandoverInput,
) -> Result<HandedOver> {
    actor.require(Permission::HandOver)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let outcome = attempt(app, &tx, actor, input, now).await;
    match outcome {
        Ok(Outcome::Done(done)) => {
            if !done.replayed {
                tx.commit().await?;
            }
            Ok(*done)
        }
        Ok(Outcome::WrongCode(appointment)) => {
            // The attempt has only read so far: the miss is kept under the same lock, so that guesses in
            // parallel all count.
            let refusal = note_miss(app, &tx, &appointment, now).await?;
            tx.commit().await?;
            Err(refusal)
        }
        Err(error) => Err(error),
    }
}

/// How an attempt ended, when no law said no.
enum Outcome {
    Done(Box<HandedOver>),
    WrongCode(Box<appointment::Model>),
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only these are told apart here"
)]
#[expect(clippy::too_many_lines, reason = "one list told in one go")]
async fn attempt(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    input: &HandoverInput,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    let appointment = appointments::store::lock(tx, AppointmentId(input.appointment)).await?;
    let venue = access::store::venue_by_id(tx, appointment.venue_id).await?;
    if venue.organisation_id != actor.organisation {
        return Err(Error::NotFound("appointment"));
    }
    let request = requests::steps::by_reference(tx, &input.request).await?;
    let request = requests::steps::lock(tx, request.id).await?;
    let device = devices::steps::find(tx, &input.code).await?;
    if let Some(done) = already(tx, &appointment, request.id, &device).await? {
        return Ok(Outcome::Done(Box::new(done)));
    }
    let counter = Counter::read(app, tx, appointment, request, device, now).await?;
    one_person_one_step(tx, actor, &counter).await?;
    let mut missing = rules::missing(&counter.facts(input), now, Paris);
    if input.exception.is_none() && input.digits().is_none() {
        missing.push(Missing::new(
            "pickup-code",
            "Demandez au foyer son code de retrait à six chiffres.",
        ));
    }
    if !missing.is_empty() {
        return Err(Error::missing("handover-incomplete", "", missing));
    }
    let witness = if let Some(exception) = &input.exception {
        let ExceptionReason::LostCode = exception.reason;
        let witness =
            access::steps::second_person(app, tx, actor, &exception.witness, "#/exception/witness")
                .await?;
        if !witness.works_with_or_coordinates(actor) {
            return Err(Error::field(
                "#/exception/witness",
                "La seconde personne travaille ici ou coordonne.",
            ));
        }
        Some(witness)
    } else {
        if let Some(refusal) = shut_door(&counter.appointment, now) {
            return Err(refusal);
        }
        if !right_code(app, &counter.appointment, input) {
            return Ok(Outcome::WrongCode(Box::new(counter.appointment)));
        }
        None
    };
    let hold = counter
        .hold
        .clone()
        .ok_or_else(|| Error::broken("a handover without its allocation"))?;
    let means = input.contribution.as_ref().map(|c| c.means);
    let paid = if means == Some(PaymentMeans::Waived) {
        0
    } else {
        counter.due_cents
    };
    allocation::steps::keep(tx, &hold).await?;
    let receipt = match paid {
        0 => None,
        _ => Some(receipt_number(tx, &counter, now).await?),
    };
    let row = handover::Model {
        allocation_id: hold.id,
        device_id: counter.device.id,
        request_id: counter.request.id,
        appointment_id: counter.appointment.id,
        kept: true,
        contribution_cents: paid,
        cap_cents: counter.cap_cents,
        public_donor: counter.public_donor,
        seller_may_sell: counter.organisation.may_sell,
        means: means.filter(|_| counter.due_cents > 0),
        payment_reference: input
            .contribution
            .as_ref()
            .and_then(|c| c.reference.clone()),
        receipt_number: receipt,
        checklist: serde_json::to_string(&input.checklist).map_err(Error::internal)?,
        mediator_id: actor.account,
        witness_id: witness.as_ref().map(|w| w.account),
        exception: witness.as_ref().map(|_| "lost_code".to_owned()),
        organisation_id: counter.organisation.id,
        at: now,
    };
    handover::Entity::insert(handover::ActiveModel::from(row.clone()))
        .exec_without_returning(tx)
        .await
        .on_constraint("handover_contribution_capped", || {
            Error::refused("price-above-cap", "")
        })
        .map_err(|error| match error {
            Error::Internal(source) => sale_refused(source),
            other => other,
        })?;
    let event = Event::HandedOver {
        allocation: hold.id,
        request: counter.request.id,
    };
    let device = devices::record(tx, &counter.device, &event, &actor.by(), At::now(now)).await?;
    attend(tx, &counter, now).await?;
    requests::steps::served(tx, &counter.request, now).await?;
    notifications::steps::to_household(
        app,
        tx,
        counter.request.household_id,
        &Message::HandedOver {},
        now,
    )
    .await?;
    Ok(Outcome::Done(Box::new(HandedOver {
        handover: row,
        device,
        replayed: false,
    })))
}

/// The CHECK that keeps public gifts from being sold by a body that may not.
fn sale_refused(source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    let says = source
        .downcast_ref::<sea_orm::DbErr>()
        .is_some_and(|e| crate::error::violates(e, "handover_lawful_sale"));
    if says {
        Error::refused("sale-not-allowed", "")
    } else {
        Error::Internal(source)
    }
}

/// The same handover, sent again.
async fn already(
    tx: &Tx,
    appointment: &appointment::Model,
    request: entities::ids::RequestId,
    device: &device::Model,
) -> Result<Option<HandedOver>> {
    let found = handover::Entity::find()
        .filter(handover::Column::RequestId.eq(request))
        .filter(handover::Column::AppointmentId.eq(appointment.id))
        .filter(handover::Column::DeviceId.eq(device.id))
        .one(tx)
        .await?;
    Ok(found
        .filter(|h| device.handed_over_by == Some(h.allocation_id))
        .map(|handover| HandedOver {
            handover,
            device: device.clone(),
            replayed: true,
        }))
}

/// One account does at most one of approve, allocate directly, hand over on a request.
async fn one_person_one_step(tx: &Tx, actor: &Actor, counter: &Counter) -> Result<()> {
    let approved = requests::steps::was_decided_by(tx, counter.request.id, actor.account).await?;
    let allocated = counter
        .hold
        .as_ref()
        .is_some_and(|h| h.run_id.is_none() && h.allocated_by == actor.account);
    if approved || allocated {
        Err(Error::refused("one-person-two-steps", ""))
    } else {
        Ok(())
    }
}

fn right_code(app: &App, appointment: &appointment::Model, input: &HandoverInput) -> bool {
    let (Some(kept), Some(digits)) = (&appointment.pickup_code_hash, input.digits()) else {
        return false;
    };
    let given = appointments::steps::code_hash(app, appointment.id, &digits);
    bool::from(kept.as_slice().ct_eq(given.as_slice()))
}

/// Why no code is looked at now, if none is.
fn shut_door(appointment: &appointment::Model, now: DateTime<Utc>) -> Option<Error> {
    let (renewals, sent) = (
        appointment.pickup_code_renewals,
        appointment.pickup_code_sent_at,
    );
    let words = match rules::code_door(renewals, sent, now) {
        CodeDoor::Open => return None,
        CodeDoor::Wait(until) => format!(
            "Trop d’essais\u{a0}: un nouveau code a été envoyé au foyer. Aucun code n’est accepté avant {}.",
            french::time(until)
        ),
        CodeDoor::Shut => {
            "Trop d’essais\u{a0}: ce rendez-vous n’accepte plus de code. La remise se fait devant \
             une seconde personne."
                .to_owned()
        }
    };
    let missing = Missing::new("pickup-code", words.clone());
    Some(Error::missing("pickup-code-locked", words, vec![missing]))
}

/// Counts a miss. After the fifth the code is dead: another is sent to the household, and none is looked at for a
/// while, so that whoever guesses gains nothing by it; the fourth time none is sent any more.
async fn note_miss(
    app: &App,
    tx: &Tx,
    before: &appointment::Model,
    now: DateTime<Utc>,
) -> Result<Error> {
    let misses = before.pickup_code_failures + 1;
    let in_all = before.pickup_code_misses + 1;
    if misses < CODE_MISSES {
        let changed = appointment::ActiveModel {
            pickup_code_failures: Set(misses),
            pickup_code_misses: Set(in_all),
            ..Default::default()
        };
        appointments::store::update(tx, before, changed).await?;
        let left = CODE_MISSES - misses;
        let words = format!(
            "Ce code n’est pas le bon ; encore {} avant qu’il soit bloqué.",
            french::counted(left.into(), "essai", "essais")
        );
        let missing = vec![Missing::new("pickup-code", words.clone())];
        return Ok(Error::missing("wrong-pickup-code", words, missing));
    }
    let renewals = before.pickup_code_renewals + 1;
    let code =
        (renewals <= rules::CODE_RENEWALS).then(|| format!("{:06}", app.chance.below(1_000_000)));
    let hash = code
        .as_deref()
        .map(|code| appointments::steps::code_hash(app, before.id, code));
    let changed = appointment::ActiveModel {
        pickup_code_failures: Set(0),
        pickup_code_misses: Set(in_all),
        pickup_code_renewals: Set(renewals),
        pickup_code_hash: Set(hash),
        pickup_code_sent_at: Set(Some(now)),
        ..Default::default()
    };
    appointments::store::update(tx, before, changed).await?;
    if let Some(code) = code {
        let message = Message::NewPickupCode { code };
        notifications::steps::to_household(app, tx, before.household_id, &message, now).await?;
    }
    let after = appointment::Model {
        pickup_code_renewals: renewals,
        pickup_code_sent_at: Some(now),
        ..before.clone()
    };
    Ok(shut_door(&after, now).unwrap_or_else(|| Error::refused("pickup-code-locked", "")))
}

/// The pickup was attended. Both rows are touched where they still stand as they were read, so that somebody who
/// cancels at the same moment finds them changed.
async fn attend(tx: &Tx, counter: &Counter, now: DateTime<Utc>) -> Result<()> {
    let changed = appointment::ActiveModel {
        state: Set(AppointmentState::Attended),
        ended_at: Set(Some(now)),
        ..Default::default()
    };
    appointments::store::update(tx, &counter.appointment, changed).await?;
    let same = onboarding::ActiveModel {
        state: Set(counter.onboarding.state),
        ..Default::default()
    };
    appointments::store::update_onboarding(tx, &counter.onboarding, same).await
}

/// The receipt's number: without gaps, per organisation and year.
async fn receipt_number(tx: &Tx, counter: &Counter, now: DateTime<Utc>) -> Result<String> {
    let year = french::local_date(now).year();
    let slug = &counter.organisation.slug;
    let number = access::steps::next_number(tx, &format!("receipt-{slug}-{year}")).await?;
    Ok(format!("{slug}-{year}-{number:05}"))
}

/// Takes a device back from its household.
///
/// # Errors
/// `wrong-place` when no household has it, `site-foreign`.
pub(crate) async fn take_back(
    app: &App,
    actor: &Actor,
    code: &str,
    site: Option<&str>,
    reason: ReturnReason,
    may_wipe: bool,
) -> Result<device::Model> {
    actor.require(Permission::TakeBack)?;
    let tx = app.db.write().await?;
    let here = access::steps::standing_site(&tx, actor, site).await?;
    let device = devices::steps::find(&tx, code).await?;
    let site: SiteId = here.id;
    let at = At::now(app.clock.now());
    let device = steps::take_back(
        app,
        &tx,
        actor,
        &device,
        TakeBack {
            site,
            reason,
            may_wipe,
        },
        at,
    )
    .await?;
    tx.commit().await?;
    Ok(device)
}
