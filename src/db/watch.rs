//! Somebody who looks on at what a writer does, and may say no: the benchmark, which writes statements down, and
//! the tests, which make them fail one after the other.

use std::fmt::Debug;

use sea_orm::{DbErr, Statement};

/// Looks on at each statement and commit of a [`Tx`](super::Tx) before it is carried out. An error from it is
/// answered as if the database had said it, and the statement is not carried out.
pub trait Watch: Debug + Send + Sync {
    /// A statement is about to run; `statement` has its values when it was prepared.
    ///
    /// # Errors
    /// When it shall fail.
    fn statement(&self, sql: &str, statement: Option<&Statement>) -> Result<(), DbErr>;

    /// A turn is about to be kept.
    ///
    /// # Errors
    /// When it shall fail.
    fn commit(&self) -> Result<(), DbErr>;
}
