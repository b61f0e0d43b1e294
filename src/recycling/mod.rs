//! The end of a device that nobody can use any more: waste lots, weighed, sealed and collected with
//! their papers. A *lot* is what leaves together; its items are devices at their end of life, loose media
//! whose data are gone, and *bulk* lines that were never labelled (cables, batteries).
//!
//! Laws kept here: 2 (nothing leaves with data on it) and 6 (a recycled device left in a collected lot).

pub(crate) mod actions;
pub(crate) mod api;
mod items;
mod note;
mod pages;
pub(crate) mod rules;
pub(crate) mod store;
mod view;

use crate::web::Routes;

/// Routes of recycling.
pub(crate) fn routes() -> Routes {
    api::routes().merge(pages::routes())
}
