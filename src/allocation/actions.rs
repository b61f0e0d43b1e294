//! What coordinators do: hold a device for a request, let a run match the queue. Releasing a hold may end a visit: it
//! belongs to the appointments.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::enums::{CustodyKind, Stage};
use entities::ids::{AllocationId, DeviceId, RequestId, RunId};
use entities::{allocation, allocation_run, device, request};
use schemars::JsonSchema;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::rules::{self, DeviceFacts, RequestFacts};
use super::view::HoldView;
use super::{steps, store};
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices;
use crate::error::{Error, Missing, Result};
use crate::requests;
use crate::requests::rules::Reason;
use crate::web::Created;

/// Requests that one run looks at, in the order of the queue.
const MOST_REQUESTS: u64 = 1000;
/// Devices that one run looks at, the longest ready first.
const MOST_DEVICES: u64 = 2000;

/// Declares why a coordinator holds a device directly.
macro_rules! direct_reasons {
    ($($variant:ident = $word:literal $french:literal),+ $(,)?) => {
        /// Why a device is held for a request beside the queue.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
        pub(crate) enum DirectReason {
            $(
                #[doc = concat!("`", $word, "`")]
                #[serde(rename = $word)]
                $variant,
            )+
        }

        impl DirectReason {
            /// All reasons.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the API.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The words on the screen.
            pub(crate) const fn french(self) -> &'static str {
                match self { $(Self::$variant => $french),+ }
            }
        }
    };
}

direct_reasons! {
    Urgent = "urgent_need" "Besoin urgent",
    Fit = "specific_fit" "Convient à un besoin particulier",
    Exchange = "exchange" "Échange d’un équipement en panne",
    Earmarked = "earmarked" "Équipement fléché par son financeur",
    Correction = "correction" "Correction d’une erreur",
}

/// Holds this device for this request.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct AllocateInput {
    /// Client-made identity: the same again answers what was stored.
    pub(crate) id: Option<Uuid>,
    /// Reference of the request.
    #[validate(length(max = 40, message = "Référence inconnue."))]
    pub(crate) request: String,
    /// Code of the device.
    #[validate(length(max = 200, message = "Code trop long."))]
    pub(crate) device: String,
    /// Why this one.
    pub(crate) reason: DirectReason,
}

/// Whether a run is applied or only looked at.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunInput {
    /// Client-made identity: the same again answers what was stored.
    pub(crate) id: Option<Uuid>,
    /// Applies what the run finds.
    #[serde(default)]
    pub(crate) apply: bool,
}

/// One pair of a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PairView {
    /// The allocation, none of a preview.
    pub(crate) id: Option<Uuid>,
    /// Reference of the request.
    pub(crate) request: String,
    /// Code of the device.
    pub(crate) device: String,
    /// Place in the queue, from 1.
    pub(crate) rank: usize,
    /// Why this request now, and why this device.
    pub(crate) reasons: Vec<Reason>,
}

/// One request that goes on waiting.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct UnservedView {
    /// Reference of the request.
    pub(crate) request: String,
    /// Place in the queue, from 1.
    pub(crate) rank: usize,
    /// What it waits for.
    pub(crate) missing: Vec<Missing>,
}

/// What a run found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RunView {
    /// The run.
    pub(crate) id: Uuid,
    /// It was applied.
    pub(crate) applied: bool,
    /// Pairs, by rank.
    pub(crate) allocated: Vec<PairView>,
    /// The others, by rank.
    pub(crate) unserved: Vec<UnservedView>,
    /// An algorithm took part, and how to ask for its working (CRPA L311-3-1).
    pub(crate) mention: &'static str,
}

