//! Booking beside the person: slots by place and day, pickup and onboarding, move and cancel.
//!
//! The pickup code is never shown here: it goes to the household alone.

use askama::Template;
use axum::extract::State;
use chrono::NaiveDate;
use entities::appointment;
use entities::enums::{AppointmentState, Channel, Format, OnboardingState, Role};
use entities::request;
use serde::Deserialize;

use super::actions::{self, Who};
use super::endings;
use super::input::{BookInput, MoveInput};
use super::rules::slot_id;
use super::slots::{self, Asked, Offer, Search};
use super::store;
use super::view::instant;
use crate::access::pages::Empty;
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::error::{Error, Result};
use crate::web::page::{form_status, see_other_saying};
use crate::web::{
    Access, Flash, Form, FormState, Frame, PageResult, Path, Query, Routes, Visit, page, problem,
    see_other,
};
use crate::{allocation, french, households, requests};

/// Routes of booking for a household.
pub(crate) fn routes() -> Routes {
    let needs = Access::Needs(Permission::Book);
    Routes::new()
        .get("/requests/{reference}/book", needs, show)
        .post("/requests/{reference}/book", needs, book)
        .post("/requests/{reference}/move", needs, shift)
        .post("/requests/{reference}/cancel", needs, cancel)
}

/// What was chosen so far.
#[derive(Debug, Default, Deserialize)]
struct Choice {
    venue: Option<String>,
    pickup: Option<String>,
    onboarding: Option<String>,
    /// Choosing another time for what is booked.
    #[serde(default, rename = "move")]
    moves: Option<String>,
}

/// A place, to look at its slots alone.
struct Place {
    href: String,
    name: String,
    count: usize,
    current: bool,
}

struct Slot {
    href: String,
    time: String,
    detail: String,
}

struct Day {
    word: String,
    slots: Vec<Slot>,
}

#[derive(Template)]
#[template(path = "appointments/pages/book.html")]
struct ChoosePage {
    frame: Frame,
    reference: String,
    crumb: String,
    title: &'static str,
    why: String,
    places: Vec<Place>,
    days: Vec<Day>,
    back: Option<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "appointments/pages/book_confirm.html")]
struct ConfirmPage {
    frame: Frame,
    form: FormState,
    reference: String,
    crumb: String,
    action: String,
    fields: Vec<(String, String)>,
    pickup: String,
    lesson: String,
    told: &'static str,
    submit: &'static str,
    back: String,
}

#[derive(Template)]
#[template(path = "appointments/pages/booked.html")]
struct BookedPage {
    frame: Frame,
    form: FormState,
    reference: String,
    crumb: String,
    title: String,
    pickup: String,
    lesson: String,
    told: &'static str,
    letter: bool,
    base: String,
    /// The word of the way to another time, when there is one.
    shift: Option<&'static str>,
    /// What cancelling does, when something can be cancelled.
    cancel: Option<&'static str>,
    cancel_url: String,
}

/// A request that the actor may book for.
async fn own(app: &App, actor: &Actor, reference: &str) -> Result<request::Model> {
    let request = requests::steps::by_reference(app.db.read(), reference).await?;
    // A mediator books at their own venues only, whosever request it is.
    let may = actor.role == Role::Mediator
        || (actor.role == Role::SocialWorker && request.organisation_id == actor.organisation);
    if may && (actor.role != Role::Mediator || meets_here(app, actor, &request).await?) {
        Ok(request)
    } else {
        Err(Error::NotFound("request"))
    }
}

