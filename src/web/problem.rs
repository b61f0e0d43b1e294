//! Refusals of the JSON API: RFC 9457 problem details made from the one error enum.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::Error;
use crate::web::{problems, requests};

/// Result of a JSON handler.
pub(crate) type ApiResult<T> = Result<T, Problem>;

/// A refusal on its way out.
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) Error);

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

/// A JSON answer.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        json_response(StatusCode::OK, "application/json", &self.0)
    }
}

/// Serialises an answer with its status and media type.
pub(crate) fn json_response(
    status: StatusCode,
    media_type: &'static str,
    body: &impl Serialize,
) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, media_type)], bytes).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be serialised");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The code of an error's problem type.
pub(crate) fn code(error: &Error) -> &'static str {
    match error {
        Error::NotFound(_) => "not-found",
        Error::UnknownCode => "unknown-code",
        Error::WrongCheckCharacter => "wrong-check-character",
        Error::Forbidden("form-token") => "form-token",
        Error::Forbidden(_) => "forbidden",
        Error::SignedOut => "sign-in",
        Error::Invalid(_) => "invalid",
        Error::Unreadable(_) => "unreadable",
        Error::Refused { code, .. } => code,
        Error::Stale(_) => "stale",
        Error::TooMany(_) => "too-many-tries",
        Error::Busy => "busy",
        Error::Setup(_) | Error::Internal(_) => "internal",
    }
}

/// The words for this occurrence, in French; never internal text.
pub(crate) fn detail(error: &Error) -> String {
    match error {
        Error::Refused { detail, .. } if !detail.is_empty() => detail.to_string(),
        Error::Unreadable(detail) => detail.clone(),
        Error::TooMany(seconds) => format!("Réessayez dans {} min.", seconds.div_ceil(60)),
        Error::NotFound(_)
        | Error::UnknownCode
        | Error::WrongCheckCharacter
        | Error::Forbidden(_)
        | Error::SignedOut
        | Error::Invalid(_)
        | Error::Refused { .. }
        | Error::Stale(_)
        | Error::Busy
        | Error::Setup(_)
        | Error::Internal(_) => problems::find(code(error)).meaning.to_owned(),
    }
}

/// The body of a problem. `type` is relative to the instance: `/problems/<code>`.
pub(crate) fn body(error: &Error) -> Value {
    let kind = problems::find(code(error));
    let mut body = json!({
        "type": format!("/problems/{}", kind.code),
        "title": kind.title,
        "status": kind.status,
        "detail": detail(error),
    });
    match error {
        Error::Invalid(errors) => body["errors"] = json!(errors),
        Error::Refused { missing, .. } if !missing.is_empty() => body["missing"] = json!(missing),
        Error::Forbidden(permission) => body["permission"] = json!(permission),
        Error::TooMany(seconds) => body["retry_after"] = json!(seconds),
        Error::NotFound(_)
        | Error::UnknownCode
        | Error::WrongCheckCharacter
        | Error::SignedOut
        | Error::Unreadable(_)
        | Error::Refused { .. }
        | Error::Stale(_)
        | Error::Busy
        | Error::Setup(_)
        | Error::Internal(_) => {}
    }
    body
}

/// Logs what nobody should see, once.
pub(crate) fn log(error: &Error) {
    if let Error::Internal(source) = error {
        tracing::error!(error = %source, "internal error");
    } else if let Error::Setup(words) = error {
        tracing::error!(error = %words, "setup error");
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        log(&self.0);
        let status = problems::find(code(&self.0)).status();
        let mut body = body(&self.0);
        if let Some(id) = requests::id() {
            body["request_id"] = id.into();
        }
        let mut response = json_response(status, "application/problem+json", &body);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                header::HeaderValue::from_static("Bearer"),
            );
        }
        if let Error::TooMany(seconds) = self.0 {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        } else if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, 1.into());
        }
        response
    }
}
