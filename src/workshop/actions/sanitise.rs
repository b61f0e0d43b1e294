//! Erasures of one medium: declared by a person, or shown by a tool's file; and what follows from them.

use entities::enums::{EvidenceKind, Level, SanitisationResult, Stage, Verification};
use entities::ids::{EvidenceId, MediumId, SanitisationId};
use entities::{device, medium, sanitisation};
use schemars::JsonSchema;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::removal::medium_in;
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::medium_event::MediumEvent;
use crate::devices::{self, At, Event, media};
use crate::error::{Error, FieldError, Missing, Result};
use crate::workshop::rules::{Declared, Verdict, judge_declared};
use crate::workshop::{bench, replay, store, words};

/// An erasure as a person types it.
#[derive(Debug, Deserialize, Serialize, JsonSchema, Validate)]
pub(crate) struct DeclaredInput {
    /// Made by the client: the same one again answers the same outcome.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<Uuid>")]
    pub(crate) id: Option<Uuid>,
    /// `overwrite`, `block_erase`, …
    pub(crate) method: String,
    /// `clear` or `purge`.
    pub(crate) level: String,
    /// What did it: « hdparm 9.65 ».
    #[validate(length(max = 100, message = "100 caractères au plus."))]
    pub(crate) tool: Option<String>,
    /// How it was verified.
    pub(crate) verification: String,
    /// `success`, `failure`, `aborted`.
    pub(crate) result: String,
}

/// What became of a declaration.
#[derive(Debug)]
pub(crate) struct Sanitised {
    /// The device as it is now.
    pub(crate) device: device::Model,
    /// The medium as it is now.
    pub(crate) medium: medium::Model,
    /// The register's line about it.
    pub(crate) sanitisation: sanitisation::Model,
    /// The same request came before.
    pub(crate) replayed: bool,
}

/// Keeps a declared erasure; a success that the rules accept closes the medium.
///
/// # Errors
/// `declared-not-accepted` where policy wants the tool's file, `not-evidenced` with each reason when
/// what is declared can't have made the data unrecoverable. Nothing is kept then.
pub(crate) async fn declare(
    app: &App,
    actor: &Actor,
    code: &str,
    id: MediumId,
    input: &DeclaredInput,
) -> Result<Sanitised> {
    let at = At::now(app.clock.now());
    let declared = Declared::parse(
        &input.method,
        &input.level,
        &input.verification,
        &input.result,
    )
    .map_err(|faults| {
        Error::Invalid(
            faults
                .into_iter()
                .map(|(field, detail)| FieldError::new(format!("#/{field}"), detail))
                .collect(),
        )
    })?;
    actor.require(Permission::Refurbish)?;
    let hash = replay::body_hash(actor, id.0, input)?;
    let tx = app.db.write().await?;
    if let Some(before) = stored(&tx, code, id, input.id, &hash).await? {
        return Ok(before);
    }
    let device = bench::device_of(&tx, actor, code).await?;
    bench::may_cause(actor, "medium_sanitised")?;
    let medium = medium_in(&tx, &device, id).await?;
    if device.wipe_refused {
        return Err(Error::refused("wipe-refused", ""));
    }
    if !medium.open {
        return Err(Error::refused("wrong-state", "Ce support est déjà effacé."));
    }
    let verdict = judge_declared(declared, &words::facts(&medium), words::accepted(app));
    let (level, result, reasons) = match &verdict {
        Verdict::Accepted { level, .. } => (
            words::level(*level),
            SanitisationResult::Success,
            Vec::new(),
        ),
        Verdict::NotEvidenced { reasons } if declared.success => {
            let code = if reasons.iter().any(|r| r.code == "declared-not-accepted") {
                "declared-not-accepted"
            } else {
                "not-evidenced"
            };
            let missing = reasons
                .iter()
                .map(|reason| Missing::new(reason.code, reason.text.clone()))
                .collect();
            return Err(Error::missing(
                code,
                "Cette déclaration ne suffit pas : le support reste ouvert.",
                missing,
            ));
        }
        // A failure is worth knowing: the disk may be faulty.
        Verdict::NotEvidenced { .. } => (
            words::level(declared.level),
            SanitisationResult::Failure,
            verdict.codes(),
        ),
    };
    let row = Row {
        id: input.id.map(SanitisationId),
        body_hash: Some(hash),
        evidence: None,
        kind: EvidenceKind::Declared,
        method: declared.method.code(),
        level,
        tool: input.tool.clone(),
        verification: words::verification(declared.verification),
        result,
        reasons,
    };
    let sanitisation = keep(&tx, actor, &medium, Some(&device), row, at).await?;
    let (device, medium) = if result == SanitisationResult::Success {
        close(&tx, actor, &device, &medium, &sanitisation, at).await?
    } else {
        (device, medium)
    };
    tx.commit().await?;
    Ok(Sanitised {
        device,
        medium,
        sanitisation,
        replayed: false,
    })
}

