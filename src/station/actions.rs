//! One scan: found, decided, recorded and kept in one transaction; refused, kept in another.

use chrono::{DateTime, Utc};
use entities::enums::{BreachReason, CustodyKind, ReleaseReason, ScanOutcome};
use entities::{device, medium, scan, site};
use schemars::JsonSchema;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::access::Actor;
use crate::app::App;
use crate::clock::to_millisecond;
use crate::db::Tx;
use crate::devices::lifecycle::{self, Action, NextAction};
use crate::devices::medium_event::MediumEvent;
use crate::devices::view::{DeviceView, LineView};
use crate::devices::{self, At, Event, State, media as device_media, record, steps};
use crate::error::{Error, Missing, Result};
use crate::handover::steps::TakeBack;
use crate::seal::sha256;
use crate::station::next::{Last, next_actions};
use crate::station::rules::{self, Ask, Claim, ScanInput};
use crate::station::store::{self, Found, Kept, Standing};
use crate::web::problem;
use crate::{allocation, appointments, handover, recycling, requests, workshop};

/// What became of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
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
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Fate {
    /// Which scan.
    #[schemars(with = "String")]
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
    /// Why it was refused, as problem details: the answer itself then.
    #[serde(skip)]
    pub(crate) problem: Option<Value>,
    /// The row, for pages.
    #[serde(skip)]
    pub(crate) row: Option<device::Model>,
    /// It was at this site before the scan.
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
        return replay(app, &tx, actor, before, hash).await;
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
        tx.give_way().await?;
        return stored(app, actor, id, hash).await;
    }
    let was_here = here
        .as_ref()
        .is_some_and(|h| found.device.site_id == Some(h.id));
    let just = (done.outcome == Outcome::Recorded)
        .then(|| done.event.as_ref().map(|e| e.line.event.clone()))
        .flatten();
    let last = just.as_deref().map_or(Last::Unknown, Last::JustWritten);
    let shown = Shown {
        media: &done.media,
        here: here.as_ref(),
        last,
    };
    let mut fate = shown.with(app, &tx, actor, done.device).await?;
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
fn place(
    actor: &Actor,
    input: &ScanInput,
    found: Option<site::Model>,
) -> Result<Option<site::Model>> {
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
        Ask::Record(Event::Moved { site }) if rules::is_at(&State::of(device), site) => {
            // It is there: received before, or born there.
            let came = store::came(tx, device.id).await?;
            return Ok(Done {
                outcome: Outcome::AlreadyRecorded,
                event: Some(LineView::of(&came)?),
                ..Done::nothing(found)
            });
        }
        Ask::Record(event) => {
            if let Some(done) = rescan(tx, found, &event).await? {
                return Ok(done);
            }
            let event = seconded(app, tx, actor, device, event, data.second.as_deref()).await?;
            if matches!(event, Event::MadeReady { .. }) {
                may_be_ready(tx, device, &event).await?;
            }
            let row = devices::record(tx, device, &event, &by, at).await?;
            let line = LineView::written(device, &row, &event, &by, at);
            return Ok(Done {
                outcome: Outcome::Recorded,
                device: row,
                media,
                event: Some(line),
            });
        }
        Ask::Missing => {
            if let Some(done) = rescan(
                tx,
                found,
                &Event::DeclaredMissing {
                    reopened: Vec::new(),
                },
            )
            .await?
            {
                return Ok(done);
            }
            let row = missing(app, tx, actor, device, at).await?;
            media = device_media::of_device(tx, row.id).await?;
            row
        }
        Ask::Undo => {
            // Something was built on what would be taken back.
            if let Some(lot) = recycling::store::lot_of(tx, device.id.0).await? {
                return Err(Error::refused(
                    "nothing-to-undo",
                    format!(
                        "L’équipement est dans le lot {} : sortez-le d’abord du lot.",
                        lot.reference
                    ),
                ));
            }
            record::undo(tx, device, &by, at, app.config.rules.undo_minutes).await?
        }
        Ask::Return { reason, may_wipe } => {
            if let Some(done) = rescan_of_return(tx, found).await? {
                return Ok(done);
            }
            let back = TakeBack {
                site: scan.here.id,
                reason,
                may_wipe,
            };
            let row = handover::steps::take_back(app, tx, actor, device, back, at).await?;
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
    let Err(Error::Refused { code, .. }) = lifecycle::apply(&State::of(&found.device), event)
    else {
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

/// Whether the household has just given it back: it is no longer with it, and the last line says so.
async fn rescan_of_return(tx: &Tx, found: &Found) -> Result<Option<Done>> {
    if found.device.custody == CustodyKind::Household {
        return Ok(None);
    }
    let last = store::line(tx, found.device.id, found.device.version).await?;
    if last.event != "returned" {
        return Ok(None);
    }
    Ok(Some(Done {
        outcome: Outcome::AlreadyRecorded,
        event: Some(LineView::of(&last)?),
        ..Done::nothing(found)
    }))
}

/// The event with its second person, where the settings ask for one.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only these are told apart here"
)]
async fn seconded(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    device: &device::Model,
    event: Event,
    token: Option<&str>,
) -> Result<Event> {
    let wanted = match &event {
        Event::MadeReady { .. } => app.config.rules.ready_by_two,
        Event::EndOfLifeDeclared { .. } => {
            let above = app.config.rules.end_of_life_by_two_above_cents;
            above > 0
                && store::unit_value(tx, device)
                    .await?
                    .is_some_and(|value| value > above)
        }
        Event::Registered { .. }
        | Event::SanitisationStarted {}
        | Event::Sanitised {}
        | Event::SanitisationStopped { .. }
        | Event::RefurbishmentStarted {}
        | Event::Reopened {}
        | Event::MediumFound { .. }
        | Event::Rescued { .. }
        | Event::Allocated { .. }
        | Event::Released { .. }
        | Event::HandedOver { .. }
        | Event::Returned { .. }
        | Event::Dispatched { .. }
        | Event::Received { .. }
        | Event::Moved { .. }
        | Event::DeclaredMissing { .. }
        | Event::Found { .. }
        | Event::Recycled { .. }
        | Event::MediaInventoried { .. }
        | Event::MediumRemoved { .. }
        | Event::MediumUnlisted { .. }
        | Event::WipingAgreed {}
        | Event::MediumFitted { .. }
        | Event::MediumSanitised { .. }
        | Event::Checked { .. }
        | Event::Graded { .. }
        | Event::Relabelled { .. }
        | Event::Disputed {}
        | Event::Settled { .. }
        | Event::Undone { .. } => false,
    };
    if !wanted {
        return Ok(event);
    }
    let Some(token) = token else {
        return Err(Error::missing(
            "one-person-two-steps",
            "Une seconde personne doit confirmer cette étape.",
            vec![Missing::new(
                "second-person",
                "Le code de témoin d’une seconde personne, ou son jeton dans « data.second » pour un programme.",
            )],
        ));
    };
    let second =
        crate::access::steps::second_person(app, tx, actor, token, "#/data/second").await?;
    if !lifecycle::role_may(event.name(), second.role) {
        return Err(Error::Forbidden(event.name()));
    }
    Ok(match event {
        Event::MadeReady { .. } => Event::MadeReady {
            seconded_by: Some(second.account),
        },
        Event::EndOfLifeDeclared { reason, .. } => Event::EndOfLifeDeclared {
            reason,
            seconded_by: Some(second.account),
        },
        other => other,
    })
}

/// Says everything that is missing at once: what the row wants and what the minimum specification wants.
async fn may_be_ready(tx: &Tx, device: &device::Model, event: &Event) -> Result<()> {
    let outside = workshop::steps::specification_missing(tx, device).await?;
    match lifecycle::apply(&State::of(device), event) {
        Err(Error::Refused {
            code: "not-ready",
            detail,
            mut missing,
        }) => {
            missing.extend(outside);
            Err(Error::Refused {
                code: "not-ready",
                detail,
                missing,
            })
        }
        Err(error) => Err(error),
        Ok(_) if outside.is_empty() => Ok(()),
        Ok(_) => Err(Error::missing("not-ready", "", outside)),
    }
}

/// Nobody knows where it is: its hold is lost first, and open media open a data-breach case.
async fn missing(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    device: &device::Model,
    at: At,
) -> Result<device::Model> {
    if let (CustodyKind::Site, Some(site)) = (device.custody, device.site_id) {
        // Only who works where it should be can say that it is not there.
        crate::access::steps::own_site(tx, actor, site).await?;
    }
    let by = actor.by();
    let kept = match device.custody {
        CustodyKind::Household => allocation::steps::live_of_device(tx, device.id).await?,
        CustodyKind::Site | CustodyKind::Shipment | CustodyKind::Missing | CustodyKind::Gone => {
            None
        }
    };
    let free =
        appointments::steps::lose_hold(app, tx, device, ReleaseReason::Missing, &by, at).await?;
    // What a household had is open again, wherever it turns up.
    let inside = match kept {
        Some(_) => device_media::of_device(tx, device.id).await?,
        None => Vec::new(),
    };
    let closed: Vec<_> = inside.iter().filter(|medium| !medium.open).collect();
    let event = Event::DeclaredMissing {
        reopened: closed.iter().map(|medium| medium.id).collect(),
    };
    let row = devices::record(tx, &free, &event, &by, at).await?;
    for medium in closed {
        device_media::record(tx, medium, &MediumEvent::Returned {}, None, &by, at).await?;
    }
    if let Some(kept) = kept {
        allocation::steps::end_kept(tx, &kept, ReleaseReason::Lost, at.recorded).await?;
        let request = requests::steps::lock(tx, kept.request_id).await?;
        requests::steps::closed(tx, &request, at.recorded).await?;
    }
    if row.open_media > 0 || !row.media_known {
        steps::open_breach_case(tx, row.id.0, BreachReason::Missing, at.recorded).await?;
    }
    Ok(row)
}

/// A refused scan is kept in a transaction of its own, so that a replay answers the same.
async fn refuse(
    app: &App,
    actor: &Actor,
    id: Uuid,
    input: &ScanInput,
    hash: &[u8],
    error: &Error,
    now: DateTime<Utc>,
) -> Result<Fate> {
    let code = devices::store::read_code(&input.code).ok();
    let tx = app.db.write().await?;
    let device = match &code {
        Some(code) => devices::store::by_code(&tx, code.as_str()).await.ok(),
        None => None,
    };
    let problem = problem::body(error);
    let kept = Kept {
        id,
        // What is no code may be anything somebody typed: it is not kept.
        code: code.as_ref().map_or("", |c| c.as_str()),
        action: input.action.map(Action::as_str),
        site: None,
        device: device.as_ref().map(|d| d.id),
        hash,
        outcome: ScanOutcome::Refused,
        answer: problem.to_string(),
        occurred: input.occurred_at.map_or(now, to_millisecond),
        recorded: now,
    };
    if !store::keep(&tx, actor, kept).await? {
        tx.give_way().await?;
        return stored(app, actor, id, hash).await;
    }
    let mut fate = refused(id, problem);
    if let Some(row) = device {
        let media = device_media::of_device(&tx, row.id).await?;
        let now = Shown::of(&media).with(app, &tx, actor, row).await?;
        fate = Fate {
            device: now.device,
            next_actions: now.next_actions,
            row: now.row,
            ..fate
        };
    }
    tx.commit().await?;
    Ok(fate)
}

fn refused(id: Uuid, problem: Value) -> Fate {
    Fate {
        scan_id: id,
        outcome: Outcome::Refused,
        device: None,
        event: None,
        next_actions: Vec::new(),
        occurred_at_adjusted: false,
        problem: Some(problem),
        row: None,
        was_here: false,
    }
}

/// The stored outcome of a scan that came before or at the same time.
async fn stored(app: &App, actor: &Actor, id: Uuid, hash: &[u8]) -> Result<Fate> {
    let db = app.db.read();
    let before = store::scan(db, id).await?.ok_or(Error::Busy)?;
    replay(app, db, actor, &before, hash).await
}

/// Answers a scan that is known: the stored outcome, with the device as it is now.
///
/// # Errors
/// `id-reused` when it was somebody else's or had another body.
async fn replay(
    app: &App,
    db: &impl ConnectionTrait,
    actor: &Actor,
    before: &scan::Model,
    hash: &[u8],
) -> Result<Fate> {
    if before.account_id != actor.account || before.body_hash != hash {
        return Err(Error::refused("id-reused", ""));
    }
    let now = match before.device_id {
        None => None,
        Some(id) => {
            let row = devices::store::by_id(db, id).await?;
            let media = device_media::of_device(db, id).await?;
            Some(Shown::of(&media).with(app, db, actor, row).await?)
        }
    };
    let said: Value = serde_json::from_str(&before.answer).map_err(Error::internal)?;
    let mut fate = match now {
        Some(now) => now,
        None => refused(before.scan_id, Value::Null),
    };
    fate.scan_id = before.scan_id;
    if before.outcome == ScanOutcome::Refused {
        fate.outcome = Outcome::Refused;
        fate.problem = Some(said);
        return Ok(fate);
    }
    let answer: Answer = serde_json::from_value(said).map_err(Error::internal)?;
    fate.outcome = if before.outcome == ScanOutcome::Shown {
        Outcome::Shown
    } else {
        Outcome::AlreadyRecorded
    };
    fate.occurred_at_adjusted = answer.adjusted;
    if let (Some(device), Some(n)) = (before.device_id, answer.n) {
        fate.event = Some(LineView::of(&store::line(db, device, n).await?)?);
    }
    Ok(fate)
}

/// What is known of a device beside its row.
#[derive(Clone, Copy, Debug)]
struct Shown<'a> {
    media: &'a [medium::Model],
    /// A site known already.
    here: Option<&'a site::Model>,
    last: Last<'a>,
}

impl<'a> Shown<'a> {
    const fn of(media: &'a [medium::Model]) -> Self {
        Self {
            media,
            here: None,
            last: Last::Unknown,
        }
    }

    /// A device with what the actor can do next.
    async fn with(
        self,
        app: &App,
        db: &impl ConnectionTrait,
        actor: &Actor,
        row: device::Model,
    ) -> Result<Fate> {
        let next = next_actions(app, db, actor, &row, self.here, self.last).await?;
        let site = match (row.site_id, self.here) {
            (Some(id), Some(here)) if here.id == id => Some(here.slug.clone()),
            (Some(id), _) => Some(crate::access::store::site_by_id(db, id).await?.slug),
            (None, _) => None,
        };
        Ok(Fate {
            scan_id: Uuid::nil(),
            outcome: Outcome::Shown,
            device: Some(DeviceView::of(&row, site.as_deref()).with(self.media, next.clone())),
            event: None,
            next_actions: next,
            occurred_at_adjusted: false,
            problem: None,
            row: Some(row),
            was_here: false,
        })
    }
}
