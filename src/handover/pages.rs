//! The counter: a device changes hands on one page, without a script; then a receipt.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use entities::appointment;
use entities::enums::{AppointmentState, PaymentMeans};
use entities::ids::{AllocationId, AppointmentId};
use serde::Deserialize;
use uuid::Uuid;

use super::checklist::{self, Item};
use super::facts::Counter;
use super::input::{ContributionInput, HandoverInput};
use super::{actions, receipt, rules, store};
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::appointments::view::instant;
use crate::devices::words;
use crate::error::{Error, Missing, Result};
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with};
use crate::web::{
    Access, Form, FormState, Frame, PageResult, Path, Query, Routes, Visit, download, page,
    see_other,
};
use crate::{allocation, appointments, devices, french, requests};

/// Routes of the counter.
pub(crate) fn routes() -> Routes {
    let needs = Access::Needs(Permission::HandOver);
    Routes::new()
        .get("/handovers/{id}", needs, show)
        .post("/handovers/{id}", needs, send)
        .get("/handovers/{id}/done", needs, done)
        .get("/handovers/{id}/receipt.pdf", needs, paper)
}

#[derive(Debug, Deserialize)]
struct Which {
    request: Option<String>,
}

#[derive(Template)]
#[template(path = "handover/pages/handover.html")]
struct HandoverPage {
    frame: Frame,
    form: FormState,
    kind: &'static str,
    time: String,
    appointment: String,
    request: String,
    others: Vec<String>,
    code: String,
    name: String,
    checklist: &'static [Item],
    due: Option<String>,
    means: Vec<Choice>,
    missing: Vec<Missing>,
}

async fn own(app: &App, actor: &Actor, id: Uuid) -> Result<appointment::Model> {
    let db = app.db.read();
    let row = appointments::store::appointment(db, AppointmentId(id)).await?;
    let venue = access::store::venue_by_id(db, row.venue_id).await?;
    if venue.organisation_id == actor.organisation {
        Ok(row)
    } else {
        Err(Error::NotFound("appointment"))
    }
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
    Query(which): Query<Which>,
) -> PageResult {
    let row = own(&app, &actor, id).await?;
    if row.state == AppointmentState::Attended && which.request.is_none() {
        return Ok(see_other(&format!("/handovers/{id}/done")));
    }
    let form = FormState::new(&visit);
    page(&counter(&app, &visit, &actor, &row, which.request.as_deref(), form).await?)
}

/// The counter's page for one request of an appointment.
#[expect(clippy::similar_names, reason = "the words of the field")]
async fn counter(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    row: &appointment::Model,
    which: Option<&str>,
    form: FormState,
) -> Result<HandoverPage> {
    let db = app.db.read();
    let now = app.clock.now();
    let mut held = Vec::new();
    for one in appointments::store::requests_of(db, row.id).await? {
        let request = requests::steps::by_id(db, one.request_id).await?;
        let hold = allocation::steps::live(db, request.id)
            .await?
            .filter(|hold| hold.kept.is_none());
        if let Some(hold) = hold {
            held.push((request, hold.device_id));
        }
    }
    let chosen = held
        .iter()
        .position(|(request, _)| which.is_none_or(|which| request.reference == which))
        .ok_or_else(|| Error::refused("appointment-over", ""))?;
    let (request, device) = held.swap_remove(chosen);
    let others = held
        .into_iter()
        .map(|(request, _)| request.reference)
        .collect();
    let reference = request.reference.clone();
    let device = devices::store::by_id(db, device).await?;
    let facts = Counter::read(app, db, row.clone(), request, device, now).await?;
    let device = &facts.device;
    let list = checklist::of(device.kind);
    // What no tick and no payment will mend is told before anybody scans.
    let all_said = HandoverInput {
        id: None,
        appointment: row.id.0,
        request: reference.clone(),
        code: device.code.clone(),
        pickup_code: None,
        checklist: list.iter().map(|item| (item.key.clone(), true)).collect(),
        contribution: Some(ContributionInput {
            means: PaymentMeans::Waived,
            reference: None,
        }),
        exception: None,
    };
    let missing = rules::missing(&facts.facts(&all_said), now, french::PARIS);
    Ok(HandoverPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        kind: words::the_kind(device.kind),
        time: french::time(instant(row.starts_at)),
        appointment: row.id.to_string(),
        request: reference,
        others,
        code: words::grouped(&device.code),
        name: words::name(device),
        checklist: list,
        due: (facts.due_cents > 0).then(|| french::euros(facts.due_cents)),
        means: PaymentMeans::ALL
            .iter()
            .map(|means| Choice::new(means.as_str(), means_word(*means)))
            .collect(),
        missing,
    })
}

