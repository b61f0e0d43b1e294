//! Which device for whom: the run, direct holds, releases.
//!
//! Words: an *allocation* is a device held for a request, then kept by it; a *run* pairs the requests that wait with
//! the devices that are ready, previewed before it is applied, its inputs frozen.
//!
//! Laws:
//! - One for one: a device is held for at most one request, a request holds at most one device.
//! - No request of a kind is passed over by one behind it in the queue.
//! - An allocation ends by an event, never by a clock alone.
//! - One account does at most one of approve, allocate directly, hand over on a request.

pub(crate) mod actions;
pub(crate) mod api;
pub(crate) mod pages;
pub mod rules;
pub(crate) mod steps;
pub(crate) mod store;
pub(crate) mod view;