/// Whether a mediator's organisation receives the household at one of its visits, or no visit is booked yet.
async fn meets_here(app: &App, actor: &Actor, request: &request::Model) -> Result<bool> {
    let Some(row) = booked(app, request).await? else {
        return Ok(true);
    };
    let db = app.db.read();
    let lesson = actions::onboarding_of(db, &row).await?;
    for id in [row.venue_id, lesson.venue_id] {
        let venue = access::store::venue_by_id(db, id).await?;
        if venue.organisation_id == actor.organisation {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The page that led here.
fn crumb(actor: &Actor, reference: &str) -> String {
    if actor.role == Role::SocialWorker {
        format!("/requests/{reference}")
    } else {
        "/agenda".to_owned()
    }
}

const fn told(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "Le code de retrait part par courriel au foyer, et à lui seul.",
        Channel::Text => "Le code de retrait part par SMS au foyer, et à lui seul.",
        Channel::Letter => {
            "Le code de retrait est dans la lettre à imprimer et à remettre au foyer, sous pli."
        }
    }
}

const fn format(format: Format) -> &'static str {
    match format {
        Format::Individual => "individuel",
        Format::Group => "en groupe",
        Format::DropIn => "sans heure fixe",
    }
}

async fn booked(app: &App, request: &request::Model) -> Result<Option<appointment::Model>> {
    let db = app.db.read();
    match store::live_of(db, request.id).await? {
        Some(row) => Ok(Some(store::appointment(db, row.appointment_id).await?)),
        None => Ok(None),
    }
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
    Query(choice): Query<Choice>,
) -> PageResult {
    let request = own(&app, &actor, &reference).await?;
    let appointment = booked(&app, &request).await?;
    match appointment {
        Some(row) if choice.moves.is_none() => {
            page(&booked_page(&app, &visit, &actor, &request, &row).await?)
        }
        Some(row) if row.state == AppointmentState::Attended => {
            choose_lesson(&app, &visit, &actor, &request, &row, &choice).await
        }
        Some(_) => choose(&app, &visit, &actor, &request, &choice, true).await,
        None => choose(&app, &visit, &actor, &request, &choice, false).await,
    }
}

async fn booked_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    request: &request::Model,
    row: &appointment::Model,
) -> Result<BookedPage> {
    let db = app.db.read();
    let lesson = actions::onboarding_of(db, row).await?;
    let venue = access::store::venue_by_id(db, row.venue_id).await?;
    let lesson_venue = access::store::venue_by_id(db, lesson.venue_id).await?;
    let together = lesson.starts_at == row.starts_at && lesson.venue_id == row.venue_id;
    let attended = row.state == AppointmentState::Attended;
    let left = left_to_hand_over(app, row).await?;
    let channel = households::steps::find(db, request.household_id)
        .await?
        .channel;
    Ok(BookedPage {
        frame: access::frame(app, actor, visit).await?,
        form: FormState::new(visit),
        reference: request.reference.clone(),
        crumb: crumb(actor, &request.reference),
        title: if attended {
            let word = match lesson.state {
                OnboardingState::Booked => "Prise en main",
                OnboardingState::Attended => "Prise en main faite",
                OnboardingState::NoShow => "Prise en main manquée",
                OnboardingState::Cancelled => "Prise en main annulée",
            };
            let day = french::date_time(instant(lesson.starts_at));
            format!("{word}\u{a0}: {day}")
        } else {
            let day = french::date_time(instant(row.starts_at));
            format!("Rendez-vous pris\u{a0}: {day}")
        },
        pickup: format!(
            "{}, {}, {}",
            french::date_time(instant(row.starts_at)),
            venue.name,
            venue.postal_address
        ),
        lesson: if together {
            "Dans la même visite".to_owned()
        } else {
            format!(
                "{}, {}",
                french::date_time(instant(lesson.starts_at)),
                lesson_venue.name
            )
        },
        told: match (attended, left) {
            (false, _) => told(channel),
            (true, false) => "L’équipement a été remis.",
            (true, true) => "Un équipement de cette visite reste à remettre.",
        },
        letter: !attended && channel == Channel::Letter && actor.role == Role::SocialWorker,
        shift: match (attended, lesson.state) {
            (false, _) => Some("Déplacer"),
            (true, OnboardingState::Attended) => None,
            (true, _) => Some("Choisir une autre date de prise en main"),
        },
        cancel: match (attended, left) {
            (false, _) => Some(
                "La place est libre pour un autre foyer et l’équipement n’est plus réservé. La demande reprend sa \
                 place dans la file. Le foyer est prévenu.",
            ),
            (true, true) => Some(
                "L’équipement qui reste à remettre n’est plus réservé et sa demande reprend sa place dans la file. Le \
                 foyer est prévenu.",
            ),
            (true, false) => None,
        },
        base: format!("/requests/{}", request.reference),
        cancel_url: format!("/requests/{}/cancel", request.reference),
    })
}

