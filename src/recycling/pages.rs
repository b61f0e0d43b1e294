//! The pages of lots: what can leave, what is being filled, what left.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use entities::enums::{DeviceKind, LotStatus, WasteCategory};
use entities::{device, lot};
use serde::Deserialize;
use validator::Validate;

use super::actions::{self, CloseInput, CollectInput, OpenInput};
use super::items::{Bulk, ItemInput};
use super::note::{self, grouped};
use super::rules;
use super::store::{self, Filter};
use super::view::{self, LotView};
use crate::access::pages::Empty;
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::error::{Error, Result};
use crate::french;
use crate::papers;
use crate::web::frame::{Choice, Tone};
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Access, Flash, Form, FormState, Frame, PageResult, Path, Routes, Visit, page};

/// Lots and devices on the first page.
const SHOWN: u64 = 50;

/// Routes of the pages.
pub(super) fn routes() -> Routes {
    let needs = Access::Needs(Permission::Recycle);
    Routes::new()
        .get("/lots", needs, list)
        .post("/lots", needs, open)
        .get("/lots/{lot}", needs, show)
        .get("/lots/{lot}/note.pdf", needs, note_pdf)
        .post("/lots/{lot}/items", needs, add)
        .post("/lots/{lot}/items/{item}/removal", needs, take_out)
        .post("/lots/{lot}/close", needs, close)
        .post("/lots/{lot}/reopen", needs, reopen)
        .post("/lots/{lot}/collect", needs, collect)
}

struct LotLine {
    href: String,
    reference: String,
    category: &'static str,
    site: String,
    tone: Tone,
    status: &'static str,
    count: String,
    weight: String,
    iso: String,
    since: String,
}

struct WaitingLine {
    code: String,
    href: String,
    name: String,
    category: &'static str,
    since: String,
}

#[derive(Template)]
#[template(path = "recycling/pages/lots.html")]
struct LotsPage {
    frame: Frame,
    form: FormState,
    sentence: String,
    open: Vec<LotLine>,
    closed: Vec<LotLine>,
    gone: Vec<LotLine>,
    waiting: Vec<WaitingLine>,
    sites: Vec<Choice>,
    categories: Vec<Choice>,
}

async fn list(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let form = FormState::new(&visit);
    page(&lots_page(&app, &visit, &actor, form).await?)
}

async fn open(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<OpenInput>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => actions::open(&app, &actor, &input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(lot) => Ok(see_other_saying(
            &format!("/lots/{}", lot.body.reference),
            &Flash::done(format!(
                "Lot {} ouvert. Scannez ce qui y entre.",
                lot.body.reference
            )),
            visit.secure,
        )),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            page_with(status, &lots_page(&app, &visit, &actor, form).await?)
        }
    }
}

async fn lots_page(app: &App, visit: &Visit, actor: &Actor, form: FormState) -> Result<LotsPage> {
    let db = app.db.read();
    let now = app.clock.now();
    let sites = access::store::sites_of(db, actor.organisation).await?;
    // A lot usually stands where one works.
    let here = sites.iter().find(|s| Some(s.id) == actor.site);
    let form = match here {
        Some(here) if form.value("site").is_empty() => form.with("site", &here.slug),
        Some(_) | None => form,
    };
    let mut by_status = Vec::new();
    for status in [LotStatus::Open, LotStatus::Closed, LotStatus::Collected] {
        let filter = Filter {
            status: Some(status),
            ..Filter::default()
        };
        by_status.push(store::list(db, actor.organisation, filter, SHOWN).await?);
    }
    let counts = store::counts(db, by_status.iter().flatten().map(|l| l.id).collect()).await?;
    let line = |lot: &lot::Model| {
        let at = lot.collected_at.or(lot.closed_at).unwrap_or(lot.created_at);
        LotLine {
            href: format!("/lots/{}", lot.reference),
            reference: lot.reference.clone(),
            category: rules::category(lot.category),
            site: sites
                .iter()
                .find(|s| s.id == lot.site_id)
                .map(|s| s.name.clone())
                .unwrap_or_default(),
            tone: tone(lot.status),
            status: rules::status(lot.status),
            count: french::counted(counts.get(&lot.id).copied().unwrap_or(0), "objet", "objets"),
            weight: lot.weight_grams.map(french::weight).unwrap_or_default(),
            iso: crate::devices::journal::moment(at),
            since: french::ago(at, now),
        }
    };
    let mut lists = by_status
        .iter()
        .map(|lots| lots.iter().map(line).collect::<Vec<_>>());
    let (open, closed, gone) = (
        lists.next().unwrap_or_default(),
        lists.next().unwrap_or_default(),
        lists.next().unwrap_or_default(),
    );
    let waiting = store::waiting(db, actor.organisation, SHOWN).await?;
    let here = sites
        .iter()
        .find(|s| Some(s.id) == actor.site)
        .map(|s| s.slug.clone());
    let form = match here {
        Some(slug) if form.value("site").is_empty() => form.with("site", slug),
        Some(_) | None => form,
    };
    Ok(LotsPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        sentence: sentence(closed.len(), waiting.len()),
        open,
        closed,
        gone,
        waiting: waiting.iter().map(|d| waiting_line(d, now)).collect(),
        sites: sites
            .iter()
            .map(|s| Choice::new(&s.slug, &s.name))
            .collect(),
        categories: categories(),
    })
}

