//! An answer, and what a story says of it.

use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::Value;

/// What the service answered.
#[derive(Debug)]
pub(crate) struct Answer {
    asked: String,
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub(super) async fn read(asked: String, response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        Self {
            asked,
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.to_vec(),
        }
    }

    /// HTTP status.
    pub(crate) const fn status(&self) -> u16 {
        self.status
    }

    /// A header, empty when it is not there.
    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as a page: a form that came back filled in.
    pub(crate) fn page(&self) -> super::page::Page {
        super::page::Page::new(self.text())
    }

    /// The body as it came.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.asked, self.text()))
    }

    /// It was done: 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        self.is(200);
        self.json()
    }

    /// It was created: 201.
    #[track_caller]
    pub(crate) fn created(&self) -> Value {
        self.is(201);
        self.json()
    }

    /// A form was taken: 303, and where it leads.
    #[track_caller]
    pub(crate) fn leads(&self) -> String {
        self.is(303);
        self.header(header::LOCATION).to_owned()
    }

    /// It has this status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16) {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
    }

    /// It is a problem of this type (RFC 9457), whole and of the right media type.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        self.is(status);
        assert_eq!(
            self.header(header::CONTENT_TYPE),
            "application/problem+json",
            "{}",
            self.asked
        );
        let problem = self.json();
        let kind = problem["type"].as_str().unwrap_or_default();
        assert!(
            kind.ends_with(&format!("/problems/{code}")),
            "{}: {problem:#}",
            self.asked
        );
        assert_eq!(problem["status"], status, "{problem:#}");
        assert!(
            problem["title"].as_str().is_some_and(|t| !t.is_empty()),
            "{problem:#}"
        );
        problem
    }

    /// The code of the problem, when it is one.
    pub(crate) fn problem(&self) -> Option<String> {
        let problem: Value = serde_json::from_slice(&self.body).ok()?;
        let kind = problem.get("type")?.as_str()?;
        Some(kind.rsplit('/').next()?.to_owned())
    }
}
