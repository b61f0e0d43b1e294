//! `/health/live` and `/health/ready`, for whoever starts, stops and routes; no account, no figure.

use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::app::App;
use crate::error::Result;
use crate::web::problem::json_response;
use crate::web::{Access, Routes};

/// Routes of health.
pub(crate) fn routes() -> Routes {
    Routes::new().get("/health/live", Access::Public, live).get(
        "/health/ready",
        Access::Public,
        ready,
    )
}

/// The background work of this process, as it is seen from outside.
#[derive(Debug, Default)]
pub struct Worker {
    state: AtomicU8,
    looked: AtomicI64,
}

const JSON: &str = "application/json";
const WORKS: u8 = 1;
const ENDED: u8 = 2;

/// Says that the work ended, however it ends.
pub(crate) struct Working<'a>(&'a Worker);

impl Drop for Working<'_> {
    fn drop(&mut self) {
        self.0.state.store(ENDED, Ordering::Relaxed);
    }
}

impl Worker {
    /// The work begins; it ends with what is answered.
    pub(crate) fn begin(&self) -> Working<'_> {
        self.state.store(WORKS, Ordering::Relaxed);
        Working(self)
    }

    /// Everything that was due is done.
    pub(crate) fn looked(&self, at: DateTime<Utc>) {
        self.looked.store(at.timestamp(), Ordering::Relaxed);
    }

    /// When everything due was last done, in seconds; 0 before the first time.
    pub(crate) fn last_look(&self) -> i64 {
        self.looked.load(Ordering::Relaxed)
    }

    /// Whether it went on and does no more. It begins before the first request is taken.
    fn ended(&self) -> bool {
        self.state.load(Ordering::Relaxed) == ENDED
    }
}

/// The process answers.
async fn live() -> Response {
    json_response(StatusCode::OK, JSON, &json!({ "status": "ok" }))
}

/// The instance can do its work: database there, tables up to date, background work going.
async fn ready(State(app): State<App>) -> Response {
    let reason = match database(&app).await {
        Err(_) => "the database does not answer",
        Ok(pending) if pending > 0 => "the tables are not up to date: run `rebond migrate`",
        Ok(_) if app.worker.ended() => "the background work does not run",
        Ok(_) => return live().await,
    };
    let body = json!({ "status": "unavailable", "reason": reason });
    json_response(StatusCode::SERVICE_UNAVAILABLE, JSON, &body)
}

async fn database(app: &App) -> Result<usize> {
    let db = app.db.read();
    db.execute_raw(Statement::from_string(
        db.get_database_backend(),
        "select 1",
    ))
    .await?;
    app.db.pending_migrations().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_stops_for_whatever_reason_has_ended() {
        let worker = Worker::default();
        assert!(!worker.ended());
        let working = worker.begin();
        assert!(!worker.ended());
        drop(working);
        assert!(worker.ended());
    }
}
