//! What coordinators do: hold a device for a request, let a run match the queue, release a hold.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::enums::{CustodyKind, ReleaseReason, Stage};
use entities::ids::{AllocationId, DeviceId, RequestId, RunId};
use entities::{allocation, allocation_run, device, request};
use schemars::JsonSchema;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::rules::{self, DeviceFacts, RequestFacts};
use super::{steps, store};
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::{self, At};
use crate::error::{Error, Missing, Result};
use crate::requests;
use crate::requests::rules::Reason;

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
    /// Applies what the run finds.
    #[serde(default)]
    pub(crate) apply: bool,
}

/// Why a coordinator releases a hold.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseInput {
    /// `no_show`, `cancelled`, `wrong_device` or `withdrawn`.
    pub(crate) reason: ReleaseReason,
}

/// One hold as the API shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HoldView {
    /// Identity.
    pub(crate) id: Uuid,
    /// Reference of the request.
    pub(crate) request: String,
    /// Code of the device.
    pub(crate) device: String,
    /// Until when it is held.
    pub(crate) ends_at: DateTime<Utc>,
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
/// `request-not-waiting`, `device-already-held`, `request-already-held`, `kind-mismatch`, `one-person-two-steps` and
/// what the rule lacks.
pub(crate) async fn allocate(app: &App, actor: &Actor, input: &AllocateInput) -> Result<HoldView> {
    actor.require(Permission::Allocate)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let request = requests::steps::waiting(&tx, &input.request).await?;
    let device = devices::steps::find(&tx, &input.device).await?;
    let why = Reason::new(input.reason.as_str(), input.reason.french());
    let hold = steps::hold(
        app,
        &tx,
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
    Ok(HoldView {
        id: hold.id.0,
        request: request.reference,
        device: device.code,
        ends_at: hold.ends_at,
    })
}

/// Releases a hold.
///
/// # Errors
/// Not found; `already-booked` while an appointment stands: it is cancelled first, by who made it.
pub(crate) async fn release(
    app: &App,
    actor: &Actor,
    id: Uuid,
    reason: ReleaseReason,
) -> Result<HoldView> {
    actor.require(Permission::Allocate)?;
    let allowed = matches!(
        reason,
        ReleaseReason::NoShow
            | ReleaseReason::Cancelled
            | ReleaseReason::WrongDevice
            | ReleaseReason::Withdrawn
    );
    if !allowed {
        return Err(Error::field(
            "#/reason",
            "Ce motif vient d’un événement, pas d’une décision.",
        ));
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let hold = store::by_id(&tx, AllocationId(id)).await?;
    // An absence is noted at the counter, where somebody was expected: a hold without a visit was nobody's to miss.
    let request = requests::steps::lock(&tx, hold.request_id).await?;
    if hold.ended_at.is_some() || hold.kept.is_some() {
        return Err(Error::refused("not-held", ""));
    }
    if store::is_booked(&tx, hold.request_id).await? {
        return Err(Error::refused(
            "already-booked",
            "Un rendez-vous est pris\u{a0}: il s’annule d’abord.",
        ));
    }
    let device = steps::release(app, &tx, &hold, reason, &actor.by(), At::now(now)).await?;
    tx.commit().await?;
    Ok(HoldView {
        id: hold.id.0,
        request: request.reference,
        device: device.code,
        ends_at: now,
    })
}

/// Matches the queue with the devices that are ready: priority, then age. Looked at, or applied.
pub(crate) async fn run(app: &App, actor: &Actor, input: RunInput) -> Result<RunView> {
    actor.require(Permission::Allocate)?;
    let now = app.clock.now();
    let policy = requests::steps::policy(app);
    let (waiting, facts) = queue(app).await?;
    let ready = ready(app).await?;
    let devices: Vec<DeviceFacts> = ready.iter().map(steps::device_facts).collect();
    let mut found = rules::run(&facts, &devices, &policy.allocation.best_grade_for);

    let requests: HashMap<RequestId, &request::Model> = waiting.iter().map(|r| (r.id, r)).collect();
    let codes: HashMap<DeviceId, &device::Model> = ready.iter().map(|d| (d.id, d)).collect();
    let id = RunId(id_at(now));
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
    store::insert_run(&tx, row).await?;
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
    Ok(view)
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

/// The queue, as the match sees it: three queries, whatever its length.
async fn queue(app: &App) -> Result<(Vec<request::Model>, Vec<RequestFacts>)> {
    let db = app.db.read();
    let waiting = requests::steps::queue(db, MOST_REQUESTS).await?;
    let companions: Vec<RequestId> = waiting.iter().filter_map(|r| r.companion_of).collect();
    let mut looked_at: Vec<RequestId> = waiting.iter().map(|r| r.id).collect();
    looked_at.extend(&companions);
    let live = store::live_requests(db, looked_at).await?;
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
