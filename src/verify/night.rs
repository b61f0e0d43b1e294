//! The nightly verification, its result kept.

use entities::ids::VerificationId;
use entities::verification;
use sea_orm::ActiveValue::Set;
use sea_orm::{EntityTrait, QueryOrder};

use super::scope::Scope;
use super::{Report, check};
use crate::app::App;
use crate::clock::id_at;
use crate::error::{Error, Result};

/// The job that verifies.
pub(crate) const AT_NIGHT: &str = "verify";

/// The newest kept result.
pub(crate) async fn latest(app: &App) -> Result<Option<verification::Model>> {
    Ok(verification::Entity::find()
        .order_by_desc(verification::Column::At)
        .one(app.db.read())
        .await?)
}

/// Verifies what a night verifies, and keeps the result.
pub(crate) async fn run(app: &App) -> Result<Report> {
    let scope = Scope::of_night(app, app.clock.now()).await?;
    keep(app, check(app, &scope).await?).await
}

/// Verifies everything now and keeps the result.
pub(super) async fn run_whole(app: &App) -> Result<Report> {
    keep(app, check(app, &Scope::Whole).await?).await
}

async fn keep(app: &App, report: Report) -> Result<Report> {
    if !report.is_clean() {
        tracing::error!(
            breaches = report.breaches(),
            "laws are broken: run `rebond verify`"
        );
    }
    let now = app.clock.now();
    let text = serde_json::to_string(&report).map_err(Error::internal)?;
    let tx = app.db.write().await?;
    verification::Entity::insert(verification::ActiveModel {
        id: Set(VerificationId(id_at(now))),
        at: Set(now),
        items: Set(i64::try_from(report.items).unwrap_or(i64::MAX)),
        lines: Set(i64::try_from(report.lines).unwrap_or(i64::MAX)),
        breaches: Set(i32::try_from(report.breaches()).unwrap_or(i32::MAX)),
        report: Set(text),
    })
    .exec_without_returning(&tx)
    .await?;
    tx.commit().await?;
    Ok(report)
}
