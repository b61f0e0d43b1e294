//! Who acts: an account on the web or by token; in the journal also the clock and the household.

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use entities::enums::Role;
use entities::ids::{AccountId, AccountRoleId, BenchId, OrganisationId, SessionId, SiteId};
use entities::site;
use uuid::Uuid;

use crate::access::rules::{self, Permission, Scope};
use crate::error::{Error, Result};
use crate::web::page::PageError;

/// What somebody must do before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owes {
    /// The password was given by somebody else: choose one.
    Password,
    /// The role asks for a second factor: set it up.
    SecondFactor,
}

/// A signed-in account, in the one role it acts in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account: AccountId,
    /// Its session, none by token.
    pub session: Option<SessionId>,
    /// The shared bench the session is at.
    pub bench: Option<BenchId>,
    /// The role it acts in, with its organisation and site.
    pub assignment: AccountRoleId,
    /// What the person does.
    pub role: Role,
    /// For whom.
    pub organisation: OrganisationId,
    /// The site or bench one stands at.
    pub site: Option<SiteId>,
    /// Name shown to colleagues.
    pub name: String,
    /// What must be done before anything else.
    pub owes: Option<Owes>,
    /// What a token leaves of the role's permissions.
    pub scope: Scope,
}

impl Actor {
    /// Who would import at a site, when nothing is written and the account of imports does not exist yet.
    pub(crate) fn importing(site: &site::Model) -> Self {
        Self {
            account: AccountId(Uuid::nil()),
            session: None,
            bench: None,
            assignment: AccountRoleId(Uuid::nil()),
            role: Role::Storekeeper,
            organisation: site.organisation_id,
            site: Some(site.id),
            name: "Import de rapports".to_owned(),
            owes: None,
            scope: Scope::All,
        }
    }

    /// Whether the role has a permission, and the token leaves it.
    pub fn may(&self, permission: Permission) -> bool {
        rules::may(self.role, permission) && self.scope.leaves(permission)
    }

    /// Refuses a method that changes something to a token that may only read.
    pub fn require_method(&self, method: &Method) -> Result<()> {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        if self.scope == Scope::Read && !reads {
            Err(Error::Forbidden("read-only"))
        } else {
            Ok(())
        }
    }

    /// The session of a person at a screen of their own: what is done to one's own account asks for it.
    ///
    /// # Errors
    /// Forbidden to a program, and at a shared bench.
    pub(crate) fn own_session(&self) -> Result<SessionId> {
        match (self.session, self.bench) {
            (Some(session), None) => Ok(session),
            (Some(_), Some(_)) => Err(Error::refused(
                "shared-bench",
                "Sur un poste partagé, on ne change pas son compte\u{a0}: connectez-vous ailleurs par votre mot de passe.",
            )),
            (None, _) => Err(Error::Forbidden("own-session")),
        }
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
