//! Pages and their refusals: an error page says what happened and offers a way onward.

use askama::Template;
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};

use crate::error::Error;
use crate::web::{Flash, problem, problems};

/// Result of a page's handler.
pub(crate) type PageResult<T = Response> = Result<T, PageError>;

/// What comes instead of the page that was wanted.
#[derive(Debug)]
pub(crate) enum PageError {
    /// A refusal on its way to a page.
    Refused {
        /// What was refused.
        error: Error,
        /// The page that was wanted, to go on there after sign-in.
        wanted: Option<String>,
    },
    /// Another page, made already: a door that asks who is there.
    Instead(Box<Response>),
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self::Refused {
            error,
            wanted: None,
        }
    }
}

impl PageError {
    /// Remembers the page that was wanted, to go on there after sign-in.
    pub(crate) fn at(mut self, uri: &Uri) -> Self {
        if let Self::Refused { wanted, .. } = &mut self {
            *wanted = uri.path_and_query().map(|p| p.as_str().to_owned());
        }
        self
    }
}

#[derive(Template)]
#[template(path = "web/templates/error.html")]
struct ErrorTemplate<'a> {
    title: &'a str,
    detail: String,
    missing: Vec<String>,
    stylesheet: String,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (error, wanted) = match self {
            Self::Refused { error, wanted } => (error, wanted),
            Self::Instead(page) => return *page,
        };
        problem::log(&error);
        if matches!(error, Error::SignedOut) {
            let next = wanted
                .as_deref()
                .filter(|w| w.starts_with('/') && !w.starts_with("//"))
                .unwrap_or("/");
            return see_other(&format!("/sign-in?next={}", escape_query(next)));
        }
        let kind = problems::find(problem::code(&error));
        let title = match kind.status {
            404 => "Page introuvable",
            403 => "Accès refusé",
            409 => "Ce n’est pas possible pour l’instant",
            408 => "Envoi trop lent",
            413 => "Envoi trop volumineux",
            429 => "Trop d’essais",
            400 | 422 => "Demande incomplète",
            503 => "Service occupé",
            _ => "Une erreur est survenue",
        };
        let mut missing: Vec<String> = Vec::new();
        if let Error::Refused { missing: wants, .. } = &error {
            missing.extend(wants.iter().map(|m| m.detail.clone()));
        } else if let Error::Invalid(errors) = &error {
            missing.extend(errors.iter().map(|e| e.detail.clone()));
        }
        let template = ErrorTemplate {
            title,
            detail: problem::detail(&error),
            missing,
            stylesheet: crate::web::assets::url("rebond.css"),
        };
        let body = template.render().unwrap_or_else(|_| title.to_owned());
        (kind.status(), Html(body)).into_response()
    }
}

/// Renders a page.
pub(crate) fn page(template: &impl Template) -> PageResult {
    page_with(StatusCode::OK, template)
}

/// Renders a page with a status: 409 or 422 for a form that comes back.
pub(crate) fn page_with(status: StatusCode, template: &impl Template) -> PageResult {
    let html = template
        .render()
        .map_err(|e| PageError::from(Error::internal(e)))?;
    Ok((status, Html(html)).into_response())
}

/// The status of a form that comes back with this refusal. Refusals that are no fault of the form
/// (not found, forbidden, broken) are errors of their own.
pub(crate) fn form_status(error: Error) -> PageResult<(StatusCode, Error)> {
    match error {
        Error::Invalid(_)
        | Error::Unreadable(_)
        | Error::WrongCheckCharacter
        | Error::UnknownCode => Ok((StatusCode::UNPROCESSABLE_ENTITY, error)),
        Error::Refused { .. } | Error::Stale(_) | Error::Busy => Ok((StatusCode::CONFLICT, error)),
        Error::TooMany(_) => Ok((StatusCode::TOO_MANY_REQUESTS, error)),
        Error::NotFound(_)
        | Error::Forbidden(_)
        | Error::SignedOut
        | Error::Setup(_)
        | Error::Internal(_) => Err(error.into()),
    }
}

/// Goes on to another page after something was done.
pub(crate) fn see_other(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned())]).into_response()
}

/// Goes on to another page with a message for it.
pub(crate) fn see_other_saying(to: &str, flash: &Flash, secure: bool) -> Response {
    let mut response = see_other(to);
    if let Ok(value) = flash.cookie(secure).to_string().parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn escape_query(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
