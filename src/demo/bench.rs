//! The story of the workshop: each device goes as far as time let it, by the lifecycle table.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::{
    BoundFor, BreachOutcome, BreachReason, Condition, DeviceKind, EvidenceKind, Level, LockKind,
    LockState, MediumCustody, MediumKind, OpenedBecause, SanitisationResult, TestOutcome,
    Verification,
};
use entities::ids::{
    AccountId, BreachCaseId, EvidenceId, GradingId, LockId, MediumId, SanitisationId, SiteId,
};
use entities::{
    breach_case, device, device_lock, device_test, evidence, grading, medium, sanitisation,
};

use super::book::Book;
use super::catalogue::Medium;
use super::dice::Dice;
use super::gifts::{Given, has_medium, serial};
use super::people::{Bench, Stage};
use crate::access::By;
use crate::clock::id_at;
use crate::devices::Event;
use crate::devices::event::{EndOfLifeReason, InventoriedMedium, StopReason};
use crate::devices::medium_event::MediumEvent;
use crate::error::{Error, Result};
use crate::workshop::{tables, words};

/// Bytes of a GiB.
const GIB: i64 = 1 << 30;

/// What becomes of it, if time allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Reuse,
    Locked,
    Missing,
    Waste(EndOfLifeReason),
}

/// The workshop's tools for the story.
pub(super) struct Work<'a> {
    pub(super) book: &'a mut Book,
    pub(super) dice: &'a Dice,
    pub(super) stage: &'a Stage,
}

/// A device after the workshop, with its media.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) given: Given,
    pub(super) media: Vec<medium::Model>,
    /// When its last event was.
    pub(super) at: DateTime<Utc>,
}

