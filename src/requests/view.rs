//! A request as those who serve it read it: status derived, decision opened, names of colleagues; no name of the
//! household.

use chrono::{DateTime, Utc};
use entities::enums::{DeviceKind, NeedUse, Outcome, RequestStatus};
use entities::{decision, device, request};
use schemars::JsonSchema;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rules::Reason;
use super::store::{self, Standing};
use super::{reasons, words};
use crate::access;
use crate::app::App;
use crate::error::{Error, Result};
use crate::{devices, households};

/// The place that a decision's sentences are sealed for.
pub(super) const SENTENCES: &str = "decision.reasons";

/// The status that people and the API see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Somebody must look.
    NeedsReview,
    /// Waits for a device.
    Waiting,
    /// A device is held for it.
    Held,
    /// An appointment is booked for it.
    Booked,
    /// Its device was handed over.
    Served,
    /// A named human refused it.
    NotEligible,
    /// Taken back by who filed it.
    Withdrawn,
    /// The device came back.
    Closed,
}

impl Status {
    /// The status that is kept of a request that stands so.
    pub(crate) const fn kept(self) -> RequestStatus {
        match self {
            Self::NeedsReview => RequestStatus::NeedsReview,
            Self::Waiting | Self::Held | Self::Booked => RequestStatus::Waiting,
            Self::NotEligible => RequestStatus::NotEligible,
            Self::Withdrawn => RequestStatus::Withdrawn,
            Self::Served => RequestStatus::Served,
            Self::Closed => RequestStatus::Closed,
        }
    }

    /// Derived from what is kept and what is live.
    pub(crate) fn of(request: &request::Model, standing: &Standing) -> Self {
        match request.status {
            RequestStatus::NeedsReview => Self::NeedsReview,
            RequestStatus::Waiting if standing.booked => Self::Booked,
            RequestStatus::Waiting if standing.allocation.is_some() => Self::Held,
            RequestStatus::Waiting => Self::Waiting,
            RequestStatus::NotEligible => Self::NotEligible,
            RequestStatus::Withdrawn => Self::Withdrawn,
            RequestStatus::Served => Self::Served,
            RequestStatus::Closed => Self::Closed,
        }
    }
}

/// A request.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RequestView {
    /// `R-2026-000045`.
    pub(crate) reference: String,
    /// Derived.
    pub(crate) status: Status,
    /// What is needed.
    pub(crate) need: NeedView,
    /// The last decision.
    pub(crate) decision: DecisionView,
    /// When it was filed.
    pub(crate) filed_at: DateTime<Utc>,
    /// Approved and waiting since.
    pub(crate) waits_since: Option<DateTime<Utc>>,
    /// The device held for it, and until when.
    pub(crate) held: Option<HeldView>,
    /// The request whose device this one exchanges.
    pub(crate) replaces: Option<String>,
    /// The screen's request that goes with this desktop.
    pub(crate) companion: Option<String>,
    /// The desktop's request that this screen goes with.
    pub(crate) companion_of: Option<String>,
}

/// What is needed.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(crate) struct NeedView {
    /// Kind of device.
    pub(crate) kind: DeviceKind,
    /// What for.
    #[serde(rename = "use")]
    pub(crate) need_use: NeedUse,
}

/// A decision with every reason.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct DecisionView {
    /// Answer.
    pub(crate) outcome: Outcome,
    /// Everything that took part, in plain French.
    pub(crate) reasons: Vec<Reason>,
    /// Proofs that would settle it.
    pub(crate) missing: Vec<Reason>,
    /// Which rules.
    pub(crate) policy_version: String,
    /// What the household pays, before the cap of its device; none while nothing is known.
    pub(crate) contribution_cents: Option<i64>,
    /// The named human; none when the policy approves.
    pub(crate) decided_by: Option<String>,
    /// When.
    pub(crate) decided_at: DateTime<Utc>,
    /// That an algorithm took part and how to ask for its working (CRPA L311-3-1).
    pub(crate) algorithm: &'static str,
}

/// A device held for a request.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HeldView {
    /// The allocation.
    pub(crate) allocation: Uuid,
    /// Its code.
    pub(crate) device: String,
    /// When the hold ends unless somebody books.
    pub(crate) ends_at: DateTime<Utc>,
}

/// A line of a list: nothing of the household.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RequestLine {
    /// `R-2026-000045`.
    pub(crate) reference: String,
    /// Derived.
    pub(crate) status: Status,
    /// What is needed.
    pub(crate) need: NeedView,
    /// When it was filed.
    pub(crate) filed_at: DateTime<Utc>,
}

/// What a decision's sentences are sealed as.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Sentences {
    /// Everything that took part.
    pub(super) reasons: Vec<Reason>,
    /// Proofs that would settle it.
    pub(super) missing: Vec<Reason>,
}

/// The need of a request.
pub(crate) const fn need(request: &request::Model) -> NeedView {
    NeedView {
        kind: request.kind,
        need_use: request.need_use,
    }
}

