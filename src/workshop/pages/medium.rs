//! A loose medium: an item of its own, with its history; destroyed before a witness.

use askama::Template;
use axum::extract::State;
use entities::enums::{BoundFor, MediumCustody};
use entities::medium;

use super::media::MediumLine;
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::devices::store::{Item, item};
use crate::devices::{self, words as field};
use crate::error::{Error, Result};
use crate::web::page::{form_status, page_with, see_other_saying};
use crate::web::{Flash, Form, FormState, Frame, PageResult, Path, Visit, page};
use crate::workshop::actions::destruction::DestructionInput;
use crate::workshop::{actions, store};

#[derive(Template)]
#[template(path = "workshop/pages/medium.html")]
struct MediumPage {
    frame: Frame,
    form: FormState,
    code: String,
    grouped: String,
    line: MediumLine,
    place: String,
    device: Option<(String, String)>,
    may_destroy: bool,
}

async fn of_code(app: &App, code: &str) -> Result<medium::Model> {
    match item(app.db.read(), code).await? {
        Item::Medium(medium) => Ok(*medium),
        Item::Device(_) | Item::Blank(_) => Err(Error::NotFound("medium")),
    }
}

pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(code): Path<String>,
) -> PageResult {
    let medium = of_code(&app, &code).await?;
    let form = FormState::new(&visit);
    page(&medium_page(&app, &visit, &actor, &medium, form).await?)
}

async fn medium_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    medium: &medium::Model,
    form: FormState,
) -> Result<MediumPage> {
    let history = store::sanitisations_of(app.db.read(), std::slice::from_ref(medium)).await?;
    let device = match medium.device_id {
        Some(id) => {
            let device = devices::store::by_id(app.db.read(), id).await?;
            Some((
                format!("/devices/{}", device.code),
                field::grouped(&device.code),
            ))
        }
        None => None,
    };
    let site = match medium.site_id {
        Some(id) => access::store::site_by_id(app.db.read(), id).await?.name,
        None => String::new(),
    };
    let place = match (medium.custody, medium.bound_for) {
        (MediumCustody::Device, _) => "Dans un équipement".to_owned(),
        (MediumCustody::Site, Some(BoundFor::Destruction)) => {
            format!("À détruire, {site}")
        }
        (MediumCustody::Site, _) => format!("En stock, {site}"),
        (MediumCustody::Shipment, _) => "En transport".to_owned(),
        (MediumCustody::Missing, _) => "Introuvable".to_owned(),
        (MediumCustody::Gone, _) => "Sorti de la filière".to_owned(),
    };
    let code = medium.code.clone().unwrap_or_default();
    Ok(MediumPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        grouped: field::grouped(&code),
        code,
        line: MediumLine::of(medium, &history, ""),
        place,
        device,
        may_destroy: actor.may(Permission::Refurbish) && medium.custody == MediumCustody::Site,
    })
}

pub(super) async fn destroy(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(code): Path<String>,
    form: Form<DestructionInput>,
) -> PageResult {
    let medium = of_code(&app, &code).await?;
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => actions::destruction::destroy(&app, &actor, &code, &input).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(done) => Ok(see_other_saying(
            &format!("/media/{}", done.medium.code.unwrap_or_default()),
            &Flash::done("Destruction enregistrée, avec son témoin et son certificat."),
            visit.secure,
        )),
        Err(error) => {
            let (status, error) = form_status(error)?;
            // A token is a secret: it never comes back into a page.
            let form = state.refused(&error).with("witness", "");
            page_with(
                status,
                &medium_page(&app, &visit, &actor, &medium, form).await?,
            )
        }
    }
}
