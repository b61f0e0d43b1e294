//! The rows of a chapter, gathered in memory and written in batches within one transaction.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::dice::Dice;
use super::logs::Logs;
use super::rows::insert;
use crate::access::By;
use crate::app::App;
use crate::db::Tx;
use crate::devices::medium_event::MediumEvent;
use crate::devices::record::{self, Step};
use crate::devices::{At, Event, State, lifecycle, media, steps};
use crate::error::Result;
use chrono::{DateTime, Utc};
use entities::enums::{CodeState, ItemKind};
use entities::ids::OpeningId;
use entities::{
    allocation, appointment, appointment_request, breach_case, custody_event, decision, device,
    device_code, device_lock, device_term, device_test, donation, donation_accessory,
    donation_line, donor, evidence, grading, handover, household, lot, lot_item, medium,
    need_evidence, onboarding, person, reference_counter, request, sanitisation, seat, stored_file,
};
use labels::code::Code;
use serde::Serialize;

/// A line with what orders it.
#[derive(Debug)]
struct Told {
    recorded_at: DateTime<Utc>,
    n: i64,
    row: custody_event::ActiveModel,
}

/// What one chapter leaves to the next: all that must be the only one of its kind. It grows by a few bytes a
/// device; everything else is forgotten once it is written.
#[derive(Debug, Default)]
pub(super) struct Carried {
    codes: HashSet<Code>,
    counters: BTreeMap<String, i64>,
    /// Seats taken of each slot.
    pub(super) taken: HashMap<(OpeningId, i64), i32>,
}

/// Everything that is written at the end of a chapter.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) carried: Carried,
    pub(super) logs: Logs,
    told: Vec<Told>,
    code_rows: Vec<device_code::Model>,
    pub(super) devices: Vec<device::Model>,
    pub(super) media: Vec<medium::Model>,
    pub(super) donors: Vec<donor::Model>,
    pub(super) donations: Vec<donation::Model>,
    pub(super) lines: Vec<donation_line::Model>,
    pub(super) accessories: Vec<donation_accessory::Model>,
    pub(super) files: Vec<stored_file::Model>,
    pub(super) evidence: Vec<evidence::Model>,
    pub(super) sanitisations: Vec<sanitisation::Model>,
    pub(super) tests: Vec<device_test::Model>,
    pub(super) gradings: Vec<grading::Model>,
    pub(super) locks: Vec<device_lock::Model>,
    pub(super) breaches: Vec<breach_case::Model>,
    pub(super) lots: Vec<lot::Model>,
    pub(super) lot_items: Vec<lot_item::Model>,
    pub(super) households: Vec<household::Model>,
    pub(super) people: Vec<person::Model>,
    pub(super) requests: Vec<request::Model>,
    pub(super) proofs: Vec<need_evidence::Model>,
    pub(super) decisions: Vec<decision::Model>,
    pub(super) allocations: Vec<allocation::Model>,
    pub(super) appointments: Vec<appointment::Model>,
    pub(super) onboardings: Vec<onboarding::Model>,
    pub(super) couples: Vec<appointment_request::Model>,
    pub(super) seats: Vec<seat::Model>,
    pub(super) handovers: Vec<handover::Model>,
}

/// A seed in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Figures {
    pub(crate) chapters: usize,
    pub(crate) devices: usize,
    pub(crate) media: usize,
    /// Journal lines.
    pub(crate) lines: usize,
    pub(crate) donations: usize,
    pub(crate) households: usize,
    pub(crate) requests: usize,
    pub(crate) appointments: usize,
    pub(crate) handovers: usize,
}

impl Figures {
    /// Those of another chapter added.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            chapters: self.chapters + other.chapters,
            devices: self.devices + other.devices,
            media: self.media + other.media,
            lines: self.lines + other.lines,
            donations: self.donations + other.donations,
            households: self.households + other.households,
            requests: self.requests + other.requests,
            appointments: self.appointments + other.appointments,
            handovers: self.handovers + other.handovers,
        }
    }
}

impl Carried {
    /// Writes where each series of numbers stands, for whoever numbers next.
    pub(super) async fn write(self, tx: &Tx) -> Result<()> {
        let counters = self
            .counters
            .into_iter()
            .map(|(series, last)| reference_counter::Model { series, last })
            .collect();
        insert::<reference_counter::Entity, _, reference_counter::ActiveModel>(tx, counters).await
    }
}

