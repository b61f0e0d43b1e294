//! The nightly verification: once a day after three in the morning, in Paris, its result kept.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Europe::Paris;
use entities::ids::VerificationId;
use entities::verification;
use sea_orm::ActiveValue::Set;
use sea_orm::{EntityTrait, QueryOrder};

use super::{Report, verify};
use crate::app::App;
use crate::clock::id_at;
use crate::error::{Error, Result};
use crate::jobs;

/// The job that verifies.
pub(crate) const AT_NIGHT: &str = "verify";

/// Hour of the night, local time.
const HOUR: u32 = 3;

/// The newest kept result.
pub(crate) async fn latest(app: &App) -> Result<Option<verification::Model>> {
    Ok(verification::Entity::find()
        .order_by_desc(verification::Column::At)
        .one(app.db.read())
        .await?)
}

/// Queues the verification of the coming night, unless one waits: a new instance waits for its first night. One that
/// slept through the night verifies when it wakes.
pub(crate) async fn wait_for_night(app: &App) -> Result<()> {
    if jobs::waits(app, AT_NIGHT).await? {
        return Ok(());
    }
    let due = next_night(app.clock.now());
    let tx = app.db.write().await?;
    jobs::enqueue_once(&tx, AT_NIGHT, due).await?;
    tx.commit().await
}

/// The next three o'clock in the morning, in Paris.
fn next_night(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = now.with_timezone(&Paris).date_naive();
    let hour = NaiveTime::from_hms_opt(HOUR, 0, 0).unwrap_or_default();
    [today, today + TimeDelta::days(1)]
        .into_iter()
        .filter_map(|day| day.and_time(hour).and_local_timezone(Paris).earliest())
        .map(|at| at.to_utc())
        .find(|at| *at > now)
        .unwrap_or(now + TimeDelta::days(1))
}

/// Verifies now and keeps the result.
pub(crate) async fn run(app: &App) -> Result<Report> {
    let report = verify(app).await?;
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
