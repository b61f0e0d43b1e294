//! Those who serve households. No name stands here: a file is opened on its own page, and each opening is recorded.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use entities::enums::{AppointmentState, RequestStatus};
use entities::ids::RequestId;
use entities::{allocation, appointment, appointment_request, device, request};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Do, Figure, Home, Link, Work};
use crate::access::{self, Actor};
use crate::app::App;
use crate::devices::words;
use crate::error::Result;
use crate::french;

/// One's own latest requests that are looked at.
const FILED: u64 = 100;
/// Lines of work on a home.
const LINES: usize = 8;

/// One's own requests: a device is there, an answer is missing, then those that wait.
#[expect(clippy::similar_names, reason = "the words of the field")]
pub(super) async fn social_worker(app: &App, actor: &Actor) -> Result<Home> {
    let db = app.db.read();
    let now = app.clock.now();
    let filed = request::Entity::find()
        .filter(request::Column::FiledBy.eq(actor.account))
        .order_by_desc(request::Column::FiledAt)
        .limit(FILED)
        .all(db)
        .await?;
    let waiting: Vec<&request::Model> = filed
        .iter()
        .filter(|r| r.status == RequestStatus::Waiting)
        .collect();
    let ids: Vec<RequestId> = waiting.iter().map(|r| r.id).collect();
    let held = held(db, &ids).await?;
    let booked = booked(db, &ids).await?;
    let mut lines: Vec<(u8, Work)> = filed
        .iter()
        .filter_map(|r| {
            let (rank, detail, word) = match r.status {
                RequestStatus::Waiting if booked.contains(&r.id) => (2, "Rendez-vous pris", "Voir"),
                RequestStatus::Waiting if held.contains(&r.id) => (
                    0,
                    "Un équipement est réservé : prenez rendez-vous avec le foyer",
                    "Prendre rendez-vous",
                ),
                RequestStatus::NeedsReview => (1, "En examen par la coordination", "Voir"),
                RequestStatus::Waiting => (3, "En attente d’un équipement", "Voir"),
                RequestStatus::NotEligible
                | RequestStatus::Withdrawn
                | RequestStatus::Served
                | RequestStatus::Closed => return None,
            };
            let work = Work {
                code: None,
                what: format!("{} · {}", r.reference, words::kind(r.kind)),
                detail: format!("{detail} · déposée {}", french::ago(r.filed_at, now)),
                todo: Do::Go(Link::new(format!("/requests/{}", r.reference), word)),
            };
            Some((rank, work))
        })
        .collect();
    lines.sort_by_key(|(rank, _)| *rank);
    let to_book = held.difference(&booked).count();
    let review = filed
        .iter()
        .filter(|r| r.status == RequestStatus::NeedsReview)
        .count();
    let served = filed
        .iter()
        .filter(|r| matches!(r.status, RequestStatus::Served))
        .count();
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let sentence = if to_book > 0 {
        format!(
            "{} : il reste à prendre rendez-vous.",
            french::counted(
                count(to_book),
                "équipement est réservé pour une de vos demandes",
                "équipements sont réservés pour vos demandes"
            )
        )
    } else if waiting.is_empty() && review == 0 {
        "Aucune de vos demandes n’est en cours.".to_owned()
    } else {
        format!(
            "{} en attente.",
            french::counted(
                count(waiting.len() + review),
                "de vos demandes est",
                "de vos demandes sont"
            )
        )
    };
    Ok(Home {
        sentence,
        primary: Some(Link::new("/requests/new", "Nouvelle demande")),
        work: lines
            .into_iter()
            .take(LINES)
            .map(|(_, work)| work)
            .collect(),
        idle: "Une demande se remplit en cinq minutes, à côté de la personne ; la réponse et ses raisons viennent aussitôt.",
        figures_title: "Vos demandes".to_owned(),
        figures: vec![
            Figure::new(waiting.len().to_string(), "en attente", "/requests"),
            Figure::new(review.to_string(), "en examen", "/requests"),
            Figure::new(served.to_string(), "servies", "/requests"),
        ],
        ..Home::default()
    })
}

/// Which of these requests have a device held.
async fn held(db: &impl ConnectionTrait, ids: &[RequestId]) -> Result<BTreeSet<RequestId>> {
    let rows = allocation::Entity::find()
        .filter(allocation::Column::RequestId.is_in(ids.iter().copied()))
        .filter(allocation::Column::EndedAt.is_null())
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.request_id).collect())
}

