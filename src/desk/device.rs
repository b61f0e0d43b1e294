//! The page of a device: what it is, what to do now and what that still needs, its media, its story, its papers.

use askama::Template;
use axum::extract::State;
use entities::device;
use entities::enums::{CustodyKind, Role, Stage};
use sea_orm::ConnectionTrait;

use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::desk::certificate;
use crate::desk::store::{self, DeviceFile};
use crate::desk::story::{self, Day};
use crate::devices::lifecycle::{self, Action, NextAction};
use crate::devices::store::by_code;
use crate::devices::{State as Facts, record, words};
use crate::error::{Missing, Result};
use crate::french;
use crate::station::next::{Last, next_actions};
use crate::station::result::all_reasons;
use crate::web::frame::{Bead, Choice, Tone};
use crate::web::{Access, Frame, PageResult, Path, Routes, Visit, page, see_other};

pub(super) fn routes() -> Routes {
    Routes::new().get(
        "/devices/{code}",
        Access::Needs(Permission::SeeDevices),
        show,
    )
}

/// A step with its button.
#[derive(Debug)]
struct Step {
    action: &'static str,
    word: &'static str,
    class: &'static str,
}

/// A step that says its consequence first and may ask for a reason.
#[derive(Debug)]
struct Grave {
    id: &'static str,
    action: &'static str,
    word: &'static str,
    consequence: &'static str,
    reasons: Vec<Choice>,
    asks_wipe: bool,
    asks_second: bool,
    /// Only above a value that the donor stated.
    second_optional: bool,
}

/// Steps not allowed yet, with what they need.
#[derive(Debug)]
struct Needs {
    title: String,
    missing: Vec<Missing>,
}

#[derive(Debug)]
struct Link {
    href: String,
    word: String,
}

#[derive(Debug)]
struct MediumLine {
    name: String,
    serial: String,
    open: bool,
    why: String,
}

