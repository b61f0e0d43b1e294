//! `verify`: replays each journal, checks each chain and each law on live data, and says what it checked.
//!
//! Reads everything, writes only its own result. Runs by command and by itself each night; of a night it replays the
//! journals that changed since the night before and a share of the others, and tries every law on everything.

mod anchors;
mod files;
mod journals;
mod laws;
mod night;
pub(crate) mod pages;
mod report;
mod scope;
mod welcome;

pub(crate) use files::check as files;
pub(crate) use night::{AT_NIGHT, latest, run};
pub use report::{Check, Report};
use scope::Scope;

use std::path::Path;

use entities::enums::ItemKind;

use crate::app::App;
use crate::error::Result;

/// Checks everything that is kept.
///
/// # Errors
/// Only when the database can't be read; a broken law is a finding, not an error.
pub async fn verify(app: &App) -> Result<Report> {
    check(app, &Scope::Whole).await
}

async fn check(app: &App, scope: &Scope) -> Result<Report> {
    let mut report = Report::default();
    scope.tell(&mut report);
    journals::check(app, ItemKind::Device, scope, &mut report).await?;
    journals::check(app, ItemKind::Medium, scope, &mut report).await?;
    anchors::check(app, &mut report).await?;
    laws::check(app, &mut report).await?;
    welcome::check(app, &mut report).await?;
    Ok(report)
}

/// Checks everything, and each journal against an anchor that left the house.
///
/// # Errors
/// When the anchor is not one of this instance, or the database can't be read.
pub async fn verify_against(app: &App, anchor: &Path) -> Result<Report> {
    let mut report = verify(app).await?;
    anchors::against(app, anchor, &mut report).await?;
    Ok(report)
}