impl Book {
    /// A chapter after others.
    pub(super) fn after(carried: Carried) -> Self {
        Self {
            carried,
            ..Self::default()
        }
    }

    /// What it tells, in figures.
    pub(super) fn figures(&self) -> Figures {
        Figures {
            chapters: 1,
            devices: self.devices.len(),
            media: self.media.len(),
            lines: self.told.len(),
            donations: self.donations.len(),
            households: self.households.len(),
            requests: self.requests.len(),
            appointments: self.appointments.len(),
            handovers: self.handovers.len(),
        }
    }

    /// A code nobody carries yet.
    pub(super) fn code(&mut self, dice: &Dice) -> String {
        loop {
            let code = Code::draw(|| dice.byte());
            if self.carried.codes.insert(code) {
                return code.as_str().to_owned();
            }
        }
    }

    /// The next reference of a series, `D-2026-000123`.
    pub(super) fn reference(&mut self, letter: &str, year: i32) -> String {
        let last = self.number(&format!("{letter}-{year}"));
        format!("{letter}-{year}-{last:06}")
    }

    /// A device gets its label.
    pub(super) fn register(
        &mut self,
        row: device::Model,
        event: &Event,
        by: &By,
        at: DateTime<Utc>,
    ) -> Result<device::Model> {
        self.code_rows.push(device_code::Model {
            code: row.code.clone(),
            device_id: Some(row.id),
            medium_id: None,
            state: CodeState::Live,
            printed_at: at,
        });
        Ok(self.keep(
            record::birth(row, event, by, At::now(at))?,
            ItemKind::Device,
        ))
    }

    /// Something happens to a device, as the lifecycle table allows it.
    pub(super) fn happens(
        &mut self,
        device: &mut device::Model,
        event: &Event,
        by: &By,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let next = lifecycle::apply(&State::of(device), event)?;
        let step = record::step(device, &next, event, by, At::now(at))?;
        *device = self.keep(step, ItemKind::Device);
        Ok(())
    }

    /// A medium is seen for the first time.
    pub(super) fn see(
        &mut self,
        row: medium::Model,
        event: &MediumEvent,
        by: &By,
        at: DateTime<Utc>,
    ) -> Result<medium::Model> {
        Ok(self.keep(media::birth(row, event, by, At::now(at))?, ItemKind::Medium))
    }

    /// Something happens to a medium.
    pub(super) fn medium_happens(
        &mut self,
        row: &mut medium::Model,
        event: &MediumEvent,
        by: &By,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let step = media::step(row, event, by, At::now(at))?;
        *row = self.keep(step, ItemKind::Medium);
        Ok(())
    }

    /// A label for a medium that is taken out.
    pub(super) fn label_medium(&mut self, dice: &Dice, row: &mut medium::Model, at: DateTime<Utc>) {
        let code = self.code(dice);
        row.code = Some(code.clone());
        self.code_rows.push(device_code::Model {
            code,
            device_id: None,
            medium_id: Some(row.id),
            state: CodeState::Live,
            printed_at: at,
        });
    }

    fn keep<R>(&mut self, step: Step<R>, kind: ItemKind) -> R {
        self.told.push(Told {
            recorded_at: step.line.recorded_at,
            n: step.line.n,
            row: step.line.into_row(kind, step.hash),
        });
        step.row
    }

    /// Keeps the wiping logs as files, and names each by its bytes where its week stood for it.
    pub(super) async fn keep_logs(&mut self, app: &App) -> Result<()> {
        for log in std::mem::take(&mut self.logs).keep(app).await? {
            for row in &mut self.evidence {
                if row.sha256 == log.week {
                    row.sha256.clone_from(&log.file.sha256);
                }
            }
            self.files.push(log.file);
        }
        Ok(())
    }

    /// The next number of a series.
    pub(super) fn number(&mut self, series: &str) -> i64 {
        let last = self.carried.counters.entry(series.to_owned()).or_default();
        *last += 1;
        *last
    }

