//! Deciding: a coordinator other than the filer answers, with a reason of the closed list.

use chrono::{DateTime, Utc};
use entities::enums::{LinkVerdict, Outcome, RequestStatus};
use entities::ids::HouseholdLinkId;
use entities::request;
use uuid::Uuid;

use super::filing::{add_decision, tell};
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::households;
use crate::requests::input::DecisionInput;
use crate::requests::reasons::{DISTINCT_NEED, HumanReason, human_reason};
use crate::requests::rules::{self, Bands, Decision, Reason};
use crate::requests::view::{self, RequestView};
use crate::requests::{steps, store};

/// Two files reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reviewed {
    /// One household.
    Same,
    /// Two households.
    Different,
}

/// Answers a request that somebody must decide; the screen that goes with a desktop gets the same answer.
///
/// # Errors
/// `already-decided`; `one-person-two-steps` for who filed it or held a device for it; a fault when the reason is not on the list.
pub(crate) async fn decide(
    app: &App,
    actor: &Actor,
    reference: &str,
    input: &DecisionInput,
) -> Result<RequestView> {
    actor.require(Permission::Allocate)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let found = steps::by_reference(&tx, reference).await?;
    let request = steps::lock(&tx, found.id).await?;
    // One that waits beyond the quota can be given nothing until somebody decides that its need is a distinct one.
    let open = request.status == RequestStatus::NeedsReview
        || (request.status == RequestStatus::Waiting
            && human_reason(&input.reason).is_some_and(|one| one.code == DISTINCT_NEED)
            && steps::over_quota(app, &tx, &request, now).await?);
    if !open {
        return Err(Error::refused("already-decided", ""));
    }
    let human = rules::confirm(
        request.filed_by,
        actor.account,
        input.outcome,
        &input.reason,
    )?;
    if store::allocated_by(&tx, request.id, actor.account).await? {
        return Err(Error::refused(
            "one-person-two-steps",
            "Vous avez réservé un équipement pour cette demande\u{a0}: une autre personne la décide.",
        ));
    }
    let decided = answer(app, &tx, actor, &request, human, now).await?;
    if let Some(screen) = store::companion(&tx, request.id).await?
        && screen.status == RequestStatus::NeedsReview
    {
        let screen = steps::lock(&tx, screen.id).await?;
        answer(app, &tx, actor, &screen, human, now).await?;
    }
    settle_candidates(&tx, actor, &request, human, now).await?;
    let view = view::of(app, &tx, &decided).await?;
    tell(app, &tx, &decided, &view, now).await?;
    tx.commit().await?;
    Ok(view)
}

/// One request answered: the row and its next decision.
async fn answer(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    request: &request::Model,
    human: &HumanReason,
    now: DateTime<Utc>,
) -> Result<request::Model> {
    let policy = steps::policy(app);
    let decisions = store::decisions(tx, request.id).await?;
    let last = decisions
        .last()
        .ok_or_else(|| Error::broken("a request without a decision"))?;
    let household = households::steps::find(tx, request.household_id).await?;
    let proposed = last.contribution_cents;
    let eligible = human.outcome == Outcome::Eligible;
    let contribution = if request.companion_of.is_some() || request.replaces.is_some() {
        0
    } else {
        rules::contribution_by_reviewer(policy, &household.commune, request.kind, proposed)
    };
    let before = view::decision(app, tx, request, last).await?;
    let mut reasons = vec![Reason::new(human.code, human.text)];
    reasons.extend(
        before
            .reasons
            .into_iter()
            .filter(|one| one.code != "refusal_proposed"),
    );
    let decided = Decision {
        outcome: human.outcome,
        reasons,
        missing: Vec::new(),
        contribution_cents: eligible.then_some(contribution),
        priority: request.priority.into(),
        bands: Bands::default(),
        policy_version: last.policy_version.clone(),
    };
    let changed = request::Model {
        status: if eligible {
            RequestStatus::Waiting
        } else {
            RequestStatus::NotEligible
        },
        contribution_cents: contribution,
        waits_since: eligible.then_some(request.waits_since.unwrap_or(now)),
        closed_at: (!eligible).then_some(now),
        ..request.clone()
    };
    let row = store::update(tx, request, changed).await?;
    let by = Some(actor.account);
    // Nothing was measured again: the bands are those the policy saw.
    let bands = last.bands.clone();
    add_decision(
        app,
        tx,
        &row,
        last.n + 1,
        &decided,
        bands,
        human.outcome,
        by,
        now,
    )
    .await?;
    Ok(row)
}

/// A reason that says whether two files are one household settles the links that asked.
async fn settle_candidates(
    tx: &Tx,
    actor: &Actor,
    request: &request::Model,
    human: &HumanReason,
    now: DateTime<Utc>,
) -> Result<()> {
    let verdict = match human.code {
        "distinct_household" => LinkVerdict::Different,
        "same_household" => LinkVerdict::Same,
        _ => return Ok(()),
    };
    for link in households::steps::open_candidates(tx, request.household_id).await? {
        households::steps::review(tx, link.id, verdict, actor.account, now).await?;
    }
    Ok(())
}

/// Says whether two files that looked alike are one household; merging and splitting are rows, nothing is moved.
///
/// # Errors
/// Not found; [`Error::Stale`] when somebody reviewed them meanwhile.
pub(crate) async fn review_link(
    app: &App,
    actor: &Actor,
    id: Uuid,
    reviewed: Reviewed,
) -> Result<()> {
    actor.require(Permission::Allocate)?;
    let verdict = match reviewed {
        Reviewed::Same => LinkVerdict::Same,
        Reviewed::Different => LinkVerdict::Different,
    };
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let link = households::steps::link(&tx, HouseholdLinkId(id)).await?;
    households::steps::review(&tx, link.id, verdict, actor.account, now).await?;
    tx.commit().await
}
