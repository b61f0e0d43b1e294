//! The key ring: seals personal columns, makes blind indexes, signs documents.
//!
//! The keys live in a file of mode 0600 made on first start, never in the database; each purpose has its own key
//! derived by HMAC-SHA-256. Sealing is `XChaCha20-Poly1305` with a random nonce and the place (`table.column:id`) as
//! associated data: a value moved to another row is refused. Keys turn: what an old key sealed still opens, and a
//! file that another process has replaced is read again at the next use.

mod file;

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::chance::Chance;
use crate::error::{Error, Result};
pub(crate) use file::write_private;
use file::{Key, Keys, Stamp};

/// Length of a nonce before the sealed text.
const NONCE: usize = 24;

/// The keys of this instance.
#[derive(Clone)]
pub struct KeyRing {
    /// None for a ring that lives in memory.
    path: Option<Arc<Path>>,
    held: Arc<RwLock<Held>>,
    chance: Chance,
}

/// The keys as they were read last.
struct Held {
    keys: Arc<Keys>,
    stamp: Option<Stamp>,
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
    /// When the file can't be read or made, holds no keys, or others may read it.
    pub fn open(path: &Path, chance: Chance) -> Result<Self> {
        if !path.exists() {
            Keys::first(chance.bytes()).write(path)?;
        }
        let stamp = Stamp::of(path).map_err(Error::internal)?;
        Ok(Self::holding(
            Keys::read(path)?,
            Some((path, stamp)),
            chance,
        ))
    }

    /// A ring that lives in memory: for tests.
    pub fn in_memory(chance: Chance) -> Self {
        Self::holding(Keys::first(chance.bytes()), None, chance)
    }

    fn holding(keys: Keys, file: Option<(&Path, Stamp)>, chance: Chance) -> Self {
        Self {
            path: file.map(|(path, _)| path.into()),
            held: Arc::new(RwLock::new(Held {
                keys: Arc::new(keys),
                stamp: file.map(|(_, stamp)| stamp),
            })),
            chance,
        }
    }

    /// The keys as the file has them now. One that can't be read is complained of, and what was known goes on.
    fn keys(&self) -> Arc<Keys> {
        let Some(path) = &self.path else {
            return self.known().0;
        };
        let now = Stamp::of(path).ok();
        let (keys, stamp) = self.known();
        if now.is_none() || now == stamp {
            return keys;
        }
        match Keys::read(path) {
            Ok(read) => self.hold(read, now),
            Err(error) => {
                tracing::error!(%error, "the key file changed and can't be read");
                keys
            }
        }
    }

    fn known(&self) -> (Arc<Keys>, Option<Stamp>) {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        (Arc::clone(&held.keys), held.stamp)
    }

    fn hold(&self, keys: Keys, stamp: Option<Stamp>) -> Arc<Keys> {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.keys = Arc::new(keys);
        held.stamp = stamp;
        Arc::clone(&held.keys)
    }

    /// Makes a new current key. The one before goes on opening what it sealed, and its signatures stay good.
    ///
    /// # Errors
    /// When an earlier turn is not finished, or the file can't be written.
    pub(crate) fn turn(&self, now: DateTime<Utc>) -> Result<()> {
        let before = self.keys();
        if !before.old.is_empty() {
            return Err(Error::setup("the keys turn already: finish that first"));
        }
        let mut keys = Keys::clone(&before);
        keys.signed.insert(0, public(&before.current)?);
        keys.old.insert(0, before.current.clone());
        keys.current = Key {
            secret: self.chance.bytes(),
            since: Some(now),
        };
        self.keep(keys)
    }

    /// Whether values may still be sealed by an earlier key, and since when the current one is in use.
    pub(crate) fn turning(&self) -> Option<DateTime<Utc>> {
        let keys = self.keys();
        (!keys.old.is_empty()).then(|| keys.current.since.unwrap_or(DateTime::UNIX_EPOCH))
    }

    /// Drops the earlier keys: nothing is sealed by them any more. Their signatures stay known.
    pub(crate) fn drop_old(&self) -> Result<()> {
        let mut keys = Keys::clone(&self.keys());
        keys.old.clear();
        self.keep(keys)
    }

    fn keep(&self, keys: Keys) -> Result<()> {
        let mut stamp = None;
        if let Some(path) = &self.path {
            keys.write(path)?;
            stamp = Stamp::of(path).ok();
        }
        self.hold(keys, stamp);
        Ok(())
    }

    /// Signs a document (Ed25519), so that anybody can check it who has the public key.
    ///
    /// # Errors
    /// Never in practice: every 32 bytes are a seed.
    pub fn sign(&self, document: &[u8]) -> Result<Vec<u8>> {
        Ok(pair(&self.keys().current)?.sign(document).as_ref().to_vec())
    }