impl Work<'_> {
    /// Lets a device go through the workshop until now, or until something ends it.
    pub(super) fn go(&mut self, mut given: Given) -> Result<Done> {
        let mut media = Vec::new();
        let at = self.through(&mut given, &mut media)?;
        Ok(Done { given, media, at })
    }

    /// Makes a device ready in good order within two and a half hours before `now`, and brings it to a site.
    pub(super) fn make_ready(
        &mut self,
        given: &mut Given,
        to: SiteId,
        brings: &By,
        now: DateTime<Utc>,
    ) -> Result<Vec<medium::Model>> {
        let at = |minutes: i64| now - TimeDelta::minutes(minutes);
        let stage = self.stage;
        let bench = &stage.benches[0];
        let mut media = Vec::new();
        self.record(
            given,
            &Event::Moved { site: bench.site },
            &bench.by,
            at(160),
        )?;
        while media.is_empty() {
            self.inventory(given, &mut media, bench, at(150))?;
        }
        self.record(given, &Event::SanitisationStarted {}, &bench.by, at(145))?;
        for medium in &mut media {
            self.close(given, medium, bench, at(90))?;
        }
        self.record(given, &Event::Sanitised {}, &bench.by, at(88))?;
        self.record(given, &Event::RefurbishmentStarted {}, &bench.by, at(80))?;
        self.check(given, bench, 0, at(60))?;
        while self.grade(given, bench, at(50))? == entities::enums::Grade::D {}
        let ready = Event::MadeReady { seconded_by: None };
        self.record(given, &ready, &bench.by, at(45))?;
        self.record(given, &Event::Moved { site: to }, brings, at(20))?;
        Ok(media)
    }

    /// Nobody found it at this morning's stock-take: an open case, its clock running.
    pub(super) fn lose_this_morning(&mut self, done: &mut Done, at: DateTime<Utc>) -> Result<()> {
        let by = self.stage.lead;
        self.record(
            &mut done.given,
            &Event::DeclaredMissing {
                reopened: Vec::new(),
            },
            &by,
            at,
        )?;
        done.at = at;
        self.book.breaches.push(breach_case::Model {
            id: BreachCaseId(id_at(at)),
            item_id: done.given.device.id.0,
            reason: BreachReason::Missing,
            opened_at: at,
            due_at: at + TimeDelta::hours(72),
            closed_at: None,
            outcome: None,
            closed_by: None,
        });
        Ok(())
    }

    fn through(
        &mut self,
        given: &mut Given,
        media: &mut Vec<medium::Model>,
    ) -> Result<DateTime<Utc>> {
        let dice = self.dice;
        let stage = self.stage;
        let fate = fate(dice, &given.device);
        let bench = &stage.benches[usize::from(dice.happens(38))];
        let registered = given.device.registered_at;
        let Some(came) = dice.later(registered, 20, 140) else {
            return Ok(registered);
        };
        self.record(given, &Event::Moved { site: bench.site }, &bench.by, came)?;
        if fate == Fate::Missing {
            return self.lose(given, came);
        }
        let mut at = came;
        if has_medium(given.device.kind) {
            let Some(looked) = dice.later(came, 16, 800) else {
                return Ok(at);
            };
            self.inventory(given, media, bench, looked)?;
            at = looked;
            let wiped = match fate {
                Fate::Waste(EndOfLifeReason::BeyondRepair | EndOfLifeReason::Unsafe) => {
                    self.pull(given, media, bench, looked)?
                }
                Fate::Reuse | Fate::Locked | Fate::Missing | Fate::Waste(_) => {
                    self.wipe(given, media, bench, looked)?
                }
            };
            match wiped {
                Some(done) => at = done,
                None => return Ok(at),
            }
        }
        match fate {
            Fate::Waste(reason) => {
                let Some(over) = dice.later(at, 1, 120) else {
                    return Ok(at);
                };
                self.end(given, reason, &bench.by, over)
            }
            Fate::Reuse | Fate::Locked | Fate::Missing => self.repair(given, fate, bench, at),
        }
    }

    pub(super) fn record(
        &mut self,
        given: &mut Given,
        event: &Event,
        by: &By,
        at: DateTime<Utc>,
    ) -> Result<()> {
        self.book.happens(&mut given.device, event, by, at)
    }

    /// What is inside, as a tool read it.
    pub(super) fn inventory(
        &mut self,
        given: &mut Given,
        media: &mut Vec<medium::Model>,
        bench: &Bench,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let product = given.product;
        given.device.processor = product.processor.map(str::to_owned);
        given.device.memory_bytes = Some(product.memory_gib * GIB);
        let mut inside = Vec::new();
        if let Some(usual) = product.medium.filter(|_| !self.dice.happens(6)) {
            inside.push(usual);
            // A second disk in the optical bay: what the look-here list is for.
            if product.kind == DeviceKind::Desktop && self.dice.happens(8) {
                inside.push(usual);
            }
        }
        for known in inside {
            let row = medium_row(self.dice, given.device.id, known, at);
            let event = MediumEvent::MediaInventoried {
                device: Some(given.device.id),
                site: None,
                kind: known.kind,
                open: true,
                because: OpenedBecause::Donated,
            };
            media.push(self.book.see(row, &event, &bench.by, at)?);
        }
        let event = Event::MediaInventoried {
            media: media
                .iter()
                .map(|m| InventoriedMedium {
                    medium: m.id,
                    kind: m.kind,
                    open: true,
                })
                .collect(),
            complete: true,
        };
        self.record(given, &event, &bench.by, at)
    }

    /// Wipes every medium with evidence; none while that has not ended.
    pub(super) fn wipe(
        &mut self,
        given: &mut Given,
        media: &mut [medium::Model],
        bench: &Bench,
        looked: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>> {
        let Some(mut at) = self.dice.minutes_later(looked, 1, 9) else {
            return Ok(None);
        };
        if !media.is_empty() {
            self.record(given, &Event::SanitisationStarted {}, &bench.by, at)?;
            if self.dice.happens(3) {
                let Some(stopped) = self.dice.later(at, 1, 5) else {
                    return Ok(None);
                };
                let event = Event::SanitisationStopped {
                    reason: StopReason::ToolFailed,
                };
                self.record(given, &event, &bench.by, stopped)?;
                let Some(again) = self.dice.later(stopped, 2, 30) else {
                    return Ok(None);
                };
                self.record(given, &Event::SanitisationStarted {}, &bench.by, again)?;
                at = again;
            }
            let Some(done) = self.dice.later(at, 2, 90) else {
                return Ok(None);
            };
            at = done;
            for (n, medium) in media.iter_mut().enumerate() {
                let at = at + TimeDelta::milliseconds(i64::try_from(n).unwrap_or(0) * 5);
                self.close(given, medium, bench, at)?;
            }
        }
        let Some(confirmed) = self.dice.minutes_later(at, 1, 4) else {
            return Ok(None);
        };
        self.record(given, &Event::Sanitised {}, &bench.by, confirmed)?;
        Ok(Some(confirmed))
    }

    fn close(
        &mut self,
        given: &mut Given,
        medium: &mut medium::Model,
        bench: &Bench,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let overwritten = matches!(medium.kind, MediumKind::Hdd | MediumKind::Ssd);
        let id = SanitisationId(id_at(at));
        let evidence = overwritten.then(|| {
            let row = evidence::Model {
                id: EvidenceId(id_at(at)),
                sha256: self.book.logs.name_for(medium, at),
                kind: "nwipe_log".to_owned(),
                tool: Some("nwipe 0.34".to_owned()),
                device_id: Some(given.device.id),
                site_id: Some(bench.site),
                account_id: account(&bench.by),
                received_at: at,
                settled_at: Some(at),
            };
            let id = row.id;
            self.book.evidence.push(row);
            id
        });
        let level = if overwritten {
            Level::Clear
        } else {
            Level::Purge
        };
        self.book.sanitisations.push(sanitisation::Model {
            id,
            medium_id: medium.id,
            device_id: Some(given.device.id),
            evidence_id: evidence,
            evidence_kind: if overwritten {
                EvidenceKind::Tool
            } else {
                EvidenceKind::Declared
            },
            method: if overwritten {
                "overwrite"
            } else {
                "crypto_erase"
            }
            .to_owned(),
            level,
            tool: Some(
                if overwritten {
                    "nwipe 0.34"
                } else {
                    "nvme-cli 2.8"
                }
                .to_owned(),
            ),
            verification: if overwritten {
                Verification::LastPass
            } else {
                Verification::DriveStatus
            },
            result: SanitisationResult::Success,
            reasons: "[]".to_owned(),
            account_id: account(&bench.by),
            at,
            body_hash: None,
        });
        let closes = MediumEvent::MediumSanitised {
            sanitisation: id,
            level,
        };
        self.book.medium_happens(medium, &closes, &bench.by, at)?;
        let event = Event::MediumSanitised {
            medium: medium.id,
            sanitisation: id,
            level,
            was_open: true,
        };
        self.record(given, &event, &bench.by, at)
    }

    /// Takes every disk out of what will not run again, for destruction before a witness.
    fn pull(
        &mut self,
        given: &mut Given,
        media: &mut [medium::Model],
        bench: &Bench,
        looked: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>> {
        let Some(at) = self.dice.minutes_later(looked, 5, 40) else {
            return Ok(None);
        };
        for medium in media.iter_mut() {
            self.book.label_medium(self.dice, medium, at);
            let out = MediumEvent::MediumRemoved {
                device: given.device.id,
                site: bench.site,
                to: BoundFor::Destruction,
            };
            self.book.medium_happens(medium, &out, &bench.by, at)?;
            let event = Event::MediumRemoved {
                medium: medium.id,
                was_open: true,
                to: BoundFor::Destruction,
            };
            self.record(given, &event, &bench.by, at)?;
            let Some(destroyed) = self.dice.later(at, 24, 400) else {
                continue;
            };
            let id = SanitisationId(id_at(destroyed));
            self.book.sanitisations.push(sanitisation::Model {
                id,
                medium_id: medium.id,
                device_id: None,
                evidence_id: None,
                evidence_kind: EvidenceKind::Declared,
                method: "destruction".to_owned(),
                level: Level::Destroy,
                tool: Some("certificat de broyage".to_owned()),
                verification: Verification::None,
                result: SanitisationResult::Success,
                reasons: "[]".to_owned(),
                account_id: account(&bench.by),
                at: destroyed,
                body_hash: None,
            });
            let event = MediumEvent::MediumDestroyed {
                witness: account(&self.stage.lead),
                sanitisation: id,
            };
            self.book
                .medium_happens(medium, &event, &bench.by, destroyed)?;
        }
        Ok(Some(at))
    }

    /// Repair, checks, grade, ready.
    fn repair(
        &mut self,
        given: &mut Given,
        fate: Fate,
        bench: &Bench,
        clean: DateTime<Utc>,
    ) -> Result<DateTime<Utc>> {
        let Some(started) = self.dice.later(clean, 12, 420) else {
            return Ok(clean);
        };
        self.record(given, &Event::RefurbishmentStarted {}, &bench.by, started)?;
        let Some(checked) = self.dice.later(started, 1, 150) else {
            return Ok(started);
        };
        self.check(given, bench, i32::from(fate == Fate::Locked), checked)?;
        let mut at = checked;
        if fate == Fate::Locked {
            self.lock(given, &bench.by, checked);
            let Some(cleared) = self.dice.later(checked, 240, 1_400) else {
                return Ok(at);
            };
            if let Some(lock) = self.book.locks.last_mut() {
                lock.state = LockState::Cleared;
                lock.cleared_at = Some(cleared);
            }
            self.check(given, bench, 0, cleared)?;
            at = cleared;
        }
        let Some(graded) = self.dice.minutes_later(at, 3, 30) else {
            return Ok(at);
        };
        if self.grade(given, bench, graded)? == entities::enums::Grade::D {
            return match self.dice.minutes_later(graded, 5, 60) {
                Some(over) => self.end(given, EndOfLifeReason::PartsOnly, &bench.by, over),
                None => Ok(graded),
            };
        }
        let Some(ready) = self.dice.later(graded, 0, 30) else {
            return Ok(graded);
        };
        self.record(
            given,
            &Event::MadeReady { seconded_by: None },
            &bench.by,
            ready,
        )?;
        Ok(ready)
    }

    fn check(
        &mut self,
        given: &mut Given,
        bench: &Bench,
        open_locks: i32,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let table = tables::checks()?;
        let mut tests = BTreeMap::new();
        for test in table
            .kind(given.device.kind.as_str())
            .into_iter()
            .flat_map(|k| &k.tests)
        {
            let absent = table.tests.get(test).is_some_and(|t| t.absent);
            let outcome = if absent && self.dice.happens(8) {
                TestOutcome::NotApplicable
            } else if self.dice.happens(5) {
                TestOutcome::Repaired
            } else {
                TestOutcome::Pass
            };
            tests.insert(test.clone(), outcome);
            let known = self.book.tests.iter().rev().take(16);
            if known
                .filter(|t| t.device_id == given.device.id)
                .any(|t| t.test == *test)
            {
                continue;
            }
            self.book.tests.push(device_test::Model {
                device_id: given.device.id,
                test: test.clone(),
                outcome,
                account_id: account(&bench.by),
                at,
            });
        }
        let event = Event::Checked {
            locks_checked: true,
            open_locks,
            tests,
        };
        self.record(given, &event, &bench.by, at)
    }

    fn lock(&mut self, given: &Given, by: &By, at: DateTime<Utc>) {
        let kind = *self
            .dice
            .pick(&[LockKind::Bios, LockKind::Autopilot, LockKind::Mdm]);
        self.book.locks.push(device_lock::Model {
            id: LockId(id_at(at)),
            device_id: given.device.id,
            kind,
            state: LockState::Open,
            found_by: account(by),
            asked: Some("donor".to_owned()),
            since: at,
            cleared_at: None,
        });
    }

    fn grade(
        &mut self,
        given: &mut Given,
        bench: &Bench,
        at: DateTime<Utc>,
    ) -> Result<entities::enums::Grade> {
        let table = tables::grading()?;
        let kind = given.device.kind.as_str();
        let mut observations = BTreeMap::new();
        for observation in table.of_kind(kind) {
            // The first values of each list are the good ones; worse is rarer.
            let values: Vec<_> = observation
                .values
                .iter()
                .map(|v| v.value.as_str())
                .collect();
            let n = self.dice.weighed(&[(46, 0), (38, 1), (14, 2), (1, 3)]);
            let value = values
                .get(n)
                .or(values.first())
                .copied()
                .unwrap_or_default();
            observations.insert(observation.code.clone(), value.to_owned());
        }
        let graded = table
            .grade(kind, &observations)
            .map_err(|_| Error::broken("the demo's observations are not the table's"))?;
        let codes: Vec<_> = graded.reasons.iter().map(|r| r.code.as_str()).collect();
        let id = GradingId(id_at(at));
        self.book.gradings.push(grading::Model {
            id,
            device_id: given.device.id,
            observations: serde_json::json!(observations).to_string(),
            grade: words::grade(graded.grade),
            reasons: serde_json::json!(codes).to_string(),
            table_version: graded.table_version.clone(),
            account_id: account(&bench.by),
            at,
            body_hash: None,
        });
        let grade = words::grade(graded.grade);
        let event = Event::Graded {
            grade,
            grading: id,
            table_version: graded.table_version,
        };
        self.record(given, &event, &bench.by, at)?;
        Ok(grade)
    }

    pub(super) fn end(
        &mut self,
        given: &mut Given,
        reason: EndOfLifeReason,
        by: &By,
        at: DateTime<Utc>,
    ) -> Result<DateTime<Utc>> {
        given.device.weight_grams = Some(given.product.weight_grams);
        let event = Event::EndOfLifeDeclared {
            reason,
            seconded_by: None,
        };
        self.record(given, &event, by, at)?;
        Ok(at)
    }

    /// Nobody finds it at the stock-take: its data may be anywhere, a breach case opens.
    fn lose(&mut self, given: &mut Given, came: DateTime<Utc>) -> Result<DateTime<Utc>> {
        let Some(at) = self.dice.later(came, 24, 300) else {
            return Ok(came);
        };
        self.record(
            given,
            &Event::DeclaredMissing {
                reopened: Vec::new(),
            },
            &self.stage.lead.clone(),
            at,
        )?;
        let found = self
            .dice
            .happens(60)
            .then(|| self.dice.later(at, 5, 60))
            .flatten();
        // Found before anybody could read it, or told to the authority within its 72 hours.
        let settled = found.or(self.dice.later(at, 20, 60));
        self.book.breaches.push(breach_case::Model {
            id: BreachCaseId(id_at(at)),
            item_id: given.device.id.0,
            reason: BreachReason::Missing,
            opened_at: at,
            due_at: at + TimeDelta::hours(72),
            closed_at: settled,
            outcome: settled.map(|_| match found {
                Some(_) => BreachOutcome::NoRisk,
                None => BreachOutcome::Notified,
            }),
            closed_by: settled.and(self.stage.coordinator.account),
        });
        if let (Some(found), Some(site)) = (found, given.device.site_id) {
            self.record(given, &Event::Found { site }, &self.stage.lead, found)?;
            return Ok(found);
        }
        Ok(at)
    }
}

fn fate(dice: &Dice, device: &device::Model) -> Fate {
    if dice.happens(1) && dice.happens(40) && has_medium(device.kind) {
        return Fate::Missing;
    }
    let waste = match device.condition {
        Condition::Working => 16,
        Condition::Unknown => 42,
        Condition::Faulty => 70,
    };
    if dice.happens(waste) {
        return Fate::Waste(*dice.pick(&[
            EndOfLifeReason::BeyondRepair,
            EndOfLifeReason::TooOld,
            EndOfLifeReason::TooOld,
            EndOfLifeReason::NotWorthIt,
            EndOfLifeReason::PartsOnly,
            EndOfLifeReason::Unsafe,
        ]));
    }
    if has_medium(device.kind) && dice.happens(4) {
        Fate::Locked
    } else {
        Fate::Reuse
    }
}

fn medium_row(
    dice: &Dice,
    device: entities::ids::DeviceId,
    known: Medium,
    at: DateTime<Utc>,
) -> medium::Model {
    medium::Model {
        id: MediumId(id_at(at)),
        code: None,
        device_id: Some(device),
        kind: known.kind,
        make: Some(known.make.to_owned()),
        model: Some(known.model.to_owned()),
        serial: Some(serial(dice, known.serial)),
        capacity_bytes: Some(known.capacity_bytes),
        open: true,
        opened_because: OpenedBecause::Donated,
        closed_by: None,
        destroyed_at: None,
        custody: MediumCustody::Device,
        site_id: None,
        shipment_id: None,
        bound_for: None,
        version: 1,
        head: String::new(),
        body_hash: None,
    }
}

/// The account behind somebody of the cast; everybody of the cast has one.
pub(super) fn account(by: &By) -> AccountId {
    by.account.unwrap_or(AccountId(uuid::Uuid::nil()))
}
