//! The counter, the warehouse, the van and the dock.

use entities::enums::{CustodyKind, DonationStatus, LotStatus, Role, Stage};
use entities::{donation, lot};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::counts::{self, whole};
use super::{Do, Figure, Home, Link, Work};
use crate::access::{self, Actor};
use crate::app::App;
use crate::devices::words;
use crate::error::Result;
use crate::french;

/// Lines of work on a home.
const LINES: u64 = 8;

/// The counter: gifts that are still open, then what waits to leave.
pub(super) async fn collection(app: &App, actor: &Actor) -> Result<Home> {
    let primary = Some(Link::new("/counter", "Recevoir un don"));
    let Some(site) = actor.site else {
        return Ok(Home {
            sentence: "Choisissez le point de collecte où vous êtes.".to_owned(),
            primary,
            ..Home::default()
        });
    };
    let db = app.db.read();
    let now = app.clock.now();
    let today = french::midnight(now);
    let at_site = donation::Entity::find().filter(donation::Column::SiteId.eq(site));
    let received = whole(
        at_site
            .clone()
            .filter(donation::Column::ReceivedAt.gte(today))
            .count(db)
            .await?,
    )?;
    let open = at_site
        .filter(donation::Column::Status.eq(DonationStatus::Open))
        .order_by_asc(donation::Column::ReceivedAt)
        .limit(LINES)
        .all(db)
        .await?;
    let stages = counts::by_stage(db, Some(site)).await?;
    let here: i64 = stages.values().map(|at| at.count).sum();
    let slug = access::store::site_by_id(db, site).await?.slug;
    let work = open
        .into_iter()
        .map(|d| Work {
            code: None,
            what: format!("Don {}", d.reference),
            detail: format!(
                "Reçu {}, à rapprocher de ce qui est arrivé",
                french::ago(d.received_at, now)
            ),
            todo: Do::Go(Link::new(format!("/donations/{}", d.reference), "Ouvrir")),
        })
        .collect();
    Ok(Home {
        sentence: match received {
            0 => "Aucun don reçu aujourd’hui pour l’instant.".to_owned(),
            n => format!(
                "{} aujourd’hui.",
                french::counted(n, "don reçu", "dons reçus")
            ),
        },
        primary,
        work,
        idle: "Tous les dons sont rapprochés. Le prochain donateur peut venir.",
        figures_title: "À votre point de collecte".to_owned(),
        figures: vec![
            Figure::new(
                french::number(here),
                "équipements ici",
                format!("/devices?site={slug}"),
            ),
            Figure::new(french::number(received), "dons aujourd’hui", "/donations"),
        ],
        ..Home::default()
    })
}

