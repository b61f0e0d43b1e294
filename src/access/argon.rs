//! argon2id in memory of its own, kept from one password to the next.
//!
//! The library would allocate its blocks (19 MiB by default) for each password, and glibc keeps what was freed once for
//! each thread that ever hashed: an instance would stay hundreds of megabytes larger than its work.

use std::sync::{Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::error::{Error, Result};

/// Blocks nobody computes in. As many as ever worked at once, which [`super::passwords`] bounds.
static IDLE: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// Hashes a password with a fresh salt; answers the PHC string.
pub(super) fn hash(params: Params, password: &[u8]) -> Result<String> {
    let salt = Salt::generate();
    let written = ParamsString::try_from(&params).map_err(broken)?;
    let output = compute(
        &Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
        password,
        &salt,
        Params::DEFAULT_OUTPUT_LEN,
    )?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: written,
        salt: Some(salt),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

/// Whether a password is the one that was hashed; the cost is that of the stored hash.
///
/// # Errors
/// When the stored hash isn't one of argon2 or lacks a part.
pub(super) fn is_right(stored: &PasswordHash, password: &[u8]) -> Result<bool> {
    let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
        return Err(Error::broken(
            "argon2: a stored hash lacks its salt or its output",
        ));
    };
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(broken)?;
    let version = stored
        .version
        .map_or(Ok(Version::default()), Version::try_from)
        .map_err(broken)?;
    let params = Params::try_from(stored).map_err(broken)?;
    let hasher = Argon2::new(algorithm, version, params);
    let output = compute(&hasher, password, &salt, expected.len())?;
    // `Output` compares in constant time.
    Ok(output == expected)
}

fn compute(hasher: &Argon2<'_>, password: &[u8], salt: &[u8], length: usize) -> Result<Output> {
    let mut blocks = idle().pop().unwrap_or_default();
    let needed = hasher.params().block_count();
    if blocks.len() < needed {
        // Not grown: growing would copy what is about to be overwritten.
        blocks = vec![Block::default(); needed];
    }
    let mut output = [0; Output::MAX_LENGTH];
    let output = output
        .get_mut(..length)
        .ok_or_else(|| Error::broken("argon2: an output longer than any"))?;
    let room = blocks.get_mut(..needed).unwrap_or_default();
    let done = hasher.hash_password_into_with_memory(password, salt, output, room);
    idle().push(blocks);
    done.map_err(broken)?;
    Output::new(output).map_err(broken)
}

fn idle() -> std::sync::MutexGuard<'static, Vec<Vec<Block>>> {
    // A push or a pop leaves the list whole whoever panics.
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::broken(format!("argon2: {error}"))
}

#[cfg(test)]
mod tests {
    use argon2::{PasswordHasher, PasswordVerifier};

    use super::*;

    fn params(kib: u32) -> Params {
        Params::new(kib, 1, 1, None).unwrap()
    }

    /// The library alone agrees in both directions, also when the kept memory is larger or smaller than asked for.
    #[test]
    fn what_is_hashed_here_is_what_the_library_hashes() {
        for kib in [64, 8, 32] {
            let ours = hash(params(kib), b"secret").unwrap();
            let library = Argon2::from(params(kib));
            library.verify_password(b"secret", ours.as_str()).unwrap();
            assert!(library.verify_password(b"another", ours.as_str()).is_err());

            let theirs = library.hash_password(b"secret").unwrap();
            assert!(is_right(&theirs, b"secret").unwrap());
            assert!(!is_right(&theirs, b"another").unwrap());
        }
    }

    #[test]
    fn a_hash_without_its_parts_is_an_error() {
        let bare = PasswordHash::new("$argon2id$v=19$m=8,t=1,p=1").unwrap();
        assert!(is_right(&bare, b"secret").is_err());
    }
}
