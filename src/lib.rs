//! Rebond.

pub mod papers;
pub mod workshop;