/// The view of a request.
pub(crate) async fn of(
    app: &App,
    db: &impl ConnectionTrait,
    request: &request::Model,
) -> Result<RequestView> {
    let last = last_decision(db, request).await?;
    let opened = decision(app, db, request, &last).await?;
    around(db, request, opened).await
}

/// The view of a request whose household's file stays closed: the sentences of the list, without anybody's figures.
pub(crate) async fn closed(
    db: &impl ConnectionTrait,
    request: &request::Model,
) -> Result<RequestView> {
    let last = last_decision(db, request).await?;
    let said = said(db, &last, listed(&last)?).await?;
    around(db, request, said).await
}

async fn last_decision(
    db: &impl ConnectionTrait,
    request: &request::Model,
) -> Result<decision::Model> {
    store::decisions(db, request.id)
        .await?
        .pop()
        .ok_or_else(|| Error::broken("a request without a decision"))
}

async fn around(
    db: &impl ConnectionTrait,
    request: &request::Model,
    decision: DecisionView,
) -> Result<RequestView> {
    let standing = standing(db, request).await?;
    let held = match (standing.allocation, standing.device, standing.ends_at) {
        (Some(allocation), Some(device), Some(ends_at)) => Some(HeldView {
            allocation: allocation.0,
            device: held_device(db, device).await?.code,
            ends_at,
        }),
        _ => None,
    };
    let mut named = [None, None];
    for (place, id) in named
        .iter_mut()
        .zip([request.replaces, request.companion_of])
    {
        if let Some(id) = id {
            *place = Some(store::by_id(db, id).await?.reference);
        }
    }
    let [replaces, companion_of] = named;
    let companion = store::companion(db, request.id).await?;
    Ok(RequestView {
        reference: request.reference.clone(),
        status: Status::of(request, &standing),
        need: need(request),
        decision,
        filed_at: request.filed_at,
        waits_since: request.waits_since,
        held,
        replaces,
        companion: companion.map(|one| one.reference),
        companion_of,
    })
}

/// What is derived of one request.
pub(crate) async fn standing(
    db: &impl ConnectionTrait,
    request: &request::Model,
) -> Result<Standing> {
    let all = store::standings(db, std::slice::from_ref(request)).await?;
    Ok(all.first().copied().unwrap_or_default())
}

async fn held_device(
    db: &impl ConnectionTrait,
    id: entities::ids::DeviceId,
) -> Result<device::Model> {
    devices::store::by_id(db, id).await
}

/// Lines of a list.
pub(crate) async fn lines(
    db: &impl ConnectionTrait,
    requests: &[request::Model],
) -> Result<Vec<RequestLine>> {
    let standings = store::standings(db, requests).await?;
    Ok(requests
        .iter()
        .zip(standings)
        .map(|(request, standing)| RequestLine {
            reference: request.reference.clone(),
            status: Status::of(request, &standing),
            need: need(request),
            filed_at: request.filed_at,
        })
        .collect())
}

/// Opens a decision's sentences; the plain ones of the list where the household was erased.
pub(super) async fn decision(
    app: &App,
    db: &impl ConnectionTrait,
    request: &request::Model,
    row: &decision::Model,
) -> Result<DecisionView> {
    let sentences = match (
        &row.reasons,
        households::steps::data_key(app, db, request.household_id).await,
    ) {
        (Some(sealed), Ok(key)) => {
            let text = key.open(SENTENCES, row.id.0, sealed)?;
            serde_json::from_str(&text).map_err(Error::internal)?
        }
        (_, Err(Error::NotFound(_))) | (None, Ok(_)) => listed(row)?,
        (_, Err(other)) => return Err(other),
    };
    said(db, row, sentences).await
}

async fn said(
    db: &impl ConnectionTrait,
    row: &decision::Model,
    sentences: Sentences,
) -> Result<DecisionView> {
    let decided_by = match row.decided_by {
        Some(id) => Some(access::store::account(db, id).await?.display_name),
        None => None,
    };
    Ok(DecisionView {
        outcome: row.outcome,
        reasons: sentences.reasons,
        missing: sentences.missing,
        policy_version: row.policy_version.clone(),
        contribution_cents: row.contribution_cents,
        decided_by,
        decided_at: row.at,
        algorithm: reasons::mention(),
    })
}

/// The sentences of the list, without anybody's figures.
fn listed(row: &decision::Model) -> Result<Sentences> {
    let codes: Vec<String> = serde_json::from_str(&row.reason_codes).map_err(Error::internal)?;
    let reasons = codes
        .into_iter()
        .map(|code| Reason {
            text: reasons::reason_text(&code).unwrap_or_default().to_owned(),
            code: code.into(),
        })
        .collect();
    Ok(Sentences {
        reasons,
        missing: Vec::new(),
    })
}

/// « ordinateur portable, pour scolarité, études ».
pub(crate) fn need_words(request: &request::Model) -> String {
    format!(
        "{} · {}",
        words::kind_label(request.kind),
        words::use_label(request.need_use)
    )
}
