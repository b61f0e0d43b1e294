//! Devices that are only background: written with the journal they would have, as far as the story needs.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::{
    CodeState, Condition, DeviceKind, DonationStatus, EnteredAs, EvidenceKind, Grade, ItemKind,
    Level, MediumCustody, MediumKind, OpenedBecause, Role, SanitisationResult, TestOutcome,
    Verification,
};
use entities::ids::{DeviceId, DonationId, GradingId, MediumId, SanitisationId};
use entities::{
    account_role, custody_event, device, device_code, device_test, donation, grading, medium,
    sanitisation, site,
};
use labels::code::Code;
use rebond::access::By;
use rebond::devices::event::{EndOfLifeReason, InventoriedMedium};
use rebond::devices::journal::{GENESIS, Line};
use rebond::devices::medium_event::MediumEvent;
use rebond::devices::{Event, State, lifecycle};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::TestApp;

/// How far a device of the background came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Far {
    Registered,
    Inventoried,
    Sanitised,
    Refurbishing,
    Checked,
    Ready,
}

/// A device to be: a laptop at the workshop, just taken in, until told otherwise.
pub(crate) struct DeviceBuilder<'a> {
    app: &'a TestApp,
    kind: DeviceKind,
    site: &'a site::Model,
    serial: Option<String>,
    grade: Grade,
    media: usize,
    far: Far,
    waste: bool,
    public_donor: bool,
}

impl TestApp {
    /// A device that is only background.
    pub(crate) const fn device(&self) -> DeviceBuilder<'_> {
        DeviceBuilder {
            app: self,
            kind: DeviceKind::Laptop,
            site: &self.world.workshop,
            serial: None,
            grade: Grade::B,
            media: 1,
            far: Far::Registered,
            waste: false,
            public_donor: false,
        }
    }

    /// The device as it is now.
    pub(crate) async fn device_now(&self, id: DeviceId) -> device::Model {
        device::Entity::find_by_id(id)
            .one(self.db.read())
            .await
            .unwrap()
            .unwrap()
    }

    async fn bench(&self) -> &account_role::Model {
        self.bench
            .get_or_init(|| async { self.person(Role::Refurbisher).await.part().clone() })
            .await
    }
}

impl<'a> DeviceBuilder<'a> {
    /// Another kind.
    pub(crate) const fn kind(mut self, kind: DeviceKind) -> Self {
        self.kind = kind;
        if matches!(kind, DeviceKind::Monitor | DeviceKind::Other) {
            self.media = 0;
        }
        self
    }

    /// Another site.
    pub(crate) const fn at(mut self, site: &'a site::Model) -> Self {
        self.site = site;
        self
    }

    /// Its serial number.
    pub(crate) fn serial(mut self, serial: &str) -> Self {
        self.serial = Some(serial.to_owned());
        self
    }

    /// How many disks are in it.
    pub(crate) const fn media(mut self, media: usize) -> Self {
        self.media = media;
        self
    }

    /// Given by a public body.
    pub(crate) const fn public_donor(mut self) -> Self {
        self.public_donor = true;
        self
    }

    /// Its media were inventoried and are open.
    pub(crate) const fn inventoried(mut self) -> Self {
        self.far = Far::Inventoried;
        self
    }

    /// Wiped.
    pub(crate) const fn sanitised(mut self) -> Self {
        self.far = Far::Sanitised;
        self
    }

    /// Wiped and on the bench.
    pub(crate) const fn refurbishing(mut self) -> Self {
        self.far = Far::Refurbishing;
        self
    }

    /// Wiped, checked and graded: only to be made ready.
    pub(crate) const fn checked(mut self) -> Self {
        self.far = Far::Checked;
        self
    }

    /// Ready to be given.
    pub(crate) const fn ready(mut self) -> Self {
        self.far = Far::Ready;
        self
    }

