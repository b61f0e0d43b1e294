//! All routes of the instance, one line a domain.

use std::sync::LazyLock;

use crate::web::routes::{Declared, Routes};
use crate::web::{Access, Json, assets, layers};
use crate::{
    access, allocation, anchors, app::App, appointments, desk, handover, health, intake, logistics,
    notifications, recycling, requests, station, verify, web, workshop,
};

/// The routes of every domain.
pub fn routes() -> Routes {
    Routes::new()
        .get("/assets/{*path}", Access::Public, assets::serve)
        .get("/api/openapi.json", Access::Public, openapi)
        .says("This description")
        .answers::<serde_json::Value>(200)
        .merge(web::problem_pages::routes())
        .merge(web::reference::routes(description))
        .merge(access::pages::routes())
        .merge(intake::api::routes())
        .merge(intake::pages::routes())
        .merge(requests::api::routes())
        .merge(requests::pages::routes())
        .merge(requests::queue::routes())
        .merge(requests::rules_page::routes())
        .merge(allocation::pages::routes())
        .merge(allocation::api::routes())
        .merge(appointments::api::routes())
        .merge(appointments::household::routes())
        .merge(appointments::agenda::routes())
        .merge(appointments::booking::routes())
        .merge(appointments::endings_pages::routes())
        .merge(appointments::openings_pages::routes())
        .merge(handover::api::routes())
        .merge(handover::pages::routes())
        .merge(handover::returns::routes())
        .merge(notifications::pages::routes())
        .merge(anchors::api::routes())
        .merge(health::routes())
        .merge(verify::pages::routes())
        .merge(station::routes())
        .merge(desk::routes())
        .merge(workshop::api::routes())
        .merge(workshop::pages::routes())
        .merge(recycling::routes())
        .merge(logistics::routes())
}

/// The description of the API, made once.
fn description() -> &'static serde_json::Value {
    static DOCUMENT: LazyLock<serde_json::Value> =
        LazyLock::new(|| web::openapi::document(&declared()));
    &DOCUMENT
}

async fn openapi() -> Json<&'static serde_json::Value> {
    Json(description())
}

/// The service, ready to answer.
pub fn router(app: &App) -> axum::Router {
    layers::wrap(routes().into_parts().0, app)
}

/// What the service answers to, for the tests of access.
pub fn declared() -> Vec<Declared> {
    routes().into_parts().1
}
