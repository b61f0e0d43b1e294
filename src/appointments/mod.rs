//! When people come: openings, slots, seats, bookings.
//!
//! Words: an *opening* is a weekly rule of a venue; a *slot* is one of the times it makes, known by its opening and its
//! UTC start and stored nowhere; a *seat* is one of a slot's places; an *appointment* is the couple of a pickup and an
//! *onboarding*, the same slot and one seat when one visit does both.
//!
//! Laws:
//! - No overbooking: a seat is a row with a key, and nobody is told "full" while one is free.
//! - The hour that happens twice is two slots, the hour that doesn't exist is none.
//! - Of what is missed, only the pickup releases the hold; booking moves its end to the slot's end plus the grace.

pub(crate) mod actions;
pub(crate) mod agenda;
pub(crate) mod api;
pub(crate) mod booking;
pub(crate) mod endings;
pub(crate) mod endings_pages;
pub mod holidays;
pub(crate) mod household;
pub(crate) mod input;
pub(crate) mod openings;
pub(crate) mod openings_pages;
pub(crate) mod reminders;
pub mod rules;
pub(crate) mod seats;
pub(crate) mod slots;
pub(crate) mod steps;
pub(crate) mod store;
pub(crate) mod sweep;
pub(crate) mod view;