/// The outcome of the same declaration, sent before.
///
/// # Errors
/// `id-reused` when the id was another request's.
async fn stored(
    tx: &Tx,
    code: &str,
    medium: MediumId,
    id: Option<Uuid>,
    hash: &[u8],
) -> Result<Option<Sanitised>> {
    let before = match id {
        Some(id) => store::sanitisation(tx, SanitisationId(id)).await?,
        None => None,
    };
    let Some(sanitisation) = before else {
        return Ok(None);
    };
    replay::same(sanitisation.body_hash.as_ref(), hash)?;
    Ok(Some(Sanitised {
        device: devices::steps::find(tx, code).await?,
        medium: store::medium(tx, medium)
            .await?
            .ok_or(Error::NotFound("medium"))?,
        sanitisation,
        replayed: true,
    }))
}

/// What the register keeps of one erasure.
pub(in crate::workshop) struct Row {
    /// Made by the client.
    pub(in crate::workshop) id: Option<SanitisationId>,
    pub(in crate::workshop) body_hash: Option<Vec<u8>>,
    pub(in crate::workshop) evidence: Option<EvidenceId>,
    pub(in crate::workshop) kind: EvidenceKind,
    pub(in crate::workshop) method: &'static str,
    pub(in crate::workshop) level: Level,
    pub(in crate::workshop) tool: Option<String>,
    pub(in crate::workshop) verification: Verification,
    pub(in crate::workshop) result: SanitisationResult,
    pub(in crate::workshop) reasons: Vec<&'static str>,
}

/// Writes one line of the register.
pub(in crate::workshop) async fn keep(
    tx: &Tx,
    actor: &Actor,
    medium: &medium::Model,
    device: Option<&device::Model>,
    row: Row,
    at: At,
) -> Result<sanitisation::Model> {
    let row = sanitisation::Model {
        id: row.id.unwrap_or_else(|| SanitisationId(id_at(at.recorded))),
        medium_id: medium.id,
        device_id: device.map(|device| device.id),
        evidence_id: row.evidence,
        evidence_kind: row.kind,
        method: row.method.to_owned(),
        level: row.level,
        tool: row.tool,
        verification: row.verification,
        result: row.result,
        reasons: serde_json::json!(row.reasons).to_string(),
        account_id: actor.account,
        at: at.recorded,
        body_hash: row.body_hash,
    };
    let active = sanitisation::ActiveModel {
        id: Set(row.id),
        medium_id: Set(row.medium_id),
        device_id: Set(row.device_id),
        evidence_id: Set(row.evidence_id),
        evidence_kind: Set(row.evidence_kind),
        method: Set(row.method.clone()),
        level: Set(row.level),
        tool: Set(row.tool.clone()),
        verification: Set(row.verification),
        result: Set(row.result),
        reasons: Set(row.reasons.clone()),
        account_id: Set(row.account_id),
        at: Set(row.at),
        body_hash: Set(row.body_hash.clone()),
    };
    sanitisation::Entity::insert(active)
        .exec_without_returning(tx)
        .await?;
    Ok(row)
}

/// Closes a medium on both journals.
pub(in crate::workshop) async fn close(
    tx: &Tx,
    actor: &Actor,
    device: &device::Model,
    medium: &medium::Model,
    sanitisation: &sanitisation::Model,
    at: At,
) -> Result<(device::Model, medium::Model)> {
    let was_open = medium.open;
    let closed = close_loose(tx, actor, medium, sanitisation, at).await?;
    let event = Event::MediumSanitised {
        medium: medium.id,
        sanitisation: sanitisation.id,
        level: sanitisation.level,
        was_open,
    };
    let device = devices::record(tx, device, &event, &actor.by(), at).await?;
    Ok((device, closed))
}

/// Closes a medium that is in no device.
pub(in crate::workshop) async fn close_loose(
    tx: &Tx,
    actor: &Actor,
    medium: &medium::Model,
    sanitisation: &sanitisation::Model,
    at: At,
) -> Result<medium::Model> {
    let event = MediumEvent::MediumSanitised {
        sanitisation: sanitisation.id,
        level: sanitisation.level,
    };
    media::record(tx, medium, &event, None, &actor.by(), at).await
}

/// Never type what a tool can report: when its file closed the last open medium of a device that waits
/// to be wiped, the device is `sanitised` at once, in the same transaction.
pub(in crate::workshop) async fn conclude(
    tx: &Tx,
    actor: &Actor,
    device: device::Model,
    at: At,
) -> Result<device::Model> {
    let waits = matches!(device.stage, Stage::Intake | Stage::Sanitising);
    if waits && device.media_known && device.open_media == 0 {
        devices::record(tx, &device, &Event::Sanitised {}, &actor.by(), at).await
    } else {
        Ok(device)
    }
}
