//! The station: a scan → an item → a step.
//!
//! Words: a *scan* is one reading of a label with what is asked (nothing: show it); its *fate* is what
//! became of it: recorded, already recorded, shown or refused. Each scan carries an id made by its
//! client, so the same scan counts once however often it is sent; a refused one is kept and a replay
//! answers the same refusal.
//!
//! A *re-scan* is another scan (another id) that asks for what has just been done: it is answered
//! `already_recorded` with the event that did it, and records nothing.
//!
//! `occurred_at` is a claim. One that lies more than `rules::AHEAD` in the future or before the device got its label
//! is replaced by the nearest possible moment, and the answer says so (`occurred_at_adjusted`).

pub(crate) mod actions;
pub(crate) mod api;
pub(crate) mod next;
pub(crate) mod pages;
pub(crate) mod result;
pub(crate) mod rules;
mod store;

pub(crate) use api::routes;
