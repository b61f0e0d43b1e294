//! The code of an item: eight characters, seven drawn at random and one that checks them.

use std::fmt;

use crate::check::check_character;
use crate::reading;

/// The characters of a code.
///
/// No letter that moves between QWERTY, AZERTY and QWERTZ keyboards (A, Q, W, Z, Y, M), none that looks
/// like another character (I, L, O, U).
pub const ALPHABET: &[u8; 26] = b"0123456789BCDEFGHJKNPRSTVX";

/// Characters of a code, the check character included.
pub const LENGTH: usize = 8;

/// What a label carries: one item, whatever happens to it.
///
/// Always the canonical form: eight characters of [`ALPHABET`], the last of which checks the others.
/// `Display` groups them as people read them, `7KD3-BX0R`; [`Code::as_str`] is what is stored and encoded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code([u8; LENGTH]);

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It has the form of a code, but its check character says that it was misread or mistyped.
    #[error("the check character does not fit: a character was misread")]
    WrongCheckCharacter,
    /// It has not the form of a code, read in any way.
    #[error("this is not a code")]
    NotACode,
}

impl Code {
    /// Draws a new code from a source of uniformly random bytes.
    ///
    /// A byte that would favour some characters and a body whose check character is outside the
    /// alphabet are drawn again, so about eleven bytes are asked for. Whether the code is
    /// taken already is for the database to say. Doesn't return if the source only ever gives one
    /// unsuitable value.
    pub fn draw(mut random: impl FnMut() -> u8) -> Self {
        loop {
            let mut code = [0; LENGTH];
            for place in &mut code[..LENGTH - 1] {
                *place = draw_character(&mut random);
            }
            if let Some(check) = check_character(&code[..LENGTH - 1])
                && ALPHABET.contains(&check)
            {
                code[LENGTH - 1] = check;
                return Self(code);
            }
        }
    }

    /// Reads a code out of whatever a person typed or a scanner sent.
    ///
    /// Accepted are the code in any case, with or without dashes and spaces; the address on the label,
    /// `…/p/CODE`; both as an AZERTY keyboard garbles them; the letters O, I and L for 0, 1 and 1; and the
    /// symbology prefix (`]C1`) that some scanners send. Every reading is tried and the check character
    /// decides.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let mut error = CodeError::NotACode;
        for reading in reading::readings(text) {
            match Self::canonical(&reading) {
                Ok(code) => return Ok(code),
                Err(CodeError::WrongCheckCharacter) => error = CodeError::WrongCheckCharacter,
                Err(CodeError::NotACode) => {}
            }
        }
        Err(error)
    }

    /// Takes a code that is in canonical form already, as a database keeps it; nothing is corrected.
    pub fn canonical(text: &str) -> Result<Self, CodeError> {
        let code: [u8; LENGTH] = text
            .as_bytes()
            .try_into()
            .map_err(|_| CodeError::NotACode)?;
        if !code.iter().all(|character| ALPHABET.contains(character)) {
            return Err(CodeError::NotACode);
        }
        if check_character(&code[..LENGTH - 1]) != Some(code[LENGTH - 1]) {
            return Err(CodeError::WrongCheckCharacter);
        }
        Ok(Self(code))
    }

    /// The eight characters, as they are stored, encoded in symbols and put in addresses.
    pub fn as_str(&self) -> &str {
        // Always ASCII, so always UTF-8: the empty text can't come out.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// One character of the alphabet, each as likely as the others.
fn draw_character(random: &mut impl FnMut() -> u8) -> u8 {
    loop {
        let drawn = usize::from(random());
        // 234 = 9 × 26: above it some characters would come more often.
        if drawn < 9 * ALPHABET.len() {
            return ALPHABET[drawn % ALPHABET.len()];
        }
    }
}

/// Every way in which a typed or scanned text can be read, the most literal first: for other things than codes of items
/// that are printed in the same [`ALPHABET`].
pub fn readings(text: &str) -> Vec<String> {
    reading::readings(text)
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, tail) = self.as_str().split_at(LENGTH / 2);
        write!(f, "{head}-{tail}")
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({self})")
    }
}

impl std::str::FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

#[cfg(test)]
#[path = "code_tests.rs"]
mod tests;
