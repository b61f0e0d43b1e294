//! A tool's file beside its device: what it says, what was accepted, and each reason where it was not.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use chrono::Timelike;
use entities::enums::SanitisationResult;
use entities::ids::EvidenceId;
use entities::{device, evidence, medium, sanitisation};
use serde::Deserialize;
use uuid::Uuid;
use validator::Validate;

use super::head::{Head, standing};
use crate::access::{self, Actor};
use crate::app::App;
use crate::devices::{self, media as spine};
use crate::error::{Error, Result};
use crate::web::frame::Tone;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::upload::Upload;
use crate::web::{Flash, Form, FormState, Frame, PageResult, Path, Query, Visit, page};
use crate::workshop::actions::evidence::{
    HandedIn, about, asked, before_donation, hand_in as keep_file, naive_moment, no_medium,
    proposed, read_kept,
};
use crate::workshop::evidence::{Erasure, Reading};
use crate::workshop::proposal::Question;
use crate::workshop::rules::{Policy, Verdict, judge};
use crate::workshop::{actions, store, words};

#[derive(Template)]
#[template(path = "workshop/pages/evidence.html")]
struct EvidencePage {
    frame: Frame,
    head: Head,
    form: FormState,
    note: Option<String>,
    file: Option<FileView>,
    others: Vec<FileLine>,
}

/// One file of the list.
#[derive(Debug)]
pub(super) struct FileLine {
    pub(super) href: String,
    pub(super) id: EvidenceId,
    pub(super) tool: String,
    pub(super) kind: &'static str,
    pub(super) when: String,
    pub(super) iso: String,
}

impl FileLine {
    pub(super) fn of(row: &evidence::Model, href: String) -> Self {
        Self {
            href,
            id: row.id,
            tool: row.tool.clone().unwrap_or_default(),
            kind: kind_words(&row.kind),
            when: crate::french::date_time(row.received_at),
            iso: crate::devices::journal::moment(row.received_at),
        }
    }
}

/// A form of file on the screen.
fn kind_words(kind: &str) -> &'static str {
    match kind {
        "nwipe_log" => "Journal d’effacement nwipe",
        "ereuse_snapshot" => "Relevé eReuse Workbench",
        "usody_report" => "Rapport usody-sanitize",
        "lshw" | "lshw_xml" => "Relevé lshw",
        "dmidecode" => "Relevé dmidecode",
        "inxi" => "Relevé inxi",
        "smartctl" => "Relevé smartctl",
        _ => "Fichier",
    }
}

/// What a file says, and what follows from it now.
#[derive(Debug)]
pub(super) struct FileView {
    line: FileLine,
    /// Where answers go.
    answers: String,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) disks: Vec<String>,
    erasures: Vec<ErasureLine>,
    questions: Vec<Question>,
    warnings: Vec<String>,
}

#[derive(Debug)]
struct ErasureLine {
    tone: Tone,
    word: &'static str,
    disk: String,
    how: String,
    reasons: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    file: Option<Uuid>,
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(code): Path<String>,
    Query(which): Query<Which>,
) -> PageResult {
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let form = FormState::new(&visit);
    let wanted = which.file.map(EvidenceId);
    page(&evidence_page(&app, &visit, &actor, &device, wanted, form).await?)
}

async fn evidence_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    device: &device::Model,
    wanted: Option<EvidenceId>,
    form: FormState,
) -> Result<EvidencePage> {
    let head = Head::of(device);
    let rows = store::evidence_of(app.db.read(), device.id).await?;
    let shown = match wanted {
        Some(id) => rows.iter().find(|row| row.id == id),
        None => rows.first(),
    };
    let file = match shown {
        Some(row) => Some(view(app, device, row).await?),
        None => None,
    };
    let others = rows
        .iter()
        .filter(|row| Some(row.id) != shown.map(|shown| shown.id))
        .map(|row| FileLine::of(row, format!("{}?file={}", head.below("evidence"), row.id)))
        .collect();
    Ok(EvidencePage {
        frame: access::frame(app, actor, visit).await?,
        note: standing(device),
        head,
        form,
        file,
        others,
    })
}