/// Holds a device for a request, directly.
///
/// # Errors
/// `request-not-waiting`, `device-already-held`, `request-already-held`, `kind-mismatch`, `quota-reached`,
/// `one-person-two-steps`, `id-reused` and what the rule lacks.
pub(crate) async fn allocate(
    app: &App,
    actor: &Actor,
    input: &AllocateInput,
) -> Result<Created<HoldView>> {
    actor.require(Permission::Allocate)?;
    let now = app.clock.now();
    let id = AllocationId(input.id.unwrap_or_else(|| id_at(now)));
    let tx = app.db.write().await?;
    let request = requests::steps::by_reference(&tx, &input.request).await?;
    let request = requests::steps::lock(&tx, request.id).await?;
    let device = devices::steps::find(&tx, &input.device).await?;
    // Looked up under the request's lock: of two that are sent at once the second finds the first.
    if input.id.is_some()
        && let Some(stored) = store::found(&tx, id).await?
    {
        let same = stored.run_id.is_none()
            && stored.request_id == request.id
            && stored.device_id == device.id
            && stored.allocated_by == actor.account
            && stored.reason == input.reason.as_str();
        if !same {
            return Err(Error::refused("id-reused", ""));
        }
        return Ok(Created {
            body: HoldView::of(&stored, request, device),
            replayed: true,
        });
    }
    requests::steps::must_wait(&request)?;
    let why = Reason::new(input.reason.as_str(), input.reason.french());
    let hold = steps::hold(
        app,
        &tx,
        id,
        &request,
        &device,
        actor,
        None,
        input.reason.as_str(),
        &[why],
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(Created {
        body: HoldView::of(&hold, request, device),
        replayed: false,
    })
}

/// Matches the queue with the devices that are ready: priority, then age. Looked at, or applied.
///
/// # Errors
/// `id-reused` when the id served for another run.
pub(crate) async fn run(app: &App, actor: &Actor, input: RunInput) -> Result<Created<RunView>> {
    actor.require(Permission::Allocate)?;
    let now = app.clock.now();
    if let Some(stored) = stored(app, actor, input).await? {
        return Ok(stored);
    }
    let policy = requests::steps::policy(app);
    let (waiting, facts) = queue(app).await?;
    let ready = ready(app).await?;
    let devices: Vec<DeviceFacts> = ready.iter().map(steps::device_facts).collect();
    let mut found = rules::run(&facts, &devices, &policy.allocation.best_grade_for);

    let requests: HashMap<RequestId, &request::Model> = waiting.iter().map(|r| (r.id, r)).collect();
    let codes: HashMap<DeviceId, &device::Model> = ready.iter().map(|d| (d.id, d)).collect();
    let id = RunId(input.id.unwrap_or_else(|| id_at(now)));
    let inputs = serde_json::json!({ "requests": facts, "devices": devices });
    let tx = app.db.write().await?;
    let row = allocation_run::Model {
        id,
        by_account: actor.account,
        at: now,
        applied: input.apply,
        policy_version: policy.version.clone(),
        inputs: inputs.to_string(),
        result: "{}".to_owned(),
    };
    if !store::insert_run(&tx, row).await? {
        // The same run, sent twice at once: the other one won.
        tx.give_way().await?;
        return stored(app, actor, input).await?.ok_or(Error::Stale("run"));
    }
    let mut view = RunView {
        id: id.0,
        applied: input.apply,
        allocated: Vec::new(),
        unserved: Vec::new(),
        mention: requests::reasons::mention(),
    };
    let mut taken = Vec::new();
    for pair in &found.pairs {
        let (Some(request), Some(device)) = (requests.get(&pair.request), codes.get(&pair.device))
        else {
            continue;
        };
        let held = if input.apply {
            match hold_pair(app, &tx, actor, id, request, device, &pair.reasons, now).await {
                Ok(hold) => Some(hold.id.0),
                // Somebody was faster between the look and the write: the request goes on waiting.
                Err(Error::Refused { .. } | Error::Stale(_)) => {
                    let missing = Missing::new(
                        "taken-meanwhile",
                        "Équipement ou demande pris entre-temps\u{a0}: relancez l’attribution.",
                    );
                    taken.push(rules::Unserved {
                        request: pair.request,
                        rank: pair.rank,
                        missing: vec![missing],
                    });
                    continue;
                }
                Err(error) => return Err(error),
            }
        } else {
            None
        };
        view.allocated.push(PairView {
            id: held,
            request: request.reference.clone(),
            device: device.code.clone(),
            rank: pair.rank,
            reasons: pair.reasons.clone(),
        });
    }
    // What is kept is what was given.
    found
        .pairs
        .retain(|pair| taken.iter().all(|one| one.request != pair.request));
    found.unserved.extend(taken);
    found.unserved.sort_by_key(|one| one.rank);
    for one in &found.unserved {
        if let Some(request) = requests.get(&one.request) {
            view.unserved.push(UnservedView {
                request: request.reference.clone(),
                rank: one.rank,
                missing: one.missing.clone(),
            });
        }
    }
    // What auditors read names requests by their random ids only.
    let result = serde_json::to_string(&found).map_err(Error::internal)?;
    store::set_result(&tx, id, result).await?;
    tx.commit().await?;
    Ok(Created {
        body: view,
        replayed: false,
    })
}

/// The run that was stored for a client-made id, as it was answered.
async fn stored(app: &App, actor: &Actor, input: RunInput) -> Result<Option<Created<RunView>>> {
    let Some(id) = input.id else { return Ok(None) };
    let db = app.db.read();
    let Some(row) = store::found_run(db, RunId(id)).await? else {
        return Ok(None);
    };
    if row.applied != input.apply || row.by_account != actor.account {
        return Err(Error::refused("id-reused", ""));
    }
    let found: rules::Run = serde_json::from_str(&row.result).map_err(Error::internal)?;
    let holds = store::of_run(db, row.id).await?;
    let mut view = RunView {
        id,
        applied: row.applied,
        allocated: Vec::new(),
        unserved: Vec::new(),
        mention: requests::reasons::mention(),
    };
    for pair in found.pairs {
        let device = devices::store::by_id(db, pair.device).await?;
        let hold = holds.iter().find(|hold| hold.request_id == pair.request);
        view.allocated.push(PairView {
            id: hold.map(|hold| hold.id.0),
            request: requests::steps::by_id(db, pair.request).await?.reference,
            device: device.code,
            rank: pair.rank,
            reasons: pair.reasons,
        });
    }
    for one in found.unserved {
        view.unserved.push(UnservedView {
            request: requests::steps::by_id(db, one.request).await?.reference,
            rank: one.rank,
            missing: one.missing,
        });
    }
    Ok(Some(Created {
        body: view,
        replayed: true,
    }))
}

/// One pair of a run, in a savepoint of its own.
#[expect(
    clippy::too_many_arguments,
    reason = "each is a thing that the law names"
)]
async fn hold_pair(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    run: RunId,
    request: &request::Model,
    device: &device::Model,
    reasons: &[Reason],
    now: DateTime<Utc>,
) -> Result<allocation::Model> {
    let point = tx.savepoint().await?;
    let request = requests::steps::lock(&point, request.id).await?;
    let device = devices::steps::lock(&point, device.id).await?;
    let hold = steps::hold(
        app,
        &point,
        AllocationId(id_at(now)),
        &request,
        &device,
        actor,
        Some(run),
        "run",
        reasons,
        now,
    )
    .await?;
    point.commit().await?;
    Ok(hold)
}

