//! The import of machine reports: what describes a machine first, then what adds to one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, Utc};
use entities::enums::{Condition, CustodyKind, DonationStatus, EnteredAs, LineOutcome};
use entities::{device, donation, site};
use sea_orm::EntityTrait;

use super::file::{self, Content, Unreadable};
use super::report::{Imported, MachineRow, Outcome, Row, Totals, shown};
use super::rules::{self, Because, Identity};
use super::store;
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::db::Tx;
use crate::devices::At;
use crate::error::{Error, Result};
use crate::french;
use crate::intake::input::{DeviceInput, DonationInput};
use crate::intake::{births, store as gifts};
use crate::workshop::evidence::{Kind, Machine};
use crate::workshop::steps::{self as workshop, Report};

/// Tries of one file while others write.
const TRIES: usize = 3;

/// What to import, and where.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// Files and folders.
    pub(crate) paths: Vec<PathBuf>,
    /// Slug or id of the site where the machines are.
    pub(crate) site: String,
    /// Reference of an open gift they belong to; a new one without.
    pub(crate) donation: Option<String>,
    /// Only say what would be done.
    pub(crate) dry_run: bool,
}

/// Imports reports. Tells after each file how many are done, of how many.
///
/// # Errors
/// When the site or the gift named can't take them. What is wrong with a file is said in its row.
pub(crate) async fn import(
    app: &App,
    actor: &Actor,
    wanted: Wanted,
    mut done: impl FnMut(usize, usize) + Send,
) -> Result<Imported> {
    actor.require(Permission::TakeDonations)?;
    let site = access::store::site(app.db.read(), &wanted.site).await?;
    if site.organisation_id != actor.organisation || !site.active {
        return Err(Error::refused(
            "site-foreign",
            "Ce site n’est pas un de ceux de ce compte.",
        ));
    }
    let gift = match &wanted.donation {
        None => None,
        Some(reference) => Some(open_gift(app, &site, reference).await?),
    };
    let paths = wanted.paths;
    let found = tokio::task::spawn_blocking(move || file::find(&paths))
        .await
        .map_err(Error::internal)?;
    let mut run = Run {
        app,
        actor,
        site,
        gift,
        trial: wanted.dry_run,
        planned: Vec::new(),
        contents: BTreeMap::new(),
    };
    let all = found.len();
    let mut rows: Vec<Option<Row>> = Vec::with_capacity(all);
    let mut later = Vec::new();
    for one in &found {
        let row = match &one.problem {
            Some(why) => Some(Row::refused(shown(&one.path), "unreadable", why.clone())),
            None => run.first(&one.path).await,
        };
        if row.is_none() {
            later.push(rows.len());
        }
        rows.push(row);
        done(rows.len() - later.len(), all);
    }
    for (n, at) in later.iter().enumerate() {
        rows[*at] = Some(run.second(&found[*at].path).await);
        done(all - later.len() + n + 1, all);
    }
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    Ok(Imported {
        dry_run: run.trial,
        site: run.site.name,
        account: actor.name.clone(),
        donation: run.gift.map(|gift| gift.reference),
        totals: Totals::of(&rows),
        rows,
    })
}

async fn open_gift(app: &App, site: &site::Model, reference: &str) -> Result<donation::Model> {
    let gift = gifts::by_reference(app.db.read(), reference).await?;
    if gift.site_id != site.id {
        return Err(Error::setup(format!(
            "{reference} was not given at this site"
        )));
    }
    if gift.status == DonationStatus::Closed {
        return Err(Error::setup(format!(
            "{reference} is closed: name an open gift, or none for a new one"
        )));
    }
    if !gift.consent_to_erasure {
        return Err(Error::setup(format!(
            "{reference} has no agreement to the erasure of data"
        )));
    }
    Ok(gift)
}

/// A machine that a trial would register, and the file that describes it.
struct Planned {
    machine: Identity,
    file: String,
}

