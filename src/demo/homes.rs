//! The story of need: households of the département, what they asked for, and how it was decided by the policy.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use entities::enums::{Channel, DeviceKind, FamilyTie, NeedUse, Outcome, RequestStatus};
use entities::ids::{AccountId, DecisionId, HouseholdId, NeedEvidenceId, RequestId, VenueId};
use entities::{decision, need_evidence, request};

use super::basin::{Basin, Home};
use super::bench::account;
use super::book::Book;
use super::catalogue::{FAMILY_NAMES, GIVEN_NAMES};
use super::dice::Dice;
use crate::access::By;
use crate::app::App;
use crate::clock::id_at;
use crate::error::{Error, Result};
use crate::french::local_date;
use crate::households::input::{ContactInput, PersonInput};
use crate::households::steps::{HouseholdInput, sealed};
use crate::requests::rules::{self, Decision, Evidence, Facts, Person, Reason};
use crate::requests::steps::policy;
use crate::requests::words::{Origin, Proof};
use crate::seal::DataKey;

/// A household's need: one request, or a desktop with its screen.
#[derive(Debug)]
pub(super) struct Need {
    pub(super) household: HouseholdId,
    /// Where it goes.
    pub(super) venue: VenueId,
    pub(super) requests: Vec<request::Model>,
    /// Since when it waits; none when it does not.
    pub(super) waits: Option<DateTime<Utc>>,
}

/// What a household has and lacks on paper.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Means {
    Status,
    Low,
    Unproved,
    High,
}

/// Files so many needs between two moments.
pub(super) fn ask(
    app: &App,
    book: &mut Book,
    dice: &Dice,
    basin: &Basin,
    count: u32,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Need>> {
    let mut needs = Vec::new();
    for n in 0..count {
        let hours = (until - from).num_hours() * i64::from(count - n) / i64::from(count);
        let drift = TimeDelta::minutes(dice.between(0, 400).into());
        let filed = dice.at_work(until - TimeDelta::hours(hours) + drift);
        let latest = until - TimeDelta::minutes(30 + i64::from(count - n));
        needs.push(file(app, book, dice, basin, filed.min(latest))?);
    }
    Ok(needs)
}

fn file(
    app: &App,
    book: &mut Book,
    dice: &Dice,
    basin: &Basin,
    filed: DateTime<Utc>,
) -> Result<Need> {
    let today = local_date(filed);
    let Home {
        commune,
        files: by,
        venue,
    } = dice.weighed(&basin.homes);
    let input = household(dice, commune, today);
    let home = sealed(app, &input, filed)?;
    let household = home.household.id;
    book.households.push(home.household);
    book.people.extend(home.people);
    let kind = dice.weighed(&[
        (72, DeviceKind::Laptop),
        (13, DeviceKind::Desktop),
        (8, DeviceKind::Tablet),
        (7, DeviceKind::Smartphone),
    ]);
    let facts = facts(dice, &input, kind, today);
    let mut need = Need {
        household,
        venue,
        requests: Vec::new(),
        waits: None,
    };
    let filing = Filing {
        app,
        key: &home.key,
        decides: basin.decides,
        by,
        household,
        filed,
    };
    let first = filing.add(book, dice, &facts, None)?;
    for proof in &facts.evidence {
        book.proofs.push(need_evidence::Model {
            id: NeedEvidenceId(id_at(filed)),
            request_id: first.id,
            kind: proof.kind.as_str().to_owned(),
            seen_on: proof.seen_on,
            valid_until: proof.valid_until,
            seen_by: account(&by),
        });
    }
    need.waits = first.waits_since;
    let desktop = first.id;
    let waits = first.status == RequestStatus::Waiting;
    need.requests.push(first);
    if kind == DeviceKind::Desktop && waits {
        let screen = Facts {
            kind: DeviceKind::Monitor,
            origin: Origin::Companion,
            ..facts
        };
        let second = filing.add(book, dice, &screen, Some(desktop))?;
        if second.status == RequestStatus::Waiting {
            need.waits = need.waits.max(second.waits_since);
        }
        need.requests.push(second);
    }
    Ok(need)
}

struct Filing<'a> {
    app: &'a App,
    key: &'a DataKey,
    decides: By,
    by: By,
    household: HouseholdId,
    filed: DateTime<Utc>,
}

