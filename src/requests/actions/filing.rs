//! Filing: a household sealed, its need decided at once by the policy, all or nothing.

use chrono::{DateTime, Datelike, Utc};
use entities::enums::{Channel, DeviceKind, NeedUse, Outcome, RequestStatus};
use entities::ids::{AccountId, DecisionId, HouseholdId, NeedEvidenceId, RequestId};
use entities::{decision, need_evidence, policy_text, request};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::Serialize;

use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::french;
use crate::households;
use crate::notifications::{self, message::Message};
use crate::requests::input::{ExchangeInput, RequestInput};
use crate::requests::rules::{self, Decision, Facts, Reason};
use crate::requests::view::{self, RequestView, SENTENCES, Sentences};
use crate::requests::words::Origin;
use crate::requests::{letter, policy, steps, store};

/// A request filed, or found again by its id.
#[derive(Debug)]
pub(crate) struct Filed {
    /// As it stands.
    pub(crate) view: RequestView,
    /// It had been filed before, by the same form.
    pub(crate) replayed: bool,
}

/// What is the same for every row filed at once.
struct Filing<'a> {
    app: &'a App,
    tx: &'a Tx,
    actor: &'a Actor,
    household: HouseholdId,
    now: DateTime<Utc>,
}

/// What one row of a request is made of.
#[expect(clippy::struct_field_names, reason = "the columns of the table")]
struct Need {
    client_id: Option<uuid::Uuid>,
    body_hash: Vec<u8>,
    kind: DeviceKind,
    need_use: NeedUse,
    replaces: Option<RequestId>,
    companion_of: Option<RequestId>,
}

/// Files a need: the household is sealed, the policy decides at once, a desktop gets the request of its screen.
///
/// # Errors
/// Faults of the input; `id-reused` when the id served for another request.
pub(crate) async fn file(app: &App, actor: &Actor, input: RequestInput) -> Result<Filed> {
    actor.require(Permission::FileRequests)?;
    let now = app.clock.now();
    input.check(french::local_date(now))?;
    if input.household.contact.channel == Channel::Text && !app.config.mail.sends_texts() {
        return Err(Error::field(
            "#/household/contact/channel",
            "Cette instance n’envoie pas de SMS\u{a0}: courriel ou lettre.",
        ));
    }
    let hash = body_hash(app, &input)?;
    if let Some(filed) = replay(app, actor, input.id, &hash).await? {
        return Ok(filed);
    }
    let tx = app.db.write().await?;
    let household = households::steps::create(app, &tx, &input.household, now).await?;
    let candidates =
        households::steps::note_candidates(app, &tx, household.id, &input.household, now).await?;
    let facts = input.facts(candidates > 0, french::local_date(now));
    let filing = Filing {
        app,
        tx: &tx,
        actor,
        household: household.id,
        now,
    };
    let need = Need {
        client_id: input.id,
        body_hash: hash.clone(),
        kind: facts.kind,
        need_use: facts.need_use,
        replaces: None,
        companion_of: None,
    };
    let filed = match filing.add(need, &facts, None).await {
        // the same form, sent twice at once: the other one won
        Err(Error::Stale("request id")) => {
            tx.give_way().await?;
            let stored = replay(app, actor, input.id, &hash).await?;
            return stored.ok_or(Error::Stale("request"));
        }
        other => other?,
    };
    filing.add_evidence(filed.id, &facts).await?;
    if facts.kind == DeviceKind::Desktop {
        let screen = Facts {
            kind: DeviceKind::Monitor,
            origin: Origin::Companion,
            ..facts
        };
        let need = Need {
            client_id: None,
            body_hash: hash,
            kind: screen.kind,
            need_use: screen.need_use,
            replaces: None,
            companion_of: Some(filed.id),
        };
        filing.add(need, &screen, None).await?;
    }
    let view = view::of(app, &tx, &filed).await?;
    tell(app, &tx, &filed, &view, now).await?;
    tx.commit().await?;
    Ok(Filed {
        view,
        replayed: false,
    })
}

/// Tells the household where its request stands: received and looked at, or decided.
pub(super) async fn tell(
    app: &App,
    tx: &Tx,
    request: &request::Model,
    view: &RequestView,
    now: DateTime<Utc>,
) -> Result<()> {
    let reference = request.reference.clone();
    let message = match view.decision.outcome {
        Outcome::NeedsReview => Message::Received { reference },
        outcome @ (Outcome::Eligible | Outcome::NotEligible) => Message::Decided {
            reference,
            outcome,
            reasons: letter_reasons(tx, request, view).await?,
        },
    };
    notifications::steps::to_household(app, tx, request.household_id, &message, now).await
}