    /// The grade it got, B when nothing is said.
    pub(crate) const fn grade(mut self, grade: Grade) -> Self {
        self.grade = grade;
        self
    }

    /// Beyond use, wiped before.
    pub(crate) const fn end_of_life(mut self) -> Self {
        self.far = Far::Sanitised;
        self.waste = true;
        self
    }

    /// Writes it.
    #[expect(clippy::too_many_lines, reason = "one list told in one go")]
    #[expect(clippy::similar_names, reason = "the words of the field")]
    pub(crate) async fn build(self) -> device::Model {
        let bench = self.app.bench().await.clone();
        let at = self.app.clock.now() - TimeDelta::days(3);
        let by = By {
            account: Some(bench.account_id),
            role: bench.role.as_str(),
            organisation: Some(bench.organisation_id),
        };
        let id = DeviceId(self.app.clock.new_id());
        let code = Code::draw(|| self.app.chance.bytes::<1>()[0]);
        let donation = self.donation(&bench, at);
        let media: Vec<MediumId> = (0..self.media)
            .map(|_| MediumId(self.app.chance.random_id()))
            .collect();
        let wipes: Vec<SanitisationId> = media
            .iter()
            .map(|_| SanitisationId(self.app.chance.random_id()))
            .collect();
        let wiped = self.far >= Far::Sanitised;

        let mut events = vec![Event::Registered {
            kind: self.kind,
            site: self.app.world.workshop.id,
            donation: donation.id,
            code: code.as_str().to_owned(),
        }];
        events.extend(self.events(&media, &wipes));
        let mut state = State::born(self.kind, self.app.world.workshop.id);
        for event in &events[1..] {
            state = lifecycle::apply(&state, event).unwrap();
        }
        let (lines, head) = chain(
            id.0,
            ItemKind::Device,
            &by,
            at,
            events.iter().map(|e| (e.name(), e.data())),
        );
        let row = device::Model {
            id,
            code: code.as_str().to_owned(),
            kind: self.kind,
            make: Some("Lenovo".to_owned()),
            model: Some("ThinkPad T440".to_owned()),
            serial: self
                .serial
                .clone()
                .or_else(|| Some(format!("PF{}", &id.to_string()[..6].to_uppercase()))),
            asset_tag: None,
            condition: Condition::Working,
            donation_id: donation.id,
            processor: Some("Intel Core i5-8250U".to_owned()),
            memory_bytes: Some(8 << 30),
            weight_grams: Some(1800),
            stage: state.stage,
            custody: state.custody,
            site_id: state.site,
            shipment_id: state.shipment,
            held_for: None,
            allocation_id: None,
            handed_over_by: None,
            pack_id: None,
            frozen: false,
            media_known: state.media_known,
            open_media: state.open_media,
            wipe_refused: state.wipe_refused,
            grade: state.grade,
            locks_checked: state.locks_checked,
            open_locks: state.open_locks,
            stage_since: at,
            registered_at: at,
            version: i64::try_from(events.len()).unwrap(),
            head,
        };

        let tx = self.app.db.write().await.unwrap();
        donation.into_active_model().insert(&tx).await.unwrap();
        row.clone().into_active_model().insert(&tx).await.unwrap();
        device_code::Model {
            code: row.code.clone(),
            device_id: Some(id),
            medium_id: None,
            state: CodeState::Live,
            printed_at: at,
        }
        .into_active_model()
        .insert(&tx)
        .await
        .unwrap();
        for term in [&row.code, row.serial.as_ref().unwrap_or(&row.code)]
            .into_iter()
            .flat_map(|text| {
                let parts: Vec<String> = text.split('-').map(str::to_uppercase).collect();
                (0..parts.len())
                    .map(|from| parts[from..].concat())
                    .collect::<Vec<_>>()
            })
            .collect::<std::collections::BTreeSet<_>>()
        {
            entities::device_term::Model {
                term,
                device_id: id,
            }
            .into_active_model()
            .insert(&tx)
            .await
            .unwrap();
        }
        let mut journal = lines;
        if self.far >= Far::Inventoried {
            for (medium, wipe) in media.iter().zip(&wipes) {
                let (row, lines) = self.medium(*medium, id, wiped.then_some(*wipe), &by, at);
                row.into_active_model().insert(&tx).await.unwrap();
                journal.extend(lines);
                if wiped {
                    self.wipe(*wipe, *medium, id, &bench, at)
                        .into_active_model()
                        .insert(&tx)
                        .await
                        .unwrap();
                }
            }
        }
        for event in &events {
            if let Event::Graded {
                grade,
                grading,
                table_version,
            } = event
            {
                let row = grading::Model {
                    id: *grading,
                    device_id: id,
                    observations: "{}".to_owned(),
                    grade: *grade,
                    reasons: "[]".to_owned(),
                    table_version: table_version.clone(),
                    account_id: bench.account_id,
                    at,
                    body_hash: None,
                };
                row.into_active_model().insert(&tx).await.unwrap();
            }
            if let Event::Checked { tests, .. } = event {
                for (test, outcome) in tests {
                    let row = device_test::Model {
                        device_id: id,
                        test: test.clone(),
                        outcome: *outcome,
                        account_id: bench.account_id,
                        at,
                    };
                    row.into_active_model().insert(&tx).await.unwrap();
                }
            }
        }
        custody_event::Entity::insert_many(journal)
            .exec_without_returning(&tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        row
    }

    fn events(&self, media: &[MediumId], wipes: &[SanitisationId]) -> Vec<Event> {
        let mut events = Vec::new();
        let holds_data = rebond::devices::state::may_hold_data(self.kind);
        if self.far >= Far::Inventoried && holds_data {
            events.push(Event::MediaInventoried {
                media: media
                    .iter()
                    .map(|medium| InventoriedMedium {
                        medium: *medium,
                        kind: MediumKind::Hdd,
                        open: true,
                    })
                    .collect(),
                complete: true,
            });
        }
        if self.far >= Far::Sanitised {
            events.push(Event::SanitisationStarted {});
            events.extend(media.iter().zip(wipes).map(|(medium, sanitisation)| {
                Event::MediumSanitised {
                    medium: *medium,
                    sanitisation: *sanitisation,
                    level: Level::Clear,
                    was_open: true,
                }
            }));
            events.push(Event::Sanitised {});
        }
        if self.far >= Far::Refurbishing {
            events.push(Event::RefurbishmentStarted {});
        }
        if self.far >= Far::Checked {
            events.push(Event::Checked {
                locks_checked: true,
                open_locks: 0,
                tests: BTreeMap::from([("keyboard".to_owned(), TestOutcome::Pass)]),
            });
            events.push(Event::Graded {
                grade: self.grade,
                grading: GradingId(self.app.chance.random_id()),
                table_version: "test".to_owned(),
            });
        }
        if self.far >= Far::Ready {
            events.push(Event::MadeReady { seconded_by: None });
        }
        if self.waste {
            events.push(Event::EndOfLifeDeclared {
                reason: EndOfLifeReason::BeyondRepair,
                seconded_by: None,
            });
        }
        if self.site.id != self.app.world.workshop.id {
            events.push(Event::Moved { site: self.site.id });
        }
        events
    }

    fn donation(&self, taken_by: &account_role::Model, at: DateTime<Utc>) -> donation::Model {
        let id = self.app.chance.random_id();
        donation::Model {
            id: DonationId(id),
            reference: format!("D-2026-T{}", &id.simple().to_string()[..10]),
            site_id: self.app.world.counter.id,
            donor_id: None,
            entered_as: EnteredAs::Product,
            legal_basis: self.public_donor.then(|| "cg3p_l3212_2".to_owned()),
            unit_value_cents: self.public_donor.then_some(20_000),
            transfer_reference: None,
            public_donor: self.public_donor,
            consent_to_erasure: true,
            status: DonationStatus::Closed,
            received_by: taken_by.account_id,
            received_at: at,
            closed_at: Some(at),
            body_hash: Vec::new(),
            version: 1,
        }
    }

    #[expect(clippy::unused_self, reason = "the same shape as its neighbours")]
    fn medium(
        &self,
        id: MediumId,
        device: DeviceId,
        closed_by: Option<SanitisationId>,
        by: &By,
        at: DateTime<Utc>,
    ) -> (medium::Model, Vec<custody_event::ActiveModel>) {
        let mut events = vec![MediumEvent::MediaInventoried {
            device: Some(device),
            site: None,
            kind: MediumKind::Hdd,
            open: true,
            because: OpenedBecause::Donated,
        }];
        events.extend(closed_by.map(|sanitisation| MediumEvent::MediumSanitised {
            sanitisation,
            level: Level::Clear,
        }));
        let (lines, head) = chain(
            id.0,
            ItemKind::Medium,
            by,
            at,
            events.iter().map(|e| (e.name(), e.data())),
        );
        let row = medium::Model {
            id,
            code: None,
            device_id: Some(device),
            kind: MediumKind::Hdd,
            make: Some("Western Digital".to_owned()),
            model: Some("WD5000LPVX".to_owned()),
            serial: Some(format!("WD-{}", &id.to_string()[..8].to_uppercase())),
            capacity_bytes: Some(500_107_862_016),
            open: closed_by.is_none(),
            opened_because: OpenedBecause::Donated,
            closed_by,
            destroyed_at: None,
            custody: MediumCustody::Device,
            site_id: None,
            shipment_id: None,
            bound_for: None,
            body_hash: None,
            version: i64::try_from(events.len()).unwrap(),
            head,
        };
        (row, lines)
    }

    #[expect(clippy::unused_self, reason = "the same shape as its neighbours")]
    fn wipe(
        &self,
        id: SanitisationId,
        medium: MediumId,
        device: DeviceId,
        by: &account_role::Model,
        at: DateTime<Utc>,
    ) -> sanitisation::Model {
        sanitisation::Model {
            id,
            medium_id: medium,
            device_id: Some(device),
            evidence_id: None,
            evidence_kind: EvidenceKind::Declared,
            method: "overwrite".to_owned(),
            level: Level::Clear,
            tool: Some("nwipe 0.34".to_owned()),
            verification: Verification::LastPass,
            result: SanitisationResult::Success,
            reasons: "[]".to_owned(),
            account_id: by.account_id,
            at,
            body_hash: None,
        }
    }
}

/// The lines of an item's journal, and the hash of the last.
fn chain(
    item: Uuid,
    kind: ItemKind,
    by: &By,
    at: DateTime<Utc>,
    events: impl Iterator<Item = (&'static str, serde_json::Value)>,
) -> (Vec<custody_event::ActiveModel>, String) {
    let mut previous = GENESIS.to_owned();
    let mut rows = Vec::new();
    for (n, (event, data)) in (1..).zip(events) {
        let line = Line {
            item,
            n,
            event: event.to_owned(),
            version: rebond::devices::event::VERSION,
            occurred_at: at,
            recorded_at: at,
            actor: by.into(),
            data,
            previous: previous.clone(),
        };
        let hash = line.hash().unwrap();
        rows.push(custody_event::ActiveModel {
            seq: NotSet,
            item_id: Set(item),
            item_kind: Set(kind),
            n: Set(n),
            event: Set(line.event),
            version: Set(line.version),
            occurred_at: Set(at),
            recorded_at: Set(at),
            actor_account: Set(line.actor.account),
            actor_role: Set(line.actor.role),
            actor_organisation: Set(line.actor.organisation),
            data: Set(line.data.to_string()),
            previous: Set(previous),
            hash: Set(hash.clone()),
        });
        previous = hash;
    }
    (rows, previous)
}
