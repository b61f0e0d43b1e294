//! What an anchor states, in a few lines that are signed, mailed and printed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::seal::{KeyRing, sha256};

/// `previous` of the first anchor.
pub(crate) const GENESIS: &str = crate::devices::journal::GENESIS;

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statement {
    /// Place in the chain of anchors, from 1.
    pub(crate) number: i64,
    /// When it was made.
    pub(crate) at: String,
    /// Devices under the root.
    pub(crate) devices: i64,
    /// Media under the root.
    pub(crate) media: i64,
    /// Merkle root (RFC 6962, SHA-256) over the lines of the list.
    pub(crate) root: String,
    /// Hash of the statement before, 64 zeros for the first.
    pub(crate) previous: String,
}

/// The signature of a statement: Ed25519 over its RFC 8785 JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the columns of the table")]
pub(crate) struct Signature {
    algorithm: String,
    public_key: String,
    signature: String,
}

/// A statement with its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "SignedAnchor")]
#[serde(deny_unknown_fields)]
pub(crate) struct Signed {
    /// What is stated.
    pub(crate) anchor: Statement,
    /// By whom.
    pub(crate) signature: Signature,
}

impl Statement {
    /// SHA-256 of the statement's RFC 8785 JSON: what the next anchor names.
    pub(crate) fn hash(&self) -> Result<String> {
        Ok(hex::encode(sha256(&self.canonical()?)))
    }

    fn canonical(&self) -> Result<Vec<u8>> {
        serde_jcs::to_vec(self).map_err(Error::internal)
    }

    /// Signs it.
    pub(crate) fn sign(self, keys: &KeyRing) -> Result<Signed> {
        let text = self.canonical()?;
        Ok(Signed {
            signature: Signature {
                algorithm: "Ed25519".to_owned(),
                public_key: hex::encode(keys.public_key()?),
                signature: hex::encode(keys.sign(&text)?),
            },
            anchor: self,
        })
    }
}

impl Signed {
    /// Whether this instance signed it.
    pub(crate) fn is_ours(&self, keys: &KeyRing) -> Result<bool> {
        let (Ok(key), Ok(signature)) = (
            hex::decode(&self.signature.public_key),
            hex::decode(&self.signature.signature),
        ) else {
            return Ok(false);
        };
        let text = self.anchor.canonical()?;
        Ok(self.signature.algorithm == "Ed25519" && keys.signed(&key, &text, &signature))
    }

    /// As it is kept, mailed and printed.
    pub(crate) fn text(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map_err(Error::internal)
    }
}