async fn view(app: &App, device: &device::Model, row: &evidence::Model) -> Result<FileView> {
    let reading = read_kept(app, &row.sha256).await?;
    let media = spine::of_device(app.db.read(), device.id).await?;
    let history = store::sanitisations_of(app.db.read(), &media).await?;
    let policy = words::accepted(app);
    let proposal = proposed(app.db.read(), row, device, &reading, &BTreeSet::new()).await?;
    let mut questions = proposal.questions;
    let asked = asked(app.db.read(), &media, row, &reading, policy).await?;
    let mut erasures = Vec::new();
    for (n, erasure) in reading.erasures.iter().enumerate() {
        let mut line = erasure_line(erasure, &media, &history, row, policy);
        if asked.contains(&n) {
            questions.push(before_donation(erasure));
            (line.tone, line.word) = (Tone::Shown, "À confirmer");
            line.reasons.clear();
        }
        erasures.push(line);
    }
    Ok(FileView {
        line: FileLine::of(row, String::new()),
        answers: format!("{}/{}/answers", Head::of(device).below("evidence"), row.id),
        facts: facts(&reading),
        disks: disks(&reading),
        erasures,
        questions,
        warnings: reading
            .warnings
            .iter()
            .map(|warning| warning.text.clone())
            .collect(),
    })
}

/// What the file says of the computer.
pub(super) fn facts(reading: &Reading) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(recorded) = &reading.recorded {
        facts.push(("Écrit le", as_written(recorded)));
    }
    if let Some(machine) = &reading.machine {
        let name = [&machine.make, &machine.model, &machine.family]
            .into_iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(" ");
        let known = [
            ("Ordinateur", Some(name).filter(|name| !name.is_empty())),
            ("Numéro de série", machine.serial.clone()),
            ("Processeur", machine.cpu.clone()),
            (
                "Mémoire vive",
                machine
                    .memory_bytes
                    .map(|bytes| crate::french::memory(bytes.unsigned_abs())),
            ),
            (
                "Batterie",
                machine
                    .batteries
                    .iter()
                    .find_map(|battery| battery.health_percent)
                    .map(|health| format!("{health} % de la capacité d’origine")),
            ),
        ];
        facts.extend(
            known
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    }
    facts
}

/// A time that a tool wrote, as a person says it, in the tool's own zone.
fn as_written(text: &str) -> String {
    match naive_moment(text) {
        Some(at) => format!(
            "{} à {} h {:02}",
            crate::french::date(at.date()),
            at.hour(),
            at.minute()
        ),
        None => text.to_owned(),
    }
}

/// The disks that the file sees.
pub(super) fn disks(reading: &Reading) -> Vec<String> {
    reading
        .disks
        .iter()
        .map(|disk| {
            let mut words = disk.model.clone().unwrap_or_else(|| "Disque".to_owned());
            let size = words::capacity(disk.capacity_bytes);
            if !size.is_empty() {
                words = format!("{words}, {size}");
            }
            if let Some(serial) = &disk.serial {
                words = format!("{words}, n° {serial}");
            }
            if disk.removable {
                words = format!("{words} (amovible, laissé de côté)");
            }
            words
        })
        .collect()
}

fn erasure_line(
    erasure: &Erasure,
    media: &[medium::Model],
    history: &[sanitisation::Model],
    row: &evidence::Model,
    policy: Policy,
) -> ErasureLine {
    let disk = [
        erasure.model.clone(),
        erasure.serial.text().map(|serial| format!("n° {serial}")),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" ");
    let disk = if disk.is_empty() {
        "Disque sans numéro".to_owned()
    } else {
        disk
    };
    let how = [
        Some(erasure.method_label.clone()).filter(|label| !label.is_empty()),
        erasure
            .ended
            .as_deref()
            .or(erasure.started.as_deref())
            .map(as_written),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" · ");
    let (tone, word, reasons) = standing_of(erasure, media, history, row, policy);
    ErasureLine {
        tone,
        word,
        disk,
        how,
        reasons,
    }
}

