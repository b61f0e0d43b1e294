//! The spine: what a device and a medium are, how far, where and for whom.
//!
//! The one table of what may happen to them ([`lifecycle`]); the journal that tells it ([`journal`]); and the one function that
//! changes them (`record`). Knows no other domain.
//!
//! Laws kept here: 1 (journal), 2 (no data leaves), 6 (nothing vanishes) and the device's side of 3 and 4.

pub mod event;
#[cfg(test)]
mod histories;
pub mod journal;
pub mod lifecycle;
pub(crate) mod media;
pub mod medium_event;
pub(crate) mod record;
pub mod search;
pub mod serial;
pub mod state;
pub(crate) mod steps;
pub(crate) mod store;
pub(crate) mod terms;
pub(crate) mod view;
pub(crate) mod words;

pub use event::Event;
pub(crate) use record::{At, record};
pub use state::{State, Status};
