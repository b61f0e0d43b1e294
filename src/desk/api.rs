//! Devices and their journals as JSON.

use axum::extract::State;
use entities::device;
use entities::enums::{CustodyKind, DeviceKind, Grade, Stage};
use entities::ids::DeviceId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::desk::store;
use crate::devices::search::{self, Filter};
use crate::devices::store::by_code;
use crate::devices::view::{DeviceView, LineView};
use crate::devices::{Status, media, record};
use crate::error::{Error, Result};
use crate::station::next::{Last, next_actions};
use crate::web::{Access, ApiResult, Json, Limit, Path, Query, Routes};

pub(super) fn routes() -> Routes {
    let may = Access::Needs(Permission::SeeDevices);
    Routes::new()
        .get("/api/v1/devices", may, all)
        .says("Devices, the newest first, by page")
        .queries::<ListQuery>()
        .answers::<DeviceList>(200)
        .get("/api/v1/devices/{code}", may, one)
        .says("One device, with its media and what can be done next")
        .answers::<DeviceView>(200)
        .get("/api/v1/devices/{code}/journal", may, journal)
        .says("The journal of a device: every hashed field of every line, in order, by page")
        .queries::<JournalQuery>()
        .answers::<Journal>(200)
}

/// Filters of a list of devices.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub(super) struct ListQuery {
    /// Words: a code, a serial number of the device or of a disk in it, a tag, a make, a model. Each begins a word of
    /// the device; case, accents, hyphens and blanks don't matter.
    pub(super) q: Option<String>,
    /// The one word.
    pub(super) status: Option<Status>,
    /// How far.
    pub(super) stage: Option<Stage>,
    /// Where.
    pub(super) custody: Option<CustodyKind>,
    /// Slug or id of a site.
    pub(super) site: Option<String>,
    /// What it is.
    pub(super) kind: Option<DeviceKind>,
    /// Current grade.
    pub(super) grade: Option<Grade>,
    /// Whether data may still be on a medium in it.
    pub(super) open_media: Option<bool>,
    /// How many at most: 50 when left out, 500 at most.
    #[serde(default)]
    pub(super) limit: Limit,
    /// `next_cursor` of the page before.
    #[schemars(with = "Option<uuid::Uuid>")]
    pub(super) cursor: Option<String>,
}

/// One page of a list.
#[derive(Debug)]
pub(super) struct DevicePage {
    pub(super) devices: Vec<device::Model>,
    pub(super) next: Option<String>,
}

/// Reads one page. The cursor is the last device of the page before.
pub(super) async fn page_of(app: &App, query: &ListQuery) -> Result<DevicePage> {
    let db = app.db.read();
    let site = match &query.site {
        None => None,
        Some(name) => match access::store::site(db, name).await {
            Ok(site) => Some(site.id),
            Err(Error::NotFound(_)) => return Err(Error::field("#/site", "Site inconnu.")),
            Err(error) => return Err(error),
        },
    };
    let after = match &query.cursor {
        None => None,
        Some(cursor) => Some(cursor.parse::<DeviceId>().map_err(|_| {
            Error::field(
                "#/cursor",
                "Reprenez « next_cursor » de la réponse précédente.",
            )
        })?),
    };
    let filter = Filter {
        q: query.q.clone(),
        status: query.status,
        stage: query.stage,
        custody: query.custody,
        site,
        kind: query.kind,
        grade: query.grade,
        open_media: query.open_media,
        after,
    };
    let page = search::page(db, &filter, query.limit.rows()).await?;
    Ok(DevicePage {
        devices: page.devices,
        next: page.next.map(|id| id.to_string()),
    })
}

#[derive(Debug, Serialize, JsonSchema)]
struct DeviceList {
    items: Vec<DeviceView>,
    next_cursor: Option<String>,
}

async fn all(
    State(app): State<App>,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<DeviceList>> {
    let page = page_of(&app, &query).await?;
    let sites = store::sites_of(app.db.read(), &page.devices).await?;
    let items = page
        .devices
        .iter()
        .map(|d| {
            let site = d.site_id.and_then(|id| sites.get(&id));
            DeviceView::of(d, site.map(|s| s.slug.as_str()))
        })
        .collect();
    Ok(Json(DeviceList {
        items,
        next_cursor: page.next,
    }))
}

async fn one(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
) -> ApiResult<Json<DeviceView>> {
    let db = app.db.read();
    let device = by_code(db, &code).await?;
    let media = media::of_device(db, device.id).await?;
    let site = match device.site_id {
        Some(id) => Some(access::store::site_by_id(db, id).await?.slug),
        None => None,
    };
    let next = next_actions(&app, db, &actor, &device, None, Last::Unknown).await?;
    Ok(Json(
        DeviceView::of(&device, site.as_deref()).with(&media, next),
    ))
}

/// Which lines of a journal.
#[derive(Debug, Deserialize, JsonSchema)]
struct JournalQuery {
    /// How many at most: 50 when left out, 500 at most.
    #[serde(default)]
    limit: Limit,
    /// `next_cursor` of the page before: the number of its last line.
    #[schemars(range(min = 0, max = 9_223_372_036_854_775_807_i64))]
    cursor: Option<i64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Journal {
    items: Vec<LineView>,
    next_cursor: Option<String>,
}

async fn journal(
    State(app): State<App>,
    Path(code): Path<String>,
    Query(query): Query<JournalQuery>,
) -> ApiResult<Json<Journal>> {
    let db = app.db.read();
    let device = by_code(db, &code).await?;
    let after = query.cursor.unwrap_or(0);
    let mut lines = record::lines_after(db, device.id, after, query.limit.and_one()).await?;
    let more = query.limit.cut(&mut lines);
    let next_cursor = lines.last().filter(|_| more).map(|line| line.n.to_string());
    let items = lines.iter().map(LineView::of).collect::<Result<_>>()?;
    Ok(Json(Journal { items, next_cursor }))
}
