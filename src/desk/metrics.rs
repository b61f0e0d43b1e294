//! `/metrics`: what an operator's monitoring watches, in the text format of Prometheus (0.0.4).
//!
//! No label points to a person. Written here, a dozen lines a figure: a recorder of the process would mix the
//! instances that tests hold in one, and the histogram of requests is the only series that needs more than a count.
//!
//! Devices are counted at most once in five minutes, and the moment is told. A row of counts kept by each scan would
//! be the one row that all scans of a site wait for; one look every five minutes waits for nobody.

use std::fmt::{Display, Write as _};

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::store::{self, Counted, Watched};
use crate::access::Permission;
use crate::app::App;
use crate::error::Result;
use crate::web::{Access, PageError, Routes};
use crate::{anchors, backup, upkeep, verify};

/// How long a count of devices is told again.
const COUNTED_FOR: TimeDelta = TimeDelta::minutes(5);

pub(super) fn routes() -> Routes {
    Routes::new().get("/metrics", Access::Needs(Permission::Audit), show)
}

/// The last count of devices, and when it was made. One at a time counts; the others wait for what it finds.
#[derive(Debug, Default)]
pub struct DeviceCounts(Mutex<Option<(DateTime<Utc>, Vec<Counted>)>>);

impl DeviceCounts {
    async fn told(&self, app: &App) -> Result<(DateTime<Utc>, Vec<Counted>)> {
        let now = app.clock.now();
        let mut last = self.0.lock().await;
        if let Some((at, counts)) = last.as_ref()
            && now - at < COUNTED_FOR
        {
            return Ok((*at, counts.clone()));
        }
        let fresh = (now, store::device_counts(app.db.read()).await?);
        *last = Some(fresh.clone());
        Ok(fresh)
    }
}

async fn show(State(app): State<App>) -> Result<Response, PageError> {
    let db = app.db.read();
    let now = app.clock.now();
    let watched = store::watched(db, now).await?;
    let mut text = String::new();
    waiting(&mut text, &watched, now);
    devices(&mut text, app.device_counts.told(&app).await?);
    if let Some(last) = verify::latest(&app).await? {
        verification(&mut text, &last);
    }
    if let Some(last) = anchors::store::latest(db).await? {
        gauge(
            &mut text,
            "rebond_anchor_timestamp_seconds",
            "When the last anchor was taken.",
            &[("", last.at.timestamp())],
        );
        gauge(
            &mut text,
            "rebond_anchor_number",
            "Its place in the chain.",
            &[("", last.number)],
        );
    }
    if let Some(at) = upkeep::last(db, backup::UPKEEP).await? {
        gauge(
            &mut text,
            "rebond_backup_timestamp_seconds",
            "When the last backup was finished.",
            &[("", at.timestamp())],
        );
    }
    process(&mut text, &app);
    app.requests.exposition(&mut text);
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    Ok((kind, text).into_response())
}

fn waiting(text: &mut String, watched: &Watched, now: DateTime<Utc>) {
    gauge(
        text,
        "rebond_build_info",
        "The version that runs.",
        &[(concat!("{version=\"", env!("CARGO_PKG_VERSION"), "\"}"), 1)],
    );
    gauge(
        text,
        "rebond_requests",
        "Requests that wait: for a device, for somebody's decision.",
        &[
            ("{status=\"waiting\"}", watched.requests_waiting),
            ("{status=\"needs_review\"}", watched.requests_in_review),
        ],
    );
    gauge(
        text,
        "rebond_messages",
        "Messages of the outbox: to be sent or printed, given up.",
        &[
            ("{state=\"waiting\"}", watched.messages_waiting),
            ("{state=\"failed\"}", watched.messages_failed),
        ],
    );
    let age = |since: Option<DateTime<Utc>>| since.map_or(0, |at| (now - at).num_seconds().max(0));
    gauge(
        text,
        "rebond_outbox_age_seconds",
        "Since when the oldest mail or text waits to leave; letters wait for people.",
        &[("", age(watched.oldest_message))],
    );
    gauge(
        text,
        "rebond_jobs",
        "Background work: due and not done, given up.",
        &[
            ("{state=\"waiting\"}", watched.jobs_waiting),
            ("{state=\"failed\"}", watched.jobs_failed),
        ],
    );
    gauge(
        text,
        "rebond_jobs_age_seconds",
        "Since when the oldest background work is due.",
        &[("", age(watched.oldest_job))],
    );
}

fn devices(text: &mut String, (at, counts): (DateTime<Utc>, Vec<Counted>)) {
    let samples: Vec<(String, i64)> = counts
        .iter()
        .map(|c| {
            let labels = format!(
                "{{stage=\"{}\",custody=\"{}\"}}",
                c.stage.as_str(),
                c.custody.as_str()
            );
            (labels, c.devices)
        })
        .collect();
    let samples: Vec<(&str, i64)> = samples.iter().map(|(l, n)| (l.as_str(), *n)).collect();
    gauge(
        text,
        "rebond_devices",
        "Devices by stage and custody.",
        &samples,
    );
    gauge(
        text,
        "rebond_devices_counted_timestamp_seconds",
        "When they were counted: at most once in five minutes.",
        &[("", at.timestamp())],
    );
}

fn verification(text: &mut String, last: &entities::verification::Model) {
    gauge(
        text,
        "rebond_verification_timestamp_seconds",
        "When the last verification ended.",
        &[("", last.at.timestamp())],
    );
    gauge(
        text,
        "rebond_verification_items",
        "Devices and media whose journals it replayed.",
        &[("", last.items)],
    );
    gauge(
        text,
        "rebond_verification_breaches",
        "What breaks a law; more than 0 wants somebody at once.",
        &[("", last.breaches)],
    );
}

fn process(text: &mut String, app: &App) {
    gauge(
        text,
        "rebond_keys_turning",
        "1 while a turn of the keys is not finished.",
        &[("", i32::from(app.keys.turning().is_some()))],
    );
    gauge(
        text,
        "rebond_worker_last_look_timestamp_seconds",
        "When this process had last done all background work that was due.",
        &[("", app.worker.last_look())],
    );
    if let Some(bytes) = resident() {
        gauge(
            text,
            "process_resident_memory_bytes",
            "Memory of this process.",
            &[("", bytes)],
        );
    }
}

/// Resident size, where the system tells it.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

fn gauge(text: &mut String, name: &str, help: &str, samples: &[(&str, impl Display)]) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}
