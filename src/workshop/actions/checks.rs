//! Locks and function tests.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entities::enums::{LockKind, LockState, TestOutcome};
use entities::ids::{DeviceId, LockId};
use entities::{device, device_lock};
use schemars::JsonSchema;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::access::Actor;
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::{self, At, Event};
use crate::error::{Error, FieldError, Result};
use crate::workshop::checks::Progress;
use crate::workshop::{bench, store, tables, words};

/// Who can be asked to clear a lock, and their words.
pub(crate) const ASKED: [(&str, &str); 3] = [
    ("donor", "le donateur"),
    ("maker", "le fabricant"),
    ("organisation", "une structure partenaire"),
];

/// What was looked at.
#[derive(Debug, Default, Deserialize, JsonSchema, Validate)]
pub(crate) struct ChecksInput {
    /// Somebody looked for every lock of the kind.
    #[serde(default)]
    pub(crate) locks_checked: bool,
    /// The locks seen, or cleared.
    #[serde(default)]
    #[validate(length(max = 20, message = "20 verrous au plus."))]
    pub(crate) locks: Vec<LockInput>,
    /// The functions tried.
    #[serde(default)]
    #[validate(length(max = 40, message = "40 tests au plus."))]
    pub(crate) tests: Vec<TestInput>,
}

/// One lock.
#[derive(Debug, Deserialize, Serialize, JsonSchema, Validate)]
pub(crate) struct LockInput {
    /// What locks.
    pub(crate) kind: LockKind,
    /// Still there?
    pub(crate) state: LockState,
    /// Who was asked to clear it: `donor`, `maker`, `organisation`.
    pub(crate) asked: Option<String>,
}

/// One function.
#[derive(Debug, Deserialize, Serialize, JsonSchema, Validate)]
pub(crate) struct TestInput {
    /// Which.
    pub(crate) test: String,
    /// How it went; none leaves what was recorded before.
    pub(crate) outcome: Option<TestOutcome>,
}

/// Where the checks stand.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The device as it is now.
    pub(crate) device: device::Model,
    /// Its locks, the open ones first.
    pub(crate) locks: Vec<device_lock::Model>,
    /// Its function tests.
    pub(crate) progress: Progress,
}

/// Records what was looked at. `open_locks` is counted anew from the rows in the same transaction.
pub(crate) async fn check(
    app: &App,
    actor: &Actor,
    code: &str,
    input: &ChecksInput,
) -> Result<Checked> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let device = bench::device_of(&tx, actor, code).await?;
    bench::may_cause(actor, "checked")?;
    let tests = tried(&device, input)?;
    if !input.locks_checked && input.locks.is_empty() && tests.is_empty() {
        return Err(Error::field("#", "Rien n’est coché."));
    }
    for (test, outcome) in &tests {
        store::keep_test(&tx, device.id, test, *outcome, actor.account, now).await?;
    }
    for lock in &input.locks {
        let rows = store::locks_of(&tx, device.id).await?;
        keep_lock(&tx, actor, device.id, &rows, lock, now).await?;
    }
    let locks = store::locks_of(&tx, device.id).await?;
    let open = locks.iter().filter(|l| l.state == LockState::Open).count();
    let event = Event::Checked {
        locks_checked: input.locks_checked,
        open_locks: i32::try_from(open).unwrap_or(i32::MAX),
        tests,
    };
    let device = devices::record(&tx, &device, &event, &actor.by(), At::now(now)).await?;
    let progress = progress(&tx, &device).await?;
    tx.commit().await?;
    Ok(Checked {
        device,
        locks,
        progress,
    })
}

/// Where the function tests of a device stand.
pub(crate) async fn progress(
    db: &impl sea_orm::ConnectionTrait,
    device: &device::Model,
) -> Result<Progress> {
    let recorded = store::tests_of(db, device).await?;
    let known = tables::checks()?;
    let of_kind = known.kind(device.kind.as_str());
    // A test that a newer table no longer has is history, not a fault.
    let recorded = recorded
        .iter()
        .filter(|row| of_kind.is_some_and(|kind| kind.tests.contains(&row.test)))
        .map(|row| (row.test.as_str(), words::outcome(row.outcome)));
    known
        .progress(device.kind.as_str(), recorded)
        .map_err(|_| Error::broken("recorded tests that the table refuses"))
}

/// The tests of an input, held against the table.
fn tried(device: &device::Model, input: &ChecksInput) -> Result<BTreeMap<String, TestOutcome>> {
    let table = tables::checks()?;
    let kind = device.kind.as_str();
    let tests: BTreeMap<String, TestOutcome> = input
        .tests
        .iter()
        .filter_map(|test| Some((test.test.clone(), test.outcome?)))
        .collect();
    let mut faults = Vec::new();
    let given = tests
        .iter()
        .map(|(test, outcome)| (test.as_str(), words::outcome(*outcome)));
    for problem in table.progress(kind, given).err().unwrap_or_default() {
        let n = input.tests.iter().position(|t| t.test == problem.code);
        let pointer = n.map_or("#/tests".to_owned(), |n| format!("#/tests/{n}/outcome"));
        faults.push(FieldError::new(pointer, problem.detail));
    }
    let locks = input.locks.iter().map(|lock| lock.kind.as_str());
    for problem in table.unknown_locks(kind, locks) {
        let n = input
            .locks
            .iter()
            .position(|l| l.kind.as_str() == problem.code);
        let pointer = n.map_or("#/locks".to_owned(), |n| format!("#/locks/{n}/kind"));
        faults.push(FieldError::new(pointer, problem.detail));
    }
    for (n, lock) in input.locks.iter().enumerate() {
        let asked = lock.asked.as_deref();
        if asked.is_some_and(|asked| !ASKED.iter().any(|(code, _)| *code == asked)) {
            faults.push(FieldError::new(
                format!("#/locks/{n}/asked"),
                "Valeurs possibles : donor, maker, organisation.",
            ));
        }
    }
    if faults.is_empty() {
        Ok(tests)
    } else {
        Err(Error::Invalid(faults))
    }
}

/// A lock seen opens a row, once; a lock cleared closes it. The finder and the day stay.
async fn keep_lock(
    tx: &Tx,
    actor: &Actor,
    device: DeviceId,
    rows: &[device_lock::Model],
    lock: &LockInput,
    now: DateTime<Utc>,
) -> Result<()> {
    let open = rows
        .iter()
        .find(|row| row.kind == lock.kind && row.state == LockState::Open);
    let Some(open) = open else {
        if lock.state == LockState::Open {
            device_lock::Entity::insert(device_lock::ActiveModel {
                id: Set(LockId(id_at(now))),
                device_id: Set(device),
                kind: Set(lock.kind),
                state: Set(LockState::Open),
                found_by: Set(actor.account),
                asked: Set(lock.asked.clone()),
                since: Set(now),
                cleared_at: Set(None),
            })
            .exec_without_returning(tx)
            .await?;
        }
        return Ok(());
    };
    let mut row = <device_lock::ActiveModel as Default>::default();
    if lock.asked.is_some() {
        row.asked = Set(lock.asked.clone());
    }
    if lock.state == LockState::Cleared {
        row.state = Set(LockState::Cleared);
        row.cleared_at = Set(Some(now));
    }
    if row.is_changed() {
        device_lock::Entity::update_many()
            .set(row)
            .filter(device_lock::Column::Id.eq(open.id))
            .exec(tx)
            .await?;
    }
    Ok(())
}
