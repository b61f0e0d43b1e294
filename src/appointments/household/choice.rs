//! Choosing: place, then day, then time, then a time to learn when the pickup does not do it, then a summary.

use std::collections::{BTreeMap, HashSet};

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum_extra::extract::cookie::CookieJar;
use chrono::{NaiveDate, TimeDelta};
use entities::request;

use super::door::{self, Guest, Trail};
use super::meeting::{self, Standing};
use super::words::Words;
use crate::access;
use crate::app::App;
use crate::appointments::rules::slot_id;
use crate::appointments::slots::{self, Offer, Search};
use crate::error::{Error, Result};
use crate::french;
use crate::web::frame::Leaf;
use crate::web::page::page_with;
use crate::web::{FormState, PageResult, Path, Query, Visit, page, see_other};

/// Answers on one page: more is no choice any more, and weighs.
const MOST: usize = 24;

/// One answer.
struct Answer {
    href: String,
    word: String,
    small: String,
}

#[derive(Template)]
#[template(path = "appointments/pages/household/choice.html")]
struct ChoicePage {
    leaf: Leaf,
    step: String,
    title: String,
    text: String,
    answers: Vec<Answer>,
    back: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "appointments/pages/household/summary.html")]
struct SummaryPage {
    leaf: Leaf,
    w: Words,
    form: FormState,
    action: String,
    /// Hidden fields of the booking.
    fields: Vec<(String, String)>,
    pickup: String,
    place: Vec<String>,
    lesson: Option<(String, Vec<String>)>,
    submit: String,
    back: String,
}

/// What the choice is for.
struct Purpose {
    /// `/choose` or `/move`.
    page: &'static str,
    requests: Vec<request::Model>,
    /// The visit that is moved.
    moves: Option<String>,
}

impl Purpose {
    /// The address of a step of this choice.
    fn href(&self, guest: &Guest, pairs: &[(&str, &str)]) -> String {
        guest.href(self.page, &self.pairs(pairs))
    }

    /// The pairs of a step, with the visit that is moved.
    fn pairs<'a>(&'a self, pairs: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let visit = self.moves.as_deref().map(|id| ("visit", id));
        visit.into_iter().chain(pairs.iter().copied()).collect()
    }
}

/// Choosing a first appointment.
pub(super) async fn choose(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    Path(secret): Path<String>,
    Query(trail): Query<Trail>,
) -> PageResult {
    let guest = door::open(&app, &visit, &jar, &secret, &trail).await?;
    let standing = Standing::of(&app, guest.household).await?;
    if standing.open.is_empty() {
        return Ok(see_other(&guest.href("", &[])));
    }
    let purpose = Purpose {
        page: "/choose",
        requests: standing.open,
        moves: None,
    };
    ask(&app, &visit, &guest, &trail, purpose).await
}

/// Choosing another time for the appointment.
pub(super) async fn shift(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    Path(secret): Path<String>,
    Query(trail): Query<Trail>,
) -> PageResult {
    let guest = door::open(&app, &visit, &jar, &secret, &trail).await?;
    let standing = Standing::of(&app, guest.household).await?;
    let Some(booked) = standing.visit(trail.visit.as_deref()) else {
        return Ok(see_other(&guest.href("", &[])));
    };
    let purpose = Purpose {
        page: "/move",
        requests: meeting::served(app.db.read(), booked).await?,
        moves: Some(booked.id.to_string()),
    };
    ask(&app, &visit, &guest, &trail, purpose).await
}

async fn ask(
    app: &App,
    visit: &Visit,
    guest: &Guest,
    trail: &Trail,
    purpose: Purpose,
) -> PageResult {
    if let Some(slot) = &trail.slot {
        return after_time(app, visit, guest, trail, slot, &purpose).await;
    }
    let Some(place) = &trail.place else {
        return page(&places(app, guest, &purpose).await?);
    };
    let Ok(venue) = access::store::venue(app.db.read(), place).await else {
        return Ok(see_other(&purpose.href(guest, &[])));
    };
    let offers = pickups(app, &purpose.requests, Some(venue)).await?;
    let day = trail.day.as_deref().and_then(|day| day.parse().ok());
    match day {
        None => page(&days(app, guest, &purpose, place, &offers).await?),
        Some(day) => page(&times(app, guest, &purpose, place, day, &offers).await?),
    }
}

/// Slots in which every device of these requests can be picked up.
pub(super) async fn pickups(
    app: &App,
    requests: &[request::Model],
    venue: Option<entities::venue::Model>,
) -> Result<Vec<Offer>> {
    let horizon = crate::requests::steps::policy(app).booking.horizon_days;
    let search = Search {
        venue,
        to: Some(app.clock.now() + TimeDelta::days(horizon)),
        ..Search::default()
    };
    let mut found: Option<Vec<Offer>> = None;
    for request in requests {
        let offers = slots::offers(app, request, &search).await?;
        found = Some(match found {
            None => offers.into_iter().filter(|o| o.rule.pickup).collect(),
            Some(mut kept) => {
                let theirs: HashSet<String> = offers.iter().map(id_of).collect();
                kept.retain(|offer| theirs.contains(&id_of(offer)));
                kept
            }
        });
    }
    Ok(found.unwrap_or_default())
}

