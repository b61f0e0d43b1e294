//! Lots as JSON.

use axum::extract::State;
use entities::enums::LotStatus;
use entities::ids::LotId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::actions::{self, CloseInput, CollectInput, OpenInput};
use super::items::ItemInput;
use super::store::{self, Filter};
use super::view::{self, LotView};
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::web::{
    Access, ApiResult, Created, Json, Limit, Path, Query, Routes, ValidJson, problems,
};

/// Routes of the API.
pub(super) fn routes() -> Routes {
    let needs = Access::Needs(Permission::Recycle);
    Routes::new()
        .get("/api/v1/recycling/lots", needs, list)
        .says("The waste lots of one's organisation, the newest first")
        .queries::<ListQuery>()
        .answers::<LotPage>(200)
        .post("/api/v1/recycling/lots", needs, open)
        .says("Open a lot at one's site")
        .refuses(&["id-reused", "site-foreign", "not-found", "stale"])
        .takes::<OpenInput>()
        .answers::<LotView>(201)
        .answers::<LotView>(200)
        .get("/api/v1/recycling/lots/{lot}", needs, show)
        .says("A lot with its items")
        .answers::<LotView>(200)
        .post("/api/v1/recycling/lots/{lot}/items", needs, add)
        .says("Put a device, a loose medium or a bulk line into a lot")
        .refuses(problems::RECORDING)
        .refuses(&["lot-not-open", "wrong-waste-category", "already-in-a-lot"])
        .takes::<ItemInput>()
        .answers::<LotView>(201)
        .answers::<LotView>(200)
        .post(
            "/api/v1/recycling/lots/{lot}/items/{item}/removal",
            needs,
            take_out,
        )
        .says("Take an item out of an open lot")
        .refuses(&["lot-not-open", "stale"])
        .answers::<LotView>(200)
        .post("/api/v1/recycling/lots/{lot}/close", needs, close)
        .says("Weigh and seal a lot")
        .refuses(&[
            "lot-not-open",
            "lot-empty",
            "lot-item-not-ready",
            "wrong-place",
            "stale",
        ])
        .takes::<CloseInput>()
        .answers::<LotView>(200)
        .post("/api/v1/recycling/lots/{lot}/reopen", needs, reopen)
        .says("Break the seal of a lot that was not collected")
        .refuses(&["lot-not-open", "lot-not-closed", "stale"])
        .answers::<LotView>(200)
        .post("/api/v1/recycling/lots/{lot}/collect", needs, collect)
        .says("Hand a sealed lot to its collector: each device in it is recycled")
        .refuses(problems::RECORDING)
        .refuses(&["lot-not-open", "lot-not-closed", "lot-item-not-ready"])
        .takes::<CollectInput>()
        .answers::<LotView>(200)
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ListQuery {
    /// Only these.
    status: Option<LotStatus>,
    /// Slug or id of a site.
    site: Option<String>,
    /// `next_cursor` of the page before.
    #[schemars(with = "Option<uuid::Uuid>")]
    cursor: Option<String>,
    /// How many at most: 50 when left out, 500 at most.
    #[serde(default)]
    limit: Limit,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LotPage {
    items: Vec<LotView>,
    next_cursor: Option<String>,
}

async fn list(
    State(app): State<App>,
    actor: Actor,
    Query(query): Query<ListQuery>,
) -> ApiResult<Json<LotPage>> {
    let db = app.db.read();
    let site = match &query.site {
        Some(name) => Some(access::store::site(db, name).await?.id),
        None => None,
    };
    let after = match &query.cursor {
        Some(text) => Some(
            text.parse::<LotId>()
                .map_err(|_| Error::field("#/cursor", "Curseur illisible."))?,
        ),
        None => None,
    };
    let filter = Filter {
        status: query.status,
        site,
        after,
    };
    let mut rows = store::list(db, actor.organisation, filter, query.limit.and_one()).await?;
    let more = query.limit.cut(&mut rows);
    let next_cursor = rows.last().filter(|_| more).map(|r| r.id.to_string());
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(view::of(db, row).await?);
    }
    Ok(Json(LotPage { items, next_cursor }))
}

async fn open(
    State(app): State<App>,
    actor: Actor,
    ValidJson(input): ValidJson<OpenInput>,
) -> ApiResult<Created<LotView>> {
    Ok(actions::open(&app, &actor, &input).await?)
}

async fn show(
    State(app): State<App>,
    actor: Actor,
    Path(lot): Path<String>,
) -> ApiResult<Json<LotView>> {
    let row = store::find(app.db.read(), actor.organisation, &lot).await?;
    Ok(Json(view::of(app.db.read(), row).await?))
}

async fn add(
    State(app): State<App>,
    actor: Actor,
    Path(lot): Path<String>,
    ValidJson(input): ValidJson<ItemInput>,
) -> ApiResult<Created<LotView>> {
    Ok(actions::add(&app, &actor, &lot, &input).await?)
}

async fn take_out(
    State(app): State<App>,
    actor: Actor,
    Path((lot, item)): Path<(String, String)>,
) -> ApiResult<Json<LotView>> {
    Ok(Json(actions::take_out(&app, &actor, &lot, &item).await?))
}

async fn close(
    State(app): State<App>,
    actor: Actor,
    Path(lot): Path<String>,
    ValidJson(input): ValidJson<CloseInput>,
) -> ApiResult<Json<LotView>> {
    Ok(Json(actions::close(&app, &actor, &lot, input).await?))
}

async fn reopen(
    State(app): State<App>,
    actor: Actor,
    Path(lot): Path<String>,
) -> ApiResult<Json<LotView>> {
    Ok(Json(actions::reopen(&app, &actor, &lot).await?))
}

async fn collect(
    State(app): State<App>,
    actor: Actor,
    Path(lot): Path<String>,
    ValidJson(input): ValidJson<CollectInput>,
) -> ApiResult<Json<LotView>> {
    Ok(Json(actions::collect(&app, &actor, &lot, &input).await?))
}