/// How something was paid, in words.
pub(super) const fn means_word(means: PaymentMeans) -> &'static str {
    match means {
        PaymentMeans::Cash => "Espèces",
        PaymentMeans::Card => "Carte",
        PaymentMeans::Cheque => "Chèque",
        PaymentMeans::Transfer => "Virement",
        PaymentMeans::Waived => "Dispense",
    }
}

async fn send(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
    form: Form<HandoverInput>,
) -> PageResult {
    let row = own(&app, &actor, id).await?;
    let (input, state) = form.read();
    let request = state.value("request").to_owned();
    let outcome = match input {
        Ok(input) if input.appointment == id => actions::hand_over(&app, &actor, &input).await,
        Ok(_) => Err(Error::NotFound("appointment")),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/handovers/{id}/done"))),
        Err(error) => {
            let (status, error) = form_status(error)?;
            // A code that was wrong and a colleague's token are typed anew.
            let form = state
                .refused(&error)
                .with("pickup_code", "")
                .with("exception[witness]", "");
            let shown = counter(&app, &visit, &actor, &row, Some(&request), form).await?;
            page_with(status, &shown)
        }
    }
}

struct Handed {
    code: String,
    name: String,
    request: String,
    paid: Option<String>,
    receipt: Option<String>,
}

#[derive(Template)]
#[template(path = "handover/pages/done.html")]
struct DonePage {
    frame: Frame,
    handed: Vec<Handed>,
    appointment: String,
    /// References still to hand over.
    next: Vec<String>,
}

async fn done(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(id): Path<Uuid>,
) -> PageResult {
    let row = own(&app, &actor, id).await?;
    let db = app.db.read();
    let mut handed = Vec::new();
    for one in store::of_appointment(db, row.id).await? {
        let device = devices::store::by_id(db, one.device_id).await?;
        handed.push(Handed {
            code: words::grouped(&device.code),
            name: words::name(&device),
            request: requests::steps::by_id(db, one.request_id).await?.reference,
            paid: (one.contribution_cents > 0).then(|| french::euros(one.contribution_cents)),
            receipt: one
                .receipt_number
                .is_some()
                .then(|| format!("/handovers/{}/receipt.pdf", one.allocation_id)),
        });
    }
    if handed.is_empty() {
        return Ok(see_other(&format!("/agenda/{id}")));
    }
    let mut next = Vec::new();
    for one in appointments::store::requests_of(db, row.id).await? {
        let hold = allocation::steps::live(db, one.request_id).await?;
        if one.live && hold.is_some_and(|hold| hold.kept.is_none()) {
            next.push(requests::steps::by_id(db, one.request_id).await?.reference);
        }
    }
    page_with(
        StatusCode::OK,
        &DonePage {
            frame: access::frame(&app, &actor, &visit).await?,
            handed,
            appointment: row.id.to_string(),
            next,
        },
    )
}

async fn paper(State(app): State<App>, actor: Actor, Path(id): Path<Uuid>) -> PageResult {
    let row = store::by_allocation(app.db.read(), AllocationId(id))
        .await?
        .filter(|row| row.organisation_id == actor.organisation)
        .ok_or(Error::NotFound("receipt"))?;
    let number = row
        .receipt_number
        .clone()
        .ok_or(Error::NotFound("receipt"))?;
    let bytes = receipt::pdf(&app, row).await?;
    Ok(download::inline(
        bytes,
        "application/pdf",
        &format!("recu-{number}.pdf"),
    ))
}