/// The queue, as the match sees it: a handful of queries, whatever its length; one by one only households that
/// received something.
async fn queue(app: &App) -> Result<(Vec<request::Model>, Vec<RequestFacts>)> {
    let db = app.db.read();
    let waiting = requests::steps::queue(db, MOST_REQUESTS).await?;
    let companions: Vec<RequestId> = waiting.iter().filter_map(|r| r.companion_of).collect();
    let mut looked_at: Vec<RequestId> = waiting.iter().map(|r| r.id).collect();
    looked_at.extend(&companions);
    let live = store::live_requests(db, looked_at).await?;
    let over = requests::steps::over_quota_among(app, db, &waiting, app.clock.now()).await?;
    let facts = waiting
        .iter()
        .map(|request| RequestFacts {
            id: request.id,
            kind: request.kind,
            need_use: request.need_use,
            status: request.status,
            holds_device: live.contains(&request.id),
            weight: request.priority.into(),
            filed_at: request.filed_at,
            approved_by: None,
            companion: request.companion_of.map(|of| rules::Companion {
                of,
                has_device: live.contains(&of),
            }),
            over_quota: over.contains(&request.id),
        })
        .collect();
    Ok((waiting, facts))
}

/// Devices that are ready and free, the longest ready first.
async fn ready(app: &App) -> Result<Vec<device::Model>> {
    Ok(device::Entity::find()
        .filter(device::Column::Stage.eq(Stage::Ready))
        .filter(device::Column::HeldFor.is_null())
        .filter(device::Column::Custody.is_in([CustodyKind::Site, CustodyKind::Shipment]))
        .order_by_asc(device::Column::Kind)
        .order_by_asc(device::Column::RegisteredAt)
        .order_by_asc(device::Column::Id)
        .limit(MOST_DEVICES)
        .all(app.db.read())
        .await?)
}

/// The latest runs, for coordinators and auditors: frozen inputs and results without any reference.
pub(crate) async fn history(
    app: &App,
    actor: &Actor,
    limit: u64,
) -> Result<Vec<allocation_run::Model>> {
    actor.require(Permission::Audit)?;
    store::runs(app.db.read(), limit).await
}

/// One run, whole, with the devices it gave.
pub(crate) async fn past(
    app: &App,
    actor: &Actor,
    id: Uuid,
) -> Result<(allocation_run::Model, Vec<device::Model>)> {
    actor.require(Permission::Audit)?;
    let db = app.db.read();
    let run = store::run(db, RunId(id)).await?;
    let result: serde_json::Value = serde_json::from_str(&run.result).map_err(Error::internal)?;
    let given = result["pairs"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|pair| Uuid::parse_str(pair["device"].as_str()?).ok())
        .map(DeviceId);
    let devices = device::Entity::find()
        .filter(device::Column::Id.is_in(given))
        .all(db)
        .await?;
    Ok((run, devices))
}
