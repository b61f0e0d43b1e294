//! The media of a device: where to look, what is open and why, what to do with each.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use entities::enums::{BoundFor, MediumKind, SanitisationResult};
use entities::ids::MediumId;
use entities::{device, medium, sanitisation};
use serde::Deserialize;
use uuid::Uuid;
use validator::Validate;

use super::head::{Head, standing};
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::devices::{self, media as spine, words as field};
use crate::error::{Error, FieldError, Result};
use crate::web::frame::{Choice, Tone};
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Flash, Form, FormState, Frame, PageResult, Path, Visit, page};
use crate::workshop::actions::media::{Inventoried, MediaInput};
use crate::workshop::actions::removal::{NotThere, NotThereInput, RemovalInput};
use crate::workshop::actions::sanitise::DeclaredInput;
use crate::workshop::{actions, store, tables, words};

/// The page's form: the same facts as the API's, with the capacity as it is printed on the disk.
#[derive(Debug, Deserialize, Validate)]
pub(super) struct MediaForm {
    /// `add`, `finish`, `fit`.
    #[serde(rename = "do")]
    step: String,
    kind: Option<MediumKind>,
    #[validate(length(max = 64, message = "64 caractères au plus."))]
    serial: Option<String>,
    #[validate(length(max = 64, message = "64 caractères au plus."))]
    model: Option<String>,
    /// In gigabytes of the maker, comma or point.
    capacity: Option<String>,
    #[validate(length(max = 200, message = "Ce n’est pas un code."))]
    code: Option<String>,
    #[serde(default)]
    looked: BTreeMap<String, String>,
}

#[derive(Template)]
#[template(path = "workshop/pages/media.html")]
struct MediaPage {
    frame: Frame,
    head: Head,
    form: FormState,
    known: bool,
    may: bool,
    /// Somebody who handles it and isn't at the bench may only report.
    may_report: bool,
    note: Option<String>,
    places: Vec<Choice>,
    kinds: Vec<Choice>,
    media: Vec<MediumLine>,
    open: usize,
}

/// One medium as the list shows it.
#[derive(Debug)]
pub(super) struct MediumLine {
    /// Where its forms go.
    url: String,
    pub(super) what: String,
    pub(super) number: String,
    code: Option<String>,
    open: bool,
    pub(super) tone: Tone,
    pub(super) word: &'static str,
    pub(super) why: String,
}

impl MediumLine {
    pub(super) fn of(medium: &medium::Model, history: &[sanitisation::Model], below: &str) -> Self {
        let mut of_it = history.iter().filter(|row| row.medium_id == medium.id);
        let last = of_it.next();
        let why = if medium.open {
            let because = field::opened_because(medium.opened_because);
            match last {
                Some(row) if row.result != SanitisationResult::Success => format!(
                    "Pas encore effacé ({because}). Dernier essai refusé : {}",
                    reasons_of(row)
                ),
                _ => format!("Pas encore effacé : {because}"),
            }
        } else {
            history
                .iter()
                .find(|row| Some(row.id) == medium.closed_by)
                .map(closed_words)
                .unwrap_or_default()
        };
        Self {
            url: format!("{below}/{}", medium.id),
            what: words::medium_line(medium),
            number: medium
                .serial
                .clone()
                .unwrap_or_else(|| "illisible".to_owned()),
            code: medium.code.as_deref().map(field::grouped),
            open: medium.open,
            tone: if medium.open {
                Tone::Refused
            } else {
                Tone::Done
            },
            word: if medium.open { "Ouvert" } else { "Fermé" },
            why,
        }
    }
}

impl MediumLine {
    /// Where the form of its removal goes.
    fn removal(&self) -> String {
        format!("{}/removal", self.url)
    }

    /// Where the form goes that says it is not there.
    fn missing(&self) -> String {
        format!("{}/missing", self.url)
    }
}

/// How a medium was closed, in one sentence.
pub(super) fn closed_words(row: &sanitisation::Model) -> String {
    format!(
        "{} le {} : {}{}",
        field::capital(words::level_word(row.level)),
        crate::french::date(crate::french::local_date(row.at)),
        words::method(&row.method),
        row.tool
            .as_deref()
            .map(|tool| format!(", {tool}"))
            .unwrap_or_default()
    )
}

/// The codes of a refused erasure as a person reads them.
fn reasons_of(row: &sanitisation::Model) -> String {
    let codes: Vec<String> = serde_json::from_str(&row.reasons).unwrap_or_default();
    let said: Vec<&str> = codes.iter().map(|code| words::reason(code)).collect();
    if said.is_empty() {
        "sans raison notée".to_owned()
    } else {
        said.join(" ; ")
    }
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(code): Path<String>,
) -> PageResult {
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let form = FormState::new(&visit);
    page(&media_page(&app, &visit, &actor, &device, form).await?)
}

