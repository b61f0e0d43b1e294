//! The two tables of the bench, read once: what is checked on each kind, and what a grade is made of.

use std::sync::OnceLock;

use super::{checks, grading};
use crate::error::{Error, Result};

/// What is checked on each kind.
///
/// # Errors
/// When the table that comes with Rebond can't be read: a fault of the build, not of a person.
pub(crate) fn checks() -> Result<&'static checks::Table> {
    static TABLE: OnceLock<std::result::Result<checks::Table, checks::TableError>> =
        OnceLock::new();
    TABLE
        .get_or_init(|| checks::Table::parse(checks::DEFAULT))
        .as_ref()
        .map_err(|error| Error::setup(error.to_string()))
}

/// What a grade is made of.
///
/// # Errors
/// As `checks`.
pub(crate) fn grading() -> Result<&'static grading::Table> {
    static TABLE: OnceLock<std::result::Result<grading::Table, grading::TableError>> =
        OnceLock::new();
    TABLE
        .get_or_init(|| grading::Table::parse(grading::DEFAULT))
        .as_ref()
        .map_err(|error| Error::setup(error.to_string()))
}