impl Filing<'_> {
    fn add(
        &self,
        book: &mut Book,
        dice: &Dice,
        facts: &Facts,
        companion_of: Option<RequestId>,
    ) -> Result<request::Model> {
        let filed = self.filed;
        let decided = rules::decide(policy(self.app), facts, local_date(filed));
        let outcome = decided.recorded_outcome();
        let eligible = outcome == Outcome::Eligible;
        let id = RequestId(self.app.chance.random_id());
        let body_hash = self.app.keys.keyed_hash("request-body", id.0.as_bytes());
        let mut row = request::Model {
            id,
            client_id: None,
            body_hash: body_hash.to_vec(),
            reference: book.reference("R", local_date(filed).year()),
            household_id: self.household,
            filed_by: account(&self.by),
            organisation_id: self
                .by
                .organisation
                .ok_or_else(|| Error::broken("nobody's file"))?,
            kind: facts.kind,
            need_use: facts.need_use,
            status: if eligible {
                RequestStatus::Waiting
            } else {
                RequestStatus::NeedsReview
            },
            priority: i32::try_from(decided.priority).unwrap_or(0),
            contribution_cents: decided.contribution_cents.unwrap_or(0),
            replaces: None,
            companion_of,
            no_shows: 0,
            filed_at: filed,
            waits_since: eligible.then_some(filed),
            served_at: None,
            closed_at: None,
            version: 1,
        };
        self.decision(book, &row, 1, &decided, outcome, None, filed)?;
        if !eligible {
            self.review(book, dice, &mut row, &decided)?;
        }
        Ok(row)
    }

    /// A coordinator looks at what the policy could not settle, within some days.
    #[expect(clippy::similar_names, reason = "the words of the field")]
    fn review(
        &self,
        book: &mut Book,
        dice: &Dice,
        row: &mut request::Model,
        decided: &Decision,
    ) -> Result<()> {
        let Some(at) = dice.later(self.filed, 24, 190) else {
            return Ok(());
        };
        let refused = decided.outcome == Outcome::NotEligible;
        let (code, outcome) = if refused {
            ("resources_too_high", Outcome::NotEligible)
        } else {
            ("proof_seen", Outcome::Eligible)
        };
        let text = crate::requests::reasons::reason_text(code).unwrap_or(code);
        let human = Decision {
            outcome,
            reasons: vec![Reason::new(code, text)],
            missing: Vec::new(),
            contribution_cents: decided.contribution_cents.or(Some(2_000)),
            ..decided.clone()
        };
        let decider = account(&self.decides);
        self.decision(book, row, 2, &human, outcome, Some(decider), at)?;
        row.version += 1;
        if refused {
            row.status = RequestStatus::NotEligible;
            row.closed_at = Some(at);
        } else {
            row.status = RequestStatus::Waiting;
            row.waits_since = Some(at);
            row.contribution_cents = human.contribution_cents.unwrap_or(0);
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "each is a column of the row")]
    fn decision(
        &self,
        book: &mut Book,
        request: &request::Model,
        n: i32,
        decided: &Decision,
        outcome: Outcome,
        decided_by: Option<AccountId>,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let id = DecisionId(id_at(at));
        let sentences =
            serde_json::json!({ "reasons": decided.reasons, "missing": decided.missing });
        let codes = |list: &[Reason]| {
            serde_json::json!(list.iter().map(|r| &r.code).collect::<Vec<_>>()).to_string()
        };
        book.decisions.push(decision::Model {
            id,
            request_id: request.id,
            n,
            outcome,
            reasons: Some(
                self.key
                    .seal("decision.reasons", id.0, &sentences.to_string())?,
            ),
            reason_codes: codes(&decided.reasons),
            missing: codes(&decided.missing),
            bands: serde_json::to_string(&decided.bands).map_err(Error::internal)?,
            policy_version: decided.policy_version.clone(),
            contribution_cents: decided.contribution_cents,
            proposed_by_policy: decided_by.is_none() || outcome == Outcome::NotEligible,
            decided_by,
            at,
        });
        Ok(())
    }
}