fn sentence(closed: usize, waiting: usize) -> String {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    match (closed, waiting) {
        (0, 0) => "Rien n’attend d’être recyclé".to_owned(),
        (0, n) => format!(
            "{} à mettre en lot",
            french::counted(count(n), "équipement", "équipements")
        ),
        (n, 0) => format!(
            "{} à enlever",
            french::counted(count(n), "lot fermé", "lots fermés")
        ),
        (n, w) => format!(
            "{} à enlever, {} à mettre en lot",
            french::counted(count(n), "lot fermé", "lots fermés"),
            french::counted(count(w), "équipement", "équipements")
        ),
    }
}

fn waiting_line(device: &device::Model, now: chrono::DateTime<chrono::Utc>) -> WaitingLine {
    WaitingLine {
        code: grouped(&device.code),
        href: format!("/devices/{}", device.code),
        name: name(device.make.as_deref(), device.model.as_deref(), device.kind),
        category: rules::category(rules::usual_category(device.kind)),
        since: french::ago(device.stage_since, now),
    }
}

fn name(make: Option<&str>, model: Option<&str>, kind: DeviceKind) -> String {
    let words: Vec<_> = [make, model].into_iter().flatten().collect();
    if words.is_empty() {
        crate::devices::words::kind(kind).to_owned()
    } else {
        words.join(" ")
    }
}

fn categories() -> Vec<Choice> {
    WasteCategory::ALL
        .iter()
        .map(|c| Choice::new(c.as_str(), rules::category(*c)))
        .collect()
}

const fn tone(status: LotStatus) -> Tone {
    match status {
        LotStatus::Open => Tone::Shown,
        LotStatus::Closed => Tone::Already,
        LotStatus::Collected | LotStatus::Accepted | LotStatus::Treated => Tone::Done,
        LotStatus::PartlyRefused => Tone::Refused,
    }
}

struct ItemLine {
    id: String,
    code: Option<(String, String)>,
    name: String,
    nature: String,
    usual: Option<&'static str>,
    weight: String,
}

