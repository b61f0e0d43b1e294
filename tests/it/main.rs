//! What is proved from outside: stories, access, laws, races. Each story runs on SQLite and on PostgreSQL.
//!
//! `REBOND_TEST_POSTGRES` names the cluster (`postgres://postgres@127.0.0.1:5499/postgres`); `tests/run` starts one.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

#[macro_use]
mod support;

mod access;
mod accounts;
mod administration;
mod allocation;
mod anchors;
mod architecture;
mod background;
mod backup;
mod bad_input;
mod command_line;
mod contract;
mod crash;
mod devices;
mod faults;
mod histories;
mod hostile;
mod import;
mod intake;
mod laws;
mod logs;
mod metrics;
mod migrations;
mod notifications;
mod privacy;
mod quota;
mod races;
mod recycling;
mod requests;
mod rotation;
mod search;
mod seed;
mod shutdown;
mod sign_in;
mod station;
mod strangers;
mod turns;
mod verify;
mod visits;
mod welcome;
mod workshop;
