//! The correction of what the counter wrote of a device.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use entities::device;
use entities::enums::Condition;

use crate::access::{self, Actor};
use crate::app::App;
use crate::devices::{self};
use crate::error::{Error, Result};
use crate::intake::input::DeviceInput;
use crate::intake::{actions, words};
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Flash, Form, FormState, Frame, PageResult, Path, Visit};

#[derive(Template)]
#[template(path = "intake/pages/correction.html")]
struct CorrectionPage {
    frame: Frame,
    form: FormState,
    reference: String,
    code: String,
    url: String,
    kind: &'static str,
    conditions: Vec<Choice>,
}

/// The form that corrects a device.
pub(super) async fn show(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Path((reference, code)): Path<(String, String)>,
) -> PageResult {
    let device = device_of(&app, &actor, &reference, &code).await?;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let form = FormState::new(&visit)
        .with("kind", device.kind.as_str())
        .with("make", text(&device.make))
        .with("model", text(&device.model))
        .with("serial", text(&device.serial))
        .with("asset_tag", text(&device.asset_tag))
        .with("condition", device.condition.as_str());
    correction_page(
        &app,
        &actor,
        &visit,
        &reference,
        &device,
        form,
        StatusCode::OK,
    )
    .await
}

/// Corrects a device.
pub(super) async fn send(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Path((reference, code)): Path<(String, String)>,
    form: Form<DeviceInput>,
) -> PageResult {
    let device = device_of(&app, &actor, &reference, &code).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => actions::correct(&app, &actor, &reference, &device.code, input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => {
            let flash = Flash::done(format!("{} est corrigé.", words::grouped(&device.code)));
            Ok(see_other_saying(
                &format!("/donations/{reference}"),
                &flash,
                visit.secure,
            ))
        }
        Err(error) => {
            let (status, error) = form_status(error)?;
            let state = state.refused(&error);
            correction_page(&app, &actor, &visit, &reference, &device, state, status).await
        }
    }
}

async fn device_of(app: &App, actor: &Actor, reference: &str, code: &str) -> Result<device::Model> {
    let gift = actions::see(app, actor, reference).await?;
    let code = devices::store::read_code(code)?;
    let mut devices = gift.devices();
    devices
        .find(|d| d.code == code.as_str())
        .cloned()
        .ok_or(Error::NotFound("device"))
}

async fn correction_page(
    app: &App,
    actor: &Actor,
    visit: &Visit,
    reference: &str,
    device: &device::Model,
    form: FormState,
    status: StatusCode,
) -> PageResult {
    let page = CorrectionPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        reference: reference.to_owned(),
        url: format!("/donations/{reference}/devices/{}", device.code),
        code: words::grouped(&device.code),
        kind: devices::words::kind(device.kind),
        conditions: Condition::ALL
            .iter()
            .map(|c| Choice::new(c.as_str(), words::capital(devices::words::condition(*c))))
            .collect(),
    };
    page_with(status, &page)
}
