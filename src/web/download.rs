//! Files made on demand (receipts, labels): shown in the browser under a name worth keeping.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// A file to look at or print. `name` is ours: ASCII, without quotes.
pub(crate) fn inline(bytes: Vec<u8>, media_type: &'static str, name: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("inline; filename=\"{name}\""),
        ),
    ];
    (headers, bytes).into_response()
}
