//! Files that people hand in: by a form of ours with its token, or as the body of an API request.

use std::time::Duration;

use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};

use crate::error::Error;
use crate::web::extract::{body_bytes_in, in_time};
use crate::web::form::TOKEN_FIELD;
use crate::web::{PageError, Problem, Visit};

/// Largest file, bytes. The body's own limit is the same, so that a form with it is a little smaller.
pub(crate) const LARGEST: usize = 8 << 20;

/// How long a file may take to arrive: 8 MiB at half a megabit a second.
const FILE_TIME: Duration = Duration::from_secs(150);

/// Longest text field beside a file.
const LONGEST_FIELD: usize = 4096;

/// Most parts of a form.
const MOST_PARTS: usize = 32;

/// A form with one file, given only after its token was checked.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    /// The file's bytes; empty when none was chosen.
    pub(crate) file: Vec<u8>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let visit = request
            .extensions()
            .get::<Visit>()
            .cloned()
            .ok_or(Error::Forbidden("form-token"))?;
        let (file, token) = in_time(FILE_TIME, parts(request, state, Named::AsFile)).await??;
        visit.form_token.check(&token.unwrap_or_default())?;
        Ok(Self {
            file: file.unwrap_or_default(),
        })
    }
}

/// The file of an API request: its body, or the one file of a multipart form. No form token: the API's
/// own guard has checked who asks.
#[derive(Debug)]
pub(crate) struct ApiFile(pub(crate) Vec<u8>);

impl<S: Send + Sync> FromRequest<S> for ApiFile {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let multipart = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.trim_start().starts_with("multipart/form-data"));
        if multipart {
            let (file, _) = in_time(FILE_TIME, parts(request, state, Named::Anything)).await??;
            return Ok(Self(file.unwrap_or_default()));
        }
        let bytes = body_bytes_in(FILE_TIME, request, state).await?;
        Ok(Self(bytes.to_vec()))
    }
}

/// Which part of a form is its file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    /// One with a file name, or named `file`.
    AsFile,
    /// Such a one, or else the only one that is not the token.
    Anything,
}

/// The one file and the form token of a multipart form. Names and types that the sender claims are not
/// kept: content tells what it is.
async fn parts<S: Send + Sync>(
    request: Request,
    state: &S,
    named: Named,
) -> Result<(Option<Vec<u8>>, Option<String>), Error> {
    let mut form = Multipart::from_request(request, state)
        .await
        .map_err(|_| Error::Unreadable("Le formulaire n’est pas lisible.".to_owned()))?;
    let mut file: Option<Vec<u8>> = None;
    let mut token = None;
    let mut unnamed: Vec<Vec<u8>> = Vec::new();
    for _ in 0..MOST_PARTS {
        let Some(field) = form.next_field().await.map_err(|e| refuse(&e))? else {
            // A client names its only part as it likes.
            let lone = if unnamed.len() == 1 {
                unnamed.pop()
            } else {
                None
            };
            return Ok((file.or(lone), token));
        };
        let is_file = field.file_name().is_some() || field.name() == Some("file");
        let is_token = field.name() == Some(TOKEN_FIELD);
        let bytes = field.bytes().await.map_err(|e| refuse(&e))?;
        if is_token {
            token = Some(String::from_utf8_lossy(&bytes).into_owned());
        } else if is_file && !bytes.is_empty() {
            if file.is_some() {
                return Err(Error::field("#/file", "Un seul fichier à la fois."));
            }
            if bytes.len() > LARGEST {
                return Err(Error::refused("too-large", ""));
            }
            file = Some(bytes.to_vec());
        } else if named == Named::Anything && unnamed.len() < 2 && bytes.len() <= LARGEST {
            unnamed.push(bytes.to_vec());
        } else if bytes.len() > LONGEST_FIELD {
            return Err(Error::refused("too-large", ""));
        }
    }
    Err(Error::Unreadable(
        "Le formulaire a trop de champs.".to_owned(),
    ))
}

fn refuse(error: &MultipartError) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Error::refused("too-large", "")
    } else {
        Error::Unreadable("Le formulaire s’est interrompu.".to_owned())
    }
}