struct Run<'a> {
    app: &'a App,
    actor: &'a Actor,
    site: site::Model,
    gift: Option<donation::Model>,
    trial: bool,
    planned: Vec<Planned>,
    /// Files of this run that were taken, by content.
    contents: BTreeMap<String, String>,
}

impl Run<'_> {
    /// The row of a file, or none when it can only add to a machine and has to wait for all of them.
    async fn first(&mut self, path: &Path) -> Option<Row> {
        let name = shown(path);
        match read(path).await {
            Err(refused) => Some(unread(name, refused)),
            Ok(content) if describes(content.reading.kind) => {
                Some(self.tried(name, content, true).await)
            }
            Ok(_) => None,
        }
    }

    /// The row of a file that waited. It is read again: keeping all of them would fill the memory.
    async fn second(&mut self, path: &Path) -> Row {
        let name = shown(path);
        match read(path).await {
            Err(refused) => unread(name, refused),
            Ok(content) => self.tried(name, content, false).await,
        }
    }

    /// Takes a file; what goes wrong is its row, and tried again where others were only faster.
    async fn tried(&mut self, name: String, content: Content, whole: bool) -> Row {
        let kind = content.reading.kind;
        let mut tries = 1;
        loop {
            let row = if whole {
                self.machine(&name, &content).await
            } else {
                self.addition(&name, &content).await
            };
            match row {
                Ok(row) => {
                    if row.outcome != Outcome::Refused && row.outcome != Outcome::Unmatched {
                        self.contents.entry(content.sha256).or_insert(name);
                    }
                    return row;
                }
                Err(Error::Busy | Error::Stale(_)) if tries < TRIES => tries += 1,
                Err(error) => {
                    tracing::warn!(%error, "a report was not imported");
                    let mut row = Row::refused(name, "not-written", error.to_string());
                    row.recognised = Some(kind.code());
                    return row;
                }
            }
        }
    }

    /// The row of a content that was taken before, in this run or another.
    async fn before(&self, name: &str, content: &Content) -> Result<Option<Row>> {
        let mut row = Row::of(
            name.to_owned(),
            Outcome::Repeated,
            Some(content.reading.kind),
        );
        row.code = Some("same-content");
        let db = self.app.db.read();
        if let Some(evidence) = workshop::evidence_by_content(db, &content.sha256).await?
            && let Some(id) = evidence.device_id
        {
            row.devices = vec![crate::devices::store::by_id(db, id).await?.code];
            row.why = Some("contenu déjà pris".to_owned());
            return Ok(Some(row));
        }
        Ok(self.contents.get(&content.sha256).map(|other| {
            row.why = Some(format!("même contenu que {other}"));
            row
        }))
    }

    /// A report that describes a machine.
    async fn machine(&mut self, name: &str, content: &Content) -> Result<Row> {
        if let Some(row) = self.before(name, content).await? {
            return Ok(row);
        }
        let reading = &content.reading;
        let machine = reading.machine.clone().unwrap_or_default();
        if let Some((code, why)) = nothing_to_give(&machine) {
            let mut row = Row::refused(name.to_owned(), code, why.to_owned());
            row.recognised = Some(reading.kind.code());
            return Ok(row);
        }
        let identity = Identity::of(reading);
        let (kind, guessed) = rules::kind(&machine);
        let mut row = Row::of(name.to_owned(), Outcome::Registered, Some(reading.kind));
        row.machine = MachineRow::of(kind, reading);
        row.notes = notes(content);
        if guessed {
            row.notes.push(format!(
                "Le rapport ne dit pas quel type d’équipement c’est : pris pour « {} ».",
                crate::devices::words::kind(kind)
            ));
        }
        if self.trial {
            self.plan(name, identity, &mut row).await?;
            return Ok(row);
        }
        self.app.files.keep(&content.bytes).await?;
        let now = self.app.clock.now();
        let tx = self.app.db.write().await?;
        store::take_turns(&tx, &self.site).await?;
        let here = store::known(&tx, &identity).await?;
        let (gift, device) = if let Some((device, because)) = here {
            known(&mut row, &device, because);
            let device = crate::devices::steps::lock(&tx, device.id).await?;
            (self.gift.clone(), device)
        } else {
            let gift = self.gift(&tx, now).await?;
            let device = self
                .register(&tx, &gift, given(&machine, kind), now)
                .await?;
            (Some(gift), device)
        };
        store::mark(&tx, device.id, &identity).await?;
        self.take(&tx, content, device, &mut row, now).await?;
        tx.commit().await?;
        self.gift = gift;
        Ok(row)
    }

    /// What a machine's report would come to.
    async fn plan(&mut self, name: &str, identity: Identity, row: &mut Row) -> Result<()> {
        if let Some((device, because)) = store::known(self.app.db.read(), &identity).await? {
            known(row, &device, because);
            row.devices = vec![device.code];
            return Ok(());
        }
        let planned = self
            .planned
            .iter()
            .find_map(|planned| Some((planned, rules::same(&planned.machine, &identity)?)));
        if let Some((planned, because)) = planned {
            row.outcome = Outcome::Known;
            row.code = Some("same-machine");
            row.why = Some(format!("{}, comme {}", because.words(), planned.file));
            return Ok(());
        }
        self.planned.push(Planned {
            machine: identity,
            file: name.to_owned(),
        });
        Ok(())
    }

    /// A report that only adds to a machine: by its serial number, or by the disks it speaks of.
    async fn addition(&mut self, name: &str, content: &Content) -> Result<Row> {
        if let Some(row) = self.before(name, content).await? {
            return Ok(row);
        }
        let reading = &content.reading;
        let mut row = Row::of(name.to_owned(), Outcome::Added, Some(reading.kind));
        let identity = Identity::of(reading);
        let db = self.app.db.read();
        let mut devices = store::holders(db, &identity.disks).await?;
        if reading.machine.is_some() {
            devices.extend(
                store::known(db, &identity)
                    .await?
                    .map(|(device, _)| device.id),
            );
        }
        let planned = self.planned.iter().any(|planned| {
            !planned.machine.disks.is_disjoint(&identity.disks)
                || rules::same(&planned.machine, &identity).is_some()
        });
        if devices.is_empty() && !planned {
            row.outcome = Outcome::Unmatched;
            row.code = Some("no-device");
            row.why = Some("aucun équipement n’a ce disque ni ce numéro de série".to_owned());
            return Ok(row);
        }
        row.notes = notes(content);
        for id in &devices {
            let device = crate::devices::store::by_id(db, *id).await?;
            if self.trial {
                row.devices.push(device.code);
            }
        }
        if self.trial {
            return Ok(row);
        }
        self.app.files.keep(&content.bytes).await?;
        let now = self.app.clock.now();
        let tx = self.app.db.write().await?;
        for id in devices {
            let device = crate::devices::steps::lock(&tx, id).await?;
            self.take(&tx, content, device, &mut row, now).await?;
        }
        tx.commit().await?;
        Ok(row)
    }

    /// Keeps a report as evidence of a device and takes over what it says.
    async fn take(
        &self,
        tx: &Tx,
        content: &Content,
        device: device::Model,
        row: &mut Row,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let report = Report {
            sha256: content.sha256.clone(),
            size: content.bytes.len(),
            reading: content.reading.clone(),
        };
        let at = At::now(now);
        let taken = workshop::take_report(self.app, tx, self.actor, report, device, at).await?;
        row.devices.push(taken.device.code);
        row.notes.extend(taken.questions);
        Ok(())
    }

    /// The gift of this run; made with its first device, so that a run that brings nothing opens none.
    async fn gift(&self, tx: &Tx, now: DateTime<Utc>) -> Result<donation::Model> {
        if let Some(gift) = &self.gift {
            return Ok(gift.clone());
        }
        let input = DonationInput {
            id: None,
            site: Some(self.site.slug.clone()),
            donor: None,
            entered_as: EnteredAs::Product,
            legal_basis: None,
            unit_value_cents: None,
            transfer_reference: None,
            consent_to_erasure: true,
            devices: Vec::new(),
            accessories: Vec::new(),
        };
        let year = french::local_date(now).year();
        let reference = access::steps::next_reference(tx, "D", year).await?;
        let hash = self
            .app
            .keys
            .keyed_hash("donation-import", reference.as_bytes());
        let row = births::donation(
            self.actor,
            &input,
            &self.site,
            None,
            reference,
            hash.to_vec(),
            now,
        );
        donation::Entity::insert(donation::ActiveModel::from(row.clone()))
            .exec_without_returning(tx)
            .await?;
        Ok(row)
    }

    async fn register(
        &self,
        tx: &Tx,
        gift: &donation::Model,
        given: DeviceInput,
        now: DateTime<Utc>,
    ) -> Result<device::Model> {
        let place = (gift.id, self.site.id);
        let by = self.actor.by();
        let device = births::device(self.app, tx, place, &given, None, &by, At::now(now)).await?;
        let index = store::lines(tx, gift.id).await?;
        births::line(tx, gift.id, index, &given, LineOutcome::New, device.id, now).await?;
        Ok(device)
    }
}

