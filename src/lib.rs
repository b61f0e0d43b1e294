//! Rebond runs a département's device-reuse chain: a donated computer enters at a collection point
//! and leaves in the hands of a household that needs it, with somebody booked to show them how to
//! use it, or as correctly weighed waste.
//!
//! One folder a domain; in each, `rules` decide on plain values, `store` reads and writes, `steps`
//! serve other domains inside their transaction, `actions` are what people do, `api` and `pages`
//! are the edge. One way through: HTTP → handler → action → rule → store → response.

pub mod access;
pub mod allocation;
mod anchors;
pub mod app;
pub mod appointments;
mod backup;
mod bench;
pub mod chance;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
mod demo;
pub mod desk;
pub mod devices;
mod doctor;
pub mod error;
pub mod files;
pub mod french;
pub mod handover;
pub mod health;
pub mod households;
pub mod intake;
pub mod jobs;
pub mod limits;
mod logistics;
mod notifications;
mod operator;
pub mod papers;
mod recycling;
pub mod requests;
pub mod rotation;
pub mod routes;
pub mod seal;
pub mod serve;
pub mod station;
mod upkeep;
pub mod verify;
pub mod web;
pub mod workshop;
