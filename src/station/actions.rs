//! One scan: found, decided, recorded and kept in one transaction; refused, kept in another.

use chrono::{DateTime, Utc};
use entities::enums::{ReleaseReason, ScanOutcome};
use entities::ids::SiteId;
use entities::{device, medium, scan, site};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::access::Actor;
use crate::app::App;
use crate::db::Tx;
use crate::devices::lifecycle::{self, Action, NextAction};
use crate::devices::view::{DeviceView, LineView};
use crate::devices::{self, At, Event, State, media as device_media, record, steps};
use crate::error::{Error, Missing, Result};
use crate::seal::sha256;
use crate::station::rules::{self, Ask, Claim, ScanInput};
use crate::station::store::{self, Found, Kept, Standing};
use crate::workshop;

/// What became of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// An event was written.
    Recorded,
    /// It was written before, by this scan or by another.
    AlreadyRecorded,
    /// Nothing was asked.
    Shown,
    /// A rule said no.
    Refused,
}

/// The fate of a scan.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fate {
    /// Which scan.
    pub(crate) scan_id: Uuid,
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// The device as it is now.
    pub(crate) device: Option<DeviceView>,
    /// The line of the journal.
    pub(crate) event: Option<LineView>,
    /// What the scanner can do next.
    pub(crate) next_actions: Vec<NextAction>,
    /// Another moment was claimed than is kept.
    pub(crate) occurred_at_adjusted: bool,
    /// Why it was refused, as problem details.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<Value>,
    /// The row, for pages.
    #[serde(skip)]
    pub(crate) row: Option<device::Model>,
    /// It was at this site before the scan: received again.
    #[serde(skip)]
    pub(crate) was_here: bool,
}

/// What is kept in `scan.answer` of a scan that was not refused.
#[derive(Debug, Deserialize, Serialize)]
struct Answer {
    /// Number of the event, none when shown.
    n: Option<i64>,
    /// The claimed moment was adjusted.
    adjusted: bool,
    /// Somebody's earlier scan did it.
    #[serde(default)]
    already: bool,
}

/// Takes one scan.
///
/// # Errors
/// `id-reused` when the id was another scan's; what may pass at the next try (busy, stale). Every other refusal is a fate.
pub(crate) async fn scan(app: &App, actor: &Actor, input: &ScanInput) -> Result<Fate> {
    let now = app.clock.now();
    let id = input.scan_id.unwrap_or_else(|| app.clock.new_id());
    let hash = sha256(&serde_jcs::to_vec(input).map_err(Error::internal)?);
    match attempt(app, actor, id, input, &hash, now).await {
        Err(error) if rules::is_fate(&error) && !is_reuse(&error) => {
            refuse(app, actor, id, input, &hash, &error, now).await
        }
        other => other,
    }
}

const fn is_reuse(error: &Error) -> bool {
    matches!(error, Error::Refused { code, .. } if matches!(code.as_bytes(), b"id-reused"))
}

/// A scan's own transaction: everything it wrote is dropped when it is refused.
async fn attempt(
    app: &App,
    actor: &Actor,
    id: Uuid,
    input: &ScanInput,
    hash: &[u8],
    now: DateTime<Utc>,
) -> Result<Fate> {
    let code = devices::store::read_code(&input.code)?;
    let standing = match (&input.site, actor.site) {
        (Some(name), _) => Standing::Named(name.clone()),
        (None, Some(site)) => Standing::Usual(site),
        (None, None) => Standing::Nowhere,
    };
    let tx = app.db.write().await?;
    let found = match store::load(&tx, code.as_str(), &standing, id).await? {
        Some(found) => found,
        None => former(&tx, code.as_str(), &standing, id).await?,
    };
    if let Some(before) = &found.scan {
        let fate = replay(app, &tx, actor, before, hash).await?;
        return Ok(fate);
    }
    let here = place(actor, input, found.site.clone())?;
    let claim = rules::claim(input.occurred_at, found.device.registered_at, now);
    let done = match input.action {
        None => Done::nothing(&found),
        Some(action) => {
            let here = here
                .as_ref()
                .ok_or_else(|| Error::field("#/site", "Dites à quel site vous êtes."))?;
            let scan = Asked {
                action,
                input,
                here,
                claim,
                now,
            };
            perform(app, &tx, actor, &found, &scan).await?
        }
    };
    let answer = Answer {
        n: done.event.as_ref().map(|e| e.line.n),
        adjusted: claim.adjusted,
        already: done.outcome == Outcome::AlreadyRecorded,
    };
    let kept = Kept {
        id,
        code: code.as_str(),
        action: input.action.map(Action::as_str),
        site: here.as_ref().map(|s| s.id),
        device: Some(done.device.id),
        hash,
        outcome: if input.action.is_none() {
            ScanOutcome::Shown
        } else {
            ScanOutcome::Recorded
        },
        answer: serde_json::to_string(&answer).map_err(Error::internal)?,
        occurred: claim.occurred,
        recorded: now,
    };
    if !store::keep(&tx, actor, kept).await? {
        // The same scan came twice at once and the other was faster: ours is dropped.
        drop(tx);
        return stored(app, actor, id, hash).await;
    }
    let was_here = here.is_some_and(|h| found.device.site_id == Some(h.id));
    let mut fate = shown(&tx, actor, done.device, &done.media).await?;
    tx.commit().await?;
    fate.scan_id = id;
    fate.outcome = done.outcome;
    fate.event = done.event;
    fate.occurred_at_adjusted = claim.adjusted;
    fate.was_here = was_here;
    Ok(fate)
}

