//! Anchors: once a day, a signed root over every item's id, number of lines and last hash.
//!
//! A chain of hashes shows an altered line, but whoever holds the database can cut its end, build it anew or drop an
//! item with all its lines. An anchor that left the house shows that too: the list lies in the data folder, its
//! statement is kept in the database, chained to the one before, mailed out and printed on certificates.
//! Each entry was true when it was read and journals only grow, so that no anchor needs the world to stand still.

pub(crate) mod actions;
pub(crate) mod api;
pub(crate) mod list;
mod merkle;
pub(crate) mod statement;
pub(crate) mod store;

pub(crate) use actions::AT_NIGHT;
