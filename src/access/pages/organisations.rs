//! The administrator's pages of one organisation.

use askama::Template;
use axum::extract::State;
use entities::enums::{DecidingBody, OrganisationKind};
use entities::organisation;

use super::places::{organisation_kind, saved};
use crate::access::places::{self, OrganisationInput};
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::error::Result;
use crate::web::frame::Choice;
use crate::web::page::{form_status, page_with};
use crate::web::{Access, Form, FormState, Frame, PageResult, Path, Routes, Visit, page};

/// Routes of one organisation.
pub(super) fn routes() -> Routes {
    let needs = Access::Needs(Permission::Administer);
    Routes::new()
        .get("/organisations/new", needs, new_organisation)
        .post("/organisations", needs, add_organisation)
        .get("/organisations/{slug}", needs, show_organisation)
        .post("/organisations/{slug}", needs, change_organisation)
}

#[derive(Template)]
#[template(path = "access/pages/organisation_form.html")]
struct OrganisationPage {
    frame: Frame,
    form: FormState,
    name: Option<String>,
    action: String,
    kinds: Vec<Choice>,
    bodies: Vec<Choice>,
}

async fn organisation_page(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: FormState,
    known: Option<&organisation::Model>,
) -> Result<OrganisationPage> {
    Ok(OrganisationPage {
        frame: access::frame(app, actor, visit).await?,
        form,
        name: known.map(|k| k.name.clone()),
        action: known.map_or_else(
            || "/organisations".to_owned(),
            |k| format!("/organisations/{}", k.slug),
        ),
        kinds: OrganisationKind::ALL
            .iter()
            .map(|k| Choice::new(k.as_str(), organisation_kind(*k)))
            .collect(),
        bodies: vec![
            Choice::new(
                DecidingBody::Public.as_str(),
                "Publique : ses refus sont des actes administratifs",
            ),
            Choice::new(DecidingBody::Private.as_str(), "Privée"),
        ],
    })
}

async fn new_organisation(State(app): State<App>, visit: Visit, actor: Actor) -> PageResult {
    let form = FormState::new(&visit);
    page(&organisation_page(&app, &visit, &actor, form, None).await?)
}

async fn show_organisation(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(slug): Path<String>,
) -> PageResult {
    let one = places::organisation(app.db.read(), &slug).await?;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let form = FormState::new(&visit)
        .with("slug", &one.slug)
        .with("name", &one.name)
        .with("kind", one.kind.as_str())
        .with("siret", text(&one.siret))
        .with("may_sell", one.may_sell.to_string())
        .with("resale_status", text(&one.resale_status))
        .with(
            "may_issue_tax_receipts",
            one.may_issue_tax_receipts.to_string(),
        )
        .with(
            "certified_destruction",
            one.certified_destruction.to_string(),
        )
        .with("deciding_body", one.deciding_body.as_str())
        .with("contact_email", text(&one.contact_email))
        .with("contact_phone", text(&one.contact_phone))
        .with("postal_address", text(&one.postal_address))
        .with("remedies", text(&one.remedies))
        .with(
            "data_protection_contact",
            text(&one.data_protection_contact),
        );
    page(&organisation_page(&app, &visit, &actor, form, Some(&one)).await?)
}

async fn add_organisation(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    form: Form<OrganisationInput>,
) -> PageResult {
    write_organisation(&app, &visit, &actor, form, None).await
}

async fn change_organisation(
    State(app): State<App>,
    visit: Visit,
    actor: Actor,
    Path(slug): Path<String>,
    form: Form<OrganisationInput>,
) -> PageResult {
    let one = places::organisation(app.db.read(), &slug).await?;
    write_organisation(&app, &visit, &actor, form, Some(one)).await
}

async fn write_organisation(
    app: &App,
    visit: &Visit,
    actor: &Actor,
    form: Form<OrganisationInput>,
    known: Option<organisation::Model>,
) -> PageResult {
    let (input, state) = form.read();
    let done = match input {
        Ok(input) => {
            let name = input.name.clone();
            places::save_organisation(app, actor, known.as_ref().map(|k| k.id), input)
                .await
                .map(|()| name)
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(name) => Ok(saved(visit, &name)),
        Err(error) => {
            let (status, error) = form_status(error)?;
            let form = state.refused(&error);
            let back = organisation_page(app, visit, actor, form, known.as_ref()).await?;
            page_with(status, &back)
        }
    }
}