async fn media_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    device: &device::Model,
    form: FormState,
) -> Result<MediaPage> {
    let media = spine::of_device(app.db.read(), device.id).await?;
    let history = store::sanitisations_of(app.db.read(), &media).await?;
    let table = tables::checks()?;
    let below = Head::of(device).below("media");
    let places = table
        .kind(device.kind.as_str())
        .map(|kind| {
            kind.look_here
                .iter()
                .map(|place| {
                    let name = table.places.get(place).unwrap_or(place);
                    Choice::new(format!("looked[{place}]"), name)
                })
                .collect()
        })
        .unwrap_or_default();
    Ok(MediaPage {
        frame: access::frame(app, actor, visit).await?,
        head: Head::of(device),
        form,
        known: device.media_known,
        may: actor.may(Permission::Refurbish),
        may_report: devices::lifecycle::role_may("medium_found", actor.role),
        note: standing(device),
        places,
        kinds: MediumKind::ALL
            .iter()
            .map(|kind| Choice::new(kind.as_str(), field::capital(field::medium(*kind))))
            .collect(),
        open: media.iter().filter(|medium| medium.open).count(),
        media: media
            .iter()
            .map(|medium| MediumLine::of(medium, &history, &below))
            .collect(),
    })
}

/// The page with what was typed, and what was wrong with it.
async fn refused(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    device: &device::Model,
    typed: FormState,
    error: Error,
) -> PageResult {
    let (status, error) = form_status(error)?;
    let form = typed.refused(&error);
    page_with(status, &media_page(app, visit, actor, device, form).await?)
}

pub(super) async fn record(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(code): Path<String>,
    form: Form<MediaForm>,
) -> PageResult {
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(form) => step(&app, &actor, &device, form).await,
        Err(error) => Err(error),
    };
    match done {
        Ok((done, finished)) => {
            let head = Head::of(&done.device);
            let to = if finished {
                head.back()
            } else {
                head.below("media")
            };
            Ok(see_other_saying(&to, &said(&done), visit.secure))
        }
        Err(error) => refused(&app, &visit, &actor, &device, state, error).await,
    }
}

/// What a form of the page asks. Answers whether the inventory ends with it.
async fn step(
    app: &App,
    actor: &Actor,
    device: &device::Model,
    form: MediaForm,
) -> Result<(Inventoried, bool)> {
    let input =
        match form.step.as_str() {
            "finish" => {
                looked_everywhere(device, &form.looked)?;
                let none = spine::of_device(app.db.read(), device.id).await?.is_empty();
                MediaInput {
                    none_seen: none,
                    complete: Some(true),
                    ..MediaInput::default()
                }
            }
            "fit" => MediaInput {
                code: Some(form.code.ok_or_else(|| {
                    Error::field("#/code", "Scannez ou tapez le code du support.")
                })?),
                ..MediaInput::default()
            },
            _ => MediaInput {
                kind: form.kind,
                serial: form.serial,
                model: form.model,
                capacity_bytes: form.capacity.as_deref().map(gigabytes).transpose()?,
                complete: Some(false),
                ..MediaInput::default()
            },
        };
    let finished = form.step == "finish";
    let done = actions::media::inventory(app, actor, &device.code, input).await?;
    Ok((done, finished))
}

/// Every place of the list was looked at, or which was not.
fn looked_everywhere(device: &device::Model, looked: &BTreeMap<String, String>) -> Result<()> {
    let table = tables::checks()?;
    let places = table
        .kind(device.kind.as_str())
        .map(|kind| kind.look_here.as_slice())
        .unwrap_or_default();
    let missing: Vec<FieldError> = places
        .iter()
        .filter(|place| !looked.contains_key(*place))
        .map(|place| {
            let name = table.places.get(place).unwrap_or(place);
            FieldError::new(
                format!("#/looked/{place}"),
                format!("Regardez aussi ici : {name}"),
            )
        })
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(missing))
    }
}

/// « 500 » or « 1,5 » gigabytes in bytes, as makers count them.
fn gigabytes(text: &str) -> Result<i64> {
    let wrong = || Error::field("#/capacity", "Un nombre de gigaoctets, par exemple 500.");
    let text: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let whole: i64 = whole.parse().map_err(|_| wrong())?;
    if part.len() > 3 || !(0..1_000_000).contains(&whole) {
        return Err(wrong());
    }
    let part: i64 = format!("{part:0<3}").parse().map_err(|_| wrong())?;
    Ok(whole * 1_000_000_000 + part * 1_000_000)
}

fn said(done: &Inventoried) -> Flash {
    let medium = done.medium.as_ref();
    let label = medium
        .and_then(|medium| medium.code.as_deref())
        .map(|code| {
            format!(
                " Numéro illisible : collez-lui l’étiquette {}.",
                field::grouped(code)
            )
        })
        .unwrap_or_default();
    match done.event {
        Some("medium_found") if done.breach => Flash::info(format!(
            "Support signalé. L’équipement est chez un foyer : un incident de données est ouvert, à traiter sous 72 heures.{label}"
        )),
        Some("medium_found") => Flash::info(format!(
            "Support signalé : l’équipement revient à l’atelier et sa réservation éventuelle est levée.{label}"
        )),
        Some("medium_fitted") => Flash::done("Support monté, avec son histoire."),
        Some(_) if medium.is_some() => Flash::done(format!("Support inscrit.{label}")),
        Some(_) => Flash::done("Inventaire des supports terminé."),
        None if done.breach => Flash::info(
            "L’équipement a quitté la filière : un incident de données est ouvert, à traiter sous 72 heures.",
        ),
        None => Flash::already("C’était déjà noté."),
    }
}

