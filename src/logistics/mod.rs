//! What is lost on the way: data-breach cases, from the missing item to the word that settles them.
//!
//! A *case* opens by itself when an open medium, or a device that holds one, is missing or turns out to be
//! where it must not be (`devices::steps::open_breach_case`). From then on 72 hours run within which the
//! authority is told (GDPR art. 33), unless the breach is unlikely to be a risk for anybody; either way a named
//! person says so, and the case is kept (art. 33.5). Finding the item again closes nothing by itself.

pub(crate) mod actions;
mod pages;
pub(crate) mod store;

use crate::web::Routes;

/// Routes of logistics.
pub(crate) fn routes() -> Routes {
    pages::routes()
}
