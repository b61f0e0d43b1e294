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
        });
        self
    }
}

/// Lets a request through when its actor may use the route.
async fn guard(access: Access, request: Request, next: Next) -> Response {
    let actor = request.extensions().get::<Actor>();
    let refusal = match (access, actor) {
        (Access::Public | Access::Household, _) | (Access::SignedIn, Some(_)) => None,
        (Access::SignedIn | Access::Needs(_), None) => Some(Error::SignedOut),
        (Access::Needs(permission), Some(actor)) => actor.require(permission).err(),
    };
    match refusal {
        None => next.run(request).await,
        Some(error) if is_api(request.uri().path()) => Problem::from(error).into_response(),
        Some(error) => PageError::from(error).at(request.uri()).into_response(),
    }
}

/// Whether a path belongs to the JSON API, where refusals are problem details.
pub(crate) fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}