/// What a letter says beside the answer: why, that an algorithm took part, how to contest a refusal. A mail or a text
/// may be read over a shoulder: figures and what proved them stay in letters.
async fn letter_reasons(
    tx: &Tx,
    request: &request::Model,
    view: &RequestView,
) -> Result<Vec<String>> {
    let household = households::steps::find(tx, request.household_id).await?;
    if household.channel != Channel::Letter {
        return Ok(Vec::new());
    }
    let mut said: Vec<String> = view
        .decision
        .reasons
        .iter()
        .map(|reason| reason.text.clone())
        .collect();
    said.push(view.decision.algorithm.to_owned());
    if view.decision.outcome == Outcome::NotEligible {
        let organisation = access::store::organisation(tx, request.organisation_id).await?;
        said.push(letter::remedies(&organisation));
    }
    Ok(said)
}

/// What the policy would answer; writes nothing and looks nobody up, so that trying names tells nothing.
pub(crate) fn preview(app: &App, actor: &Actor, facts: &Facts) -> Result<Decision> {
    actor.require(Permission::FileRequests)?;
    let today = french::local_date(app.clock.now());
    Ok(rules::decide(steps::policy(app), facts, today))
}

/// Whether a request's device can be exchanged: the household has it, or has brought it back first.
pub(crate) async fn may_exchange(
    db: &impl ConnectionTrait,
    request: &request::Model,
) -> Result<bool> {
    Ok(match request.status {
        RequestStatus::Served => true,
        RequestStatus::Closed => store::was_returned(db, request.id).await?,
        RequestStatus::NeedsReview
        | RequestStatus::Waiting
        | RequestStatus::NotEligible
        | RequestStatus::Withdrawn => false,
    })
}

/// Asks for another device in exchange of the one that was handed over: a request of its own that waits at once,
/// without a contribution, and is not counted twice.
///
/// # Errors
/// Not found when it is another service's; `not-served` when the household has no device of it and gave none back; `already-exchanged`.
pub(crate) async fn exchange(
    app: &App,
    actor: &Actor,
    reference: &str,
    input: ExchangeInput,
) -> Result<Filed> {
    actor.require(Permission::FileRequests)?;
    let reason = input.reason;
    let hash = body_hash(app, &(reference, &input))?;
    if let Some(filed) = replay(app, actor, input.id, &hash).await? {
        return Ok(filed);
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let found = steps::by_reference(&tx, reference).await?;
    super::may_see(actor, &found)?;
    let old = steps::lock(&tx, found.id).await?;
    if !may_exchange(&tx, &old).await? {
        return Err(Error::refused("not-served", ""));
    }
    if store::replacement(&tx, old.id).await?.is_some() {
        return Err(Error::refused("already-exchanged", ""));
    }
    let household = households::steps::find(&tx, old.household_id).await?;
    if household.erased_at.is_some() {
        return Err(Error::NotFound("household"));
    }
    let filing = Filing {
        app,
        tx: &tx,
        actor,
        household: old.household_id,
        now,
    };
    let facts = Facts {
        people: Vec::new(),
        net_monthly_cents: None,
        quotient_familial: None,
        low_income_status: false,
        evidence: Vec::new(),
        commune: household.commune,
        kind: old.kind,
        need_use: old.need_use,
        received_on: Vec::new(),
        open_requests: 0,
        possible_duplicate: false,
        origin: Origin::Exchange,
    };
    let need = Need {
        client_id: input.id,
        body_hash: hash.clone(),
        kind: old.kind,
        need_use: old.need_use,
        replaces: Some(old.id),
        companion_of: None,
    };
    let why = Reason::new(
        reason.as_str(),
        format!(
            "Motif de l’échange\u{a0}: {}.",
            lower_first(reason.french())
        ),
    );
    let filed = match filing.add(need, &facts, Some(why)).await {
        Err(Error::Stale("request id")) => {
            tx.give_way().await?;
            let stored = replay(app, actor, input.id, &hash).await?;
            return stored.ok_or(Error::Stale("request"));
        }
        other => other?,
    };
    let view = view::of(app, &tx, &filed).await?;
    tx.commit().await?;
    Ok(Filed {
        view,
        replayed: false,
    })
}

impl Filing<'_> {
    /// One request with its first decision.
    async fn add(&self, need: Need, facts: &Facts, also: Option<Reason>) -> Result<request::Model> {
        let policy = steps::policy(self.app);
        let mut decided = rules::decide(policy, facts, french::local_date(self.now));
        decided.reasons.extend(also);
        keep_policy(self.tx, self.app, self.now).await?;
        let year = french::local_date(self.now).year();
        let outcome = decided.recorded_outcome();
        let eligible = outcome == Outcome::Eligible;
        let row = request::Model {
            id: RequestId(self.app.chance.random_id()),
            client_id: need.client_id,
            body_hash: need.body_hash,
            reference: access::steps::next_reference(self.tx, "R", year).await?,
            household_id: self.household,
            filed_by: self.actor.account,
            organisation_id: self.actor.organisation,
            kind: need.kind,
            need_use: need.need_use,
            status: if eligible {
                RequestStatus::Waiting
            } else {
                RequestStatus::NeedsReview
            },
            priority: i32::try_from(decided.priority).unwrap_or(0),
            contribution_cents: decided.contribution_cents.unwrap_or(0),
            replaces: need.replaces,
            companion_of: need.companion_of,
            no_shows: 0,
            filed_at: self.now,
            waits_since: eligible.then_some(self.now),
            served_at: None,
            closed_at: None,
            version: 1,
        };
        request::Entity::insert(request::ActiveModel::from(row.clone()))
            .exec_without_returning(self.tx)
            .await
            .map_err(|error| {
                if crate::error::violates(&error, "request_client_id_key") {
                    Error::Stale("request id")
                } else {
                    error.into()
                }
            })?;
        let bands = json(&decided.bands)?;
        add_decision(
            self.app, self.tx, &row, 1, &decided, bands, outcome, None, self.now,
        )
        .await?;
        Ok(row)
    }

    async fn add_evidence(&self, request: RequestId, facts: &Facts) -> Result<()> {
        for proof in &facts.evidence {
            need_evidence::Entity::insert(need_evidence::ActiveModel {
                id: Set(NeedEvidenceId(id_at(self.now))),
                request_id: Set(request),
                kind: Set(proof.kind.as_str().to_owned()),
                seen_on: Set(proof.seen_on),
                valid_until: Set(proof.valid_until),
                seen_by: Set(self.actor.account),
            })
            .exec_without_returning(self.tx)
            .await?;
        }
        Ok(())
    }
}

