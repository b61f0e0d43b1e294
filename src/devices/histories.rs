//! Random histories by random actors: no state ever breaks a law, replay gives the row, and a journal
//! that was altered, reordered or cut inside is found out.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entities::custody_event;
use entities::enums::{BoundFor, DeviceKind, Grade, ItemKind, Level, MediumKind, ReleaseReason};
use entities::ids::{
    AccountId, AllocationId, DonationId, GradingId, LotId, MediumId, RequestId, SanitisationId,
    ShipmentId, SiteId,
};
use proptest::prelude::*;
use sea_orm::TryIntoModel;
use uuid::Uuid;

use crate::access::By;
use crate::devices::event::{
    EndOfLifeReason, Event, InventoriedMedium, RescueReason, ReturnReason, StopReason,
};
use crate::devices::journal::{self, GENESIS};
use crate::devices::lifecycle;
use crate::devices::record::{At, line};
use crate::devices::state::State;

/// What a writer does to a device and its media, and the journal it leaves.
struct World {
    state: State,
    media: BTreeMap<MediumId, bool>,
    lines: Vec<custody_event::Model>,
    now: DateTime<Utc>,
}

const ITEM: Uuid = Uuid::from_u128(7);

/// How many events a number may stand for.
const EVENTS: u8 = 32;

impl World {
    fn born(kind: DeviceKind) -> Self {
        let site = SiteId(Uuid::from_u128(1));
        let mut world = Self {
            state: State::born(kind, site),
            media: BTreeMap::new(),
            lines: Vec::new(),
            now: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
        };
        let event = Event::Registered {
            kind,
            site,
            donation: DonationId(Uuid::from_u128(2)),
            code: "7KD3BX0R".to_owned(),
        };
        world.write(&event);
        world
    }

    #[expect(clippy::cast_possible_wrap, reason = "small numbers")]
    fn write(&mut self, event: &Event) {
        self.now += TimeDelta::seconds(61);
        let n = self.lines.len() as i64 + 1;
        let previous = self
            .lines
            .last()
            .map_or_else(|| GENESIS.to_owned(), |l| l.hash.clone());
        let by = By {
            account: Some(AccountId(Uuid::from_u128(3))),
            role: "refurbisher",
            organisation: None,
        };
        let line = line(
            ITEM,
            n,
            previous,
            event.name(),
            event.data(),
            &by,
            At::now(self.now),
        );
        let hash = line.hash().unwrap();
        let mut row = line.into_row(ItemKind::Device, hash);
        row.seq = sea_orm::ActiveValue::Set(n);
        self.lines.push(row.try_into_model().unwrap());
    }

    /// Tries what a pair of numbers stands for; a refusal changes nothing. Every other pair goes on to the
    /// next event until one is lawful, so that histories get long enough to reach the rare corners.
    fn attempt(&mut self, what: u8, which: u8) {
        let tries = if which.is_multiple_of(2) { EVENTS } else { 1 };
        for shift in 0..tries {
            if self.happens(what % EVENTS + shift, which) {
                return;
            }
        }
    }

