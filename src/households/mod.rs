//! Who is served: a household, its people, how to reach it. The vault that seals them.
//!
//! Words: a *household* is a file, its people and its contact; the *blind index* is a keyed hash of somebody's names
//! and day of birth that finds files which may be the same household and tells nothing by itself; a *link* opens the
//! household's own pages without an account.
//!
//! Laws:
//! - Need to know (law 7): `vault` is the only module that names a personal column. Every read of a file leaves a
//!   record with its purpose; there is no browsing.
//! - Personal columns are sealed by a key of the household's own, itself sealed by the instance's key, which is
//!   never in the database. Erasure destroys the household's key.
//! - Whether two files are the same household is reviewed by a person, never guessed.
//! - No social security number is kept: what looks like one is refused in every text that people type.

pub mod input;
pub mod rules;
pub(crate) mod steps;
pub(crate) mod store;
mod vault;