/// Which of these requests have an appointment.
async fn booked(db: &impl ConnectionTrait, ids: &[RequestId]) -> Result<BTreeSet<RequestId>> {
    let rows = appointment_request::Entity::find()
        .filter(appointment_request::Column::RequestId.is_in(ids.iter().copied()))
        .filter(appointment_request::Column::Live.eq(true))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.request_id).collect())
}

/// Today's visits at the organisation's venues, each with the device to have at hand.
pub(super) async fn mediator(app: &App, actor: &Actor) -> Result<Home> {
    let db = app.db.read();
    let now = app.clock.now();
    let today = french::midnight(now);
    // Long enough for the longest day of the year, cut back to the same local day.
    let end = french::midnight(today + TimeDelta::hours(30));
    let venues = access::store::venues_of(db, actor.organisation).await?;
    let visits = appointment::Entity::find()
        .filter(appointment::Column::VenueId.is_in(venues.iter().map(|v| v.id)))
        .filter(appointment::Column::StartsAt.gte(today.timestamp()))
        .filter(appointment::Column::StartsAt.lt(end.timestamp()))
        .filter(
            appointment::Column::State
                .is_in([AppointmentState::Booked, AppointmentState::Attended]),
        )
        .order_by_asc(appointment::Column::StartsAt)
        .limit(50)
        .all(db)
        .await?;
    let codes = devices_of(db, &visits).await?;
    let names: BTreeMap<_, _> = venues.iter().map(|v| (v.id, v.name.as_str())).collect();
    let booked: Vec<&appointment::Model> = visits
        .iter()
        .filter(|v| v.state == AppointmentState::Booked)
        .collect();
    let done = visits.len() - booked.len();
    let time = |seconds: i64| {
        chrono::DateTime::from_timestamp(seconds, 0).map_or_else(String::new, french::time)
    };
    let sentence = match booked.first() {
        Some(next) => format!(
            "{} aujourd’hui, le prochain à {}.",
            french::counted(
                i64::try_from(booked.len()).unwrap_or(i64::MAX),
                "rendez-vous",
                "rendez-vous"
            ),
            time(next.starts_at)
        ),
        None if done > 0 => "Tous les rendez-vous du jour ont eu lieu.".to_owned(),
        None => "Aucun rendez-vous aujourd’hui.".to_owned(),
    };
    let work = booked
        .iter()
        .take(LINES)
        .map(|visit| {
            let code = codes.get(&visit.id);
            Work {
                code: code.map(|c| Link::new(format!("/devices/{c}"), words::grouped(c))),
                what: format!("À {}", time(visit.starts_at)),
                detail: names.get(&visit.venue_id).map_or("", |n| *n).to_owned(),
                todo: Do::Go(Link::new("/agenda", "Recevoir")),
            }
        })
        .collect();
    Ok(Home {
        sentence,
        primary: Some(Link::new("/agenda", "Ouvrir l’agenda")),
        work,
        idle: "Les rendez-vous pris par les foyers et les services apparaissent ici le jour même.",
        figures_title: "Aujourd’hui".to_owned(),
        figures: vec![
            Figure::new(booked.len().to_string(), "à venir", "/agenda"),
            Figure::new(done.to_string(), "venus", "/agenda"),
        ],
        ..Home::default()
    })
}

/// The first device to have at hand for each visit.
async fn devices_of(
    db: &impl ConnectionTrait,
    visits: &[appointment::Model],
) -> Result<BTreeMap<entities::ids::AppointmentId, String>> {
    if visits.is_empty() {
        return Ok(BTreeMap::new());
    }
    let served = appointment_request::Entity::find()
        .filter(appointment_request::Column::AppointmentId.is_in(visits.iter().map(|v| v.id)))
        .filter(appointment_request::Column::Live.eq(true))
        .all(db)
        .await?;
    let devices = device::Entity::find()
        .filter(device::Column::HeldFor.is_in(served.iter().map(|s| s.request_id)))
        .all(db)
        .await?;
    let of: BTreeMap<RequestId, String> = devices
        .into_iter()
        .filter_map(|d| Some((d.held_for?, d.code)))
        .collect();
    Ok(served
        .into_iter()
        .filter_map(|s| Some((s.appointment_id, of.get(&s.request_id)?.clone())))
        .collect())
}
