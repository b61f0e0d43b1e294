//! Passwords: argon2id with the settings' cost; at least 12 characters and not a common one (CNIL 2022-100).

use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::config::Security;
use crate::error::{Error, Result};

/// Shortest password of a professional.
const SHORTEST: usize = 12;

/// Words that make a password common whatever follows.
const COMMON: [&str; 8] = [
    "motdepasse",
    "password",
    "azerty",
    "qwerty",
    "123456",
    "rebond",
    "bonjour",
    "soleil",
];

/// Passwords hashed at once: each takes argon2's memory and a whole core.
static AT_WORK: Semaphore = Semaphore::const_new(2);
/// Those who wait for their turn or have it.
static IN_LINE: AtomicUsize = AtomicUsize::new(0);
/// More than these in the line are sent away: nobody fills the memory by signing in.
const LINE: usize = 34;

/// A turn at hashing; gives its place back when it is dropped.
#[derive(Debug)]
struct Turn {
    _permit: SemaphorePermit<'static>,
    _place: Place,
}

/// A place in the line.
#[derive(Debug)]
struct Place;

impl Place {
    fn take() -> Result<Self> {
        if IN_LINE.fetch_add(1, Ordering::Relaxed) < LINE {
            Ok(Self)
        } else {
            IN_LINE.fetch_sub(1, Ordering::Relaxed);
            Err(Error::Busy)
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        IN_LINE.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Waits for a turn.
///
/// # Errors
/// [`Error::Busy`] when the line is too long.
async fn turn() -> Result<Turn> {
    let place = Place::take()?;
    let permit = AT_WORK.acquire().await.map_err(Error::internal)?;
    Ok(Turn {
        _permit: permit,
        _place: place,
    })
}

/// Hashes a password. Slow on purpose: never inside a transaction.
pub(crate) async fn hash(security: &Security, password: String) -> Result<String> {
    let hasher = hasher(security)?;
    let turn = turn().await?;
    tokio::task::spawn_blocking(move || {
        // The turn goes along: whoever hangs up leaves the work behind, and its memory with it.
        let _turn = turn;
        hasher
            .hash_password(password.as_bytes())
            .map(|h| h.to_string())
    })
    .await
    .map_err(Error::internal)?
    .map_err(|e| Error::broken(format!("argon2: {e}")))
}

/// Compares a password with a stored hash; as slow when there is none, so that no account is told apart.
pub(crate) async fn verify(
    security: &Security,
    password: String,
    stored: Option<String>,
) -> Result<bool> {
    let hasher = hasher(security)?;
    let turn = turn().await?;
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        match stored {
            Some(stored) => PasswordHash::new(&stored)
                .is_ok_and(|hash| hasher.verify_password(password.as_bytes(), &hash).is_ok()),
            None => hasher.hash_password(password.as_bytes()).is_err(),
        }
    })
    .await
    .map_err(Error::internal)
}

/// Draws a password of so many letters, 5 bits each, in groups of four that can be read aloud.
pub(crate) fn draw(chance: &crate::chance::Chance, letters: usize) -> String {
    let drawn = chance.secret(letters).to_lowercase();
    let mut text = String::with_capacity(letters + letters / 4);
    for (n, letter) in drawn.chars().enumerate() {
        if n > 0 && n % 4 == 0 {
            text.push('-');
        }
        text.push(letter);
    }
    text
}

/// Refuses a password that is too short or common.
pub(crate) fn check(password: &str) -> Result<()> {
    if password.chars().count() < SHORTEST {
        return Err(Error::field(
            "#/password",
            format!("Au moins {SHORTEST} caractères."),
        ));
    }
    let plain: String = password
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    let rest = COMMON
        .iter()
        .fold(plain, |text, word| text.replace(word, ""));
    if rest.chars().count() < 6 {
        return Err(Error::field(
            "#/password",
            "Ce mot de passe est trop courant.",
        ));
    }
    Ok(())
}

fn hasher(security: &Security) -> Result<Argon2<'static>> {
    let params = Params::new(
        security.argon2_memory_kib,
        security.argon2_passes,
        security.argon2_lanes,
        None,
    )
    .map_err(|e| Error::setup(format!("security.argon2_*: {e}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_sends_away() {
        let mut line = Vec::new();
        while let Ok(place) = Place::take() {
            line.push(place);
        }
        assert!(line.len() <= LINE, "{}", line.len());
        assert!(matches!(Place::take(), Err(Error::Busy)));
        line.pop();
        let _place = Place::take().unwrap();
    }

    #[test]
    fn short_and_common_passwords_are_refused() {
        for refused in ["court", "motdepasse123", "Azerty-123456"] {
            assert!(check(refused).is_err(), "{refused}");
        }
        assert!(check("vélo-citron-plafond").is_ok());
    }
}
