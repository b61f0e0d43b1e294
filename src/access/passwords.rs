//! Passwords: argon2id with the settings' cost; at least 12 characters and not a common one (CNIL 2022-100).

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

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

/// Hashes a password. Slow on purpose: never inside a transaction.
pub(crate) async fn hash(security: &Security, password: String) -> Result<String> {
    let hasher = hasher(security)?;
    tokio::task::spawn_blocking(move || {
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
    tokio::task::spawn_blocking(move || match stored {
        Some(stored) => PasswordHash::new(&stored)
            .is_ok_and(|hash| hasher.verify_password(password.as_bytes(), &hash).is_ok()),
        None => hasher.hash_password(password.as_bytes()).is_err(),
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
    fn short_and_common_passwords_are_refused() {
        for refused in ["court", "motdepasse123", "Azerty-123456"] {
            assert!(check(refused).is_err(), "{refused}");
        }
        assert!(check("vélo-citron-plafond").is_ok());
    }
}
