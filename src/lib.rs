//! Rebond.