fn id_of(offer: &Offer) -> String {
    slot_id(offer.rule.id, offer.slot.starts_at)
}

async fn help(app: &App, guest: &Guest) -> Result<String> {
    let service = door::service(app, guest.household).await?;
    door::help(app, guest.words, service).await
}

async fn places(app: &App, guest: &Guest, purpose: &Purpose) -> Result<ChoicePage> {
    let w = guest.words;
    let mut answers: Vec<Answer> = Vec::new();
    let mut seen = HashSet::new();
    for offer in pickups(app, &purpose.requests, None).await? {
        if seen.insert(offer.venue.slug.clone()) {
            let first = w.with(
                "page-place-first",
                &[("day", &w.moment(offer.slot.starts_at))],
            );
            answers.push(Answer {
                href: purpose.href(guest, &[("place", &offer.venue.slug)]),
                word: offer.venue.name.clone(),
                small: format!("{}. {first}", offer.venue.postal_address),
            });
        }
    }
    let none = answers.is_empty();
    Ok(ChoicePage {
        leaf: guest.leaf(
            purpose.page,
            Some(&purpose.pairs(&[])),
            help(app, guest).await?,
        ),
        step: if none {
            String::new()
        } else {
            w.with("page-step", &[("n", "1")])
        },
        title: w.t(if none {
            "page-full-title"
        } else {
            "page-place-title"
        }),
        text: if none {
            w.t("page-full-text")
        } else {
            String::new()
        },
        answers,
        back: Some((guest.href("", &[]), w.t("page-back"))),
    })
}

async fn days(
    app: &App,
    guest: &Guest,
    purpose: &Purpose,
    place: &str,
    offers: &[Offer],
) -> Result<ChoicePage> {
    let w = guest.words;
    let mut by_day: BTreeMap<NaiveDate, Vec<&Offer>> = BTreeMap::new();
    for offer in offers {
        let day = french::local_date(offer.slot.starts_at);
        by_day.entry(day).or_default().push(offer);
    }
    let answers: Vec<Answer> = by_day
        .iter()
        .take(MOST)
        .map(|(day, offers)| Answer {
            href: purpose.href(guest, &[("place", place), ("day", &day.to_string())]),
            word: w.day(*day),
            small: between(w, offers),
        })
        .collect();
    let text = match offers.first() {
        Some(offer) => w.with(
            "page-day-at",
            &[
                ("place", &offer.venue.name),
                ("address", &offer.venue.postal_address),
            ],
        ),
        None => w.t("page-full-text"),
    };
    Ok(ChoicePage {
        leaf: guest.leaf(
            purpose.page,
            Some(&purpose.pairs(&[("place", place)])),
            help(app, guest).await?,
        ),
        step: w.with("page-step", &[("n", "2")]),
        title: w.t(if answers.is_empty() {
            "page-full-title"
        } else {
            "page-day-title"
        }),
        text,
        answers,
        back: Some((purpose.href(guest, &[]), w.t("page-place-change"))),
    })
}

fn between(w: Words, offers: &[&Offer]) -> String {
    let (Some(first), Some(last)) = (offers.first(), offers.last()) else {
        return String::new();
    };
    let from = w.time(first.slot.starts_at);
    if offers.len() == 1 {
        return w.with("page-day-one", &[("from", &from)]);
    }
    let to = w.time(last.slot.ends_at);
    w.with("page-day-between", &[("from", &from), ("to", &to)])
}

async fn times(
    app: &App,
    guest: &Guest,
    purpose: &Purpose,
    place: &str,
    day: NaiveDate,
    offers: &[Offer],
) -> Result<ChoicePage> {
    let w = guest.words;
    let day_text = day.to_string();
    let answers: Vec<Answer> = offers
        .iter()
        .filter(|offer| french::local_date(offer.slot.starts_at) == day)
        .take(MOST)
        .map(|offer| Answer {
            href: purpose.href(
                guest,
                &[
                    ("place", place),
                    ("day", &day_text),
                    ("slot", &id_of(offer)),
                ],
            ),
            word: w.time(offer.slot.starts_at),
            small: session(w, offer),
        })
        .collect();
    Ok(ChoicePage {
        leaf: guest.leaf(
            purpose.page,
            Some(&purpose.pairs(&[("place", place), ("day", &day_text)])),
            help(app, guest).await?,
        ),
        step: w.with("page-step", &[("n", "3")]),
        title: w.t(if answers.is_empty() {
            "page-full-title"
        } else {
            "page-time-title"
        }),
        text: w.day(day),
        answers,
        back: Some((
            purpose.href(guest, &[("place", place)]),
            w.t("page-day-change"),
        )),
    })
}

