//! The journal: append-only lines, numbered without gaps per item, chained by SHA-256.
//!
//! The hash is taken over the RFC 8785 JSON of the line; the first `previous` is 64 zeros. Altering,
//! reordering or dropping a line inside a chain is detected by [`check`]; replaying gives the state.

use chrono::{DateTime, Utc};
use entities::custody_event;
use entities::enums::ItemKind;
use entities::ids::{AccountId, OrganisationId};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::access::By;
use crate::devices::event::Event;
use crate::devices::lifecycle;
use crate::devices::state::State;
use crate::error::{Error, Result};
use crate::seal::sha256;

/// `previous` of an item's first line.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A line before it is written: everything that is hashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Line {
    /// The device or medium.
    #[schemars(with = "String")]
    pub item: Uuid,
    /// Number within the item, from 1.
    pub n: i64,
    /// Name of the event.
    pub event: String,
    /// Version of the payload's form.
    pub version: i32,
    /// When it is said to have happened.
    #[serde(serialize_with = "rfc3339")]
    #[schemars(with = "String")]
    pub occurred_at: DateTime<Utc>,
    /// When it was written.
    #[serde(serialize_with = "rfc3339")]
    #[schemars(with = "String")]
    pub recorded_at: DateTime<Utc>,
    /// Who.
    pub actor: LineActor,
    /// Payload.
    pub data: Value,
    /// Hash of the item's previous line.
    pub previous: String,
}

/// Who, as the line keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LineActor {
    /// The account, none for the clock and the household.
    #[schemars(with = "Option<String>")]
    pub account: Option<AccountId>,
    /// In what role.
    pub role: String,
    /// For whom.
    #[schemars(with = "Option<String>")]
    pub organisation: Option<OrganisationId>,
}

impl From<&By> for LineActor {
    fn from(by: &By) -> Self {
        Self {
            account: by.account,
            role: by.role.to_owned(),
            organisation: by.organisation,
        }
    }
}

fn rfc3339<S: serde::Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment(*at))
}

/// A moment as lines and the API write it: RFC 3339, UTC, milliseconds.
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

impl Line {
    /// The line's hash, in hexadecimal.
    ///
    /// # Errors
    /// When the line has no canonical form (it holds only text and integers, so it always has).
    pub fn hash(&self) -> Result<String> {
        let text = serde_jcs::to_vec(self).map_err(Error::internal)?;
        Ok(hex::encode(sha256(&text)))
    }

    /// The line of a row.
    ///
    /// # Errors
    /// When the payload is no JSON any more.
    pub fn of(row: &custody_event::Model) -> Result<Self> {
        Ok(Self {
            item: row.item_id,
            n: row.n,
            event: row.event.clone(),
            version: row.version,
            occurred_at: row.occurred_at,
            recorded_at: row.recorded_at,
            actor: LineActor {
                account: row.actor_account,
                role: row.actor_role.clone(),
                organisation: row.actor_organisation,
            },
            data: serde_json::from_str(&row.data).map_err(Error::internal)?,
            previous: row.previous.clone(),
        })
    }

    /// The row that keeps the line.
    pub(crate) fn into_row(self, kind: ItemKind, hash: String) -> custody_event::ActiveModel {
        use sea_orm::ActiveValue::{NotSet, Set};
        custody_event::ActiveModel {
            seq: NotSet,
            item_id: Set(self.item),
            item_kind: Set(kind),
            n: Set(self.n),
            event: Set(self.event),
            version: Set(self.version),
            occurred_at: Set(self.occurred_at),
            recorded_at: Set(self.recorded_at),
            actor_account: Set(self.actor.account),
            actor_role: Set(self.actor.role),
            actor_organisation: Set(self.actor.organisation),
            data: Set(self.data.to_string()),
            previous: Set(self.previous),
            hash: Set(hash),
        }
    }
}

/// A fault in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Number of the line where it shows.
    pub n: i64,
    /// What is wrong.
    pub what: &'static str,
}

/// Checks the chain of one item, its lines in order of `n`.
///
/// # Errors
/// The first fault: a gap, a broken link or an altered line.
pub fn check(rows: &[custody_event::Model]) -> Result<(), Fault> {
    let mut previous = GENESIS.to_owned();
    for (at, row) in (1_i64..).zip(rows) {
        if row.n != at {
            return Err(Fault {
                n: at,
                what: "a line is missing or out of order",
            });
        }
        if row.previous != previous {
            return Err(Fault {
                n: at,
                what: "the link to the previous line is broken",
            });
        }
        let hash = Line::of(row)
            .and_then(|line| line.hash())
            .map_err(|_| Fault {
                n: at,
                what: "the line can't be read",
            })?;
        if hash != row.hash {
            return Err(Fault {
                n: at,
                what: "the line was altered",
            });
        }
        previous = hash;
    }
    Ok(())
}

/// The states a device went through: the last one is what its row must say.
///
/// # Errors
/// When a line can't be read or could not have happened then.
pub fn replay(rows: &[custody_event::Model]) -> Result<Vec<State>> {
    let mut states: Vec<State> = Vec::with_capacity(rows.len());
    for row in rows {
        let data: Value = serde_json::from_str(&row.data).map_err(Error::internal)?;
        let event = Event::read(&row.event, &data).map_err(Error::internal)?;
        let next = match (&event, states.last()) {
            (Event::Registered { kind, site, .. }, None) => State::born(*kind, *site),
            (Event::Undone { n, .. }, Some(_)) => usize::try_from(*n)
                .ok()
                .and_then(|n| states.get(n.checked_sub(2)?))
                .cloned()
                .ok_or_else(|| Error::broken("an undone line that never was"))?,
            (_, Some(state)) => lifecycle::apply(state, &event)?,
            (_, None) => {
                return Err(Error::broken(
                    "a journal that does not begin with registered",
                ));
            }
        };
        states.push(next);
    }
    Ok(states)
}
