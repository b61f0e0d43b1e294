//! Chance as an argument: the random source of codes, tokens and keys.

use std::sync::{Arc, Mutex};

/// Draws random bytes from the system, or from a fixed series in tests and the demo's seed.
#[derive(Clone, Debug)]
pub struct Chance(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<Mutex<u64>>),
}

impl Chance {
    /// The system's cryptographic source.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A reproducible series. Never for keys or tokens that protect anybody.
    pub fn fixed(seed: u64) -> Self {
        Self(Source::Fixed(Arc::new(Mutex::new(seed))))
    }

    /// Fills an array.
    ///
    /// # Panics
    /// When the system has no random source: no key or code may be made then.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match &self.0 {
            Source::System => {
                // The system's source fails only where no process could go on anyway.
                #[expect(
                    clippy::expect_used,
                    reason = "no key or code may be made without chance"
                )]
                getrandom::fill(&mut bytes).expect("the system's random source answers");
            }
            Source::Fixed(state) => {
                let mut state = state
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                for byte in &mut bytes {
                    *byte = split_mix(&mut state);
                }
            }
        }
        bytes
    }

    /// A number below `n`, without bias. `n` is at least 1.
    pub fn below(&self, n: u32) -> u32 {
        let n = n.max(1);
        let fair = u32::MAX - u32::MAX % n;
        loop {
            let drawn = u32::from_le_bytes(self.bytes());
            if drawn < fair {
                return drawn % n;
            }
        }
    }

    /// A secret of `N` random bytes in the letters of codes, for links and letters (5 bits a letter kept).
    pub fn secret(&self, letters: usize) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        (0..letters)
            .map(|_| char::from(ALPHABET[self.below(32) as usize]))
            .collect()
    }

    /// A random id (`UUIDv4`) that tells neither time nor order.
    pub fn random_id(&self) -> uuid::Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }
}

/// One byte of the `SplitMix64` series.
fn split_mix(state: &mut u64) -> u8 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)).to_le_bytes()[0]
}
