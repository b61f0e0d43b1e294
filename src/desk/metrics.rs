//! `/metrics`: what an operator's monitoring watches, in the text format of Prometheus (0.0.4). Only counts that an
//! index keeps small: devices are counted by nobody here, their indicators are elsewhere. No label points to a person.

use std::fmt::{Display, Write as _};

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::store::{self, Watched};
use crate::access::Permission;
use crate::app::App;
use crate::verify;
use crate::web::{Access, PageError, Routes};

pub(super) fn routes() -> Routes {
    Routes::new().get("/metrics", Access::Needs(Permission::Audit), show)
}

async fn show(State(app): State<App>) -> Result<Response, PageError> {
    let watched = store::watched(app.db.read(), app.clock.now()).await?;
    let last = verify::latest(&app).await?;
    let text = exposition(&watched, last.as_ref());
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    Ok((kind, text).into_response())
}

fn exposition(watched: &Watched, last: Option<&entities::verification::Model>) -> String {
    let mut text = String::new();
    gauge(
        &mut text,
        "rebond_build_info",
        "The version that runs.",
        &[(concat!("{version=\"", env!("CARGO_PKG_VERSION"), "\"}"), 1)],
    );
    gauge(
        &mut text,
        "rebond_requests",
        "Requests that wait: for a device, for somebody's decision.",
        &[
            ("{status=\"waiting\"}", watched.requests_waiting),
            ("{status=\"needs_review\"}", watched.requests_in_review),
        ],
    );
    gauge(
        &mut text,
        "rebond_messages",
        "Messages of the outbox: to be sent or printed, given up.",
        &[
            ("{state=\"waiting\"}", watched.messages_waiting),
            ("{state=\"failed\"}", watched.messages_failed),
        ],
    );
    gauge(
        &mut text,
        "rebond_jobs",
        "Background work: due and not done, given up.",
        &[
            ("{state=\"waiting\"}", watched.jobs_waiting),
            ("{state=\"failed\"}", watched.jobs_failed),
        ],
    );
    if let Some(last) = last {
        gauge(
            &mut text,
            "rebond_verification_timestamp_seconds",
            "When the last verification ended.",
            &[("", last.at.timestamp())],
        );
        gauge(
            &mut text,
            "rebond_verification_items",
            "Devices and media whose journals it replayed.",
            &[("", last.items)],
        );
        gauge(
            &mut text,
            "rebond_verification_breaches",
            "What breaks a law; more than 0 wants somebody at once.",
            &[("", last.breaches)],
        );
    }
    text
}

fn gauge(text: &mut String, name: &str, help: &str, samples: &[(&str, impl Display)]) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, value) in samples {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}
