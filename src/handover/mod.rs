//! The coupling: device, request, onboarding and pickup code meet at the counter; and devices come back.
//!
//! Law 3: no handover without welcome. A handover needs a live allocation of that very device, the household's own
//! onboarding (booked or attended), the device's label scanned at the counter on the local day of the pickup slot, and
//! the six-digit code that only the household knows; an exception needs a second person and is counted.
//! Law 4: an exchange gives the old device back first. Law 9: the contribution never exceeds the cap of the kind, and a
//! public gift is sold only by a body that may.

pub(crate) mod actions;
pub(crate) mod api;
pub(crate) mod checklist;
pub(crate) mod facts;
pub(crate) mod input;
pub(crate) mod pages;
mod receipt;
pub(crate) mod returns;
pub(crate) mod rules;
pub(crate) mod steps;
mod store;