#[derive(Template)]
#[template(path = "desk/pages/device.html")]
struct DevicePage {
    frame: Frame,
    grouped: String,
    name: String,
    tone: Tone,
    status: String,
    place: String,
    held_for: Option<Link>,
    beads: Vec<Bead>,
    url: String,
    steps: Vec<Step>,
    graves: Vec<Grave>,
    needs: Vec<Needs>,
    first_way: Option<Link>,
    ways: Vec<Link>,
    undo: bool,
    at_rest: &'static str,
    media: Vec<MediumLine>,
    media_note: &'static str,
    wipe_refused: bool,
    locks: Vec<String>,
    days: Vec<Day>,
    papers: Vec<Link>,
    facts: Vec<(&'static str, String)>,
}

async fn show(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Path(code): Path<String>,
) -> PageResult {
    let db = app.db.read();
    let device = by_code(db, &code).await?;
    if device.code != code {
        // Another reading, or a former label: one address a device.
        return Ok(see_other(&format!("/devices/{}", device.code)));
    }
    let file = store::device_file(db, device).await?;
    let next = next_actions(&app, db, &actor, &file.device, None, Last::Unknown).await?;
    let lines = record::lines(db, file.device.id).await?;
    let now = app.clock.now();
    let days = story::tell(db, &actor, &lines, now).await?;
    let device = &file.device;
    let facts = Facts::of(device);
    let status = facts.status();
    let parts = Parts::of(&app, &actor, device, &next);
    page(&DevicePage {
        grouped: words::grouped(&device.code),
        name: words::name(device),
        tone: words::status_tone(status),
        status: words::capital(words::status(status)),
        place: place(&app, db, device).await?,
        held_for: held_for(db, &actor, device).await?,
        beads: beads(device),
        url: format!("/devices/{}/actions", device.code),
        steps: parts.steps,
        graves: parts.graves,
        needs: parts.needs,
        ways: ways(&actor, device, parts.first_way.as_ref()),
        first_way: parts.first_way,
        undo: parts.undo,
        at_rest: at_rest(device),
        media: media(&file),
        media_note: media_note(device),
        wipe_refused: facts.wipe_refused && (facts.open_media > 0 || !facts.media_known),
        locks: file
            .locks
            .iter()
            .map(|l| words::capital(words::lock(l.kind)))
            .collect(),
        days,
        papers: papers(&actor, &file),
        facts: facts_of(&file),
        frame: access::frame(&app, &actor, &visit).await?,
    })
}

/// What can be asked now, sorted into buttons, grave steps and needs.
#[derive(Debug, Default)]
struct Parts {
    steps: Vec<Step>,
    graves: Vec<Grave>,
    needs: Vec<Needs>,
    /// Where what the usual step needs is met.
    first_way: Option<Link>,
    undo: bool,
}

impl Parts {
    fn of(app: &App, actor: &Actor, device: &device::Model, next: &[NextAction]) -> Self {
        let mut parts = Self::default();
        for one in next {
            if one.action == Action::Undo {
                parts.undo = true;
            } else if one.missing.iter().any(|m| m.code == "receive-first") {
                // Receiving is the one thing to do; the rest follows there.
            } else if !one.allowed {
                parts.needs.push(Needs {
                    title: format!(
                        "Avant de pouvoir « {} », il manque :",
                        words::action(one.action).to_lowercase()
                    ),
                    missing: one.missing.clone(),
                });
            } else if let Some(consequence) = consequence(one.action) {
                parts.graves.push(grave(app, one.action, consequence));
            } else if one.action == Action::MakeReady && app.config.rules.ready_by_two {
                let consequence =
                    "Deux personnes le déclarent prêt : vous, et celle qui l’a contrôlé avec vous.";
                parts.graves.push(grave(app, one.action, consequence));
            } else {
                parts.steps.push(Step {
                    action: one.action.as_str(),
                    word: words::action(one.action),
                    class: "button step",
                });
            }
        }
        // The usual step comes first and alone is primary; being received again is never the next thing to do.
        let usual = lifecycle::usual(device.stage);
        let rank = |word: &str| usual.iter().position(|u| u.as_str() == word);
        parts
            .steps
            .sort_by_key(|s| rank(s.action).unwrap_or(usize::MAX));
        let here = device.custody == CustodyKind::Site && device.site_id == actor.site;
        if here {
            parts.steps.retain(|s| s.action != Action::Receive.as_str());
        }
        let unmet = usual
            .first()
            .and_then(|u| next.iter().find(|n| n.action == *u && !n.allowed))
            .filter(|_| device.stage != Stage::Intake && device.stage != Stage::Sanitised);
        parts.first_way = unmet
            .and_then(|n| n.missing.iter().find_map(|m| words::remedy(&m.code)))
            .filter(|_| actor.may(Permission::Refurbish))
            .map(|(page, word)| Link {
                href: format!("/devices/{}/{page}", device.code),
                word: word.to_owned(),
            });
        if parts.first_way.is_none()
            && let Some(first) = parts.steps.first_mut()
        {
            first.class = "button primary step";
        }
        parts
    }
}

fn grave(app: &App, action: Action, consequence: &'static str) -> Grave {
    let rules = &app.config.rules;
    Grave {
        id: action.as_str(),
        action: action.as_str(),
        word: words::action(action),
        consequence,
        reasons: all_reasons(action),
        asks_wipe: action == Action::Return,
        asks_second: (action == Action::DeclareEndOfLife
            && rules.end_of_life_by_two_above_cents > 0)
            || (action == Action::MakeReady && rules.ready_by_two),
        second_optional: action == Action::DeclareEndOfLife,
    }
}

/// What a step brings with it that should be read first.
const fn consequence(action: Action) -> Option<&'static str> {
    match action {
        Action::StopSanitisation => Some(
            "L’effacement s’arrête sans preuve : l’équipement revient à l’étape « à effacer ».",
        ),
        Action::Reopen => Some(
            "L’équipement repasse en atelier et perd son grade : il sera à évaluer de nouveau.",
        ),
        Action::DeclareEndOfLife => Some(
            "L’équipement quitte le réemploi et attend le recyclage. Ses supports ouverts restent à effacer ou à détruire. Un responsable d’atelier peut encore le sauver.",
        ),
        Action::Rescue => {
            Some("L’équipement revient au début : à effacer, à contrôler, à évaluer.")
        }
        Action::DeclareMissing => Some(
            "S’il était réservé, la réservation est levée et le foyer prévenu. Si des données peuvent s’y trouver, un incident s’ouvre avec son délai de 72 heures.",
        ),
        Action::Return => Some(
            "L’équipement revient ici, ses supports sont de nouveau considérés comme ouverts, son grade tombe et la demande du foyer est close.",
        ),
        Action::AgreeToWipe => Some(
            "Le foyer a dit oui : ses données peuvent maintenant être effacées. L’accord s’inscrit au journal de l’équipement.",
        ),
        Action::Receive
        | Action::Move
        | Action::StartSanitisation
        | Action::ConfirmSanitisation
        | Action::StartRefurbishment
        | Action::MakeReady
        | Action::Find
        | Action::Undo => None,
    }
}

