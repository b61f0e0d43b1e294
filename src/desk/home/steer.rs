//! Those who steer, prove and run: figures without a person in them.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use entities::enums::{CustodyKind, LinkVerdict, RequestStatus, Stage};
use entities::{
    account, allocation_run, appointment, breach_case, device, household_link, job, message,
    request, site,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::counts::{self, AtStage, whole};
use super::{BarRow, Do, Figure, Flow, Home, Link, Week, Work};
use crate::app::App;
use crate::devices::words;
use crate::error::Result;
use crate::french;
use crate::verify;
use crate::web::frame::Tone;

/// Weeks in the picture of the flow.
const WEEKS: i64 = 12;
/// Height of the picture's bars, and the line they stand on.
const HEIGHT: i64 = 120;
const GROUND: i64 = 150;

/// Misses of one visit's pickup codes that the coordinator is told of, and for how many days.
const MANY_MISSES: i32 = 5;
const MISSES_DAYS: i64 = 30;

#[expect(clippy::too_many_lines, reason = "one list told in one go")]
pub(super) async fn coordinator(app: &App) -> Result<Home> {
    let db = app.db.read();
    let now = app.clock.now();
    let waiting =
        request::Entity::find().filter(request::Column::Status.eq(RequestStatus::Waiting));
    let waits = whole(waiting.clone().count(db).await?)?;
    let to_decide = request::Entity::find()
        .filter(request::Column::Status.eq(RequestStatus::NeedsReview))
        .order_by_asc(request::Column::FiledAt);
    let undecided = whole(to_decide.clone().count(db).await?)?;
    let oldest = to_decide.one(db).await?;
    let doubles = whole(
        household_link::Entity::find()
            .filter(household_link::Column::Verdict.eq(LinkVerdict::Candidate))
            .count(db)
            .await?,
    )?;
    let ready = whole(
        device::Entity::find()
            .filter(device::Column::Stage.eq(Stage::Ready))
            .filter(device::Column::HeldFor.is_null())
            .count(db)
            .await?,
    )?;
    let cases = breach_case::Entity::find()
        .filter(breach_case::Column::ClosedAt.is_null())
        .order_by_asc(breach_case::Column::DueAt)
        .all(db)
        .await?;
    let mut work = Vec::new();
    if let Some(first) = cases.first() {
        work.push(Work {
            code: None,
            what: french::counted(
                count(cases.len()),
                "incident de données ouvert",
                "incidents de données ouverts",
            ),
            detail: if first.due_at < now {
                format!(
                    "Délai de 72 heures dépassé depuis le {}",
                    french::date_time(first.due_at)
                )
            } else {
                format!(
                    "À notifier à la CNIL au plus tard le {}",
                    french::date_time(first.due_at)
                )
            },
            todo: Do::Go(Link::new("/breaches", "Traiter")),
        });
    }
    if let Some(oldest) = oldest {
        work.push(Work {
            code: None,
            what: french::counted(undecided, "demande à décider", "demandes à décider"),
            detail: format!(
                "La plus ancienne déposée {}",
                french::ago(oldest.filed_at, now)
            ),
            todo: Do::Go(Link::new("/queue", "Décider")),
        });
    }
    if doubles > 0 {
        work.push(Work {
            code: None,
            what: french::counted(doubles, "doublon possible", "doublons possibles"),
            detail: "Deux dossiers du même foyer, peut-être".to_owned(),
            todo: Do::Go(Link::new("/queue", "Comparer")),
        });
    }
    if ready > 0 {
        work.push(Work {
            code: None,
            what: french::counted(
                ready,
                "équipement prêt, sans demande",
                "équipements prêts, sans demande",
            ),
            detail: if waits > 0 {
                "Une attribution peut être préparée"
            } else {
                "Aucune demande n’attend"
            }
            .to_owned(),
            todo: Do::Go(Link::new("/runs", "Attribuer")),
        });
    }
    let guessed = appointment::Entity::find()
        .filter(appointment::Column::PickupCodeMisses.gte(MANY_MISSES))
        .filter(appointment::Column::CreatedAt.gte(now - TimeDelta::days(MISSES_DAYS)));
    let guessed = whole(guessed.count(db).await?)?;
    if guessed > 0 {
        work.push(Work {
            code: None,
            what: french::counted(
                guessed,
                "rendez-vous aux codes de retrait souvent faux",
                "rendez-vous aux codes de retrait souvent faux",
            ),
            detail: format!(
                "{MANY_MISSES} essais ou plus, sur les {MISSES_DAYS} derniers jours : voyez-le avec les lieux d’accueil"
            ),
            todo: Do::Go(Link::new("/devices?status=allocated", "Voir les réservés")),
        });
    }
    let sentence = match waits {
        0 => "Aucun foyer n’attend d’équipement.".to_owned(),
        n => {
            let median = waiting
                .order_by_asc(request::Column::WaitsSince)
                .offset(u64::try_from(n / 2).unwrap_or(0))
                .one(db)
                .await?
                .and_then(|r| r.waits_since)
                .map_or(0, |since| (now - since).num_days());
            let verb = if n < 2 { "attend" } else { "attendent" };
            format!(
                "{} {verb} un équipement ; délai médian, {}.",
                french::counted(n, "foyer", "foyers"),
                french::counted(median, "jour", "jours")
            )
        }
    };
    let month = month_start(now);
    let stages = counts::by_stage(db, None).await?;
    Ok(Home {
        sentence,
        primary: Some(Link::new("/runs", "Préparer une attribution")),
        work,
        idle: "Rien n’est à décider.",
        note: verified(app).await?,
        flow: Some(flow(db, now).await?),
        bars_title: "Stock par étape",
        bars: stage_bars(&stages),
        figures_title: "Ce mois-ci".to_owned(),
        figures: vec![
            Figure::new(
                french::number(counts::handed_over(db, month, now).await?),
                "remis",
                "/devices?status=handed_over",
            ),
            Figure::new(
                french::number(counts::registered(db, month, now).await?),
                "reçus",
                "/devices",
            ),
            Figure::new(
                french::number(counts::in_custody(db, CustodyKind::Missing, None).await?),
                "introuvables",
                "/devices?status=missing",
            ),
        ],
    })
}

pub(super) async fn auditor(app: &App) -> Result<Home> {
    let db = app.db.read();
    let now = app.clock.now();
    let last = verify::latest(app).await?;
    let sentence = match &last {
        Some(v) if v.breaches == 0 => format!(
            "La dernière vérification concorde : {}, {}.",
            french::counted(v.items, "objet", "objets"),
            french::counted(v.lines, "ligne de journal", "lignes de journal")
        ),
        Some(v) => format!(
            "La dernière vérification a trouvé {}.",
            french::counted(i64::from(v.breaches), "écart", "écarts")
        ),
        None => "Aucune vérification n’a encore eu lieu.".to_owned(),
    };
    let runs = allocation_run::Entity::find()
        .filter(allocation_run::Column::Applied.eq(true))
        .order_by_desc(allocation_run::Column::Id)
        .limit(6)
        .all(db)
        .await?;
    let work = runs
        .into_iter()
        .map(|run| Work {
            code: None,
            what: format!(
                "Attribution du {}",
                french::date(french::local_date(run.at))
            ),
            detail: format!("Règles {}, données figées", run.policy_version),
            todo: Do::Go(Link::new(format!("/runs/{}", run.id), "Examiner")),
        })
        .collect();
    let stages = counts::by_stage(db, None).await?;
    let month = month_start(now);
    Ok(Home {
        sentence,
        primary: Some(Link::new("/verify", "Voir la vérification")),
        work,
        idle: "Aucune attribution n’a encore été appliquée.",
        bars_title: "Stock par étape",
        bars: stage_bars(&stages),
        figures_title: "Ce mois-ci".to_owned(),
        figures: vec![
            Figure::new(
                french::number(counts::registered(db, month, now).await?),
                "reçus",
                "/devices",
            ),
            Figure::new(
                french::number(counts::handed_over(db, month, now).await?),
                "remis",
                "/devices?status=handed_over",
            ),
            Figure::new(
                french::number(counts::in_custody(db, CustodyKind::Missing, None).await?),
                "introuvables",
                "/devices?status=missing",
            ),
        ],
        ..Home::default()
    })
}

pub(super) async fn administrator(app: &App) -> Result<Home> {
    let db = app.db.read();
    let accounts = account::Entity::find()
        .filter(account::Column::DisabledAt.is_null())
        .count(db)
        .await?;
    let sites = site::Entity::find()
        .filter(site::Column::Active.eq(true))
        .count(db)
        .await?;
    let waiting = whole(
        message::Entity::find()
            .filter(message::Column::DeliveredAt.is_null())
            .filter(message::Column::GaveUpAt.is_null())
            .count(db)
            .await?,
    )?;
    let lost = whole(
        message::Entity::find()
            .filter(message::Column::GaveUpAt.is_not_null())
            .count(db)
            .await?,
    )?;
    let failed = whole(
        job::Entity::find()
            .filter(job::Column::GaveUpAt.is_not_null())
            .count(db)
            .await?,
    )?;
    let mut work = Vec::new();
    if lost > 0 {
        work.push(Work {
            code: None,
            what: french::counted(
                lost,
                "courrier n’est pas parti",
                "courriers ne sont pas partis",
            ),
            detail: "Le service d’envoi les a refusés plusieurs fois".to_owned(),
            todo: Do::Go(Link::new("/mail", "Voir")),
        });
    }
    let sentence = if failed > 0 {
        format!("{} en échec.", french::counted(failed, "tâche", "tâches"))
    } else if waiting > 0 {
        format!(
            "Tout fonctionne ; {}.",
            french::counted(
                waiting,
                "courrier attend son départ",
                "courriers attendent leur départ"
            )
        )
    } else {
        "Tout fonctionne.".to_owned()
    };
    Ok(Home {
        sentence,
        primary: Some(Link::new("/accounts", "Gérer les comptes")),
        work,
        idle: "Aucune tâche en échec, aucun courrier refusé.",
        figures_title: "L’instance".to_owned(),
        figures: vec![
            Figure::new(accounts.to_string(), "comptes actifs", "/accounts"),
            Figure::new(sites.to_string(), "sites", "/sites"),
            Figure::new(french::number(waiting), "courriers en attente", "/mail"),
        ],
        ..Home::default()
    })
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The first instant of the local month.
fn month_start(now: DateTime<Utc>) -> DateTime<Utc> {
    let days = i64::from(french::local_date(now).day0());
    french::midnight(french::midnight(now) - TimeDelta::days(days) + TimeDelta::hours(12))
}

async fn verified(app: &App) -> Result<Option<(Tone, String, Link)>> {
    let Some(last) = verify::latest(app).await? else {
        return Ok(None);
    };
    let (tone, word) = if last.breaches == 0 {
        (
            Tone::Done,
            "Vérification de la nuit : tout concorde".to_owned(),
        )
    } else {
        let found = french::counted(i64::from(last.breaches), "écart", "écarts");
        (Tone::Refused, format!("Vérification de la nuit : {found}"))
    };
    let detail = format!(
        "{}, {}",
        french::counted(last.items, "objet", "objets"),
        french::ago(last.at, app.clock.now())
    );
    Ok(Some((tone, word, Link::new("/verify", detail))))
}

/// The stock as bars, the longest at full width.
pub(super) fn stage_bars(stages: &BTreeMap<Stage, AtStage>) -> Vec<BarRow> {
    if stages.is_empty() {
        return Vec::new();
    }
    let longest = stages.values().map(|at| at.count).max().unwrap_or(0).max(1);
    Stage::ALL
        .iter()
        .map(|stage| {
            let count = stages.get(stage).map_or(0, |at| at.count);
            BarRow {
                word: words::capital(words::stage(*stage)),
                number: french::number(count),
                // What is there is seen, however little.
                percent: (count * 100 / longest).max(i64::from(count > 0)),
                class: match stage {
                    Stage::Ready => "good",
                    Stage::Intake
                    | Stage::Sanitising
                    | Stage::Sanitised
                    | Stage::Refurbishing
                    | Stage::EndOfLife => "",
                },
            }
        })
        .collect()
}

/// What came in and what was handed over, by week. Two indexed counts a week.
async fn flow(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Flow> {
    let today = french::local_date(now);
    let into_week = i64::from(today.weekday().num_days_from_monday());
    // From noon to noon of days, so that an hour more or less in a week changes no day.
    let monday = french::midnight(now) + TimeDelta::hours(12) - TimeDelta::days(into_week);
    let mut weeks = Vec::new();
    for back in (0..WEEKS).rev() {
        let from = french::midnight(monday - TimeDelta::weeks(back));
        let to = french::midnight(monday - TimeDelta::weeks(back - 1));
        let entered = counts::registered(db, from, to).await?;
        let left = counts::handed_over(db, from, to).await?;
        let number = french::local_date(from).iso_week().week();
        weeks.push((format!("S{number}"), entered, left));
    }
    let most = weeks
        .iter()
        .map(|(_, e, l)| (*e).max(*l))
        .max()
        .unwrap_or(0);
    // The axis ends at an even number, its middle being whole.
    let top = (most.max(2) + 1) / 2 * 2;
    let height = |n: i64| n * HEIGHT / top;
    let weeks = weeks
        .into_iter()
        .zip(0_i64..)
        .map(|((word, entered, left), n)| Week {
            word,
            entered,
            left,
            x: 44 + 56 * n,
            entered_y: GROUND - height(entered),
            entered_height: height(entered),
            left_y: GROUND - height(left),
            left_height: height(left),
        })
        .collect();
    Ok(Flow {
        weeks,
        top,
        middle: top / 2,
    })
}
