//! Who acts: an account on the web or by token; in the journal also the clock and the household.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use entities::enums::Role;
use entities::ids::{AccountId, OrganisationId, SessionId, SiteId};

use crate::access::rules::{self, Permission};
use crate::error::{Error, Result};
use crate::web::page::PageError;

/// A signed-in account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account: AccountId,
    /// Its session, none by token.
    pub session: Option<SessionId>,
    /// What the person does.
    pub role: Role,
    /// Employer.
    pub organisation: OrganisationId,
    /// The site or bench one stands at.
    pub site: Option<SiteId>,
    /// Name shown to colleagues.
    pub name: String,
    /// The password was given by somebody else: nothing but changing it is possible.
    pub must_change_password: bool,
}

impl Actor {
    /// Whether the role has a permission.
    pub fn may(&self, permission: Permission) -> bool {
        rules::may(self.role, permission)
    }

    /// Refuses when the role does not have a permission.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) {
            Ok(())
        } else {
            Err(Error::Forbidden(permission.code()))
        }
    }

    /// As the journal names it.
    pub fn by(&self) -> By {
        By {
            account: Some(self.account),
            role: self.role.as_str(),
            organisation: Some(self.organisation),
        }
    }
}

/// Handlers of guarded routes take the actor; on a public route it is absent.
impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            PageError::from(Error::SignedOut)
                .at(&parts.uri)
                .into_response()
        })
    }
}

/// The actor of a journal line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    /// The account, none for the clock and the household.
    pub account: Option<AccountId>,
    /// In what role.
    pub role: &'static str,
    /// For whom.
    pub organisation: Option<OrganisationId>,
}

impl By {
    /// The clock: sweeps and jobs.
    pub const CLOCK: Self = Self {
        account: None,
        role: "clock",
        organisation: None,
    };
    /// A household by its link.
    pub const HOUSEHOLD: Self = Self {
        account: None,
        role: "household",
        organisation: None,
    };
}
