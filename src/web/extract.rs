//! What handlers take: paths, queries and JSON bodies whose faults are problem details.

#![expect(
    clippy::disallowed_types,
    reason = "these wrap the originals so that nobody else needs them"
)]

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use validator::Validate;

use crate::error::{Error, FieldError};
use crate::web::page::PageError;
use crate::web::problem::{Problem, json_response};
use crate::web::routes::is_api;
use crate::web::strict::Strict;

/// Parameters of the path.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(path) => Ok(Self(path.0)),
            // A malformed parameter names nothing that exists.
            Err(_) => Err(refuse(parts.uri.path(), Error::NotFound("page"))),
        }
    }
}

/// Parameters of the query. Empty values count as absent, as forms send them.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let pairs = crate::web::form::pairs(parts.uri.query().unwrap_or_default().as_bytes());
        crate::web::form::decode(&pairs)
            .map(Self)
            .map_err(|errors| refuse(parts.uri.path(), Error::Invalid(errors)))
    }
}

/// A JSON body that has been read and validated; every fault is named by its pointer.
#[derive(Debug)]
pub(crate) struct ValidJson<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Validate> FromRequest<S> for ValidJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| {
                v.split(';')
                    .next()
                    .is_some_and(|v| v.trim().eq_ignore_ascii_case("application/json"))
            });
        if !is_json {
            return Err(Problem(Error::refused("unsupported-media-type", "")));
        }
        let bytes = body_bytes(request, state).await?;
        Ok(Self(parse_json(&bytes)?))
    }
}

/// Reads a JSON text into an input and validates it.
pub(crate) fn parse_json<T: DeserializeOwned + Validate>(bytes: &[u8]) -> Result<T, Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(Strict(&mut reader)).map_err(|error| {
        // Where a word was wanted, serde calls `null` a fault of the text; it is one of the value.
        let is_json = || serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
        if error.inner().is_data() || is_json() {
            let message = error.inner().to_string();
            Error::Invalid(vec![field_fault(&error.path().to_string(), &message)])
        } else {
            Error::Unreadable(format!("JSON illisible : {}", error.inner()))
        }
    })?;
    reader
        .end()
        .map_err(|e| Error::Unreadable(format!("JSON illisible : {e}")))?;
    validate(&value)?;
    Ok(value)
}

/// Validates a value and lists every fault with its pointer.
pub(crate) fn validate(value: &impl Validate) -> Result<(), Error> {
    let Err(errors) = value.validate() else {
        return Ok(());
    };
    let mut list = Vec::new();
    collect(&errors, "#", &mut list);
    list.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    Err(Error::Invalid(list))
}

fn collect(errors: &validator::ValidationErrors, at: &str, list: &mut Vec<FieldError>) {
    for (field, kind) in errors.errors() {
        let at = format!("{at}/{}", field.trim_start_matches("r#"));
        match kind {
            validator::ValidationErrorsKind::Struct(inner) => collect(inner, &at, list),
            validator::ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{at}/{index}"), list);
                }
            }
            validator::ValidationErrorsKind::Field(faults) => {
                list.extend(faults.iter().map(|fault| {
                    let words = fault
                        .message
                        .clone()
                        .unwrap_or_else(|| "Valeur refusée.".into());
                    FieldError::new(at.clone(), words)
                }));
            }
        }
    }
}

/// What serde found wrong, beside its field. A missing field is told of its parent: its own name is added.
pub(crate) fn field_fault(path: &str, message: &str) -> FieldError {
    let mut pointer = if path == "." {
        "#".to_owned()
    } else {
        pointer_of(path)
    };
    let missing = message
        .split_once("missing field `")
        .and_then(|(_, rest)| rest.split_once('`'));
    if let Some((name, _)) = missing {
        pointer = format!("{pointer}/{name}");
    }
    FieldError::new(pointer, plain_serde(message))
}

/// `devices[0].serial` as `#/devices/0/serial`.
fn pointer_of(path: &str) -> String {
    let path = path.replace('[', ".").replace(']', "");
    format!(
        "#/{}",
        path.split('.')
            .filter(|p| !p.is_empty())
            .collect::<Vec<_>>()
            .join("/")
    )
}

/// Says in French what serde says in English of the commonest faults.
pub(crate) fn plain_serde(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    if message.starts_with("missing field") {
        "Ce champ est obligatoire.".to_owned()
    } else if let Some(expected) = message
        .strip_prefix("unknown variant ")
        .and_then(|m| m.split_once("expected "))
    {
        format!(
            "Valeur inconnue. Attendu : {}.",
            expected.1.replace('`', "")
        )
    } else if message.starts_with("invalid type") || message.starts_with("invalid value") {
        format!("Valeur du mauvais type ({message}).")
    } else {
        format!("Valeur refusée ({message}).")
    }
}

/// How long a body of text may take to arrive.
const TEXT_TIME: Duration = Duration::from_secs(30);

/// What a body becomes, when it arrives in time.
pub(crate) async fn in_time<T: Send>(
    time: Duration,
    body: impl Future<Output = T> + Send,
) -> Result<T, Error> {
    tokio::time::timeout(time, body)
        .await
        .map_err(|_| Error::refused("too-slow", ""))
}

/// The whole body, or a problem when it is too large.
pub(crate) async fn body_bytes<S: Send + Sync>(
    request: Request,
    state: &S,
) -> Result<Bytes, Error> {
    body_bytes_in(TEXT_TIME, request, state).await
}

/// The same for a body that may take another time.
pub(crate) async fn body_bytes_in<S: Send + Sync>(
    time: Duration,
    request: Request,
    state: &S,
) -> Result<Bytes, Error> {
    in_time(time, Bytes::from_request(request, state))
        .await?
        .map_err(|rejection| {
            if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                Error::refused("too-large", "")
            } else {
                Error::Unreadable("Le corps de la requête s’est interrompu.".to_owned())
            }
        })
}

/// A thing just made (201), or made before by the same id (200).
#[derive(Debug)]
pub(crate) struct Created<T> {
    /// What is answered.
    pub(crate) body: T,
    /// A replay of an earlier request.
    pub(crate) replayed: bool,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let status = if self.replayed {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        };
        json_response(status, "application/json", &self.body)
    }
}

fn refuse(path: &str, error: Error) -> Response {
    if is_api(path) {
        Problem(error).into_response()
    } else {
        PageError::from(error).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let never = std::future::pending::<()>();
        let late = in_time(Duration::from_millis(5), never).await;
        assert!(matches!(
            late,
            Err(Error::Refused {
                code: "too-slow",
                ..
            })
        ));
        assert_eq!(in_time(TEXT_TIME, async { 7 }).await.unwrap(), 7);
    }
}