/// Accepted, refused and why, or of no use any more.
fn standing_of(
    erasure: &Erasure,
    media: &[medium::Model],
    history: &[sanitisation::Model],
    row: &evidence::Model,
    policy: Policy,
) -> (Tone, &'static str, Vec<String>) {
    let Some(medium) = about(media, erasure) else {
        return (Tone::Refused, "Refusé", vec![no_medium(erasure).text]);
    };
    let by_it = |line: &&sanitisation::Model| {
        line.medium_id == medium.id && line.evidence_id == Some(row.id)
    };
    if medium.closed_by.is_some()
        && history
            .iter()
            .filter(by_it)
            .any(|line| Some(line.id) == medium.closed_by)
    {
        return (Tone::Done, "Accepté", Vec::new());
    }
    let judged = judge(erasure, &words::facts(medium), policy);
    if let Verdict::NotEvidenced { reasons } = judged {
        let texts = reasons.into_iter().map(|reason| reason.text).collect();
        return (Tone::Refused, "Refusé", texts);
    }
    if !medium.open {
        let words = "Le support était déjà fermé.".to_owned();
        return (Tone::Already, "Déjà effacé", vec![words]);
    }
    let refused = history
        .iter()
        .filter(by_it)
        .find(|line| line.result == SanitisationResult::NotEvidenced);
    let codes: Vec<String> = refused
        .and_then(|line| serde_json::from_str(&line.reasons).ok())
        .unwrap_or_default();
    let texts = codes
        .iter()
        .map(|code| devices::words::capital(words::reason(code)))
        .collect();
    (Tone::Refused, "Refusé", texts)
}

pub(super) async fn hand_in(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(code): Path<String>,
    upload: Upload,
) -> PageResult {
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let done = keep_file(&app, &actor, &code, upload.file, &BTreeSet::new()).await;
    match done {
        Ok(done) => Ok(went(&done, visit.secure)),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = FormState::new(&visit).refused(&error);
            page_with(
                status,
                &evidence_page(&app, &visit, &actor, &device, None, form).await?,
            )
        }
    }
}

/// The question answered with yes.
#[derive(Debug, Deserialize, Validate)]
pub(super) struct AnswerForm {
    #[validate(length(min = 1, max = 64, message = "Réponse inconnue."))]
    confirm: String,
}

pub(super) async fn answer(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
    form: Form<AnswerForm>,
) -> PageResult {
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let (input, state) = form.read();
    let id = EvidenceId(id);
    let done: Result<HandedIn, Error> = match input {
        Ok(input) => {
            let confirmed = BTreeSet::from([input.confirm]);
            actions::evidence::answer(&app, &actor, &code, id, &confirmed).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(done) => Ok(went(&done, visit.secure)),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(
                status,
                &evidence_page(&app, &visit, &actor, &device, Some(id), form).await?,
            )
        }
    }
}

/// On to the file, with what became of it in one sentence.
pub(super) fn went(done: &HandedIn, secure: bool) -> axum::response::Response {
    let to = format!(
        "{}?file={}",
        Head::of(&done.applied.device).below("evidence"),
        done.evidence.id
    );
    see_other_saying(&to, &said(done), secure)
}

fn said(done: &HandedIn) -> Flash {
    let closed = done
        .applied
        .taken
        .iter()
        .filter(|said| said.code == "sanitisation")
        .count();
    let refused = done.applied.refused.len();
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    if closed > 0 {
        let open = done.applied.device.open_media;
        let rest = if open > 0 {
            format!(
                " {}.",
                crate::french::counted(
                    i64::from(open),
                    "support reste ouvert",
                    "supports restent ouverts"
                )
            )
        } else {
            " Tout est fermé.".to_owned()
        };
        return Flash::done(format!(
            "Preuve acceptée : {}.{rest}",
            crate::french::counted(count(closed), "support fermé", "supports fermés")
        ));
    }
    if done.applied.questions.iter().any(|q| q.can_confirm) {
        return Flash::info("Ce fichier attend votre réponse : voyez la question ci-dessous.");
    }
    if refused > 0 {
        return Flash::refused(
            "Preuve refusée : le support reste ouvert. Chaque raison est donnée ci-dessous.",
        );
    }
    if !done.applied.taken.is_empty() {
        return Flash::done(format!(
            "Fichier lu : {}.",
            crate::french::counted(
                count(done.applied.taken.len()),
                "fait repris",
                "faits repris"
            )
        ));
    }
    if done.again {
        Flash::already("Ce fichier était déjà déposé.")
    } else {
        Flash::info("Fichier lu et gardé. Il n’apprend rien de nouveau.")
    }
}