#[derive(Template)]
#[template(path = "recycling/pages/lot.html")]
#[expect(clippy::struct_excessive_bools, reason = "what a page shows or not")]
struct LotPage {
    frame: Frame,
    /// The scan.
    form: FormState,
    /// Bulk.
    bulk: FormState,
    /// Weighing.
    scale: FormState,
    /// Collection.
    papers: FormState,
    reference: String,
    category: &'static str,
    site: String,
    tone: Tone,
    status: &'static str,
    is_open: bool,
    is_closed: bool,
    may_collect: bool,
    dangerous: bool,
    items: Vec<ItemLine>,
    facts: Vec<(&'static str, String)>,
}

/// Which of the page's forms comes back.
enum Back {
    Scan(FormState),
    Bulk(FormState),
    Scale(FormState),
    Papers(FormState),
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(lot): Path<String>,
) -> PageResult {
    let back = Back::Scan(FormState::new(&visit));
    page(&lot_page(&app, &visit, &actor, &lot, back).await?)
}

async fn lot_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    name: &str,
    back: Back,
) -> Result<LotPage> {
    let db = app.db.read();
    let row = store::find(db, actor.organisation, name).await?;
    let lot = view::of(db, row).await?;
    let blank = || FormState::new(visit);
    let (mut form, mut bulk, mut scale, mut papers) = (blank(), blank(), blank(), blank());
    match back {
        Back::Scan(state) => form = state.with("code", ""),
        Back::Bulk(state) => bulk = state,
        Back::Scale(state) => scale = state,
        Back::Papers(state) => papers = state,
    }
    Ok(LotPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        bulk,
        scale,
        papers,
        reference: lot.reference.clone(),
        category: rules::category(lot.category),
        site: lot.site_name.clone(),
        tone: tone(lot.status),
        status: rules::status(lot.status),
        is_open: lot.status == LotStatus::Open,
        is_closed: lot.status == LotStatus::Closed,
        may_collect: crate::devices::lifecycle::role_may("recycled", actor.role),
        dangerous: rules::waste_code(lot.category).1,
        items: lot
            .items
            .iter()
            .map(|i| item_line(i, lot.category))
            .collect(),
        facts: facts(&lot),
    })
}

fn item_line(item: &view::ItemView, lot: WasteCategory) -> ItemLine {
    ItemLine {
        id: item.id.to_string(),
        code: item
            .code
            .as_ref()
            .map(|code| (grouped(code), format!("/devices/{code}"))),
        name: item.name.clone(),
        nature: match (item.what, item.kind) {
            (_, Some(kind)) => crate::devices::words::kind(kind).to_owned(),
            ("medium", None) => "support de données".to_owned(),
            (_, None) => "vrac".to_owned(),
        },
        usual: item
            .usual_category
            .filter(|usual| *usual != lot)
            .map(rules::category),
        weight: item.weight_grams.map(french::weight).unwrap_or_default(),
    }
}

fn facts(lot: &LotView) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Ouvert", french::date_time(lot.created_at))];
    if let (Some(at), Some(grams)) = (lot.closed_at, lot.weight_grams) {
        facts.push((
            "Pesé et fermé",
            format!("{}, {}", french::weight(grams), french::date_time(at)),
        ));
    }
    if let Some(at) = lot.collected_at {
        facts.push(("Enlevé", french::date_time(at)));
    }
    for (word, value) in [
        ("Transporteur", &lot.carrier),
        ("Destination", &lot.operator),
        ("Bon ou bordereau", &lot.collection_reference),
    ] {
        facts.extend(value.clone().map(|value| (word, value)));
    }
    facts
}

#[derive(Debug, Deserialize, Validate)]
struct ItemForm {
    #[validate(length(max = 200, message = "Code trop long."))]
    code: Option<String>,
    #[validate(length(max = 60, message = "Dites ce que c’est, en peu de mots."))]
    bulk: Option<String>,
    // Not « weight »: the whole lot's is on the same page, and a label points at one field.
    #[validate(length(max = 20, message = "Poids illisible."))]
    bulk_weight: Option<String>,
}

