//! What falls how in the demo's story: always the same at the same seed. Never for secrets.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};

use crate::chance::Chance;

/// The seed of the story.
const SEED: u64 = 34;

/// Throws for the story, and the calendar in which it happens.
#[derive(Debug)]
pub(super) struct Dice {
    chance: Chance,
    now: DateTime<Utc>,
}

impl Dice {
    /// A chapter of the story that ends now.
    pub(super) fn new(now: DateTime<Utc>, chapter: u32) -> Self {
        Self {
            chance: Chance::fixed(SEED + (u64::from(chapter) << 32)),
            now,
        }
    }

    /// Throws that nobody foresees, for what each start adds.
    pub(super) fn open(now: DateTime<Utc>) -> Self {
        Self {
            chance: Chance::system(),
            now,
        }
    }

    /// One byte, for codes.
    pub(super) fn byte(&self) -> u8 {
        self.chance.bytes::<1>()[0]
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&self, low: u32, high: u32) -> u32 {
        low + self.chance.below(high.saturating_sub(low) + 1)
    }

    /// Whether something of this many per cent happens.
    pub(super) fn happens(&self, percent: u32) -> bool {
        self.chance.below(100) < percent
    }

    /// One of a list that is not empty.
    #[expect(clippy::similar_names, reason = "the words of the field")]
    pub(super) fn pick<'a, T>(&self, list: &'a [T]) -> &'a T {
        let last = u32::try_from(list.len().saturating_sub(1)).unwrap_or(0);
        &list[self.between(0, last) as usize]
    }

    /// One of a list, each by its weight.
    pub(super) fn weighed<T: Copy>(&self, list: &[(u32, T)]) -> T {
        let total = list.iter().map(|(weight, _)| weight).sum();
        let mut left = self.chance.below(total);
        for (weight, thing) in list {
            if left < *weight {
                return *thing;
            }
            left -= weight;
        }
        list[0].1
    }

    /// A moment some hours after another, moved into working hours; none when it has not come yet.
    pub(super) fn later(
        &self,
        after: DateTime<Utc>,
        low_hours: u32,
        high_hours: u32,
    ) -> Option<DateTime<Utc>> {
        let seconds = self.between(low_hours * 3600 + 60, high_hours * 3600 + 600);
        let moment = self.at_work(after + TimeDelta::seconds(seconds.into()));
        (moment < self.now - TimeDelta::minutes(10)).then_some(moment)
    }

    /// A moment some minutes after another, whatever the hour; none when it has not come yet.
    pub(super) fn minutes_later(
        &self,
        after: DateTime<Utc>,
        low: u32,
        high: u32,
    ) -> Option<DateTime<Utc>> {
        let moment = after + TimeDelta::seconds(self.between(low * 60 + 1, high * 60 + 30).into());
        (moment < self.now - TimeDelta::minutes(2)).then_some(moment)
    }

    /// The same moment, or the next one at which people work: 7 to 16 h UTC, never on Sunday.
    #[expect(clippy::unused_self, reason = "the same shape as its neighbours")]
    pub(super) fn at_work(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        let mut moment = moment;
        if moment.hour() < 7 {
            moment += TimeDelta::hours(i64::from(7 - moment.hour()));
        } else if moment.hour() >= 16 {
            moment += TimeDelta::hours(i64::from(24 - moment.hour()) + 7);
        }
        if moment.weekday() == Weekday::Sun {
            moment += TimeDelta::days(1);
        }
        moment
    }
}