/// Reading some megabytes is done beside; a reader that fell over would cost its file only.
async fn read(path: &Path) -> Result<Content, Unreadable> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || file::read(&path))
        .await
        .unwrap_or_else(|_| {
            Err(Unreadable {
                code: "damaged",
                kind: None,
                why: "ce fichier n’a pas pu être lu".to_owned(),
            })
        })
}

fn unread(name: String, refused: Unreadable) -> Row {
    let mut row = Row::refused(name, refused.code, refused.why);
    row.recognised = refused.kind.map(Kind::code);
    row
}

/// Whether a kind of file describes the machine it was made on as a whole.
const fn describes(kind: Kind) -> bool {
    match kind {
        Kind::EreuseSnapshot | Kind::Lshw | Kind::LshwXml => true,
        Kind::NwipeLog
        | Kind::NwipePdf
        | Kind::UsodyReport
        | Kind::Smartctl
        | Kind::Dmidecode
        | Kind::Inxi
        | Kind::Unknown => false,
    }
}

fn nothing_to_give(machine: &Machine) -> Option<(&'static str, &'static str)> {
    if rules::is_virtual(machine) {
        return Some((
            "virtual-machine",
            "machine virtuelle : aucun équipement à donner",
        ));
    }
    (!rules::says_something(machine))
        .then_some(("no-machine", "ce rapport ne décrit aucun ordinateur"))
}

