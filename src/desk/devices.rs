//! The list of devices, with its filters.

use askama::Template;
use axum::extract::State;
use entities::enums::{CustodyKind, DeviceKind, Stage};

use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::desk::api::{ListQuery, page_of};
use crate::desk::store;
use crate::devices::{State as Facts, Status, words};
use crate::french;
use crate::web::frame::{Choice, Tone};
use crate::web::{Access, FormState, Frame, Limit, PageResult, Query, Routes, Visit, page};

pub(super) fn routes() -> Routes {
    Routes::new().get("/devices", Access::Needs(Permission::SeeDevices), show)
}

/// One device of a list.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) code: String,
    pub(super) grouped: String,
    pub(super) name: String,
    pub(super) detail: String,
    pub(super) tone: Tone,
    pub(super) status: String,
    pub(super) grade: String,
    pub(super) place: String,
    pub(super) since: String,
}

#[derive(Debug)]
struct FilterLink {
    href: String,
    word: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "desk/pages/devices.html")]
struct DevicesPage {
    frame: Frame,
    form: FormState,
    statuses: Vec<FilterLink>,
    status: &'static str,
    kinds: Vec<Choice>,
    sites: Vec<Choice>,
    rows: Vec<Row>,
    filtered: bool,
    next: String,
}

async fn show(
    State(app): State<App>,
    actor: Actor,
    visit: Visit,
    Query(query): Query<ListQuery>,
) -> PageResult {
    let query = ListQuery {
        limit: Limit::default(),
        ..query
    };
    let found = page_of(&app, &query).await?;
    let db = app.db.read();
    let rows = rows(&app, &found.devices).await?;
    let own = access::store::sites_of(db, actor.organisation).await?;
    let form = FormState::new(&visit)
        .with("q", query.q.clone().unwrap_or_default())
        .with("kind", query.kind.map_or("", DeviceKind::as_str))
        .with("site", query.site.clone().unwrap_or_default());
    page(&DevicesPage {
        frame: access::frame(&app, &actor, &visit).await?,
        form,
        statuses: statuses(&query),
        status: query.status.map_or("", Status::as_str),
        kinds: DeviceKind::ALL
            .iter()
            .map(|k| Choice::new(k.as_str(), words::capital(words::kind(*k))))
            .collect(),
        sites: own
            .into_iter()
            .map(|s| Choice::new(s.slug, s.name))
            .collect(),
        rows,
        filtered: query.q.is_some()
            || query.status.is_some()
            || query.kind.is_some()
            || query.site.is_some()
            || query.open_media.is_some()
            || query.cursor.is_some(),
        next: found.next.map_or_else(String::new, |cursor| {
            address(&query, query.status, Some(&cursor))
        }),
    })
}

/// Devices as lines of a list.
pub(super) async fn rows(
    app: &App,
    devices: &[entities::device::Model],
) -> crate::error::Result<Vec<Row>> {
    let sites = store::sites_of(app.db.read(), devices).await?;
    let now = app.clock.now();
    Ok(devices
        .iter()
        .map(|d| {
            let status = Facts::of(d).status();
            let site = d.site_id.and_then(|id| sites.get(&id));
            let place = match d.custody {
                entities::enums::CustodyKind::Site => {
                    site.map_or_else(String::new, |s| s.name.clone())
                }
                entities::enums::CustodyKind::Shipment
                | entities::enums::CustodyKind::Household
                | entities::enums::CustodyKind::Missing
                | entities::enums::CustodyKind::Gone => words::capital(words::custody(d.custody)),
            };
            let serial = d.serial.as_deref().map(|s| format!(" · n° {s}"));
            Row {
                code: d.code.clone(),
                grouped: words::grouped(&d.code),
                name: words::name(d),
                detail: format!(
                    "{}{}",
                    words::capital(words::kind(d.kind)),
                    serial.unwrap_or_default()
                ),
                tone: words::status_tone(status),
                status: words::capital(words::status(status)),
                grade: d.grade.map_or_else(String::new, |g| g.to_string()),
                place,
                since: french::ago(d.stage_since, now),
            }
        })
        .collect())
}

fn statuses(query: &ListQuery) -> Vec<FilterLink> {
    let all = FilterLink {
        href: address(query, None, None),
        word: "Tous".to_owned(),
        current: query.status.is_none(),
    };
    std::iter::once(all)
        .chain(Status::ALL.into_iter().map(|status| FilterLink {
            href: address(query, Some(status), None),
            word: words::capital(words::status(status)),
            current: query.status == Some(status),
        }))
        .collect()
}

/// This list with another status or page.
fn address(query: &ListQuery, status: Option<Status>, cursor: Option<&str>) -> String {
    let grade = query.grade.map(|grade| grade.to_string());
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    let kept = [
        ("q", query.q.as_deref()),
        ("status", status.map(Status::as_str)),
        ("kind", query.kind.map(DeviceKind::as_str)),
        ("site", query.site.as_deref()),
        ("stage", query.stage.map(Stage::as_str)),
        ("custody", query.custody.map(CustodyKind::as_str)),
        ("grade", grade.as_deref()),
        (
            "open_media",
            query
                .open_media
                .map(|open| if open { "true" } else { "false" }),
        ),
        ("cursor", cursor),
    ];
    for (name, value) in kept {
        if let Some(value) = value {
            pairs.append_pair(name, value);
        }
    }
    let text = pairs.finish();
    if text.is_empty() {
        "/devices".to_owned()
    } else {
        format!("/devices?{text}")
    }
}
