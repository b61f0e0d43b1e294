//! The bench: what tools saw and did, and what Rebond concludes from it.
//!
//! Words: *evidence* is a file as a tool wrote it; a *reading* is what the file says, without
//! judgement; a *verdict* says whether one erasure is evidence for one medium; *observations* give
//! a *grade*; *function tests* tell whether everything the kind has was tried.
//!
//! Laws: nothing that is missing counts as passed (law 2), and the word *reconditionné* appears
//! only where every function test of the kind is recorded (law 9).

pub(crate) mod actions;
pub(crate) mod api;
pub(crate) mod bench;
pub mod checks;
pub mod evidence;
pub mod grading;
pub(crate) mod pages;
mod proposal;
mod replay;
pub mod rules;
pub(crate) mod steps;
pub(crate) mod store;
pub(crate) mod tables;
mod view;
pub(crate) mod words;