async fn add(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(lot): Path<String>,
    form: Form<ItemForm>,
) -> PageResult {
    let (input, state) = form.read();
    let is_bulk = state.value("code").is_empty();
    let done = match input.and_then(item_input) {
        Ok(input) => actions::add(&app, &actor, &lot, &input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(added) => {
            let first = added
                .body
                .items
                .first()
                .map(|i| i.name.clone())
                .unwrap_or_default();
            let flash = if added.replayed {
                Flash::already("Déjà dans ce lot.")
            } else {
                Flash::done(format!("Ajouté : {first}."))
            };
            Ok(see_other_saying(
                &format!("/lots/{lot}"),
                &flash,
                visit.secure,
            ))
        }
        Err(error) => {
            let (status, error) = form_status(error)?;
            let state = state.refused(&error);
            let back = if is_bulk {
                Back::Bulk(state)
            } else {
                Back::Scan(state)
            };
            page_with(status, &lot_page(&app, &visit, &actor, &lot, back).await?)
        }
    }
}

fn item_input(form: ItemForm) -> Result<ItemInput> {
    if form.code.is_some() {
        return Ok(ItemInput {
            id: None,
            code: form.code,
            bulk: None,
        });
    }
    let category = form
        .bulk
        .ok_or_else(|| Error::field("#/bulk", "Dites ce que c’est."))?;
    let weight_grams = kilograms(form.bulk_weight.as_deref(), "#/bulk_weight")?;
    Ok(ItemInput {
        id: None,
        code: None,
        bulk: Some(Bulk {
            category,
            weight_grams,
        }),
    })
}

fn kilograms(text: Option<&str>, field: &'static str) -> Result<i64> {
    text.and_then(rules::grams)
        .filter(|grams| *grams > 0)
        .ok_or_else(|| Error::field(field, "Donnez le poids en kilogrammes, par exemple 12,4."))
}

async fn take_out(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path((lot, item)): Path<(String, String)>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    actions::take_out(&app, &actor, &lot, &item).await?;
    let flash = Flash::done("Retiré du lot.");
    Ok(see_other_saying(
        &format!("/lots/{lot}"),
        &flash,
        visit.secure,
    ))
}

#[derive(Debug, Deserialize, Validate)]
struct ScaleForm {
    #[validate(length(max = 20, message = "Poids illisible."))]
    weight: Option<String>,
}

async fn close(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(lot): Path<String>,
    form: Form<ScaleForm>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input.and_then(|i| kilograms(i.weight.as_deref(), "#/weight")) {
        Ok(weight_grams) => actions::close(&app, &actor, &lot, CloseInput { weight_grams })
            .await
            .map_err(beside_the_scale),
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(see_other_saying(
            &format!("/lots/{lot}"),
            &Flash::done("Lot pesé et fermé. Il peut être enlevé."),
            visit.secure,
        )),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let back = Back::Scale(state.refused(&error));
            page_with(status, &lot_page(&app, &visit, &actor, &lot, back).await?)
        }
    }
}

/// The page asks for kilograms in a field of another name than the API's.
fn beside_the_scale(error: Error) -> Error {
    match error {
        Error::Invalid(faults) => Error::Invalid(
            faults
                .into_iter()
                .map(|f| crate::error::FieldError::new("#/weight", f.detail))
                .collect(),
        ),
        Error::NotFound(_)
        | Error::UnknownCode
        | Error::WrongCheckCharacter
        | Error::Forbidden(_)
        | Error::SignedOut
        | Error::Unreadable(_)
        | Error::Refused { .. }
        | Error::Stale(_)
        | Error::TooMany(_)
        | Error::Busy
        | Error::Setup(_)
        | Error::Internal(_) => error,
    }
}

async fn reopen(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(lot): Path<String>,
    form: Form<Empty>,
) -> PageResult {
    form.read().0?;
    actions::reopen(&app, &actor, &lot).await?;
    let flash = Flash::done("Lot rouvert : il sera pesé à nouveau.");
    Ok(see_other_saying(
        &format!("/lots/{lot}"),
        &flash,
        visit.secure,
    ))
}

async fn collect(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(lot): Path<String>,
    form: Form<CollectInput>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => actions::collect(&app, &actor, &lot, &input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(see_other_saying(
            &format!("/lots/{lot}"),
            &Flash::done("Lot enlevé. Imprimez le bon d’enlèvement et gardez-le trois ans."),
            visit.secure,
        )),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let back = Back::Papers(state.refused(&error));
            page_with(status, &lot_page(&app, &visit, &actor, &lot, back).await?)
        }
    }
}

async fn note_pdf(
    State(app): State<App>,
    actor: Actor,
    Path(lot): Path<String>,
) -> PageResult<Response> {
    let db = app.db.read();
    let row = store::find(db, actor.organisation, &lot).await?;
    let site = access::store::site_by_id(db, row.site_id).await?;
    let sender = access::store::organisation(db, site.organisation_id).await?;
    let lot = view::of(db, row).await?;
    let bytes = papers::pdf(&note::paper(&lot, &site, &sender)).map_err(Error::internal)?;
    let name = format!("inline; filename=\"bon-{}.pdf\"", lot.reference);
    Ok((
        [
            (header::CONTENT_TYPE, "application/pdf".to_owned()),
            (header::CONTENT_DISPOSITION, name),
        ],
        bytes,
    )
        .into_response())
}