/// Warehouse and van: what is missing, what leaves as waste, what is here.
pub(super) async fn store(app: &App, actor: &Actor) -> Result<Home> {
    let primary = Some(Link::new("/station", "Scanner une arrivée"));
    let Some(site) = actor.site else {
        return Ok(Home {
            sentence: "Choisissez le site où vous êtes.".to_owned(),
            primary,
            ..Home::default()
        });
    };
    let db = app.db.read();
    let stages = counts::by_stage(db, Some(site)).await?;
    let held = entities::device::Entity::find()
        .filter(entities::device::Column::SiteId.eq(site))
        .filter(entities::device::Column::Stage.eq(Stage::Ready))
        .filter(entities::device::Column::Custody.eq(CustodyKind::Site))
        .filter(entities::device::Column::HeldFor.is_not_null())
        .count(db)
        .await?;
    let held = whole(held)?;
    let missing = counts::in_custody(db, CustodyKind::Missing, Some(site)).await?;
    let slug = access::store::site_by_id(db, site).await?.slug;
    let count = |stage| stages.get(&stage).map_or(0, |at| at.count);
    let here: i64 = stages.values().map(|at| at.count).sum::<i64>() + held;
    let mut work = Vec::new();
    let mut line = |n: i64, one: &str, many: &str, detail: &str, link: Link| {
        if n > 0 {
            work.push(Work {
                code: None,
                what: french::counted(n, one, many),
                detail: detail.to_owned(),
                todo: Do::Go(link),
            });
        }
    };
    line(
        missing,
        "équipement introuvable",
        "équipements introuvables",
        "Vus ici en dernier : les scanner les signale retrouvés",
        Link::new(format!("/devices?status=missing&site={slug}"), "Chercher"),
    );
    line(
        held,
        "équipement attribué",
        "équipements attribués",
        "Leur foyer a ou aura un rendez-vous : à garder à part",
        Link::new(format!("/devices?status=allocated&site={slug}"), "Voir"),
    );
    if actor.role == Role::Storekeeper {
        line(
            count(Stage::EndOfLife),
            "équipement en fin de vie",
            "équipements en fin de vie",
            "À mettre dans un lot, peser et faire enlever",
            Link::new("/lots", "Préparer un lot"),
        );
    }
    line(
        count(Stage::Intake),
        "équipement à effacer",
        "équipements à effacer",
        "À porter à un atelier",
        Link::new(format!("/devices?status=intake&site={slug}"), "Voir"),
    );
    Ok(Home {
        sentence: match here {
            0 => "Rien en stock ici.".to_owned(),
            n => {
                let here = french::counted(n, "équipement", "équipements");
                match count(Stage::Ready) + held {
                    0 => format!("{here} ici, aucun prêt."),
                    ready => format!(
                        "{here} ici, dont {}.",
                        french::counted(ready, "prêt", "prêts")
                    ),
                }
            }
        },
        primary,
        work,
        idle: "Rien n’attend. Scannez ce qui arrive.",
        bars_title: "En stock, par étape",
        bars: super::steer::stage_bars(&stages),
        ..Home::default()
    })
}

/// The dock: sealed lots wait for their lorry.
pub(super) async fn recycler(app: &App) -> Result<Home> {
    let db = app.db.read();
    let lots = lot::Entity::find()
        .filter(lot::Column::Status.is_in([LotStatus::Closed, LotStatus::Open]))
        .order_by_asc(lot::Column::Status)
        .order_by_asc(lot::Column::CreatedAt)
        .limit(LINES * 2)
        .all(db)
        .await?;
    let now = app.clock.now();
    let (closed, open): (Vec<_>, Vec<_>) = lots
        .into_iter()
        .partition(|l| l.status == LotStatus::Closed);
    let weight: i64 = closed.iter().filter_map(|l| l.weight_grams).sum();
    let sentence = match closed.len() {
        0 => "Aucun lot n’attend d’enlèvement.".to_owned(),
        n => format!(
            "{} d’être {}, {} en tout.",
            french::counted(
                whole(n as u64)?,
                "lot fermé attend",
                "lots fermés attendent"
            ),
            if n < 2 { "enlevé" } else { "enlevés" },
            french::weight(weight),
        ),
    };
    let work = closed
        .iter()
        .map(|l| (l, "Enlever"))
        .chain(open.iter().map(|l| (l, "Ouvrir")))
        .map(|(l, word)| Work {
            code: None,
            what: format!("Lot {}", l.reference),
            detail: match (l.weight_grams, l.closed_at) {
                (Some(weight), Some(at)) => {
                    format!("{}, fermé {}", french::weight(weight), french::ago(at, now))
                }
                _ => "Encore ouvert : à peser et fermer".to_owned(),
            },
            todo: Do::Go(Link::new(format!("/lots/{}", l.reference), word)),
        })
        .collect();
    Ok(Home {
        sentence,
        primary: Some(Link::new("/lots", "Voir les lots")),
        work,
        idle: "Les lots fermés apparaissent ici dès qu’ils sont pesés.",
        figures_title: words::capital("en attente"),
        figures: vec![
            Figure::new(closed.len().to_string(), "lots fermés", "/lots"),
            Figure::new(french::weight(weight), "à enlever", "/lots"),
        ],
        ..Home::default()
    })
}
