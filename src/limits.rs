//! How often something may be tried, per key, in this process.

use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::{Error, Result};

/// Sign-ins of one address at once, then one every few seconds.
const SIGN_IN_BURST: u32 = 10;
/// Tries of one household link at once.
const LINK_BURST: u32 = 20;

/// New passwords asked for one address at once, then one every few minutes.
const RESET_BURST: u32 = 3;
/// Badges tried at one bench at once.
const BENCH_BURST: u32 = 30;

/// Keyed limiters.
#[derive(Debug)]
pub struct Limits {
    sign_in: DefaultKeyedRateLimiter<String>,
    links: DefaultKeyedRateLimiter<String>,
    resets: DefaultKeyedRateLimiter<String>,
    benches: DefaultKeyedRateLimiter<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_in: RateLimiter::keyed(per_minute(SIGN_IN_BURST)),
            links: RateLimiter::keyed(per_minute(LINK_BURST)),
            resets: RateLimiter::keyed(per_hour(RESET_BURST)),
            benches: RateLimiter::keyed(per_minute(BENCH_BURST)),
        }
    }
}

impl Limits {
    /// One more sign-in of an address.
    ///
    /// # Errors
    /// [`Error::TooMany`] when there were too many.
    pub(crate) fn sign_in(&self, email: &str) -> Result<()> {
        check(&self.sign_in, email)
    }

    /// One more try of a household's link.
    ///
    /// # Errors
    /// [`Error::TooMany`] when there were too many.
    pub(crate) fn link(&self, link: &str) -> Result<()> {
        check(&self.links, link)
    }
}

impl Limits {
    /// One more new password asked for an address.
    ///
    /// # Errors
    /// [`Error::TooMany`] when there were too many.
    pub(crate) fn reset(&self, email: &str) -> Result<()> {
        check(&self.resets, email)
    }

    /// One more badge tried at a bench.
    ///
    /// # Errors
    /// [`Error::TooMany`] when there were too many.
    pub(crate) fn bench(&self, bench: &str) -> Result<()> {
        check(&self.benches, bench)
    }
}

fn check(limiter: &DefaultKeyedRateLimiter<String>, key: &str) -> Result<()> {
    // Keys nobody uses any more are forgotten, so that trying many addresses does not fill the memory.
    if limiter.len() > 10_000 {
        limiter.retain_recent();
    }
    limiter
        .check_key(&key.to_owned())
        .map_err(|_| Error::TooMany(60))
}

fn per_hour(n: u32) -> Quota {
    Quota::per_hour(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN))
}

fn per_minute(n: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_waits_after_ten_tries_and_others_do_not() {
        let limits = Limits::default();
        for _ in 0..SIGN_IN_BURST {
            limits.sign_in("a@example.org").unwrap();
        }
        assert!(matches!(
            limits.sign_in("a@example.org"),
            Err(Error::TooMany(_))
        ));
        limits.sign_in("b@example.org").unwrap();
    }
}