pub(super) async fn remove(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
    form: Form<RemovalInput>,
) -> PageResult {
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => actions::removal::remove(&app, &actor, &code, MediumId(id), &input)
            .await
            .map(|done| (done, input.to)),
        Err(error) => Err(error),
    };
    match done {
        Ok(((device, medium), to)) => {
            let label = medium
                .code
                .as_deref()
                .map(field::grouped)
                .unwrap_or_default();
            let place = match to {
                BoundFor::Stock => "rangez-le avec les supports en stock",
                BoundFor::Destruction => "mettez-le dans le bac à détruire",
            };
            let flash = Flash::done(format!(
                "Support retiré. Collez-lui l’étiquette {label} et {place}."
            ));
            Ok(see_other_saying(
                &Head::of(&device).below("media"),
                &flash,
                visit.secure,
            ))
        }
        Err(error) => refused(&app, &visit, &actor, &device, state, error).await,
    }
}

pub(super) async fn not_there(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
    form: Form<NotThereInput>,
) -> PageResult {
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => actions::removal::not_there(&app, &actor, &code, MediumId(id), &input)
            .await
            .map(|gone| (gone, input.reason)),
        Err(error) => Err(error),
    };
    match done {
        Ok((gone, reason)) => {
            let flash = match reason {
                NotThere::Missing if gone.breach => Flash::info(
                    "Support déclaré introuvable : un incident de données est ouvert, à traiter sous 72 heures.",
                ),
                NotThere::Missing => Flash::info("Support déclaré introuvable."),
                NotThere::Mistake => Flash::done(
                    "Support rayé de l’inventaire. Regardez de nouveau partout, puis terminez l’inventaire.",
                ),
            };
            let to = Head::of(&gone.device).below("media");
            Ok(see_other_saying(&to, &flash, visit.secure))
        }
        Err(error) => refused(&app, &visit, &actor, &device, state, error).await,
    }
}

#[derive(Template)]
#[template(path = "workshop/pages/declaration.html")]
struct DeclarationPage {
    frame: Frame,
    head: Head,
    form: FormState,
    medium: MediumLine,
    methods: Vec<Choice>,
    levels: Vec<Choice>,
    verifications: Vec<Choice>,
    results: Vec<Choice>,
}

pub(super) async fn declaration(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
) -> PageResult {
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let form = FormState::new(&visit);
    page(&declaration_page(&app, &visit, &actor, &device, MediumId(id), form).await?)
}

async fn declaration_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    device: &device::Model,
    id: MediumId,
    form: FormState,
) -> Result<DeclarationPage> {
    let media = spine::of_device(app.db.read(), device.id).await?;
    let medium = media
        .iter()
        .find(|medium| medium.id == id)
        .ok_or_else(|| Error::refused("medium-unknown", ""))?;
    let history = store::sanitisations_of(app.db.read(), std::slice::from_ref(medium)).await?;
    let methods = [
        "overwrite",
        "block_erase",
        "crypto_erase",
        "secure_erase",
        "secure_erase_enhanced",
        "format",
    ];
    Ok(DeclarationPage {
        frame: access::frame(app, actor, visit).await?,
        head: Head::of(device),
        form,
        medium: MediumLine::of(medium, &history, &Head::of(device).below("media")),
        methods: methods
            .iter()
            .map(|code| Choice::new(*code, field::capital(words::method(code))))
            .collect(),
        levels: vec![
            Choice::new("clear", "Effacé (Clear)"),
            Choice::new("purge", "Purgé (Purge)"),
        ],
        verifications: vec![
            Choice::new("last_pass", "Dernière passe relue"),
            Choice::new("all_passes", "Toutes les passes relues"),
            Choice::new("drive_status", "Compte rendu du disque"),
            Choice::new("sampling", "Quelques secteurs relus"),
            Choice::new("none", "Aucune vérification"),
        ],
        results: vec![
            Choice::new("success", "Réussi"),
            Choice::new("failure", "Échec"),
            Choice::new("aborted", "Interrompu"),
        ],
    })
}

pub(super) async fn declare(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
    form: Form<DeclaredInput>,
) -> PageResult {
    let id = MediumId(id);
    let device = devices::store::by_code(app.db.read(), &code).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => actions::sanitise::declare(&app, &actor, &code, id, &input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(done) => {
            let flash = if done.medium.open {
                Flash::info("Échec noté : le support reste ouvert.")
            } else {
                Flash::done("Effacement déclaré : le support est fermé.")
            };
            let to = Head::of(&done.device).below("media");
            Ok(see_other_saying(&to, &flash, visit.secure))
        }
        Err(error) => {
            let (status, error): (StatusCode, Error) = form_status(error)?;
            let form = state.refused(&error);
            let page = declaration_page(&app, &visit, &actor, &device, id, form).await?;
            page_with(status, &page)
        }
    }
}
