//! The list of gifts.

use askama::Template;
use axum::extract::State;
use entities::enums::DonationStatus;
use serde::Deserialize;

use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::french;
use crate::intake::store::{self, Filter};
use crate::intake::{actions, words};
use crate::web::frame::Tone;
use crate::web::{Frame, PageResult, Query, Visit, page};

/// Gifts of one page of the list.
const PAGE: u64 = 50;

#[derive(Debug, Deserialize)]
pub(super) struct ListQuery {
    status: Option<DonationStatus>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "intake/pages/donations.html")]
struct ListPage {
    frame: Frame,
    gifts: Vec<ListRow>,
    filters: Vec<(String, &'static str, bool)>,
    next: String,
    first: String,
    takes: bool,
}

struct ListRow {
    reference: String,
    href: String,
    donor: String,
    devices: String,
    tone: Tone,
    status: &'static str,
    iso: String,
    ago: String,
    exact: String,
}

/// The gifts one may see, the newest first.
pub(super) async fn list(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Query(query): Query<ListQuery>,
) -> PageResult {
    let filter = Filter {
        sites: actions::visible_sites(&app, &actor).await?,
        status: query.status,
        after: query.after.clone(),
    };
    let mut found = store::list(&app, app.db.read(), filter, PAGE + 1).await?;
    let more = found.len() as u64 > PAGE;
    found.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let base = match query.status {
        Some(status) => format!("/donations?status={status}&"),
        None => "/donations?".to_owned(),
    };
    let next = found.last().filter(|_| more);
    let next = next.map_or(String::new(), |last| {
        format!("{base}after={}", last.donation.reference)
    });
    let now = app.clock.now();
    let filters = [
        ("/donations".to_owned(), "Tous", query.status.is_none()),
        (
            "/donations?status=open".to_owned(),
            "Ouverts",
            query.status == Some(DonationStatus::Open),
        ),
        (
            "/donations?status=closed".to_owned(),
            "Clos",
            query.status == Some(DonationStatus::Closed),
        ),
    ];
    page(&ListPage {
        frame: access::frame(&app, &actor, &visit).await?,
        gifts: found
            .into_iter()
            .map(|listed| ListRow {
                href: format!("/donations/{}", listed.donation.reference),
                donor: donor_words(listed.donor.as_ref()),
                devices: french::number(listed.devices),
                tone: status_tone(listed.donation.status),
                status: words::status(listed.donation.status),
                iso: listed.donation.received_at.to_rfc3339(),
                ago: french::ago(listed.donation.received_at, now),
                exact: french::date_time(listed.donation.received_at),
                reference: listed.donation.reference,
            })
            .collect(),
        filters: filters.to_vec(),
        first: query.after.map_or(String::new(), |_| {
            base.trim_end_matches(['?', '&']).to_owned()
        }),
        next,
        takes: actor.may(Permission::TakeDonations),
    })
}

const fn status_tone(status: DonationStatus) -> Tone {
    match status {
        DonationStatus::Open => Tone::Shown,
        DonationStatus::Closed => Tone::Plain,
    }
}

/// Who gave, in a few words.
pub(super) fn donor_words(donor: Option<&store::Donor>) -> String {
    match donor {
        None => "Anonyme".to_owned(),
        Some(donor) => donor
            .name
            .clone()
            .unwrap_or_else(|| words::donor(donor.kind).to_owned()),
    }
}
