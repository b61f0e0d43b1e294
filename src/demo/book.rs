//! The rows of the story, gathered in memory and written in batches within one transaction.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use entities::enums::{CodeState, ItemKind};
use entities::{
    allocation, appointment, appointment_request, breach_case, custody_event, decision, device,
    device_code, device_lock, device_term, device_test, donation, donation_accessory,
    donation_line, donor, evidence, grading, handover, household, lot, lot_item, medium,
    need_evidence, onboarding, person, policy_text, reference_counter, request, sanitisation, seat,
    stored_file,
};
use labels::code::Code;
use sea_orm::{ActiveModelTrait, EntityTrait, Iterable};

use super::dice::Dice;
use super::logs::Logs;
use crate::access::By;
use crate::app::App;
use crate::db::Tx;
use crate::devices::journal::Line;
use crate::devices::medium_event::MediumEvent;
use crate::devices::record::{self, Step};
use crate::devices::{At, Event, State, lifecycle, media, steps};
use crate::error::Result;

/// Most values of one statement: both databases take this many.
const VALUES: usize = 30_000;

/// A line with what it is of.
#[derive(Debug)]
struct Told {
    line: Line,
    kind: ItemKind,
    hash: String,
}

/// Everything that is written at the end.
#[derive(Debug, Default)]
pub(super) struct Book {
    told: Vec<Told>,
    codes: HashSet<String>,
    code_rows: Vec<device_code::Model>,
    counters: BTreeMap<String, i64>,
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
    pub(super) policies: Vec<policy_text::Model>,
}

impl Book {
    /// A code nobody carries yet.
    pub(super) fn code(&mut self, dice: &Dice) -> String {
        loop {
            let code = Code::draw(|| dice.byte()).as_str().to_owned();
            if self.codes.insert(code.clone()) {
                return code;
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
            line: step.line,
            kind,
            hash: step.hash,
        });
        step.row
    }

    /// Keeps the wiping logs, and names each by its bytes where its week stood for it.
    pub(super) async fn keep_logs(&mut self, logs: Logs, app: &App) -> Result<()> {
        for log in logs.keep(app).await? {
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
        let last = self.counters.entry(series.to_owned()).or_default();
        *last += 1;
        *last
    }

    /// Writes everything, what is pointed at before what points.
    pub(super) async fn write(mut self, tx: &Tx) -> Result<()> {
        let counters: Vec<_> = std::mem::take(&mut self.counters)
            .into_iter()
            .map(|(series, last)| reference_counter::Model { series, last })
            .collect();
        insert::<reference_counter::Entity, _, reference_counter::ActiveModel>(tx, counters)
            .await?;
        insert::<donor::Entity, _, donor::ActiveModel>(tx, self.donors).await?;
        insert::<donation::Entity, _, donation::ActiveModel>(tx, self.donations).await?;
        insert::<donation_accessory::Entity, _, donation_accessory::ActiveModel>(
            tx,
            self.accessories,
        )
        .await?;
        insert::<policy_text::Entity, _, policy_text::ActiveModel>(tx, self.policies).await?;
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
        self.told.sort_by_key(|t| (t.line.recorded_at, t.line.n));
        let lines = self
            .told
            .into_iter()
            .map(|t| t.line.into_row(t.kind, t.hash))
            .collect();
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

/// Inserts rows in as few statements as the databases take.
pub(super) async fn insert<E, M, A>(tx: &Tx, rows: Vec<M>) -> Result<()>
where
    E: EntityTrait,
    M: Into<A>,
    A: ActiveModelTrait<Entity = E> + Send,
{
    let columns = E::Column::iter().count().max(1);
    let mut rows = rows.into_iter().map(Into::into).peekable();
    while rows.peek().is_some() {
        let batch: Vec<A> = rows.by_ref().take(VALUES / columns).collect();
        E::insert_many(batch).exec_without_returning(tx).await?;
    }
    Ok(())
}
