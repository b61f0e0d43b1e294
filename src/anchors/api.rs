//! The newest anchor, for everybody: a root and two counts tell nothing of anybody, and the more copies lie elsewhere
//! the less can be rewritten here.

use axum::extract::State;

use super::statement::Signed;
use super::store;
use crate::app::App;
use crate::error::Error;
use crate::web::{Access, ApiResult, Json, Routes};

/// Routes of anchors.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/anchors/latest", Access::Public, latest)
        .says("The newest anchor: a signed root over every item's journal")
        .answers::<Signed>(200)
        .refuses(&["not-found"])
}

async fn latest(State(app): State<App>) -> ApiResult<Json<Signed>> {
    let row = store::latest(app.db.read())
        .await?
        .ok_or(Error::NotFound("anchor"))?;
    Ok(Json(
        serde_json::from_str(&row.statement).map_err(Error::internal)?,
    ))
}
