//! The scan field of the top bar: a code, else a serial number, a maker's or donor's tag; when several match, it asks.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::desk::devices::{Row, rows};
use crate::devices::search::{Filter, Page, page};
use crate::devices::store::{Item, item};
use crate::devices::words;
use crate::error::Error;
use crate::web::page::page_with;
use crate::web::{Access, Frame, PageResult, Query, Routes, Visit, see_other};

/// Most matches to choose from; more are for the list and its filters.
const MATCHES: usize = 20;

pub(super) fn routes() -> Routes {
    Routes::new().get("/scan", Access::Needs(Permission::SeeDevices), search)
}

#[derive(Debug, Deserialize)]
struct Asked {
    q: Option<String>,
}

#[derive(Template)]
#[template(path = "desk/pages/search.html")]
struct SearchPage {
    frame: Frame,
    q: String,
    why: &'static str,
    medium: Option<String>,
    blank: Option<String>,
    may_receive: bool,
    rows: Vec<Row>,
    more: bool,
}

async fn search(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> PageResult {
    let Some(q) = asked.q else {
        return Ok(see_other("/devices"));
    };
    let db = app.db.read();
    let (mut medium, mut blank, mut why) = (None, None, "");
    match item(db, &q).await {
        Ok(Item::Device(device)) => return Ok(see_other(&format!("/devices/{}", device.code))),
        Ok(Item::Medium(found)) => {
            if let Some(id) = found.device_id {
                let device = crate::devices::store::by_id(db, id).await?;
                return Ok(see_other(&format!("/devices/{}", device.code)));
            }
            let kind = words::capital(words::medium(found.kind));
            let state = if found.open { "à effacer" } else { "effacé" };
            let serial = found.serial.as_deref().unwrap_or("sans numéro lisible");
            medium = Some(format!("{kind} {serial}, hors d’un équipement, {state}."));
        }
        Ok(Item::Blank(code)) => blank = Some(code.to_string()),
        Err(Error::WrongCheckCharacter) => {
            why = "Cela ressemble à un code, mais un caractère a été mal lu ou mal tapé : scannez de nouveau, ou vérifiez chaque caractère sur l’étiquette.";
        }
        Err(Error::UnknownCode) => {}
        Err(error) => return Err(error.into()),
    }
    let filter = Filter {
        q: Some(q.clone()),
        ..Filter::default()
    };
    let found = if crate::devices::store::terms_of(&q).is_empty() {
        Page::default()
    } else {
        page(db, &filter, MATCHES).await?
    };
    let (found, more) = (found.devices, found.next.is_some());
    if let ([one], None, None) = (found.as_slice(), &medium, &blank) {
        return Ok(see_other(&format!("/devices/{}", one.code)));
    }
    let nothing = found.is_empty() && medium.is_none() && blank.is_none();
    let status = if nothing {
        axum::http::StatusCode::NOT_FOUND
    } else {
        axum::http::StatusCode::OK
    };
    page_with(
        status,
        &SearchPage {
            rows: rows(&app, &found).await?,
            frame: access::frame(&app, &actor, &visit).await?,
            q,
            why,
            medium,
            blank,
            may_receive: actor.may(Permission::TakeDonations),
            more,
        },
    )
}
