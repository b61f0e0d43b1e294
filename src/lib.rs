//! Rebond.

pub mod papers;
