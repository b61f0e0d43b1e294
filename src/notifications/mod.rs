//! What the chain tells people: a sealed outbox, written in the transaction of what it tells of.
//!
//! Words: a *message* is one thing told to a household or a donor; its *recipient* and *content* are sealed, and
//! forgotten once it is delivered (law 7). A message goes if and only if the change it tells of is kept.

pub(crate) mod accounts;
pub(crate) mod delivery;
mod gsm;
pub(crate) mod message;
pub(crate) mod pages;
pub(crate) mod render;
pub(crate) mod steps;
mod store;
pub(crate) mod translations;
