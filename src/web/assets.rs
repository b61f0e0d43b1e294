//! Stylesheet and scripts, inside the binary, at addresses that change with their content.
//!
//! `/assets/{hash}/{name}`: with the right hash a browser may keep the answer for ever; with an old one it gets
//! the file of today and is told not to keep it (a page left open over an upgrade goes on working).

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, Uri, header};
use rust_embed::{Embed, EmbeddedFile};

/// Where the assets are served.
pub(crate) const PREFIX: &str = "/assets/";

/// Hexadecimal digits of the content's SHA-256 that go into the address: 64 bits, ample against a chance collision.
const HASH_DIGITS: usize = 16;

/// The files of `src/web/assets`. Debug builds read them from disk, so that a change shows on reload.
#[derive(Embed)]
#[folder = "src/web/assets/"]
struct Files;

/// The address of an asset; a name that doesn't exist gets an address that answers 404.
pub(crate) fn url(name: &str) -> String {
    let hash = Files::get(name).map_or_else(|| "missing".to_owned(), |file| digest(&file));
    format!("{PREFIX}{hash}/{name}")
}

/// Answers `/assets/{hash}/{name}`.
pub(crate) async fn serve(uri: Uri) -> Response<Body> {
    let found = uri
        .path()
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split_once('/'))
        .and_then(|(hash, name)| Files::get(name).map(|file| (hash, name, file)));
    let Some((hash, name, file)) = found else {
        let mut missing = Response::new(Body::empty());
        *missing.status_mut() = StatusCode::NOT_FOUND;
        return missing;
    };
    let keep = if digest(&file) == hash {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut answer = Response::new(Body::from(file.data.into_owned()));
    let headers = answer.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(media_type(name)),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    answer
}

fn digest(file: &EmbeddedFile) -> String {
    let mut hash = hex::encode(file.metadata.sha256_hash());
    hash.truncate(HASH_DIGITS);
    hash
}

/// The kinds of file that live in the folder; anything else is handed out as bytes.
fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header_of(answer: &Response<Body>, name: header::HeaderName) -> &str {
        answer
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("")
    }

    #[tokio::test]
    async fn an_asset_is_kept_for_ever_under_its_hash_only() {
        let fresh = serve(url("rebond.css").parse().unwrap()).await;
        assert_eq!(fresh.status(), StatusCode::OK);
        assert_eq!(
            header_of(&fresh, header::CONTENT_TYPE),
            "text/css; charset=utf-8"
        );
        assert!(header_of(&fresh, header::CACHE_CONTROL).contains("immutable"));
        let stale = serve(Uri::from_static("/assets/0123/rebond.css")).await;
        assert_eq!(stale.status(), StatusCode::OK);
        assert_eq!(header_of(&stale, header::CACHE_CONTROL), "no-cache");
    }

    #[tokio::test]
    async fn what_is_not_an_asset_is_not_found() {
        for path in [
            "/assets/x/none.css",
            "/assets/x/../frame.rs",
            "/assets/x/..%2Fframe.rs",
            "/assets/",
            "/assets/x//etc/passwd",
        ] {
            assert_eq!(
                serve(path.parse().unwrap()).await.status(),
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }

    #[test]
    fn scripts_stay_small() {
        for name in Files::iter().filter(|name| name.ends_with(".js")) {
            let size = Files::get(&name).map_or(0, |file| file.data.len());
            assert!(size < 8192, "{name} has {size} bytes");
        }
    }
}