    /// Whether it was lawful, and so has happened.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "only these are told apart here"
    )]
    fn happens(&mut self, what: u8, which: u8) -> bool {
        let event = self.event(what, which);
        let Ok(next) = lifecycle::apply(&self.state, &event) else {
            return false;
        };
        match &event {
            Event::MediaInventoried { media, .. } => {
                self.media.extend(media.iter().map(|m| (m.medium, m.open)));
            }
            Event::MediumFound { medium, .. } => {
                self.media.insert(*medium, true);
            }
            Event::MediumFitted { medium, open } => {
                self.media.insert(*medium, *open);
            }
            Event::MediumRemoved { medium, .. } | Event::MediumUnlisted { medium, .. } => {
                self.media.remove(medium);
            }
            Event::MediumSanitised { medium, .. } => {
                self.media.insert(*medium, false);
            }
            Event::Returned { reopened, .. } | Event::DeclaredMissing { reopened } => {
                self.media.extend(reopened.iter().map(|m| (*m, true)));
            }
            _ => {}
        }
        self.state = next;
        self.write(&event);
        true
    }

    /// The medium a number points at, and whether it is open.
    fn pick(&self, which: u8) -> (MediumId, bool) {
        self.media
            .iter()
            .nth(usize::from(which) % self.media.len().max(1))
            .map_or((MediumId(Uuid::from_u128(1000)), true), |(id, open)| {
                (*id, *open)
            })
    }

    #[expect(clippy::too_many_lines, reason = "one line an event")]
    fn event(&self, what: u8, which: u8) -> Event {
        let id = |n: u128| Uuid::from_u128(n + u128::from(which % 3));
        let fresh = MediumId(Uuid::from_u128(2000 + self.lines.len() as u128));
        let (medium, open) = self.pick(which);
        let allocation = self.state.allocation.unwrap_or(AllocationId(id(300)));
        let request = self.state.held_for.unwrap_or(RequestId(id(400)));
        let site = SiteId(id(1));
        match what % EVENTS {
            0 => Event::SanitisationStarted {},
            1 | 2 => Event::Sanitised {},
            3 => Event::SanitisationStopped {
                reason: StopReason::ToolFailed,
            },
            4 => Event::RefurbishmentStarted {},
            5..=7 => Event::MadeReady { seconded_by: None },
            8 => Event::Reopened {},
            9 => Event::MediumFound {
                medium: fresh,
                kind: MediumKind::Ssd,
                wiped_before: which.is_multiple_of(2),
            },
            10 => Event::EndOfLifeDeclared {
                reason: EndOfLifeReason::TooOld,
                seconded_by: None,
            },
            11 => Event::Rescued {
                reason: RescueReason::Mistake,
            },
            12 => Event::Allocated {
                allocation: AllocationId(id(300)),
                request: RequestId(id(400)),
            },
            13 => Event::Released {
                allocation,
                reason: ReleaseReason::NoShow,
            },
            14 => Event::HandedOver {
                allocation,
                request,
            },
            15 => Event::Returned {
                site,
                reason: ReturnReason::Fault,
                may_wipe: which.is_multiple_of(2),
                reopened: self
                    .media
                    .iter()
                    .filter(|(_, open)| !**open)
                    .map(|(id, _)| *id)
                    .collect(),
            },
            16 => Event::Dispatched {
                shipment: ShipmentId(id(500)),
            },
            17 => Event::Received {
                site,
                shipment: ShipmentId(id(500)),
            },
            18 => Event::Moved { site },
            19 => Event::DeclaredMissing {
                reopened: if self.state.custody == entities::enums::CustodyKind::Household {
                    self.media
                        .iter()
                        .filter(|(_, open)| !**open)
                        .map(|(id, _)| *id)
                        .collect()
                } else {
                    Vec::new()
                },
            },
            20 => Event::Found { site },
            21 => Event::Recycled {
                lot: LotId(id(600)),
            },
            22 | 23 => Event::MediaInventoried {
                media: if which.is_multiple_of(4) {
                    Vec::new()
                } else {
                    vec![InventoriedMedium {
                        medium: fresh,
                        kind: MediumKind::Hdd,
                        open: !which.is_multiple_of(5),
                    }]
                },
                complete: !which.is_multiple_of(7),
            },
            24 => Event::MediumRemoved {
                medium,
                was_open: open,
                to: BoundFor::Stock,
            },
            25 => Event::MediumFitted {
                medium: fresh,
                open: which.is_multiple_of(2),
            },
            26 | 27 => Event::MediumSanitised {
                medium,
                sanitisation: SanitisationId(id(700)),
                level: Level::Clear,
                was_open: open,
            },
            28 => Event::WipingAgreed {},
            29 => Event::MediumUnlisted {
                medium,
                was_open: open,
            },
            30 => Event::Checked {
                locks_checked: true,
                open_locks: i32::from(which.is_multiple_of(4)),
                tests: BTreeMap::new(),
            },
            _ => Event::Graded {
                grade: Grade::ALL[usize::from(which) % Grade::ALL.len()],
                grading: GradingId(id(800)),
                table_version: "1".to_owned(),
            },
        }
    }

    fn open_media(&self) -> i32 {
        self.media.values().map(|open| i32::from(*open)).sum()
    }
}

fn kinds() -> impl Strategy<Value = DeviceKind> {
    prop::sample::select(DeviceKind::ALL)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_history_breaks_a_law(kind in kinds(), steps in prop::collection::vec((any::<u8>(), any::<u8>()), 1..120)) {
        let mut world = World::born(kind);
        for (what, which) in steps {
            let before = world.state.clone();
            world.attempt(what, which);
            prop_assert_eq!(world.state.broken_laws(), Vec::<&str>::new());
            if !world.media.is_empty() || world.state.open_media > 0 {
                prop_assert_eq!(world.state.open_media, world.open_media());
            }
            // Every step out of ready drops the grade.
            if before.stage == entities::enums::Stage::Ready && world.state.stage != before.stage {
                prop_assert_eq!(world.state.grade, None);
            }
        }
        prop_assert_eq!(journal::check(&world.lines), Ok(()));
        let states = journal::replay(&world.lines).unwrap();
        prop_assert_eq!(states.last(), Some(&world.state));
    }

    #[test]
    fn a_tampered_journal_is_found_out(
        steps in prop::collection::vec((any::<u8>(), any::<u8>()), 20..80),
        at in any::<prop::sample::Index>(),
        how in 0..5_u8,
    ) {
        let mut world = World::born(DeviceKind::Laptop);
        for (what, which) in steps {
            world.attempt(what, which);
        }
        let mut lines = world.lines;
        prop_assume!(lines.len() > 3);
        // Not the last line: a cut tail is found against the row and the anchor, not inside the chain.
        let n = at.index(lines.len() - 1);
        match how {
            0 => lines[n].data = "{\"site\":\"00000000-0000-0000-0000-000000000000\"}".to_owned(),
            1 => lines[n].occurred_at += TimeDelta::days(1),
            2 => lines[n].actor_role = "coordinator".to_owned(),
            3 => lines.swap(n, n + 1),
            _ => {
                lines.remove(n);
            }
        }
        prop_assert!(journal::check(&lines).is_err());
    }
}