fn known(row: &mut Row, device: &device::Model, because: Because) {
    row.outcome = Outcome::Known;
    row.code = Some("same-machine");
    row.why = Some(because.words().to_owned());
    let place = match device.custody {
        CustodyKind::Site | CustodyKind::Shipment => return,
        CustodyKind::Household | CustodyKind::Missing | CustodyKind::Gone => {
            crate::devices::words::custody(device.custody)
        }
    };
    row.notes.push(format!(
        "D’après le registre, cet équipement est ailleurs ({place}) : s’il est revenu, scannez son étiquette."
    ));
}

/// What the reader would have a person look at.
fn notes(content: &Content) -> Vec<String> {
    let reading = &content.reading;
    let mut notes: Vec<String> = reading
        .warnings
        .iter()
        .map(|warning| warning.text.clone())
        .collect();
    if !reading.erasures.is_empty() {
        notes.push(
            "Ce rapport parle d’effacements : l’atelier dira s’ils comptent pour cet équipement."
                .to_owned(),
        );
    }
    notes
}

/// The machine as the counter would have written it.
fn given(machine: &Machine, kind: entities::enums::DeviceKind) -> DeviceInput {
    DeviceInput {
        kind,
        make: short(machine.make.as_deref(), 64),
        model: short(workshop::model_of(machine).as_deref(), 100),
        serial: machine.serial.clone(),
        asset_tag: None,
        condition: Condition::Unknown,
        code: None,
    }
}

fn short(text: Option<&str>, most: usize) -> Option<String> {
    text.map(|text| text.chars().take(most).collect())
}
