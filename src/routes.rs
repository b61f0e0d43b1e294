//! All routes of the instance, one line a domain.

use crate::web::routes::{Declared, Routes};
use crate::web::{Access, assets, layers};
use crate::{access, app::App, verify, web};

/// The routes of every domain.
pub fn routes() -> Routes {
    Routes::new()
        .get("/assets/{*path}", Access::Public, assets::serve)
        .merge(web::problem_pages::routes())
        .merge(access::pages::routes())
        .merge(verify::pages::routes())
}

/// The service, ready to answer.
pub fn router(app: &App) -> axum::Router {
    layers::wrap(routes().into_parts().0, app)
}

/// What the service answers to, for the tests of access.
pub fn declared() -> Vec<Declared> {
    routes().into_parts().1
}
