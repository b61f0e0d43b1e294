//! The registry of routes: each is declared with its permission, so that access can't be forgotten
//! and the test *every route × every role* is made from it.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::access::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::web::page::PageError;
use crate::web::problem::Problem;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, signed in or not.
    Public,
    /// A household, by its link and second factor: the handler checks it.
    Household,
    /// Anybody with an account.
    SignedIn,
    /// Accounts whose role has the permission.
    Needs(Permission),
}

/// One route as declared.
#[derive(Clone, Debug)]
pub struct Declared {
    /// HTTP method.
    pub method: Method,
    /// Path, with its `{parameters}`.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What the description of the API says of it.
    pub says: Says,
}

/// Makes the schema of a type.
pub(crate) type Describe = fn(&mut SchemaGenerator) -> Schema;

/// What a body is, coming in or going out.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content {
    /// JSON of this schema.
    Json(Describe),
    /// A file of one of these media types.
    File(&'static [&'static str]),
}

/// What the description of the API says of a route.
#[derive(Clone, Debug, Default)]
pub struct Says {
    /// What it is for, one line.
    pub summary: &'static str,
    /// Parameters of the query: the properties of this schema.
    pub(crate) queries: Option<Describe>,
    /// The body taken.
    pub(crate) takes: Option<Content>,
    /// Answers by status.
    pub(crate) answers: Vec<(u16, Content)>,
    /// Codes of the problems that its own rules answer, beside those that any route of its shape may.
    pub(crate) refuses: Vec<&'static str>,
}

/// Routes with their permissions.
#[derive(Debug, Default)]
pub struct Routes {
    router: Router<App>,
    declared: Vec<Declared>,
}

impl Routes {
    /// No route yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a GET route.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.declare(Method::GET, path, access, on(MethodFilter::GET, handler))
    }

    /// Declares a POST route.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.declare(Method::POST, path, access, on(MethodFilter::POST, handler))
    }

    /// Says what the route declared last is for.
    #[must_use]
    pub fn says(mut self, summary: &'static str) -> Self {
        if let Some(last) = self.declared.last_mut() {
            last.says.summary = summary;
        }
        self
    }

    /// Says which parameters of the query the route declared last reads.
    #[must_use]
    pub fn queries<T: JsonSchema>(mut self) -> Self {
        if let Some(last) = self.declared.last_mut() {
            last.says.queries = Some(T::json_schema);
        }
        self
    }

    /// Says which JSON body the route declared last takes.
    #[must_use]
    pub fn takes<T: JsonSchema>(mut self) -> Self {
        if let Some(last) = self.declared.last_mut() {
            last.says.takes = Some(Content::Json(SchemaGenerator::subschema_for::<T>));
        }
        self
    }

    /// Says that the route declared last takes a file: the body itself, or the one file of a form.
    #[must_use]
    pub fn takes_file(mut self) -> Self {
        if let Some(last) = self.declared.last_mut() {
            last.says.takes = Some(Content::File(&[
                "application/octet-stream",
                "multipart/form-data",
            ]));
        }
        self
    }

    /// Says what JSON the route declared last answers.
    #[must_use]
    pub fn answers<T: JsonSchema>(mut self, status: u16) -> Self {
        if let Some(last) = self.declared.last_mut() {
            let content = Content::Json(SchemaGenerator::subschema_for::<T>);
            last.says.answers.push((status, content));
        }
        self
    }

    /// Says that the route declared last answers a file of one of these media types.
    #[must_use]
    pub fn answers_file(mut self, media_types: &'static [&'static str]) -> Self {
        if let Some(last) = self.declared.last_mut() {
            last.says.answers.push((200, Content::File(media_types)));
        }
        self
    }

    /// Says with which problems the rules behind the route declared last refuse; may be said more than once.
    #[must_use]
    pub fn refuses(mut self, codes: &'static [&'static str]) -> Self {
        if let Some(last) = self.declared.last_mut() {
            last.says.refuses.extend_from_slice(codes);
        }
        self
    }

    /// Adds the routes of another domain.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.declared.extend(other.declared);
        self
    }

    /// The router, and the list of what it serves.
    pub fn into_parts(self) -> (Router<App>, Vec<Declared>) {
        (self.router, self.declared)
    }

    fn declare(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        handler: MethodRouter<App, Infallible>,
    ) -> Self {
        let guarded =
            handler.route_layer(middleware::from_fn(move |request: Request, next: Next| {
                guard(access, request, next)
            }));
        self.router = self.router.route(path, guarded);
        self.declared.push(Declared {
            method,
            path,
            access,
            says: Says::default(),
        });
        self
    }
}

/// Lets a request through when its actor may use the route.
async fn guard(access: Access, request: Request, next: Next) -> Response {
    let actor = request.extensions().get::<Actor>();
    let refusal = match (access, actor) {
        (Access::Public | Access::Household, _) => None,
        (Access::SignedIn, Some(actor)) => actor.require_method(request.method()).err(),
        (Access::SignedIn | Access::Needs(_), None) => Some(Error::SignedOut),
        (Access::Needs(permission), Some(actor)) => actor
            .require(permission)
            .and_then(|()| actor.require_method(request.method()))
            .err(),
    };
    match refusal {
        None => next.run(request).await,
        Some(error) if is_api(request.uri().path()) || wants_json(&request) => {
            Problem::from(error).into_response()
        }
        Some(error) => PageError::from(error).at(request.uri()).into_response(),
    }
}

/// Whether a page's script asks, which reads problems and not pages.
fn wants_json(request: &Request) -> bool {
    request
        .headers()
        .get(axum::http::header::ACCEPT)
        .is_some_and(|v| v.as_bytes().starts_with(b"application/json"))
}

/// Whether a path belongs to the JSON API, where refusals are problem details; its reference is pages.
pub fn is_api(path: &str) -> bool {
    path.starts_with("/api/") && !path.starts_with("/api/docs/")
}