    /// The public key of [`KeyRing::sign`].
    ///
    /// # Errors
    /// As for signing.
    pub fn public_key(&self) -> Result<Vec<u8>> {
        Ok(public(&self.keys().current)?.to_vec())
    }

    /// Public keys of this instance's earlier signatures, the newest first.
    pub fn earlier_public_keys(&self) -> Vec<Vec<u8>> {
        self.keys().signed.iter().map(|key| key.to_vec()).collect()
    }

    /// Whether this instance signed a document, now or before its keys turned, with this very public key.
    pub fn signed(&self, public_key: &[u8], document: &[u8], signature: &[u8]) -> bool {
        let keys = self.keys();
        let ours = public(&keys.current).is_ok_and(|key| key == public_key)
            || keys.signed.iter().any(|key| key == public_key);
        ours && UnparsedPublicKey::new(&ED25519, public_key)
            .verify(document, signature)
            .is_ok()
    }

    /// Keyed hash for one purpose: blind indexes, tokens, pickup codes. Its key never turns: what it hashed is not
    /// kept in clear anywhere, so that it could not be hashed anew.
    pub fn keyed_hash(&self, purpose: &str, value: &[u8]) -> [u8; 32] {
        let key = mac(&self.known().0.index, purpose.as_bytes());
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
        seal(&vault(&self.keys().current), &self.chance, place, id, plain)
    }

    /// Opens what [`Self::seal`] sealed, now or before the keys turned.
    pub fn open_sealed(&self, place: &str, id: Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
        let keys = self.keys();
        let current = open(&vault(&keys.current), place, id, sealed);
        keys.old.iter().fold(current, |opened, key| {
            opened.or_else(|error| open(&vault(key), place, id, sealed).map_err(|_| error))
        })
    }

    /// Seals a value by the current key; none when it already is.
    pub(crate) fn reseal(&self, place: &str, id: Uuid, sealed: &[u8]) -> Result<Option<Vec<u8>>> {
        if open(&vault(&self.keys().current), place, id, sealed).is_ok() {
            return Ok(None);
        }
        let plain = self.open_sealed(place, id, sealed)?;
        self.seal(place, id, &plain).map(Some)
    }
}

/// The key that seals columns.
fn vault(key: &Key) -> [u8; 32] {
    mac(&key.secret, b"vault")
}

/// The signing pair, derived like every other key.
fn pair(key: &Key) -> Result<Ed25519KeyPair> {
    let seed = mac(&mac(&key.secret, b"ed25519.documents"), &[]);
    Ed25519KeyPair::from_seed_unchecked(&seed)
        .map_err(|_| Error::broken("the seed of the signing key was refused"))
}

fn public(key: &Key) -> Result<[u8; 32]> {
    <[u8; 32]>::try_from(pair(key)?.public_key().as_ref())
        .map_err(|_| Error::broken("a public key has the wrong length"))
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
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn keys_turn_under_a_ring_that_is_open() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        let (server, command) = (
            KeyRing::open(&path, Chance::fixed(1)).unwrap(),
            KeyRing::open(&path, Chance::fixed(2)).unwrap(),
        );
        let id = Uuid::from_u128(1);
        let (first_key, paper) = (server.public_key().unwrap(), server.sign(b"paper").unwrap());
        let hash = server.keyed_hash("x", b"y");
        let sealed = server.seal("a.b", id, b"old").unwrap();
        command.turn(DateTime::UNIX_EPOCH).unwrap();
        assert!(
            command.turn(DateTime::UNIX_EPOCH).is_err(),
            "one turn at a time"
        );
        let anew = command.reseal("a.b", id, &sealed).unwrap().unwrap();
        assert_eq!(command.reseal("a.b", id, &anew).unwrap(), None);
        // The server knows nothing of the turn but the file.
        for value in [&sealed, &anew] {
            assert_eq!(server.open_sealed("a.b", id, value).unwrap(), b"old");
        }
        let fresh = server.seal("a.b", id, b"new").unwrap();
        assert_eq!(
            server.reseal("a.b", id, &fresh).unwrap(),
            None,
            "sealed by the new key"
        );
        command.drop_old().unwrap();
        assert!(server.open_sealed("a.b", id, &sealed).is_err());
        assert_eq!(server.open_sealed("a.b", id, &anew).unwrap(), b"old");
        assert_eq!(server.keyed_hash("x", b"y"), hash);
        assert_ne!(server.public_key().unwrap(), first_key);
        let again = KeyRing::open(&path, Chance::system()).unwrap();
        assert!(
            again.signed(&first_key, b"paper", &paper),
            "an earlier signature stays good"
        );
        assert!(!again.signed(&first_key, b"other", &paper));
        let foreign = KeyRing::in_memory(Chance::fixed(3));
        assert!(
            !foreign.signed(&first_key, b"paper", &paper),
            "somebody else's key"
        );
    }

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
