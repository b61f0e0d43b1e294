//! A tool's file handed in: kept as it is, read, and applied to a device as far as it proves anything.

mod age;
mod apply;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use entities::ids::{EvidenceId, SiteId};
use entities::{device, evidence};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;

pub(in crate::workshop) use self::age::{asked, before_donation, naive_moment};
pub(crate) use self::apply::{Applied, Refused, Said};
pub(in crate::workshop) use self::apply::{
    Handing, about, apply, apply_loose, no_medium, proposed, take_over,
};
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::At;
use crate::error::{Error, FieldError, Result};
use crate::workshop::evidence::{self as files, Reading};
use crate::workshop::{bench, store};

/// A file as it was read, and where it is kept.
#[derive(Debug)]
pub(in crate::workshop) struct File {
    pub(in crate::workshop) sha256: String,
    pub(in crate::workshop) size: usize,
    pub(in crate::workshop) reading: Reading,
}

/// What became of a file handed in for a device.
#[derive(Debug)]
pub(crate) struct HandedIn {
    /// Its line in the register.
    pub(crate) evidence: evidence::Model,
    /// What it says.
    pub(crate) reading: Reading,
    /// What followed.
    pub(crate) applied: Applied,
    /// The same file had been handed in before.
    pub(crate) again: bool,
}

/// Hands in a file for a device. The same file twice is one line; what it can prove now is applied again.
///
/// # Errors
/// A field error when the file is of no form that is read.
pub(crate) async fn hand_in(
    app: &App,
    actor: &Actor,
    code: &str,
    bytes: Vec<u8>,
    confirmed: &BTreeSet<String>,
) -> Result<HandedIn> {
    actor.require(Permission::Refurbish)?;
    let file = keep(app, bytes).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let device = bench::device_of(&tx, actor, code).await?;
    bench::may_cause(actor, "medium_sanitised")?;
    let before = store::same_evidence(&tx, &file.sha256, Some(device.id)).await?;
    let again = before.is_some();
    let evidence = match before {
        Some(row) => row,
        None => note(&tx, actor, &file, Some(&device), device.site_id, now).await?,
    };
    let applied = apply(
        Handing {
            app,
            tx: &tx,
            actor,
            evidence: &evidence,
            at: At::now(now),
        },
        device,
        &file.reading,
        confirmed,
    )
    .await?;
    tx.commit().await?;
    Ok(HandedIn {
        evidence,
        reading: file.reading,
        applied,
        again,
    })
}

/// Answers questions that a file left open: applies it again with what a person confirmed.
pub(crate) async fn answer(
    app: &App,
    actor: &Actor,
    code: &str,
    id: EvidenceId,
    confirmed: &BTreeSet<String>,
) -> Result<HandedIn> {
    actor.require(Permission::Refurbish)?;
    let kept = store::evidence(app.db.read(), id).await?;
    let reading = read_kept(app, &kept.sha256).await?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let device = bench::device_of(&tx, actor, code).await?;
    if kept.device_id != Some(device.id) {
        return Err(Error::NotFound("evidence"));
    }
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
        confirmed,
    )
    .await?;
    tx.commit().await?;
    Ok(HandedIn {
        evidence: kept,
        reading,
        applied,
        again: true,
    })
}

/// Reads a file and keeps it, before any transaction.
pub(in crate::workshop) async fn keep(app: &App, bytes: Vec<u8>) -> Result<File> {
    if bytes.is_empty() {
        return Err(Error::field("#/file", "Choisissez un fichier."));
    }
    let size = bytes.len();
    let (bytes, reading) = read(bytes).await?;
    let sha256 = app.files.keep(&bytes).await?;
    Ok(File {
        sha256,
        size,
        reading,
    })
}

/// Reads a file that is kept.
pub(crate) async fn read_kept(app: &App, sha256: &str) -> Result<Reading> {
    let bytes = app.files.read(sha256).await?;
    Ok(read(bytes).await?.1)
}

/// Reading some megabytes takes long enough to be done beside the other requests.
async fn read(bytes: Vec<u8>) -> Result<(Vec<u8>, Reading)> {
    tokio::task::spawn_blocking(move || {
        let reading = files::read(&bytes)
            .map_err(|error| Error::Invalid(vec![FieldError::new("#/file", error.to_string())]))?;
        Ok((bytes, reading))
    })
    .await
    .map_err(Error::internal)?
}

/// Writes the register's line about a file.
pub(in crate::workshop) async fn note(
    tx: &Tx,
    actor: &Actor,
    file: &File,
    device: Option<&device::Model>,
    site: Option<SiteId>,
    now: DateTime<Utc>,
) -> Result<evidence::Model> {
    store::file(tx, &file.sha256, file.size, media_type(&file.reading), now).await?;
    let tool = match &file.reading.tool_version {
        Some(version) => format!("{} {version}", file.reading.tool),
        None => file.reading.tool.clone(),
    };
    let row = evidence::Model {
        id: EvidenceId(id_at(now)),
        sha256: file.sha256.clone(),
        kind: file.reading.kind.code().to_owned(),
        tool: Some(tool),
        device_id: device.map(|device| device.id),
        site_id: site,
        account_id: actor.account,
        received_at: now,
        settled_at: device.map(|_| now),
    };
    evidence::Entity::insert(evidence::ActiveModel {
        id: Set(row.id),
        sha256: Set(row.sha256.clone()),
        kind: Set(row.kind.clone()),
        tool: Set(row.tool.clone()),
        device_id: Set(row.device_id),
        site_id: Set(row.site_id),
        account_id: Set(row.account_id),
        received_at: Set(row.received_at),
        settled_at: Set(row.settled_at),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(row)
}

/// By what was read, never by what was sent.
const fn media_type(reading: &Reading) -> &'static str {
    use files::Kind;
    match reading.kind {
        Kind::NwipeLog | Kind::Dmidecode => "text/plain",
        Kind::LshwXml => "application/xml",
        Kind::NwipePdf => "application/pdf",
        Kind::EreuseSnapshot
        | Kind::UsodyReport
        | Kind::Lshw
        | Kind::Smartctl
        | Kind::Inxi
        | Kind::Unknown => "application/json",
    }
}
