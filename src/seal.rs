//! The key ring: seals personal columns, makes blind indexes, signs form tokens.
//!
//! One 32-byte key lives in a file of mode 0600 made on first start, never in the database; each
//! purpose has its own key derived from it by HMAC-SHA-256. Sealing is `XChaCha20-Poly1305` with a
//! random nonce and the place (`table.column:id`) as associated data: a value moved to another row
//! is refused.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use ring::signature::{Ed25519KeyPair, KeyPair};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::chance::Chance;
use crate::error::{Error, Result};

/// Length of a nonce before the sealed text.
const NONCE: usize = 24;

/// The keys of this instance.
#[derive(Clone)]
pub struct KeyRing {
    master: [u8; 32],
    chance: Chance,
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyRing(***)")
    }
}

impl KeyRing {
    /// Reads the key file, or makes it on the first start.
    ///
    /// # Errors
    /// When the file can't be read or made, is not 32 bytes in hexadecimal, or others may read it.
    pub fn open(path: &Path, chance: Chance) -> Result<Self> {
        if path.exists() {
            let mode = fs::metadata(path)
                .map_err(Error::internal)?
                .permissions()
                .mode();
            if mode & 0o077 != 0 {
                return Err(Error::setup(format!(
                    "{} is readable by others: chmod 600 it",
                    path.display()
                )));
            }
            let text = fs::read_to_string(path).map_err(Error::internal)?;
            let bytes = hex::decode(text.trim())
                .ok()
                .and_then(|b| <[u8; 32]>::try_from(b).ok());
            let master =
                bytes.ok_or_else(|| Error::setup(format!("{} holds no key", path.display())))?;
            return Ok(Self { master, chance });
        }
        let master = chance.bytes();
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(Error::internal)?;
        writeln!(file, "{}", hex::encode(master)).map_err(Error::internal)?;
        file.sync_all().map_err(Error::internal)?;
        Ok(Self { master, chance })
    }

    /// A ring that lives in memory: for tests.
    pub fn in_memory(chance: Chance) -> Self {
        Self {
            master: chance.bytes(),
            chance,
        }
    }

    /// Signs a document (Ed25519), so that anybody can check it who has the public key.
    ///
    /// # Errors
    /// Never in practice: every 32 bytes are a seed.
    pub fn sign(&self, document: &[u8]) -> Result<Vec<u8>> {
        Ok(self.pair()?.sign(document).as_ref().to_vec())
    }

    /// The public key of [`KeyRing::sign`].
    ///
    /// # Errors
    /// As for signing.
    pub fn public_key(&self) -> Result<Vec<u8>> {
        Ok(self.pair()?.public_key().as_ref().to_vec())
    }

    /// The signing pair, derived from the key file like every other key.
    fn pair(&self) -> Result<Ed25519KeyPair> {
        let seed = self.keyed_hash("ed25519.documents", &[]);
        Ed25519KeyPair::from_seed_unchecked(&seed)
            .map_err(|_| Error::broken("the seed of the signing key was refused"))
    }

    /// Keyed hash for one purpose: blind indexes, tokens, pickup codes.
    pub fn keyed_hash(&self, purpose: &str, value: &[u8]) -> [u8; 32] {
        let key = mac(&self.master, purpose.as_bytes());
        mac(&key, value)
    }

    /// Makes a data key, sealed for storage. The plain key is returned beside it.
    pub fn new_data_key(&self, place: &str, id: Uuid) -> Result<(DataKey, Vec<u8>)> {
        let key: [u8; 32] = self.chance.bytes();
        let sealed = self.seal(place, id, &key)?;
        Ok((
            DataKey {
                key,
                chance: self.chance.clone(),
            },
            sealed,
        ))
    }

    /// Opens a data key sealed by [`Self::new_data_key`].
    pub fn data_key(&self, place: &str, id: Uuid, sealed: &[u8]) -> Result<DataKey> {
        let key = self.open_sealed(place, id, sealed)?;
        let key = <[u8; 32]>::try_from(key)
            .map_err(|_| Error::broken("a data key has the wrong length"))?;
        Ok(DataKey {
            key,
            chance: self.chance.clone(),
        })
    }

    /// Seals a value for one place, `table.column`, of one row.
    pub fn seal(&self, place: &str, id: Uuid, plain: &[u8]) -> Result<Vec<u8>> {
        seal(&mac(&self.master, b"vault"), &self.chance, place, id, plain)
    }

    /// Opens what [`Self::seal`] sealed.
    pub fn open_sealed(&self, place: &str, id: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
        open(&mac(&self.master, b"vault"), place, id, sealed)
    }
}

/// A key of one household: destroying its sealed form makes its columns unreadable for good.
#[derive(Clone)]
pub struct DataKey {
    key: [u8; 32],
    chance: Chance,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(***)")
    }
}

impl DataKey {
    /// Seals a text for one place of one row.
    pub fn seal(&self, place: &str, id: Uuid, plain: &str) -> Result<Vec<u8>> {
        seal(&self.key, &self.chance, place, id, plain.as_bytes())
    }

    /// Opens a text sealed by [`Self::seal`].
    pub fn open(&self, place: &str, id: Uuid, sealed: &[u8]) -> Result<String> {
        String::from_utf8(open(&self.key, place, id, sealed)?).map_err(Error::internal)
    }
}

/// SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn mac(key: &[u8], value: &[u8]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac =
        <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("a key of any length");
    mac.update(value);
    mac.finalize().into_bytes().into()
}

fn seal(key: &[u8; 32], chance: &Chance, place: &str, id: Uuid, plain: &[u8]) -> Result<Vec<u8>> {
    let nonce: [u8; NONCE] = chance.bytes();
    let aad = format!("{place}:{id}");
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(
            &XNonce::from(nonce),
            Payload {
                msg: plain,
                aad: aad.as_bytes(),
            },
        )
        .map_err(|_| Error::broken("a value could not be sealed"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn open(key: &[u8; 32], place: &str, id: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
    let (nonce, text) = sealed
        .split_at_checked(NONCE)
        .ok_or_else(|| Error::broken("a sealed value is cut short"))?;
    let nonce =
        <[u8; NONCE]>::try_from(nonce).map_err(|_| Error::broken("a sealed value is cut short"))?;
    let aad = format!("{place}:{id}");
    XChaCha20Poly1305::new(key.into())
        .decrypt(
            &XNonce::from(nonce),
            Payload {
                msg: text,
                aad: aad.as_bytes(),
            },
        )
        .map_err(|_| {
            Error::broken("a sealed value does not open: another key, or moved from another row")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_only_in_its_own_place() {
        let ring = KeyRing::in_memory(Chance::fixed(1));
        let (id, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let sealed = ring
            .seal("person.family_name", id, "Durand".as_bytes())
            .unwrap();
        assert_eq!(
            ring.open_sealed("person.family_name", id, &sealed).unwrap(),
            "Durand".as_bytes()
        );
        assert!(
            ring.open_sealed("person.family_name", other, &sealed)
                .is_err()
        );
        assert!(ring.open_sealed("person.given_name", id, &sealed).is_err());
        assert!(!sealed.windows(6).any(|w| w == b"Durand"));
    }

    #[test]
    fn the_key_file_is_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let first = KeyRing::open(&path, Chance::system()).unwrap();
        let again = KeyRing::open(&path, Chance::system()).unwrap();
        assert_eq!(first.keyed_hash("x", b"y"), again.keyed_hash("x", b"y"));
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(KeyRing::open(&path, Chance::system()).is_err());
    }
}