fn household(dice: &Dice, commune: &str, today: NaiveDate) -> HouseholdInput {
    let name = *dice.pick(&FAMILY_NAMES);
    let mut people = vec![person(dice, name, FamilyTie::Applicant, (19, 78), today)];
    if dice.happens(38) {
        people.push(person(dice, name, FamilyTie::Partner, (22, 70), today));
    }
    for _ in 0..dice.weighed(&[(48, 0), (22, 1), (18, 2), (9, 3), (3, 4)]) {
        people.push(person(dice, name, FamilyTie::Child, (1, 17), today));
    }
    let channel = dice.weighed(&[
        (62, Channel::Text),
        (24, Channel::Email),
        (14, Channel::Letter),
    ]);
    // Numbers that the regulator keeps free for fiction.
    let phone = format!("06399{:05}", dice.between(80_000, 89_999));
    let language = dice.weighed(&[
        (78, "fr"),
        (6, "en"),
        (7, "ar"),
        (4, "uk"),
        (3, "es"),
        (2, "fr-simple"),
    ]);
    HouseholdInput {
        people,
        commune: commune.to_owned(),
        language: language.to_owned(),
        contact: ContactInput {
            phone: (channel != Channel::Letter).then_some(phone),
            email: (channel == Channel::Email)
                .then(|| format!("foyer{}@exemple.example", dice.between(1_000, 99_999))),
            postal_address: (channel == Channel::Letter)
                .then(|| format!("{} rue des Lilas\n34000", dice.between(1, 140))),
            channel,
        },
    }
}

fn person(
    dice: &Dice,
    family_name: &str,
    relation: FamilyTie,
    (youngest, oldest): (u32, u32),
    today: NaiveDate,
) -> PersonInput {
    let days = dice.between(youngest * 366, oldest * 365);
    PersonInput {
        birth_date: today
            .checked_sub_days(Days::new(days.into()))
            .unwrap_or(today),
        family_name: family_name.to_owned(),
        given_name: (*dice.pick(&GIVEN_NAMES)).to_owned(),
        relation,
    }
}

fn facts(dice: &Dice, input: &HouseholdInput, kind: DeviceKind, today: NaiveDate) -> Facts {
    let means = dice.weighed(&[
        (46, Means::Status),
        (44, Means::Low),
        (6, Means::Unproved),
        (4, Means::High),
    ]);
    let heads = i64::try_from(input.people.len()).unwrap_or(1);
    let per_head = match means {
        Means::Status => i64::from(dice.between(380, 700)),
        Means::Low | Means::Unproved => i64::from(dice.between(420, 760)),
        Means::High => i64::from(dice.between(1_700, 2_300)),
    };
    let proof = |kind: Proof| Evidence {
        kind,
        seen_on: today,
        valid_until: today.checked_add_days(Days::new(90)).unwrap_or(today),
    };
    let mut evidence = match means {
        Means::Status => vec![proof(Proof::LowIncomeStatus)],
        Means::Low | Means::High => vec![proof(Proof::Resources)],
        Means::Unproved => Vec::new(),
    };
    let children = input.people.iter().any(|p| p.relation == FamilyTie::Child);
    let need_use = if children && dice.happens(70) {
        evidence.push(proof(Proof::Schooling));
        NeedUse::Schooling
    } else {
        dice.weighed(&[
            (34, NeedUse::Administration),
            (42, NeedUse::JobSearch),
            (12, NeedUse::FamilyTies),
            (12, NeedUse::Other),
        ])
    };
    Facts {
        people: input
            .people
            .iter()
            .map(|p| Person {
                born: p.birth_date,
                relation: p.relation,
            })
            .collect(),
        net_monthly_cents: (means != Means::Status).then_some(per_head * heads * 100),
        quotient_familial: None,
        low_income_status: means == Means::Status,
        evidence,
        commune: input.commune.clone(),
        kind,
        need_use,
        received_on: Vec::new(),
        open_requests: 0,
        possible_duplicate: false,
        origin: Origin::Filed,
    }
}