fn session(w: Words, offer: &Offer) -> String {
    let minutes = (offer.slot.ends_at - offer.slot.starts_at).num_minutes();
    let length = w.with("page-minutes", &[("count", &minutes.to_string())]);
    format!("{}, {length}", w.format(offer.rule.format))
}

/// The pickup is chosen: where it does not do the onboarding, that is asked for; then comes the summary.
async fn after_time(
    app: &App,
    visit: &Visit,
    guest: &Guest,
    trail: &Trail,
    slot: &str,
    purpose: &Purpose,
) -> PageResult {
    let w = guest.words;
    let db = app.db.read();
    let again = purpose.href(guest, &[]);
    let pickup = match slots::asked(db, slot).await {
        Ok(asked) => asked,
        Err(Error::Refused { .. } | Error::NotFound(_)) => return Ok(see_other(&again)),
        Err(error) => return Err(error.into()),
    };
    let lesson = match &trail.lesson {
        _ if pickup.rule.onboarding => None,
        None => {
            let pickup_venue = pickup.venue.id;
            return page(&lessons(app, guest, purpose, slot, pickup_venue).await?);
        }
        Some(lesson) => match slots::asked(db, lesson).await {
            Ok(asked) => Some(asked),
            Err(_) => return Ok(see_other(&again)),
        },
    };
    let lesson_id = trail.lesson.as_deref().filter(|_| lesson.is_some());
    let mut fields = vec![
        ("pickup_slot".to_owned(), slot.to_owned()),
        (
            "onboarding_slot".to_owned(),
            lesson_id.unwrap_or(slot).to_owned(),
        ),
    ];
    if purpose.moves.is_none() {
        fields.push(("id".to_owned(), app.chance.random_id().to_string()));
        for (n, request) in purpose.requests.iter().enumerate() {
            fields.push((format!("requests[{n}]"), request.reference.clone()));
        }
    }
    let mut pairs = vec![("slot", slot)];
    if let Some(lesson) = lesson_id {
        pairs.push(("lesson", lesson));
    }
    page_with(
        StatusCode::OK,
        &SummaryPage {
            leaf: guest.leaf(
                purpose.page,
                Some(&purpose.pairs(&pairs)),
                help(app, guest).await?,
            ),
            w,
            form: FormState::new(visit),
            action: guest.href(
                if purpose.moves.is_some() {
                    "/move"
                } else {
                    "/book"
                },
                &purpose.pairs(&[]),
            ),
            fields,
            pickup: w.moment(pickup.slot.starts_at),
            place: meeting::place(&pickup.venue),
            lesson: lesson
                .map(|asked| (w.moment(asked.slot.starts_at), meeting::place(&asked.venue))),
            submit: w.t(if purpose.moves.is_some() {
                "page-summary-move"
            } else {
                "page-summary-book"
            }),
            back: again,
        },
    )
}

/// Times to learn: at the place of the pickup first.
async fn lessons(
    app: &App,
    guest: &Guest,
    purpose: &Purpose,
    slot: &str,
    near: entities::ids::VenueId,
) -> Result<ChoicePage> {
    let w = guest.words;
    let horizon = crate::requests::steps::policy(app).booking.horizon_days;
    let search = Search {
        to: Some(app.clock.now() + TimeDelta::days(horizon)),
        ..Search::default()
    };
    let request = purpose.requests.first().ok_or(Error::NotFound("request"))?;
    let mut offers: Vec<Offer> = slots::offers(app, request, &search)
        .await?
        .into_iter()
        .filter(|offer| offer.rule.onboarding)
        .collect();
    offers.sort_by_key(|offer| (offer.venue.id != near, offer.slot));
    let answers: Vec<Answer> = offers
        .iter()
        .take(MOST)
        .map(|offer| Answer {
            href: purpose.href(guest, &[("slot", slot), ("lesson", &id_of(offer))]),
            word: w.moment(offer.slot.starts_at),
            small: format!("{}, {}", offer.venue.name, session(w, offer)),
        })
        .collect();
    Ok(ChoicePage {
        leaf: guest.leaf(
            purpose.page,
            Some(&purpose.pairs(&[("slot", slot)])),
            help(app, guest).await?,
        ),
        step: w.t("page-step-more"),
        title: w.t(if answers.is_empty() {
            "page-full-title"
        } else {
            "page-lesson-title"
        }),
        text: w.t(if answers.is_empty() {
            "page-full-text"
        } else {
            "page-lesson-text"
        }),
        answers,
        back: Some((purpose.href(guest, &[]), w.t("page-again"))),
    })
}
