//! Form tokens: HMAC over the browser's session or seed, compared in constant time.

use subtle::ConstantTimeEq;

use crate::error::{Error, Result};
use crate::seal::KeyRing;

/// What binds a browser's forms: its session's token or, before sign-in, its seed.
#[derive(Clone, Debug)]
pub(crate) struct FormToken(String);

impl FormToken {
    /// The token of a browser.
    pub(crate) fn of(keys: &KeyRing, browser: &str) -> Self {
        Self(hex::encode(
            &keys.keyed_hash("form-token", browser.as_bytes())[..16],
        ))
    }

    /// The text for a hidden field.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Refuses a form that does not carry it.
    pub(crate) fn check(&self, given: &str) -> Result<()> {
        if bool::from(self.0.as_bytes().ct_eq(given.as_bytes())) {
            Ok(())
        } else {
            Err(Error::Forbidden("form-token"))
        }
    }
}
