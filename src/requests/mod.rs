//! Who needs what: requests, the evidence of need, the policy of a territory, the decision.
//!
//! Words: a *request* is one need of one household for one device; the *policy* is the versioned text file of a
//! territory, with overlays per EPCI; *evidence* says that somebody authorised saw a proof and until when it holds,
//! never the document; a *decision* is eligible, not eligible or needs review, with every reason in plain French.
//!
//! Laws:
//! - The machine never refuses a person alone: `not_eligible` out of [`rules::decide`] is a proposal that a named
//!   human confirms. A proof or a quotient familial that is missing is a question to somebody, never a refusal.
//! - Resources per consumption unit is the one scale that covers everyone; a benefit status or a quotient familial
//!   is a shortcut that proves it.
//! - More resources never make an outcome better nor a contribution lower; no contribution passes the cap of its kind.
//! - A decision keeps the version of its policy and *banded* inputs: never the sums.

pub(crate) mod actions;
pub(crate) mod api;
pub mod communes;
mod form;
pub(crate) mod input;
mod letter;
pub(crate) mod pages;
pub mod policy;
pub(crate) mod queue;
pub mod reasons;
pub mod rules;
pub(crate) mod rules_page;
pub(crate) mod steps;
pub(crate) mod store;
pub(crate) mod view;
pub mod words;
