//! How a number of devices becomes chapters: years of history and parts of the département, so that a larger seed
//! is a larger territory with a longer past rather than one counter with a mountain of devices.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::basin::Basin;
use super::story::Chapter;

/// Devices that one part is given in a year, about.
pub(crate) const A_YEAR: usize = 2_400;

/// Most years told.
const YEARS: usize = 5;

/// Years and parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) devices: usize,
    years: usize,
    pub(super) parts: usize,
}

impl Shape {
    /// The shape of so many devices, of which a part is given so many in a year.
    pub(super) fn of(devices: usize, a_year: usize) -> Self {
        let chapters = devices.div_ceil(a_year.max(1)).max(1);
        let years = (1..YEARS)
            .find(|years| years * years >= chapters)
            .unwrap_or(YEARS);
        Self {
            devices,
            years,
            parts: chapters.div_ceil(years),
        }
    }

    /// Days over which things were given.
    fn days(self) -> i64 {
        15 + 365 * i64::try_from(self.years).unwrap_or(1)
    }

    /// Since when places and people are there.
    pub(super) fn since(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now - TimeDelta::days(self.days() + 20)
    }

    /// The chapters, the earliest year first.
    pub(super) fn chapters(self, basins: &[Arc<Basin>], now: DateTime<Utc>) -> Vec<Chapter> {
        let count = self.years * basins.len();
        let mut chapters = Vec::with_capacity(count);
        for year in 0..self.years {
            let given = (self.moment(year, now), self.moment(year + 1, now));
            // In the first weeks there is nothing to ask for.
            let first = if year == 0 { 30 } else { 0 };
            for basin in basins {
                let n = chapters.len();
                chapters.push(Chapter {
                    n: u32::try_from(n).unwrap_or(u32::MAX),
                    basin: Arc::clone(basin),
                    devices: self.devices * (n + 1) / count - self.devices * n / count,
                    given,
                    asked: (given.0 + TimeDelta::days(first), given.1),
                    past: year + 1 < self.years,
                    loses: n + basins.len() == count,
                });
            }
        }
        chapters
    }

    /// When a year begins.
    fn moment(self, year: usize, now: DateTime<Utc>) -> DateTime<Utc> {
        let share = |n: usize| i64::try_from(n).unwrap_or(1);
        now - TimeDelta::hours(self.days() * 24 * share(self.years - year) / share(self.years))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_seed_is_a_longer_past_and_a_larger_territory() {
        let shape = |devices| {
            let shape = Shape::of(devices, A_YEAR);
            (shape.years, shape.parts)
        };
        assert_eq!(shape(0), (1, 1));
        assert_eq!(shape(2_400), (1, 1));
        assert_eq!(shape(5_000), (2, 2));
        assert_eq!(shape(20_000), (3, 3));
        assert_eq!(shape(200_000), (5, 17));
        assert_eq!(shape(2_000_000), (5, 167));
    }
}
