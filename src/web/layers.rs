//! What wraps every request: who asks, the form token, security headers, the request's id.

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::access::{self, Actor, Owes};
use crate::app::App;
use crate::db;
use crate::error::Error;
use crate::web::csrf::FormToken;
use crate::web::page::{PageError, see_other};
use crate::web::problem::Problem;
use crate::web::routes::is_api;
use crate::web::{Flash, cookies, requests};

/// Largest body: an evidence file with its photos of a screen, 8 MiB.
const BODY_LIMIT: usize = 8 << 20;

/// Disables everything by default; pages load our own style, scripts and pictures.
const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; \
connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'";

/// What a page knows of the visit beside its actor.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// Binds the forms of this browser.
    pub(crate) form_token: FormToken,
    /// Message of the last page.
    pub(crate) flash: Option<Flash>,
    /// Path asked for, to mark the current entry of the navigation.
    pub(crate) path: String,
    /// Cookies only travel over TLS.
    pub(crate) secure: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Error::broken("a route outside the visit layer").into())
    }
}

/// Wraps the router in all layers.
pub(crate) fn wrap(router: Router<App>, app: &App) -> Router {
    router
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), visit))
        .layer(middleware::from_fn(settle))
        .layer(axum::extract::DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(headers))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(|_| {
            Problem(Error::broken("a handler panicked")).into_response()
        }))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            requests::observe,
        ))
        .with_state(app.clone())
}

/// Answers when everything that the answer rests on is on disk.
async fn settle(request: Request, next: Next) -> Response {
    let api = is_api(request.uri().path());
    match db::settled(next.run(request)).await {
        Ok(response) => response,
        Err(error) if api => Problem(error).into_response(),
        Err(error) => PageError::from(error).into_response(),
    }
}

/// Finds out who asks, refuses posts from elsewhere, and hands the form token on.
async fn visit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let jar = CookieJar::from_headers(request.headers());
    let path = request.uri().path().to_owned();
    let unsafe_method = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let secure = app.config.server.base_url.starts_with("https://");
    if unsafe_method && !is_api(&path) && comes_from_elsewhere(request.headers()) {
        return PageError::from(Error::Forbidden("form-token")).into_response();
    }
    let token = bearer(request.headers());
    let by_session = token.is_none();
    let actor = match &token {
        Some(token) => access::tokens::by_bearer(&app, token).await,
        None => match jar.get(cookies::SESSION) {
            Some(cookie) => access::sessions::by_cookie(&app, cookie.value()).await,
            None => Ok(None),
        },
    };
    let actor = match actor {
        Ok(actor) => actor,
        Err(error) if is_api(&path) => return Problem(error).into_response(),
        Err(error) => return PageError::from(error).into_response(),
    };
    if let Some(owes) = actor.as_ref().and_then(|a| a.owes)
        && !opens_before(owes, &path)
    {
        let (word, page) = first(owes);
        return if is_api(&path) {
            Problem(Error::Forbidden(word)).into_response()
        } else {
            see_other(page)
        };
    }
    let fresh_seed = jar
        .get(cookies::SEED)
        .is_none()
        .then(|| app.chance.secret(26));
    let browser = match (&actor, jar.get(cookies::SESSION)) {
        (Some(_), Some(session)) if by_session => session.value().to_owned(),
        _ => fresh_seed
            .clone()
            .or_else(|| jar.get(cookies::SEED).map(|c| c.value().to_owned()))
            .unwrap_or_default(),
    };
    let form_token = FormToken::of(&app.keys, &browser);
    if unsafe_method && is_api(&path) && by_session && actor.is_some() {
        let given = request
            .headers()
            .get("x-csrf")
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        if let Err(error) = form_token.check(given) {
            return Problem(error).into_response();
        }
    }
    let role = actor.as_ref().map(|actor| actor.role);
    let flash = Flash::read(&jar);
    let had_flash = flash.is_some();
    if let Some(actor) = actor {
        request.extensions_mut().insert::<Actor>(actor);
    }
    let is_page = !is_api(&path) && !path.starts_with("/assets/");
    request.extensions_mut().insert(Visit {
        form_token,
        flash,
        path,
        secure,
    });
    let mut response = next.run(request).await;
    // The line in the log names the role, and nobody.
    if let Some(role) = role {
        response.extensions_mut().insert(role);
    }
    if is_page {
        if let Some(seed) = fresh_seed {
            set_cookie(
                &mut response,
                &cookies::cookie(cookies::SEED, seed, secure).to_string(),
            );
        }
        let shown = response.status() != StatusCode::SEE_OTHER
            && response
                .headers()
                .get(header::CONTENT_TYPE)
                .is_some_and(|v| v.as_bytes().starts_with(b"text/html"));
        if had_flash && shown {
            set_cookie(&mut response, &cookies::gone(cookies::FLASH).to_string());
        }
        response
            .headers_mut()
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// What somebody who owes something does first: its word in problems, its page.
const fn first(owes: Owes) -> (&'static str, &'static str) {
    match owes {
        Owes::Password => ("password", access::pages::CHANGE_PASSWORD),
        Owes::SecondFactor => ("second-factor", access::pages::SECOND_FACTOR),
    }
}

/// What they see before: that page, another of their roles, and the way out.
fn opens_before(owes: Owes, path: &str) -> bool {
    path == first(owes).1
        || path == "/sign-out"
        || path == access::pages::SWITCH
        || path.starts_with("/assets/")
}

/// Adds a cookie to an answer.
pub(crate) fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// Browsers say where a post comes from; other sites may not post to pages.
fn comes_from_elsewhere(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    let (Some(origin), Some(host)) = (headers.get(header::ORIGIN), headers.get(header::HOST))
    else {
        return false;
    };
    let origin = origin.to_str().unwrap_or_default();
    let host = host.to_str().unwrap_or_default();
    origin
        .split_once("://")
        .is_none_or(|(_, authority)| authority != host)
}

/// The token of the request. One said twice, or unreadably, is nobody's: it does not fall back to a session. Other
/// schemes are not ours: a proxy may want them.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?;
    let (Ok(value), None) = (value.to_str(), values.next()) else {
        return Some(String::new());
    };
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim().to_owned())
}

/// Security headers on every answer.
async fn headers(request: Request, next: Next) -> Response {
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if chunked {
        // It may have named a length as well, which a proxy could have believed: nothing is read after it.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    for (name, value) in [
        ("content-security-policy", CSP),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        (
            "permissions-policy",
            "camera=(self), microphone=(), geolocation=(), payment=()",
        ),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

async fn not_found(request: Request<Body>) -> Response {
    if is_api(request.uri().path()) {
        Problem(Error::NotFound("resource")).into_response()
    } else {
        PageError::from(Error::NotFound("page")).into_response()
    }
}

async fn wrong_method(request: Request<Body>) -> Response {
    if is_api(request.uri().path()) {
        Problem(Error::refused("method-not-allowed", "")).into_response()
    } else {
        PageError::from(Error::refused("method-not-allowed", "")).into_response()
    }
}
