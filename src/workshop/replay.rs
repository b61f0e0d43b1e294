//! The same thing sent twice: a client-made id is the key of the row it creates, and the hash beside it tells whether
//! the same id came with the same request.

use serde::Serialize;
use uuid::Uuid;

use crate::access::Actor;
use crate::error::{Error, Result};
use crate::seal::sha256;

/// The hash of a request: who asked, about what, and all they said but the id.
pub(in crate::workshop) fn body_hash(
    actor: &Actor,
    about: Uuid,
    input: &impl Serialize,
) -> Result<Vec<u8>> {
    let whole = serde_json::json!({ "account": actor.account, "about": about, "input": input });
    Ok(sha256(&serde_jcs::to_vec(&whole).map_err(Error::internal)?).to_vec())
}

/// Whether a stored row is what the same request made.
///
/// # Errors
/// `id-reused` when it is not.
pub(in crate::workshop) fn same(stored: Option<&Vec<u8>>, hash: &[u8]) -> Result<()> {
    if stored.map(Vec::as_slice) == Some(hash) {
        Ok(())
    } else {
        Err(Error::refused("id-reused", ""))
    }
}
