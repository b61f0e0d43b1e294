//! The inbox: files handed in without a device, until somebody says where they belong.

use askama::Template;
use axum::extract::State;
use entities::ids::EvidenceId;
use serde::Deserialize;
use uuid::Uuid;
use validator::Validate;

use super::evidence::{FileLine, disks, facts, went};
use crate::access::pages::Empty;
use crate::access::{self, Actor};
use crate::app::App;
use crate::error::Result;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::upload::Upload;
use crate::web::{Flash, Form, FormState, Frame, PageResult, Path, Visit, page};
use crate::workshop::actions::evidence::read_kept;
use crate::workshop::actions::inbox::{self, Sorted};
use crate::workshop::store;

#[derive(Template)]
#[template(path = "workshop/pages/inbox.html")]
struct InboxPage {
    frame: Frame,
    form: FormState,
    files: Vec<Waiting>,
    count: u64,
    more: u64,
}

/// One file that waits.
#[derive(Debug)]
struct Waiting {
    line: FileLine,
    /// Where "put aside" goes.
    aside: String,
    says: Vec<String>,
}

pub(super) async fn show(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let form = FormState::new(&visit);
    page(&inbox_page(&app, &visit, &actor, form).await?)
}

async fn inbox_page(app: &App, visit: &Visit, actor: &Actor, form: FormState) -> Result<InboxPage> {
    let rows = store::inbox(app.db.read(), actor.organisation).await?;
    let count = store::inbox_count(app.db.read(), actor.organisation).await?;
    let shown = u64::try_from(rows.len()).unwrap_or(count);
    let mut files = Vec::new();
    for row in &rows {
        let says = match read_kept(app, &row.sha256).await {
            Ok(reading) => {
                let mut says: Vec<String> = facts(&reading)
                    .into_iter()
                    .filter(|(name, _)| *name == "Ordinateur" || *name == "Numéro de série")
                    .map(|(name, value)| format!("{name} : {value}"))
                    .collect();
                says.extend(disks(&reading).into_iter().take(12));
                if reading.disks.is_empty() {
                    says.extend(reading.erasures.iter().filter_map(|erasure| {
                        Some(format!("Disque n° {}", erasure.serial.text()?))
                    }));
                }
                says
            }
            Err(_) => vec!["Ce fichier ne se lit plus.".to_owned()],
        };
        files.push(Waiting {
            line: FileLine::of(row, String::new()),
            aside: format!("/evidence/{}/aside", row.id),
            says,
        });
    }
    Ok(InboxPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        files,
        count,
        more: count.saturating_sub(shown),
    })
}

pub(super) async fn hand_in(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    upload: Upload,
) -> PageResult {
    match inbox::sort(&app, &actor, upload.file).await {
        Ok(sorted) => Ok(see_other_saying(
            &onward(&sorted),
            &said(&sorted),
            visit.secure,
        )),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = FormState::new(&visit).refused(&error);
            page_with(status, &inbox_page(&app, &visit, &actor, form).await?)
        }
    }
}

/// To the one device whose file was refused, where each reason is read; else on with the next file.
fn onward(sorted: &Sorted) -> String {
    match sorted.devices.as_slice() {
        [one]
            if !(one.refused.is_empty() && one.questions.is_empty())
                && sorted.loose.is_empty()
                && sorted.inbox.is_none() =>
        {
            format!("/devices/{}/evidence", one.device.code)
        }
        _ => "/evidence".to_owned(),
    }
}

fn said(sorted: &Sorted) -> Flash {
    let devices: Vec<String> = sorted
        .devices
        .iter()
        .map(|part| crate::devices::words::grouped(&part.device.code))
        .collect();
    let closed = sorted
        .devices
        .iter()
        .flat_map(|part| &part.taken)
        .chain(sorted.loose.iter().flat_map(|loose| &loose.applied))
        .filter(|said| said.code == "sanitisation")
        .count();
    let refused = sorted
        .devices
        .iter()
        .map(|part| part.refused.len())
        .chain(sorted.loose.iter().map(|loose| loose.refused.len()))
        .sum::<usize>();
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut words = Vec::new();
    if !devices.is_empty() {
        words.push(format!("Reconnu : {}.", devices.join(", ")));
    }
    if closed > 0 {
        words.push(format!(
            "{}.",
            crate::french::counted(count(closed), "support effacé", "supports effacés")
        ));
    }
    if refused > 0 {
        words.push(format!(
            "{} : voyez les raisons à la page de l’équipement.",
            crate::french::counted(count(refused), "effacement refusé", "effacements refusés")
        ));
    }
    let asked = sorted
        .devices
        .iter()
        .any(|part| part.questions.iter().any(|question| question.can_confirm));
    if asked {
        words.push("Une réponse est attendue à la page de l’équipement.".to_owned());
    }
    if sorted.inbox.is_some() {
        words.push("Le fichier attend qu’on dise à quel équipement il appartient.".to_owned());
    }
    let text = words.join(" ");
    if refused > 0 {
        Flash::refused(text)
    } else if sorted.inbox.is_some() || asked {
        Flash::info(text)
    } else {
        Flash::done(text)
    }
}

/// The device a file is about.
#[derive(Debug, Deserialize, Validate)]
pub(super) struct AttachForm {
    #[validate(length(min = 1, max = 200, message = "Scannez le code de l’équipement."))]
    device: String,
}

pub(super) async fn attach(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
    form: Form<AttachForm>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => inbox::attach(&app, &actor, EvidenceId(id), &input.device).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(done) => Ok(went(&done, visit.secure)),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(status, &inbox_page(&app, &visit, &actor, form).await?)
        }
    }
}

pub(super) async fn put_aside(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    inbox::put_aside(&app, &actor, EvidenceId(id)).await?;
    let flash = Flash::done("Fichier mis de côté. Il reste gardé.");
    Ok(see_other_saying("/evidence", &flash, visit.secure))
}