/// The pages of the bench below this one, for those who work there.
fn ways(actor: &Actor, device: &device::Model, first: Option<&Link>) -> Vec<Link> {
    if !actor.may(Permission::Refurbish) || device.custody != CustodyKind::Site {
        return Vec::new();
    }
    let usual = [
        ("media", "Supports"),
        ("evidence", "Preuves"),
        ("checks", "Contrôles"),
        ("grading", "Grade"),
    ];
    usual
        .into_iter()
        .map(|(page, word)| Link {
            href: format!("/devices/{}/{page}", device.code),
            word: word.to_owned(),
        })
        .filter(|link| first.is_none_or(|first| first.href != link.href))
        .collect()
}

const fn at_rest(device: &device::Model) -> &'static str {
    match device.custody {
        CustodyKind::Gone => "Cet équipement a quitté la filière : il n’y a plus rien à faire.",
        CustodyKind::Household => "Cet équipement est chez un foyer : il n’y a rien à faire.",
        CustodyKind::Missing => "Scannez-le là où il se trouve pour le signaler retrouvé.",
        CustodyKind::Shipment => "Il se réceptionne avec son expédition.",
        CustodyKind::Site => match device.stage {
            Stage::Ready if device.held_for.is_some() => {
                "Réservé pour un foyer : il attend son rendez-vous."
            }
            Stage::Ready => "Prêt : il attend d’être réservé pour un foyer.",
            Stage::EndOfLife => "En fin de vie : il attend d’entrer dans un lot.",
            Stage::Intake | Stage::Sanitising | Stage::Sanitised | Stage::Refurbishing => {
                "Rien à faire pour votre rôle à cette étape."
            }
        },
    }
}

async fn place(app: &App, db: &impl ConnectionTrait, device: &device::Model) -> Result<String> {
    let since = french::ago(device.stage_since, app.clock.now());
    let site = match device.site_id {
        Some(id) => access::store::site_by_id(db, id).await?.name,
        None => String::new(),
    };
    let place = match device.custody {
        CustodyKind::Site => site,
        CustodyKind::Missing => format!("Introuvable, vu en dernier : {site}"),
        CustodyKind::Shipment => "En transport".to_owned(),
        CustodyKind::Household => "Chez un foyer".to_owned(),
        CustodyKind::Gone => "Sorti de la filière".to_owned(),
    };
    Ok(format!(
        "{place} · à cette étape {since} · {}",
        words::kind(device.kind)
    ))
}

/// The request a device is for: only for those who see requests; the others read « attribué ».
async fn held_for(
    db: &impl ConnectionTrait,
    actor: &Actor,
    device: &device::Model,
) -> Result<Option<Link>> {
    let (Some(request), true) = (device.held_for, actor.role == Role::Coordinator) else {
        return Ok(None);
    };
    let reference = store::request_reference(db, request).await?;
    Ok(reference.map(|word| Link {
        href: format!("/requests/{word}"),
        word,
    }))
}

