//! Which journals a verification replays: all, or, of a night, those that changed and a share of the others.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use entities::custody_event;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{Report, night};
use crate::app::App;
use crate::error::Result;

/// Nights in which every journal is replayed once, changed or not.
const NIGHTS: u8 = 28;

/// What a line may be late: recorded before a verification began, committed after it had looked.
const LATE: TimeDelta = TimeDelta::hours(1);

/// Which items are replayed.
pub(super) enum Scope {
    /// All of them.
    Whole,
    /// Those whose journal grew since the last verification, and this night's share of the others.
    Night { changed: HashSet<Uuid>, share: u8 },
}

impl Scope {
    /// The scope of a night: everything when there was no verification before, or when it found something, so that
    /// what is broken is shown until it is mended.
    pub(super) async fn of_night(app: &App, now: DateTime<Utc>) -> Result<Self> {
        let Some(last) = night::latest(app).await?.filter(|last| last.breaches == 0) else {
            return Ok(Self::Whole);
        };
        let changed = custody_event::Entity::find()
            .select_only()
            .column(custody_event::Column::ItemId)
            .distinct()
            .filter(custody_event::Column::RecordedAt.gte(last.at - LATE))
            .into_tuple::<Uuid>()
            .all(app.db.read())
            .await?;
        let night = now.timestamp() / TimeDelta::days(1).num_seconds();
        Ok(Self::Night {
            changed: changed.into_iter().collect(),
            share: u8::try_from(night.rem_euclid(i64::from(NIGHTS))).unwrap_or(0),
        })
    }

    /// Whether an item is replayed.
    pub(super) fn takes(&self, item: Uuid) -> bool {
        match self {
            Self::Whole => true,
            // The last byte of an id is chance: every share is as large as the others.
            Self::Night { changed, share } => {
                item.as_bytes()[15] % NIGHTS == *share || changed.contains(&item)
            }
        }
    }

    /// Says in the report what was replayed.
    pub(super) fn tell(&self, report: &mut Report) {
        report.partial = matches!(self, Self::Night { .. });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_has_its_night_and_what_changed_is_never_left_out() {
        let night = |share, changed: &[Uuid]| Scope::Night {
            changed: changed.iter().copied().collect(),
            share,
        };
        for n in 0..=u128::from(u8::MAX) {
            let item = Uuid::from_u128(n);
            let nights = (0..NIGHTS).filter(|share| night(*share, &[]).takes(item));
            assert_eq!(nights.count(), 1, "{item}");
            assert!((0..NIGHTS).all(|share| night(share, &[item]).takes(item)));
        }
    }
}
