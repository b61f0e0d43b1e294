//! The bench: what to resume, what to wipe, what to check.

use std::collections::BTreeMap;

use entities::device;
use entities::enums::{Role, Stage};
use entities::ids::SiteId;

use super::counts::{self, AtStage};
use super::{Do, Figure, Home, Link, Work};
use crate::access::{self, Actor};
use crate::app::App;
use crate::devices::lifecycle;
use crate::devices::{State as Facts, words};
use crate::error::Result;
use crate::french;

/// Stages in the order in which work is taken up, and how many of each are shown.
const ORDER: [(Stage, u64); 4] = [
    (Stage::Sanitising, 4),
    (Stage::Refurbishing, 4),
    (Stage::Sanitised, 3),
    (Stage::Intake, 5),
];

pub(super) async fn home(app: &App, actor: &Actor) -> Result<Home> {
    let station = Some(Link::new("/station", "Ouvrir le poste de scan"));
    let Some(site) = actor.site else {
        return Ok(Home {
            sentence: "Choisissez l’atelier où vous êtes pour voir ce qui y attend.".to_owned(),
            primary: station,
            ..Home::default()
        });
    };
    let db = app.db.read();
    let stages = counts::by_stage(db, Some(site)).await?;
    let mut work = Vec::new();
    for (stage, limit) in ORDER {
        if !stages.contains_key(&stage) {
            continue;
        }
        for device in counts::oldest(db, site, stage, limit).await? {
            work.push(line(app, actor.role, &device));
        }
    }
    let slug = access::store::site_by_id(db, site).await?.slug;
    Ok(Home {
        sentence: sentence(app, &stages),
        primary: station,
        work,
        idle: "Rien n’attend dans cet atelier. Scannez ce qui arrive pour le réceptionner.",
        figures_title: "Ce qui attend à l’atelier".to_owned(),
        figures: figures(app, actor, site, &slug, &stages).await?,
        ..Home::default()
    })
}

fn sentence(app: &App, stages: &BTreeMap<Stage, AtStage>) -> String {
    let now = app.clock.now();
    let since = |at: &AtStage| match (now - at.oldest).num_days() {
        0 => String::new(),
        days => format!(
            ", le plus ancien depuis {}",
            french::counted(days, "jour", "jours")
        ),
    };
    let devices = |count| french::counted(count, "équipement", "équipements");
    if let Some(at) = stages.get(&Stage::Intake) {
        let verb = if at.count < 2 { "attend" } else { "attendent" };
        let wiped = if at.count < 2 { "effacé" } else { "effacés" };
        format!("{} {verb} d’être {wiped}{}.", devices(at.count), since(at))
    } else if let Some(at) = stages.get(&Stage::Refurbishing) {
        format!("{} en remise en état{}.", devices(at.count), since(at))
    } else if let Some(at) = stages.get(&Stage::Ready) {
        format!(
            "{} : il ne reste rien à effacer.",
            french::counted(at.count, "équipement prêt", "équipements prêts")
        )
    } else {
        "Rien n’attend dans cet atelier.".to_owned()
    }
}

fn line(app: &App, role: Role, device: &device::Model) -> Work {
    let now = app.clock.now();
    let since = french::ago(device.stage_since, now);
    let detail = match device.stage {
        Stage::Sanitising => format!("À reprendre : effacement lancé {since}"),
        Stage::Refurbishing => format!("À reprendre : en remise en état, {since}"),
        Stage::Sanitised => format!("Effacé {since}, à remettre en état"),
        Stage::Intake => format!("Attend l’effacement, arrivé {since}"),
        Stage::Ready | Stage::EndOfLife => words::capital(words::stage(device.stage)),
    };
    let locks = if device.open_locks > 0 {
        " · verrou à lever"
    } else {
        ""
    };
    Work {
        code: Some(Link::new(
            format!("/devices/{}", device.code),
            words::grouped(&device.code),
        )),
        what: words::name(device),
        detail: format!("{detail}{locks}"),
        todo: next(role, device),
    }
}

/// The one next thing: the first step allowed, or the page where what it needs is met.
fn next(role: Role, device: &device::Model) -> Do {
    let wanted = lifecycle::usual(device.stage);
    let all = lifecycle::next_actions(&Facts::of(device), role, &[]);
    let mut need = None;
    for action in wanted {
        match all.iter().find(|n| n.action == *action) {
            Some(next) if next.allowed => {
                return Do::Step {
                    code: device.code.clone(),
                    action: action.as_str(),
                    word: words::action(*action),
                };
            }
            Some(next) => {
                // A lock takes days to be cleared: it is worked on before anything else.
                let lock = next.missing.iter().find(|m| m.code == "open-locks");
                let first = lock.into_iter().chain(&next.missing);
                need = need.or_else(|| first.clone().find_map(|m| words::remedy(&m.code)));
            }
            None => {}
        }
    }
    match need {
        Some((page, word)) => Do::Go(Link::new(format!("/devices/{}/{page}", device.code), word)),
        None => Do::Go(Link::new(format!("/devices/{}", device.code), "Ouvrir")),
    }
}

async fn figures(
    app: &App,
    actor: &Actor,
    site: SiteId,
    slug: &str,
    stages: &BTreeMap<Stage, AtStage>,
) -> Result<Vec<Figure>> {
    let count = |stage| stages.get(&stage).map_or(0, |at| at.count);
    let figure = |stage: Stage, word: &str| {
        Figure::new(
            french::number(count(stage)),
            word,
            format!("/devices?status={}&site={slug}", stage.as_str()),
        )
    };
    let mut figures = vec![
        figure(Stage::Intake, "à effacer"),
        figure(Stage::Sanitising, "en effacement"),
        figure(Stage::Refurbishing, "sur le banc"),
        figure(Stage::Ready, "prêts"),
    ];
    if actor.role == Role::WorkshopLead {
        let missing = entities::enums::CustodyKind::Missing;
        let lost = counts::in_custody(app.db.read(), missing, Some(site)).await?;
        figures.push(figure(Stage::EndOfLife, "en fin de vie"));
        figures.push(Figure::new(
            french::number(lost),
            "introuvables",
            format!("/devices?status=missing&site={slug}"),
        ));
    }
    Ok(figures)
}
