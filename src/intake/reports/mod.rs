//! Machine reports by the folder: each computer they describe becomes a device of one gift.
//!
//! Words: a *report* is a file as a tool wrote it; it *describes* a machine (a snapshot, a tree of lshw) or *adds*
//! to one (smartctl, dmidecode, inxi, a log of nwipe). A *row* says what became of one file.
//!
//! Each machine is a transaction of its own: a broken file costs nothing but its row, and a second run of the same
//! folder adds nothing, since a file is known by its content and a machine by what it says of itself.

mod actions;
mod file;
mod report;
mod rules;
mod store;

pub(crate) use actions::{Wanted, import};
