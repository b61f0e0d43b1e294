//! "I no longer need it": a request whose device is held is taken back by its household.

use askama::Template;
use axum::extract::State;
use axum_extra::extract::cookie::CookieJar;

use super::door::{self, PlainPage, Trail};
use super::meeting::{self, Standing};
use super::words::Words;
use crate::access::pages::Empty;
use crate::app::App;
use crate::appointments::actions::Who;
use crate::appointments::{endings, slots};
use crate::web::frame::Leaf;
use crate::web::{Form, FormState, PageResult, Path, Query, Visit, page, see_other};

#[derive(Template)]
#[template(path = "appointments/pages/household/withdraw.html")]
struct WithdrawPage {
    leaf: Leaf,
    w: Words,
    form: FormState,
    what: String,
    action: String,
    back: String,
}

/// Says what it does.
pub(super) async fn ask(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    Path(secret): Path<String>,
    Query(trail): Query<Trail>,
) -> PageResult {
    let guest = door::open(&app, &visit, &jar, &secret, &trail).await?;
    let standing = Standing::of(&app, guest.household).await?;
    let Some(request) = standing.to_withdraw(trail.request.as_deref()) else {
        return Ok(see_other(&guest.href("", &[])));
    };
    let device = slots::held_device(app.db.read(), request).await?;
    let pairs = [("request", request.reference.as_str())];
    let help = meeting::foot(&app, &guest).await?;
    page(&WithdrawPage {
        leaf: guest.leaf("/withdraw", Some(&pairs), help),
        w: guest.words,
        form: FormState::new(&visit),
        what: guest.words.ready(device.kind),
        action: guest.href("/withdraw", &pairs),
        back: guest.href("", &[]),
    })
}

/// Does it: the device is released, the request withdrawn.
pub(super) async fn withdraw(
    State(app): State<App>,
    visit: Visit,
    jar: CookieJar,
    Path(secret): Path<String>,
    Query(trail): Query<Trail>,
    form: Form<Empty>,
) -> PageResult {
    let guest = door::open(&app, &visit, &jar, &secret, &trail).await?;
    form.read().0?;
    let w = guest.words;
    let standing = Standing::of(&app, guest.household).await?;
    let Some(request) = standing.to_withdraw(trail.request.as_deref()) else {
        return Ok(see_other(&guest.href("", &[])));
    };
    // Read before it ends: whom to call is told by the requests that wait.
    let help = meeting::foot(&app, &guest).await?;
    match endings::withdraw(&app, Who::Household(guest.household), &request.reference).await {
        Ok(_) => page(&PlainPage {
            leaf: guest.leaf("", None, help),
            title: w.t("page-withdrawn-title"),
            text: w.t("page-withdrawn-text"),
            lines: Vec::new(),
            next: None,
        }),
        Err(error) => meeting::refused(&app, &guest, error, guest.href("", &[])).await,
    }
}