/// The rarer readings of a code: a label that was replaced.
async fn former(tx: &Tx, code: &str, standing: &Standing, id: Uuid) -> Result<Found> {
    if let Some(before) = store::scan(tx, id).await? {
        // A replay whose device has another label by now.
        let device = match before.device_id {
            Some(device) => devices::store::by_id(tx, device).await?,
            None => return Err(Error::UnknownCode),
        };
        return Ok(Found {
            media: device_media::of_device(tx, device.id).await?,
            device,
            site: None,
            scan: Some(before),
        });
    }
    let device = devices::store::by_code(tx, code).await?;
    store::load(tx, &device.code, standing, id)
        .await?
        .ok_or(Error::UnknownCode)
}

/// The site where the scanner stands, when they work there.
fn place(actor: &Actor, input: &ScanInput, found: Option<site::Model>) -> Result<Option<site::Model>> {
    match found {
        Some(site) if site.organisation_id == actor.organisation && site.active => Ok(Some(site)),
        Some(_) => Err(Error::refused("site-foreign", "")),
        None if input.site.is_some() => Err(Error::NotFound("site")),
        None => Ok(None),
    }
}

/// One scan that asks for something.
#[derive(Clone, Copy, Debug)]
struct Asked<'a> {
    action: Action,
    input: &'a ScanInput,
    here: &'a site::Model,
    claim: Claim,
    now: DateTime<Utc>,
}

/// What it did.
#[derive(Debug)]
struct Done {
    outcome: Outcome,
    device: device::Model,
    media: Vec<medium::Model>,
    event: Option<LineView>,
}

impl Done {
    fn nothing(found: &Found) -> Self {
        Self {
            outcome: Outcome::Shown,
            device: found.device.clone(),
            media: found.media.clone(),
            event: None,
        }
    }
}

async fn perform(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    found: &Found,
    scan: &Asked<'_>,
) -> Result<Done> {
    let event_name = rules::event_name(scan.action);
    if !lifecycle::role_may(event_name, actor.role) {
        return Err(Error::Forbidden(event_name));
    }
    if rules::needs_workshop(scan.action) && scan.here.kind != entities::enums::SiteKind::Workshop {
        return Err(Error::refused("not-a-workshop", ""));
    }
    let device = &found.device;
    let data = scan.input.data.clone().unwrap_or_default();
    let ask = rules::ask(scan.action, &data, scan.here.id)?;
    rules::must_be_here(scan.action, device.custody, device.site_id, scan.here.id)?;
    let by = actor.by();
    let at = At {
        occurred: scan.claim.occurred,
        recorded: scan.now,
    };
    let mut media = found.media.clone();
    let row = match ask {
        Ask::Record(event) => {
            if let Some(done) = rescan(tx, found, &event).await? {
                return Ok(done);
            }
            let event = seconded(app, tx, actor, device, event, data.second.as_deref()).await?;
            if matches!(event, Event::MadeReady { .. }) {
                may_be_ready(tx, device, &event).await?;
            }
            devices::record(tx, device, &event, &by, at).await?
        }
        Ask::Missing => {
            if let Some(done) = rescan(tx, found, &Event::DeclaredMissing {}).await? {
                return Ok(done);
            }
            missing(app, tx, actor, device, at).await?
        }
        Ask::Undo => record::undo(tx, device, &by, at, app.config.rules.undo_minutes).await?,
        Ask::Return { reason, may_wipe } => {
            let row = take_back(app, tx, actor, device, scan.here.id, reason, may_wipe, at).await?;
            media = device_media::of_device(tx, row.id).await?;
            row
        }
    };
    let event = LineView::of(&store::line(tx, row.id, row.version).await?)?;
    Ok(Done {
        outcome: Outcome::Recorded,
        device: row,
        media,
        event: Some(event),
    })
}

/// Whether the very thing has just been done: the lifecycle says no, and the last line of the journal is this event.
async fn rescan(tx: &Tx, found: &Found, event: &Event) -> Result<Option<Done>> {
    let Err(Error::Refused { code, .. }) = lifecycle::apply(&State::of(&found.device), event) else {
        return Ok(None);
    };
    if !matches!(code, "wrong-state" | "wrong-place") {
        return Ok(None);
    }
    let last = store::line(tx, found.device.id, found.device.version).await?;
    if last.event != event.name() {
        return Ok(None);
    }
    Ok(Some(Done {
        outcome: Outcome::AlreadyRecorded,
        event: Some(LineView::of(&last)?),
        ..Done::nothing(found)
    }))
}