    /// Writes everything, what is pointed at before what points.
    pub(super) async fn write(mut self, tx: &Tx) -> Result<()> {
        insert::<donor::Entity, _, donor::ActiveModel>(tx, self.donors).await?;
        insert::<donation::Entity, _, donation::ActiveModel>(tx, self.donations).await?;
        insert::<donation_accessory::Entity, _, donation_accessory::ActiveModel>(
            tx,
            self.accessories,
        )
        .await?;
        insert::<household::Entity, _, household::ActiveModel>(tx, self.households).await?;
        insert::<person::Entity, _, person::ActiveModel>(tx, self.people).await?;
        insert::<request::Entity, _, request::ActiveModel>(tx, self.requests).await?;
        insert::<need_evidence::Entity, _, need_evidence::ActiveModel>(tx, self.proofs).await?;
        insert::<decision::Entity, _, decision::ActiveModel>(tx, self.decisions).await?;
        insert::<appointment::Entity, _, appointment::ActiveModel>(tx, self.appointments).await?;
        insert::<onboarding::Entity, _, onboarding::ActiveModel>(tx, self.onboardings).await?;
        insert::<appointment_request::Entity, _, appointment_request::ActiveModel>(
            tx,
            self.couples,
        )
        .await?;
        insert::<seat::Entity, _, seat::ActiveModel>(tx, self.seats).await?;
        // The keys between device, allocation and handover go in a circle: devices come first without
        // their holder, and get it once allocations and handovers stand.
        let held: Vec<_> = self
            .devices
            .iter()
            .filter(|d| d.held_for.is_some())
            .cloned()
            .collect();
        let terms: Vec<_> = self
            .devices
            .iter()
            .flat_map(|d| {
                steps::terms(d).into_iter().map(|term| device_term::Model {
                    term,
                    device_id: d.id,
                })
            })
            .chain(self.media.iter().flat_map(|medium| {
                let found = medium.device_id.zip(medium.serial.as_deref());
                let found = found.map(|(id, serial)| (id, steps::disk_terms(serial)));
                found.into_iter().flat_map(|(device_id, terms)| {
                    terms
                        .into_iter()
                        .map(move |term| device_term::Model { term, device_id })
                })
            }))
            // Two disks of a device may begin alike.
            .map(|row| ((row.term.clone(), row.device_id), row))
            .collect::<std::collections::BTreeMap<_, _>>()
            .into_values()
            .collect();
        let free = self.devices.into_iter().map(without_holder).collect();
        insert::<device::Entity, _, device::ActiveModel>(tx, free).await?;
        insert::<allocation::Entity, _, allocation::ActiveModel>(tx, self.allocations).await?;
        insert::<handover::Entity, _, handover::ActiveModel>(tx, self.handovers).await?;
        super::holders::give(tx, &held).await?;
        insert::<device_term::Entity, _, device_term::ActiveModel>(tx, terms).await?;
        insert::<donation_line::Entity, _, donation_line::ActiveModel>(tx, self.lines).await?;
        insert::<medium::Entity, _, medium::ActiveModel>(tx, self.media).await?;
        insert::<device_code::Entity, _, device_code::ActiveModel>(tx, self.code_rows).await?;
        insert::<stored_file::Entity, _, stored_file::ActiveModel>(tx, self.files).await?;
        insert::<evidence::Entity, _, evidence::ActiveModel>(tx, self.evidence).await?;
        insert::<sanitisation::Entity, _, sanitisation::ActiveModel>(tx, self.sanitisations)
            .await?;
        insert::<device_test::Entity, _, device_test::ActiveModel>(tx, self.tests).await?;
        insert::<grading::Entity, _, grading::ActiveModel>(tx, self.gradings).await?;
        insert::<device_lock::Entity, _, device_lock::ActiveModel>(tx, self.locks).await?;
        insert::<breach_case::Entity, _, breach_case::ActiveModel>(tx, self.breaches).await?;
        insert::<lot::Entity, _, lot::ActiveModel>(tx, self.lots).await?;
        insert::<lot_item::Entity, _, lot_item::ActiveModel>(tx, self.lot_items).await?;
        // The order of recording is the order of time.
        self.told.sort_by_key(|told| (told.recorded_at, told.n));
        let lines = self.told.into_iter().map(|told| told.row).collect();
        insert::<custody_event::Entity, _, custody_event::ActiveModel>(tx, lines).await
    }
}

/// The row before anybody held it. Stages in which a household may have it stand without a holder too.
fn without_holder(row: device::Model) -> device::Model {
    let custody = match row.custody {
        entities::enums::CustodyKind::Household => entities::enums::CustodyKind::Missing,
        entities::enums::CustodyKind::Site
        | entities::enums::CustodyKind::Shipment
        | entities::enums::CustodyKind::Missing
        | entities::enums::CustodyKind::Gone => row.custody,
    };
    device::Model {
        custody,
        held_for: None,
        allocation_id: None,
        handed_over_by: None,
        ..row
    }
}
