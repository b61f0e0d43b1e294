//! `verify`: replays each journal, checks each chain and each law on live data, and says what it checked.
//!
//! Reads everything, writes only its own result. Runs by command and by itself each night.

mod journals;
mod laws;
mod night;
pub(crate) mod pages;
mod report;
mod welcome;

pub(crate) use night::{AT_NIGHT, latest, run};
pub use report::{Check, Report};

use entities::enums::ItemKind;

use crate::app::App;
use crate::error::Result;

/// Checks everything that is kept.
///
/// # Errors
/// Only when the database can't be read; a broken law is a finding, not an error.
pub async fn verify(app: &App) -> Result<Report> {
    let mut report = Report::default();
    journals::check(app, ItemKind::Device, &mut report).await?;
    journals::check(app, ItemKind::Medium, &mut report).await?;
    laws::check(app, &mut report).await?;
    welcome::check(app, &mut report).await?;
    Ok(report)
}
