//! Files handed in without a device: of a rack, or of a pulled disk. Each disk finds its medium by its
//! serial number; what finds none waits in the inbox until somebody says where it belongs.

use std::collections::{BTreeMap, BTreeSet};

use entities::enums::{CustodyKind, MediumCustody, SiteKind};
use entities::ids::{DeviceId, EvidenceId};
use entities::{device, evidence, medium, site};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::evidence::{
    Applied, File, HandedIn, Handing, Refused, Said, apply, apply_loose, keep, note, read_kept,
};
use crate::access::{Actor, Permission, steps as access};
use crate::app::App;
use crate::db::Tx;
use crate::devices::{self, At};
use crate::error::{Error, Result};
use crate::workshop::evidence::{Clue, Erasure, Reading, serial};
use crate::workshop::rules::{Identity, same_medium};
use crate::workshop::{bench, store, words};

/// What became of a file without a device.
#[derive(Debug)]
pub(crate) struct Sorted {
    /// What it says.
    pub(crate) reading: Reading,
    /// The devices it was about.
    pub(crate) devices: Vec<Applied>,
    /// The loose media it was about.
    pub(crate) loose: Vec<Loose>,
    /// The line that waits in the inbox, when something found no place.
    pub(crate) inbox: Option<EvidenceId>,
}

/// A loose medium that a file was about.
#[derive(Debug)]
pub(crate) struct Loose {
    /// The medium as it was found.
    pub(crate) medium: medium::Model,
    /// Taken over.
    pub(crate) applied: Vec<Said>,
    /// Not evidence.
    pub(crate) refused: Vec<Refused>,
}

/// Hands in a file without saying what it is about.
pub(crate) async fn sort(app: &App, actor: &Actor, bytes: Vec<u8>) -> Result<Sorted> {
    actor.require(Permission::Refurbish)?;
    bench::may_cause(actor, "medium_sanitised")?;
    let file = keep(app, bytes).await?;
    let now = app.clock.now();
    let at = At::now(now);
    let tx = app.db.write().await?;
    let here = access::standing_workshop(&tx, actor, None).await?;
    let benches = workshops(&tx, actor).await?;
    let found = Found::look(&tx, &benches, &file.reading).await?;
    let mut sorted = Sorted {
        reading: file.reading.clone(),
        devices: Vec::new(),
        loose: Vec::new(),
        inbox: None,
    };
    let nothing = BTreeSet::new();
    for id in &found.devices {
        let device = devices::steps::lock(&tx, *id).await?;
        let row = match store::same_evidence(&tx, &file.sha256, Some(*id)).await? {
            Some(row) => row,
            None => note(&tx, actor, &file, Some(&device), device.site_id, now).await?,
        };
        let only = found.part_of(&file.reading, *id);
        sorted
            .devices
            .push(apply(handing(app, &tx, actor, &row, at), device, &only, &nothing).await?);
    }
    if !found.loose.is_empty() || !found.unmatched.is_empty() || found.devices.is_empty() {
        let row = waiting(&tx, actor, &file, &here, at).await?;
        for (n, medium) in &found.loose {
            let Some(erasure) = file.reading.erasures.get(*n) else {
                continue;
            };
            let (applied, refused) =
                apply_loose(handing(app, &tx, actor, &row, at), medium, erasure).await?;
            sorted.loose.push(Loose {
                medium: medium.clone(),
                applied,
                refused,
            });
        }
        let waits =
            !found.unmatched.is_empty() || (found.devices.is_empty() && found.loose.is_empty());
        if waits {
            sorted.inbox = row.settled_at.is_none().then_some(row.id);
        } else if row.settled_at.is_none() {
            store::settle(&tx, row.id, None, now).await?;
        }
    }
    tx.commit().await?;
    Ok(sorted)
}

const fn handing<'a>(
    app: &'a App,
    tx: &'a Tx,
    actor: &'a Actor,
    evidence: &'a evidence::Model,
    at: At,
) -> Handing<'a> {
    Handing {
        app,
        tx,
        actor,
        evidence,
        at,
    }
}

/// Says which device a waiting file is about, and applies it.
pub(crate) async fn attach(
    app: &App,
    actor: &Actor,
    id: EvidenceId,
    code: &str,
) -> Result<HandedIn> {
    actor.require(Permission::Refurbish)?;
    let kept = own(app, actor, id).await?;
    let reading = read_kept(app, &kept.sha256).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let device = bench::device_of(&tx, actor, code).await?;
    store::settle(&tx, id, Some(device.id), now).await?;
    let kept = evidence::Model {
        device_id: Some(device.id),
        settled_at: Some(now),
        ..kept
    };
    let nothing = BTreeSet::new();
    let applied = apply(
        Handing {
            app,
            tx: &tx,
            actor,
            evidence: &kept,
            at: At::now(now),
        },
        device,
        &reading,
        &nothing,
    )
    .await?;
    tx.commit().await?;
    Ok(HandedIn {
        evidence: kept,
        reading,
        applied,
        again: false,
    })
}

/// Puts a file aside that is about nothing we have. It stays kept.
pub(crate) async fn put_aside(app: &App, actor: &Actor, id: EvidenceId) -> Result<()> {
    actor.require(Permission::Refurbish)?;
    own(app, actor, id).await?;
    let tx = app.db.write().await?;
    store::settle(&tx, id, None, app.clock.now()).await?;
    tx.commit().await
}

