//! One error inside, free of HTTP. The edge turns it into problem details or a page (see `web`).

use std::borrow::Cow;
use std::error::Error as StdError;

use sea_orm::{DbErr, RuntimeErr};
use serde::{Deserialize, Serialize};

/// Result of everything that can be refused.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One fault of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON pointer to the field, `#/devices/0/serial`.
    pub pointer: String,
    /// What is wrong, in the words of the person who asked.
    pub detail: String,
}

impl FieldError {
    /// A fault at a pointer.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// One thing a law still wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Missing {
    /// Stable code, `open-media`.
    pub code: Cow<'static, str>,
    /// The same in words.
    pub detail: String,
}

impl Missing {
    /// A need with its words.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code: Cow::Borrowed(code),
            detail: detail.into(),
        }
    }
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or one may not know that there is. The word names the kind of thing.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A code that nobody printed.
    #[error("unknown code")]
    UnknownCode,
    /// A code whose check character is wrong: misread or mistyped.
    #[error("wrong check character")]
    WrongCheckCharacter,
    /// The actor's role does not allow it.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// Nobody is signed in.
    #[error("not signed in")]
    SignedOut,
    /// The input is wrong; every fault at once.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// The body can't be read at all (malformed JSON, wrong media type).
    #[error("unreadable body: {0}")]
    Unreadable(String),
    /// A rule said no. `code` is stable and has a page.
    #[error("refused: {code}")]
    Refused {
        /// Stable code of the problem's type.
        code: &'static str,
        /// What happened, in words.
        detail: Cow<'static, str>,
        /// What the law still wants.
        missing: Vec<Missing>,
    },
    /// Somebody was faster.
    #[error("stale {0}")]
    Stale(&'static str),
    /// Too many tries; seconds to wait.
    #[error("too many tries")]
    TooMany(u64),
    /// The database is busy: a new try may pass.
    #[error("busy")]
    Busy,
    /// The instance is not set up right; the words say what to do.
    #[error("{0}")]
    Setup(String),
    /// Anything else: logged once, never shown.
    #[error("internal error: {0}")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// A rule's no, with nothing more to say.
    pub fn refused(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused {
            code,
            detail: detail.into(),
            missing: Vec::new(),
        }
    }

    /// A law's no, with what it still wants.
    pub fn missing(
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
        missing: Vec<Missing>,
    ) -> Self {
        Self::Refused {
            code,
            detail: detail.into(),
            missing,
        }
    }

    /// One wrong field.
    pub fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(pointer, detail)])
    }

    /// Something broke that is nobody's input.
    pub fn internal(source: impl StdError + Send + Sync + 'static) -> Self {
        Self::Internal(Box::new(source))
    }

    /// A state that can't be: said in words for the log.
    pub fn broken(what: impl Into<String>) -> Self {
        Self::Internal(what.into().into())
    }

    /// The operator must do something.
    pub fn setup(what: impl Into<String>) -> Self {
        Self::Setup(what.into())
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if is_transient(&error) {
            Self::Busy
        } else {
            Self::Internal(Box::new(error))
        }
    }
}

/// Translates a violated constraint into the error its name stands for.
pub trait OnConstraint<T> {
    /// When the constraint of that name said no, answers `then()` instead.
    fn on_constraint(self, name: &str, then: impl FnOnce() -> Error) -> Result<T>;
}

impl<T> OnConstraint<T> for std::result::Result<T, DbErr> {
    fn on_constraint(self, name: &str, then: impl FnOnce() -> Error) -> Result<T> {
        self.map_err(|error| {
            if violates(&error, name) {
                then()
            } else {
                error.into()
            }
        })
    }
}

/// Whether the database refused because of the constraint, index or trigger of that name.
pub fn violates(error: &DbErr, name: &str) -> bool {
    let Some(database) = database_error(error) else {
        return false;
    };
    if let Some(constraint) = database.constraint() {
        return constraint == name;
    }
    // SQLite tells names only in the message: `CHECK constraint failed: NAME`,
    // `UNIQUE constraint failed: index 'NAME'`, or what a trigger raised.
    let message = database.message();
    message == name
        || message.ends_with(&format!(": {name}"))
        || message.ends_with(&format!("'{name}'"))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only these three carry what the database said"
)]
fn database_error(error: &DbErr) -> Option<&dyn sea_orm::sqlx::error::DatabaseError> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e))
        | DbErr::Conn(RuntimeErr::SqlxError(e)) => e.as_database_error(),
        _ => None,
    }
}

/// Deadlock, serialisation failure, or a database locked by another process for too long.
fn is_transient(error: &DbErr) -> bool {
    let code = database_error(error).and_then(|e| e.code().map(std::borrow::Cow::into_owned));
    matches!(code.as_deref(), Some("40001" | "40P01" | "5" | "517"))
        || matches!(error, DbErr::ConnectionAcquire(_))
}