/// Writes a decision: codes and bands in clear, sentences sealed by the household's own key.
#[expect(clippy::too_many_arguments, reason = "each is a column of the row")]
pub(super) async fn add_decision(
    app: &App,
    tx: &Tx,
    request: &request::Model,
    n: i32,
    decided: &Decision,
    bands: String,
    outcome: Outcome,
    decided_by: Option<AccountId>,
    now: DateTime<Utc>,
) -> Result<()> {
    let id = DecisionId(id_at(now));
    let key = households::steps::data_key(app, tx, request.household_id).await?;
    let sentences = Sentences {
        reasons: decided.reasons.clone(),
        missing: decided.missing.clone(),
    };
    let codes = |list: &[Reason]| json(&list.iter().map(|one| &one.code).collect::<Vec<_>>());
    decision::Entity::insert(decision::ActiveModel {
        id: Set(id),
        request_id: Set(request.id),
        n: Set(n),
        outcome: Set(outcome),
        reasons: Set(Some(key.seal(SENTENCES, id.0, &json(&sentences)?)?)),
        reason_codes: Set(codes(&decided.reasons)?),
        missing: Set(codes(&decided.missing)?),
        bands: Set(bands),
        policy_version: Set(decided.policy_version.clone()),
        contribution_cents: Set(decided.contribution_cents),
        proposed_by_policy: Set(true),
        decided_by: Set(decided_by),
        at: Set(now),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Keeps the text of the policy under its version: a decision can be read back for ever.
async fn keep_policy(tx: &Tx, app: &App, now: DateTime<Utc>) -> Result<()> {
    let path = &app.config.rules.policy;
    let version = steps::policy(app).version.clone();
    let known = policy_text::Entity::find_by_id(version.clone())
        .one(tx)
        .await?;
    if known.is_some() {
        return Ok(());
    }
    let body = policy::text(path)?;
    policy_text::Entity::insert(policy_text::ActiveModel {
        version: Set(version),
        body: Set(body),
        loaded_at: Set(now),
    })
    .on_conflict(
        OnConflict::column(policy_text::Column::Version)
            .do_nothing()
            .to_owned(),
    )
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// What was stored for an id that is sent again.
async fn replay(
    app: &App,
    actor: &Actor,
    id: Option<uuid::Uuid>,
    hash: &[u8],
) -> Result<Option<Filed>> {
    let Some(id) = id else { return Ok(None) };
    let db: &sea_orm::DatabaseConnection = app.db.read();
    let Some(stored) = store::by_client_id(db, id).await? else {
        return Ok(None);
    };
    if stored.body_hash != hash || stored.filed_by != actor.account {
        return Err(Error::refused("id-reused", ""));
    }
    Ok(Some(Filed {
        view: view::of(app, db, &stored).await?,
        replayed: true,
    }))
}

/// A keyed hash, because names are in the body and a plain hash can be guessed.
fn body_hash(app: &App, input: &impl Serialize) -> Result<Vec<u8>> {
    let body = serde_jcs::to_vec(input).map_err(Error::internal)?;
    Ok(app.keys.keyed_hash("request-body", &body).to_vec())
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}
