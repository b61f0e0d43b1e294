//! Backup of an instance that goes on working, and its restoration into an empty place.
//!
//! One archive (tar, gzip) holds a snapshot of the database, every file that the snapshot names, the lists of
//! anchors, and last a manifest with the hash of each. Files are kept before the row that names them and never
//! change, so that a snapshot of the database taken first is always whole. The key file stays out unless asked for:
//! who finds the archive alone reads nobody's name.

mod actions;
mod archive;
mod database;
mod manifest;

pub(crate) use actions::{UPKEEP, backup, restore};
