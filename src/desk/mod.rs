//! The desk: pages and answers that compose several domains. Reads all, writes nothing.
//!
//! The device and its story, lists and search, the home of each role, the public passport, the certificate, and what
//! monitoring watches.

mod api;
mod certificate;
mod device;
mod devices;
mod home;
pub mod metrics;
mod passport;
mod search;
mod store;
mod story;

use crate::web::Routes;

/// Routes of the desk.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .merge(api::routes())
        .merge(device::routes())
        .merge(devices::routes())
        .merge(search::routes())
        .merge(passport::routes())
        .merge(certificate::routes())
        .merge(home::routes())
        .merge(metrics::routes())
}