/// Whether a device of the visit is still held for its request.
async fn left_to_hand_over(app: &App, row: &appointment::Model) -> Result<bool> {
    let db = app.db.read();
    for one in store::requests_of(db, row.id).await? {
        let hold = allocation::steps::live(db, one.request_id).await?;
        if one.live && hold.is_some_and(|hold| hold.kept.is_none()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where an actor may book.
fn search_of(actor: &Actor) -> Search {
    Search {
        organisation: (actor.role != Role::SocialWorker).then_some(actor.organisation),
        ..Search::default()
    }
}

/// Another onboarding after the pickup: the device is at home, only the time to learn is chosen.
async fn choose_lesson(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    request: &request::Model,
    row: &appointment::Model,
    choice: &Choice,
) -> PageResult {
    let booked = format!("/requests/{}/book", request.reference);
    let base = format!("{booked}?move=1&");
    let pickup = format!("{}\u{a0}: faite", french::date_time(instant(row.starts_at)));
    let db = app.db.read();
    let asked = match &choice.onboarding {
        Some(id) => slots::asked(db, id).await.ok().map(|asked| (id, asked)),
        None => None,
    };
    let Some((id, lesson)) = asked else {
        let offers = slots::lessons(app, &search_of(actor)).await?;
        let (places, days) = grid(
            offers.iter().collect(),
            choice.venue.as_deref(),
            &base,
            "onboarding",
        );
        return page(&ChoosePage {
            frame: access::frame(app, actor, visit).await?,
            reference: request.reference.clone(),
            crumb: crumb(actor, &request.reference),
            title: "Choisir la prise en main",
            why: format!("Remise le {pickup}."),
            places,
            days,
            back: Some((booked, "Garder ce qui est prévu")),
        });
    };
    page(&ConfirmPage {
        frame: access::frame(app, actor, visit).await?,
        form: FormState::new(visit),
        reference: request.reference.clone(),
        crumb: crumb(actor, &request.reference),
        action: format!("/requests/{}/move", request.reference),
        fields: vec![("onboarding_slot".to_owned(), id.clone())],
        pickup,
        lesson: said(&lesson),
        told: "Le foyer reçoit la nouvelle date.",
        submit: "Réserver cette prise en main",
        back: base,
    })
}

#[expect(clippy::too_many_lines, reason = "one list told in one go")]
async fn choose(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    request: &request::Model,
    choice: &Choice,
    moves: bool,
) -> PageResult {
    let base = format!(
        "/requests/{}/book?{}",
        request.reference,
        if moves { "move=1&" } else { "" }
    );
    let offers = match slots::offers(app, request, &search_of(actor)).await {
        Ok(offers) => offers,
        Err(error @ Error::Refused { .. }) => {
            let flash = Flash::refused(problem::detail(&error));
            return Ok(see_other_saying(
                &crumb(actor, &request.reference),
                &flash,
                visit.secure,
            ));
        }
        Err(error) => return Err(error.into()),
    };
    let db = app.db.read();
    let Some(pickup_id) = &choice.pickup else {
        let pickups = offers.iter().filter(|o| o.rule.pickup).collect();
        let shown = grid(pickups, choice.venue.as_deref(), &base, "pickup");
        return page(&ChoosePage {
            frame: access::frame(app, actor, visit).await?,
            reference: request.reference.clone(),
            crumb: crumb(actor, &request.reference),
            title: "Choisir la remise",
            why: "La prise en main est faite dans la même visite quand le créneau le permet."
                .to_owned(),
            places: shown.0,
            days: shown.1,
            back: moves.then(|| {
                (
                    format!("/requests/{}/book", request.reference),
                    "Garder le rendez-vous actuel",
                )
            }),
        });
    };
    let Ok(pickup) = slots::asked(db, pickup_id).await else {
        return Ok(see_other(&base));
    };
    let lesson = match &choice.onboarding {
        Some(id) => slots::asked(db, id).await.ok(),
        None if pickup.rule.onboarding => Some(pickup.clone()),
        None => None,
    };
    let Some(lesson) = lesson else {
        let lessons = offers.iter().filter(|o| o.rule.onboarding).collect();
        let kept = format!("{base}pickup={pickup_id}&");
        let shown = grid(lessons, choice.venue.as_deref(), &kept, "onboarding");
        return page(&ChoosePage {
            frame: access::frame(app, actor, visit).await?,
            reference: request.reference.clone(),
            crumb: crumb(actor, &request.reference),
            title: "Choisir la prise en main",
            why: format!(
                "Remise le {} : ce créneau ne comprend pas la prise en main.",
                said(&pickup)
            ),
            places: shown.0,
            days: shown.1,
            back: Some((base, "Choisir une autre remise")),
        });
    };
    let channel = households::steps::find(db, request.household_id)
        .await?
        .channel;
    let same = pickup.key() == lesson.key();
    let mut fields = vec![
        ("pickup_slot".to_owned(), pickup_id.clone()),
        (
            "onboarding_slot".to_owned(),
            slot_id(lesson.rule.id, lesson.slot.starts_at),
        ),
    ];
    if !moves {
        fields.push(("id".to_owned(), app.chance.random_id().to_string()));
        for (n, reference) in companions(app, request).await?.into_iter().enumerate() {
            fields.push((format!("requests[{n}]"), reference));
        }
    }
    let verb = if moves { "move" } else { "book" };
    page(&ConfirmPage {
        frame: access::frame(app, actor, visit).await?,
        form: FormState::new(visit),
        reference: request.reference.clone(),
        crumb: crumb(actor, &request.reference),
        action: format!("/requests/{}/{verb}", request.reference),
        fields,
        pickup: said(&pickup),
        lesson: if same {
            "Dans la même visite".to_owned()
        } else {
            said(&lesson)
        },
        told: if moves {
            "Le code de retrait reste le même. Le foyer reçoit la nouvelle date."
        } else {
            told(channel)
        },
        submit: if moves {
            "Déplacer le rendez-vous"
        } else {
            "Prendre ce rendez-vous"
        },
        back: base,
    })
}

/// This request, and those of the same household whose device waits too: one visit serves all.
async fn companions(app: &App, request: &request::Model) -> Result<Vec<String>> {
    let db = app.db.read();
    let mut references = vec![request.reference.clone()];
    for other in requests::steps::waiting_of(db, request.household_id).await? {
        let held = allocation::steps::live(db, other.id)
            .await?
            .is_some_and(|hold| hold.kept.is_none());
        let same_service = other.organisation_id == request.organisation_id;
        if other.id != request.id
            && held
            && same_service
            && references.len() < 5
            && store::live_of(db, other.id).await?.is_none()
        {
            references.push(other.reference);
        }
    }
    Ok(references)
}

fn said(asked: &Asked) -> String {
    format!(
        "{}, {}",
        french::date_time(asked.slot.starts_at),
        asked.venue.name
    )
}

/// Places and, of the one looked at, its days with their slots.
#[expect(clippy::needless_pass_by_value, reason = "the caller is done with it")]
fn grid(
    offers: Vec<&Offer>,
    venue: Option<&str>,
    base: &str,
    part: &str,
) -> (Vec<Place>, Vec<Day>) {
    let current = venue
        .filter(|slug| offers.iter().any(|o| o.venue.slug == *slug))
        .or_else(|| offers.first().map(|o| o.venue.slug.as_str()))
        .unwrap_or_default()
        .to_owned();
    let mut places: Vec<Place> = Vec::new();
    for offer in &offers {
        match places.iter_mut().find(|p| p.name == offer.venue.name) {
            Some(place) => place.count += 1,
            None => places.push(Place {
                href: format!("{base}venue={}", offer.venue.slug),
                name: offer.venue.name.clone(),
                count: 1,
                current: offer.venue.slug == current,
            }),
        }
    }
    let mut days: Vec<(NaiveDate, Vec<Slot>)> = Vec::new();
    for offer in offers.iter().filter(|o| o.venue.slug == current) {
        let day = french::local_date(offer.slot.starts_at);
        let slot = Slot {
            href: format!(
                "{base}{part}={}",
                slot_id(offer.rule.id, offer.slot.starts_at)
            ),
            time: french::time(offer.slot.starts_at),
            detail: format!(
                "{}, {}",
                format(offer.rule.format),
                french::counted(offer.seats_left.into(), "place", "places")
            ),
        };
        match days.last_mut().filter(|(last, _)| *last == day) {
            Some((_, slots)) => slots.push(slot),
            None => days.push((day, vec![slot])),
        }
    }
    let days = days
        .into_iter()
        .map(|(day, slots)| Day {
            word: french::weekday_date(day),
            slots,
        })
        .collect();
    (places, days)
}

async fn book(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
    form: Form<BookInput>,
) -> PageResult {
    own(&app, &actor, &reference).await?;
    let done = match form.read().0 {
        Ok(input) => actions::book(&app, Who::Account(&actor), &input)
            .await
            .map(|_| ()),
        Err(error) => Err(error),
    };
    answer(&visit, &reference, done, "Le rendez-vous est pris.", "")
}

async fn shift(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
    form: Form<MoveInput>,
) -> PageResult {
    let request = own(&app, &actor, &reference).await?;
    let row = booked(&app, &request)
        .await?
        .ok_or(Error::NotFound("appointment"))?;
    let done = match form.read().0 {
        Ok(input) => actions::shift(&app, Who::Account(&actor), row.id, &input)
            .await
            .map(|_| ()),
        Err(error) => Err(error),
    };
    answer(
        &visit,
        &reference,
        done,
        "Le rendez-vous est déplacé.",
        "?move=1",
    )
}

async fn cancel(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(reference): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    let request = own(&app, &actor, &reference).await?;
    let row = booked(&app, &request)
        .await?
        .ok_or(Error::NotFound("appointment"))?;
    match endings::cancel(&app, Who::Account(&actor), row.id).await {
        Ok(_) => Ok(see_other_saying(
            &crumb(&actor, &reference),
            &Flash::done("Le rendez-vous est annulé, l’équipement n’est plus réservé."),
            visit.secure,
        )),
        Err(error) => answer(&visit, &reference, Err(error), "", ""),
    }
}

/// Back to the request's booking: what is booked now, or the slots with what said no.
fn answer(
    visit: &Visit,
    reference: &str,
    done: Result<()>,
    words: &str,
    again: &str,
) -> PageResult {
    let base = format!("/requests/{reference}/book");
    match done {
        Ok(()) => Ok(see_other_saying(&base, &Flash::done(words), visit.secure)),
        Err(error) => {
            let (_, error) = form_status(error)?;
            Ok(see_other_saying(
                &format!("{base}{again}"),
                &Flash::refused(problem::detail(&error)),
                visit.secure,
            ))
        }
    }
}