fn beads(device: &device::Model) -> Vec<Bead> {
    if device.stage == Stage::EndOfLife {
        let now = if device.custody == CustodyKind::Gone {
            3
        } else {
            1
        };
        return Bead::thread(&["Réception", "Fin de vie", "Recyclé"], now);
    }
    let now = match (device.custody, device.stage) {
        (CustodyKind::Household, _) => 6,
        (_, Stage::Intake | Stage::EndOfLife) => 0,
        (_, Stage::Sanitising) => 1,
        (_, Stage::Sanitised) => 2,
        (_, Stage::Refurbishing) => 3,
        (_, Stage::Ready) => 4,
    };
    let words = [
        "Réception",
        "Effacement",
        "Effacé",
        "Remise en état",
        "Prêt",
        "Remis",
    ];
    Bead::thread(&words, now)
}

fn media(file: &DeviceFile) -> Vec<MediumLine> {
    file.media
        .iter()
        .map(|m| {
            let maker: Vec<&str> = [m.make.as_deref(), m.model.as_deref()]
                .into_iter()
                .flatten()
                .collect();
            let size = m
                .capacity_bytes
                .and_then(|b| u64::try_from(b).ok())
                .map(french::bytes);
            let parts: Vec<String> = std::iter::once(words::capital(words::medium(m.kind)))
                .chain((!maker.is_empty()).then(|| maker.join(" ")))
                .chain(size)
                .collect();
            let why = match file.sanitisations.get(&m.id).filter(|_| !m.open) {
                Some(done) => format!(
                    "effacé le {}, {}",
                    french::date(french::local_date(done.at)),
                    done.tool.as_deref().unwrap_or("déclaré sans outil"),
                ),
                None => words::opened_because(m.opened_because).to_owned(),
            };
            MediumLine {
                name: parts.join(", "),
                serial: m
                    .serial
                    .clone()
                    .or_else(|| m.code.as_deref().map(words::grouped))
                    .unwrap_or_default(),
                open: m.open,
                why,
            }
        })
        .collect()
}

const fn media_note(device: &device::Model) -> &'static str {
    if !device.media_known {
        "L’inventaire n’est pas fait : on ne sait pas encore où des données peuvent être."
    } else if crate::devices::state::may_hold_data(device.kind) {
        "Inventaire fait : aucun support de données à l’intérieur."
    } else {
        "Ce type d’équipement n’a pas de support de données."
    }
}

fn papers(actor: &Actor, file: &DeviceFile) -> Vec<Link> {
    let code = &file.device.code;
    let mut papers = Vec::new();
    if certificate::has_one(file) {
        papers.push(Link {
            href: format!("/api/v1/devices/{code}/certificate.pdf"),
            word: "Certificat d’effacement".to_owned(),
        });
    }
    papers.push(Link {
        href: format!("/p/{code}"),
        word: "Fiche publique".to_owned(),
    });
    if let Some(donation) = file
        .donation
        .as_ref()
        .filter(|_| actor.may(Permission::SeeDonations))
    {
        papers.push(Link {
            href: format!("/donations/{}", donation.reference),
            word: format!("Don {}", donation.reference),
        });
    }
    if actor.may(Permission::PrintLabels) {
        papers.push(Link {
            href: format!("/labels?codes={code}"),
            word: "Étiquette".to_owned(),
        });
    }
    papers
}

fn facts_of(file: &DeviceFile) -> Vec<(&'static str, String)> {
    let d = &file.device;
    let known = [
        ("Numéro de série", d.serial.clone()),
        ("Numéro d’inventaire", d.asset_tag.clone()),
        ("Processeur", d.processor.clone()),
        (
            "Mémoire",
            d.memory_bytes
                .and_then(|b| u64::try_from(b).ok())
                .map(french::memory),
        ),
        ("Poids", d.weight_grams.map(french::weight)),
        (
            "Grade",
            Some(
                d.grade
                    .map_or_else(|| "pas encore".to_owned(), |g| g.to_string()),
            ),
        ),
        (
            "Au comptoir",
            Some(words::condition(d.condition).to_owned()),
        ),
        (
            "Étiqueté",
            Some(french::date(french::local_date(d.registered_at))),
        ),
        ("Événements", Some(d.version.to_string())),
    ];
    known
        .into_iter()
        .filter_map(|(word, value)| Some((word, value?)))
        .collect()
}
