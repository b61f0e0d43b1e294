//! The benchmark: how much of what the database could do reaches a client.
//!
//! *raw* is the very SQL that an action issues, with the same values, transaction, pool, durability and disk, without
//! HTTP and without the action. It is not written by hand: each action is *rehearsed*, its statements are written
//! down on the way ([`crate::db::Watch`]), and the rehearsal is rolled back; then the statements alone are played.
//! Blocks of both kinds alternate in the same run, so that a ratio compares like with like on a machine that
//! does other things beside. Who asks is looked up at each request; that look-up belongs to HTTP, not to the action,
//! and is left out of raw.

mod booking;
mod client;
mod figures;
mod measure;
mod operations;
mod person;
mod place;
mod raw;
mod reading;
mod rehearsal;
mod scanning;
mod subjects;

pub(crate) use place::{Asked, one, run};
