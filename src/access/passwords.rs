//! Passwords: argon2id with the settings' cost; at least 12 characters and not a common one (CNIL 2022-100).

use argon2::Params;
use argon2::password_hash::phc::PasswordHash;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::argon;
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
const AT_WORK: usize = 2;
/// Those who work or wait for it; more are sent away: nobody fills the memory by signing in.
const PLACES: usize = 34;

/// The line of those who hash.
static LINE: Line = Line::new();

/// A line with so many places, of whom the first work.
#[derive(Debug)]
struct Line {
    places: Semaphore,
    work: Semaphore,
}

/// A turn at hashing; gives its place back when it is dropped.
#[derive(Debug)]
struct Turn {
    _work: SemaphorePermit<'static>,
    _place: SemaphorePermit<'static>,
}

impl Line {
    const fn new() -> Self {
        Self {
            places: Semaphore::const_new(PLACES),
            work: Semaphore::const_new(AT_WORK),
        }
    }

    /// A place in the line.
    fn place(&self) -> Result<SemaphorePermit<'_>> {
        self.places.try_acquire().map_err(|_| Error::Busy)
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`Error::Busy`] when the line is too long.
    async fn turn(&'static self) -> Result<Turn> {
        let place = self.place()?;
        let work = self.work.acquire().await.map_err(Error::internal)?;
        Ok(Turn {
            _work: work,
            _place: place,
        })
    }
}

/// Hashes a password. Slow on purpose: never inside a transaction.
pub(crate) async fn hash(security: &Security, password: String) -> Result<String> {
    let cost = cost(security)?;
    let turn = LINE.turn().await?;
    tokio::task::spawn_blocking(move || {
        // The turn goes along: whoever hangs up leaves the work behind, and its memory with it.
        let _turn = turn;
        argon::hash(cost, password.as_bytes())
    })
    .await
    .map_err(Error::internal)?
}

/// Compares a password with a stored hash; as slow when there is none, so that no account is told apart.
pub(crate) async fn verify(
    security: &Security,
    password: String,
    stored: Option<String>,
) -> Result<bool> {
    let cost = cost(security)?;
    let turn = LINE.turn().await?;
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        // An account whose password nobody has chosen yet keeps no hash: as much work as for one that has.
        if let Some(Ok(hash)) = stored.as_deref().map(PasswordHash::new) {
            argon::is_right(&hash, password.as_bytes())
        } else {
            argon::hash(cost, password.as_bytes()).map(|_| false)
        }
    })
    .await
    .map_err(Error::internal)?
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

fn cost(security: &Security) -> Result<Params> {
    Params::new(
        security.argon2_memory_kib,
        security.argon2_passes,
        security.argon2_lanes,
        None,
    )
    .map_err(|e| Error::setup(format!("security.argon2_*: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_sends_away() {
        // A line of its own: tests beside this one hash too.
        let line = Line::new();
        let mut taken = Vec::new();
        while let Ok(place) = line.place() {
            taken.push(place);
        }
        assert!(taken.len() <= PLACES, "{}", taken.len());
        assert!(matches!(line.place(), Err(Error::Busy)));
        taken.pop();
        let _place = line.place().unwrap();
    }

    #[test]
    fn short_and_common_passwords_are_refused() {
        for refused in ["court", "motdepasse123", "Azerty-123456"] {
            assert!(check(refused).is_err(), "{refused}");
        }
        assert!(check("vélo-citron-plafond").is_ok());
    }
}