/// A file of the actor's own organisation; another's does not exist.
async fn own(app: &App, actor: &Actor, id: EvidenceId) -> Result<evidence::Model> {
    let kept = store::evidence(app.db.read(), id).await?;
    let own = match kept.site_id {
        Some(site) => {
            crate::access::store::site_by_id(app.db.read(), site)
                .await?
                .organisation_id
                == actor.organisation
        }
        None => kept.account_id == actor.account,
    };
    if own {
        Ok(kept)
    } else {
        Err(Error::NotFound("evidence"))
    }
}

/// The line of a file that belongs to no device, one for all the times it is handed in.
async fn waiting(
    tx: &Tx,
    actor: &Actor,
    file: &File,
    here: &site::Model,
    at: At,
) -> Result<evidence::Model> {
    match store::same_evidence(tx, &file.sha256, None).await? {
        Some(row) if row.site_id == Some(here.id) => Ok(row),
        _ => note(tx, actor, file, None, Some(here.id), at.recorded).await,
    }
}

async fn workshops(tx: &Tx, actor: &Actor) -> Result<Vec<site::Model>> {
    Ok(site::Entity::find()
        .filter(site::Column::OrganisationId.eq(actor.organisation))
        .filter(site::Column::Kind.eq(SiteKind::Workshop))
        .filter(site::Column::Active.eq(true))
        .all(tx)
        .await?)
}

/// What the disks of a file are, as far as their serial numbers tell.
#[derive(Debug, Default)]
struct Found {
    /// In order of id, so that rows are locked in one order everywhere.
    devices: BTreeSet<DeviceId>,
    /// Which erasure is about which device.
    erasures: BTreeMap<usize, DeviceId>,
    /// The device that the machine itself is.
    machine: Option<DeviceId>,
    /// Which erasure is about which loose medium.
    loose: Vec<(usize, medium::Model)>,
    /// Erasures of disks nobody knows.
    unmatched: Vec<usize>,
}

impl Found {
    async fn look(tx: &Tx, benches: &[site::Model], reading: &Reading) -> Result<Self> {
        let mut found = Self::default();
        for (n, erasure) in reading.erasures.iter().enumerate() {
            match medium_of(tx, benches, erasure).await? {
                Some(medium) => match medium.device_id {
                    Some(device) => {
                        found.devices.insert(device);
                        found.erasures.insert(n, device);
                    }
                    None => found.loose.push((n, medium)),
                },
                None => found.unmatched.push(n),
            }
        }
        if let Some(machine) = machine_of(tx, benches, reading).await? {
            found.devices.insert(machine);
            found.machine = Some(machine);
            // On a known machine a disk nobody inventoried may become known by this very file.
            for n in found.unmatched.drain(..) {
                found.erasures.insert(n, machine);
            }
        }
        Ok(found)
    }

    /// The part of a file that is about one device.
    fn part_of(&self, reading: &Reading, device: DeviceId) -> Reading {
        let mut part = reading.clone();
        part.erasures = reading
            .erasures
            .iter()
            .enumerate()
            .filter(|(n, _)| self.erasures.get(n) == Some(&device))
            .map(|(_, erasure)| erasure.clone())
            .collect();
        if self.machine != Some(device) {
            part.machine = None;
            part.disks.clear();
        }
        part
    }
}

/// The one medium on our benches that an erasure is about.
async fn medium_of(
    tx: &Tx,
    benches: &[site::Model],
    erasure: &Erasure,
) -> Result<Option<medium::Model>> {
    let Some(told) = erasure.serial.text() else {
        return Ok(None);
    };
    let cut = matches!(erasure.serial, Clue::Prefix(_));
    let mut same = Vec::new();
    for medium in store::media_by_serial(tx, told, cut).await? {
        let is = same_medium(erasure, &words::facts(&medium)) == Identity::Same;
        if is && on_a_bench(tx, benches, &medium).await? {
            same.push(medium);
        }
    }
    // Two that answer to the same number: a person decides.
    Ok(match same.len() {
        1 => same.pop(),
        _ => None,
    })
}

async fn on_a_bench(tx: &Tx, benches: &[site::Model], medium: &medium::Model) -> Result<bool> {
    let site = match (medium.custody, medium.device_id) {
        (MediumCustody::Device, Some(device)) => {
            let device = devices::store::by_id(tx, device).await?;
            device
                .site_id
                .filter(|_| device.custody == CustodyKind::Site)
        }
        (MediumCustody::Site, _) => medium.site_id,
        _ => None,
    };
    Ok(benches.iter().any(|bench| Some(bench.id) == site))
}

/// Most devices compared with a machine's serial number.
const MOST: usize = 20;

/// The one device on our benches that has the machine's serial number.
async fn machine_of(
    tx: &Tx,
    benches: &[site::Model],
    reading: &Reading,
) -> Result<Option<DeviceId>> {
    let Some(told) = reading.machine.as_ref().and_then(|m| m.serial.clone()) else {
        return Ok(None);
    };
    let filter = devices::search::Filter {
        q: Some(told.clone()),
        ..devices::search::Filter::default()
    };
    let told = serial::comparable(&told);
    let mut same: Vec<device::Model> = devices::search::page(tx, &filter, MOST)
        .await?
        .devices
        .into_iter()
        .filter(|device| {
            device.custody == CustodyKind::Site
                && benches.iter().any(|bench| Some(bench.id) == device.site_id)
                && device
                    .serial
                    .as_deref()
                    .is_some_and(|own| serial::comparable(own) == told)
        })
        .collect();
    Ok(match same.len() {
        1 => same.pop().map(|device| device.id),
        _ => None,
    })
}
