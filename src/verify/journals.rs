//! Replays: the chain of each item is whole, and its row says what its journal says.

use std::collections::HashMap;

use entities::enums::ItemKind;
use entities::ids::{DeviceId, MediumId};
use entities::{custody_event, device, medium};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Check, Report, Scope};
use crate::app::App;
use crate::devices::State;
use crate::devices::journal;
use crate::devices::medium_event::{MediumEvent, MediumState, apply};
use crate::error::{Error, Result};

/// Items read at a time.
const PAGE: u64 = 500;

/// How often an item that does not fit is read again: its row and its lines are two reads, and an event may
/// have come between them.
const AGAIN: u32 = 2;

/// An item with what its row says.
struct Item {
    id: Uuid,
    /// How a finding names it.
    name: String,
    version: i64,
    head: String,
    state: Kept,
}

/// What a row keeps of what its journal tells.
#[derive(PartialEq)]
enum Kept {
    Device(State),
    Medium(MediumState),
}

/// What an item and its lines are found to be.
enum Verdict {
    Whole,
    Chain(String),
    Replay(String),
}

impl From<device::Model> for Item {
    fn from(row: device::Model) -> Self {
        Self {
            id: row.id.0,
            state: Kept::Device(State::of(&row)),
            name: row.code,
            version: row.version,
            head: row.head,
        }
    }
}

impl From<medium::Model> for Item {
    fn from(row: medium::Model) -> Self {
        Self {
            id: row.id.0,
            name: format!("medium {}", row.id),
            state: Kept::Medium(MediumState::of(&row)),
            version: row.version,
            head: row.head,
        }
    }
}

impl Item {
    fn judge(&self, lines: &[custody_event::Model]) -> Verdict {
        if let Some(fault) = chain_fault(lines, self.version, &self.head) {
            return Verdict::Chain(fault);
        }
        let told = match self.state {
            Kept::Device(_) => {
                journal::replay(lines).map(|mut states| states.pop().map(Kept::Device))
            }
            Kept::Medium(_) => replay_medium(lines).map(|state| state.map(Kept::Medium)),
        };
        match told {
            Ok(Some(state)) if state == self.state => Verdict::Whole,
            Ok(_) => Verdict::Replay("the row says something else than its journal".to_owned()),
            Err(error) => Verdict::Replay(error.to_string()),
        }
    }
}

/// Every item of a kind that is in the scope.
pub(super) async fn check(
    app: &App,
    kind: ItemKind,
    scope: &Scope,
    report: &mut Report,
) -> Result<()> {
    let (chained, replayed) = match kind {
        ItemKind::Device => (
            "the journal of each device is whole and chained",
            "replaying a device's journal gives its row",
        ),
        ItemKind::Medium => (
            "the journal of each medium is whole and chained",
            "replaying a medium's journal gives its row",
        ),
    };
    let mut chain = Check::new(1, chained);
    let mut replay = Check::new(1, replayed);
    let mut after = None;
    loop {
        let mut items = page(app, kind, after).await?;
        let Some(last) = items.last() else { break };
        after = Some(last.id);
        items.retain(|item| scope.takes(item.id));
        let mut lines = lines_of(app, items.iter().map(|item| item.id).collect()).await?;
        for item in &items {
            let own = lines.remove(&item.id).unwrap_or_default();
            report.items += 1;
            report.lines += own.len() as u64;
            chain.tried += 1;
            replay.tried += 1;
            let mut verdict = item.judge(&own);
            for _ in 0..AGAIN {
                if matches!(verdict, Verdict::Whole) {
                    break;
                }
                verdict = again(app, kind, item.id).await?.unwrap_or(verdict);
            }
            match verdict {
                Verdict::Whole => {}
                Verdict::Chain(fault) => chain.found(format!("{}: {fault}", item.name)),
                Verdict::Replay(fault) => replay.found(format!("{}: {fault}", item.name)),
            }
        }
    }
    chain.tried += orphans(app, kind, &mut chain).await?;
    report.checks.extend([chain, replay]);
    Ok(())
}

/// The items after one, in order of id.
async fn page(app: &App, kind: ItemKind, after: Option<Uuid>) -> Result<Vec<Item>> {
    let db = app.db.read();
    Ok(match kind {
        ItemKind::Device => {
            let mut query = device::Entity::find()
                .order_by_asc(device::Column::Id)
                .limit(PAGE);
            if let Some(after) = after {
                query = query.filter(device::Column::Id.gt(DeviceId(after)));
            }
            query.all(db).await?.into_iter().map(Item::from).collect()
        }
        ItemKind::Medium => {
            let mut query = medium::Entity::find()
                .order_by_asc(medium::Column::Id)
                .limit(PAGE);
            if let Some(after) = after {
                query = query.filter(medium::Column::Id.gt(MediumId(after)));
            }
            query.all(db).await?.into_iter().map(Item::from).collect()
        }
    })
}

/// Reads one item anew and judges it again; none when its row is gone.
async fn again(app: &App, kind: ItemKind, id: Uuid) -> Result<Option<Verdict>> {
    let db = app.db.read();
    let item = match kind {
        ItemKind::Device => device::Entity::find_by_id(DeviceId(id))
            .one(db)
            .await?
            .map(Item::from),
        ItemKind::Medium => medium::Entity::find_by_id(MediumId(id))
            .one(db)
            .await?
            .map(Item::from),
    };
    let Some(item) = item else { return Ok(None) };
    let lines = lines_of(app, vec![id]).await?.remove(&id);
    Ok(Some(item.judge(&lines.unwrap_or_default())))
}

fn chain_fault(lines: &[custody_event::Model], version: i64, head: &str) -> Option<String> {
    if let Err(fault) = journal::check(lines) {
        return Some(format!("line {}: {}", fault.n, fault.what));
    }
    let Some(last) = lines.last() else {
        return Some("no journal at all".to_owned());
    };
    (last.n != version || last.hash != head)
        .then(|| "the row does not point at its last line: a tail was cut".to_owned())
}

fn replay_medium(lines: &[custody_event::Model]) -> Result<Option<MediumState>> {
    let mut state = None;
    for line in lines {
        let data = serde_json::from_str(&line.data).map_err(Error::internal)?;
        let event = MediumEvent::read(&line.event, &data).map_err(Error::internal)?;
        state = Some(apply(state.as_ref(), &event)?);
    }
    Ok(state)
}

async fn lines_of(app: &App, items: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<custody_event::Model>>> {
    let rows = custody_event::Entity::find()
        .filter(custody_event::Column::ItemId.is_in(items))
        .order_by_asc(custody_event::Column::ItemId)
        .order_by_asc(custody_event::Column::N)
        .all(app.db.read())
        .await?;
    let mut by_item: HashMap<Uuid, Vec<custody_event::Model>> = HashMap::new();
    for row in rows {
        by_item.entry(row.item_id).or_default().push(row);
    }
    Ok(by_item)
}

/// First lines whose item has no row any more: an item was dropped.
async fn orphans(app: &App, kind: ItemKind, check: &mut Check) -> Result<u64> {
    use sea_orm::sea_query::{Expr, ExprTrait, Query};
    // By `not exists`: PostgreSQL reads a `not in` of many rows once for each line.
    let item = (custody_event::Entity, custody_event::Column::ItemId);
    let known = match kind {
        ItemKind::Device => Query::select()
            .expr(Expr::val(1))
            .from(device::Entity)
            .and_where(Expr::col((device::Entity, device::Column::Id)).equals(item))
            .to_owned(),
        ItemKind::Medium => Query::select()
            .expr(Expr::val(1))
            .from(medium::Entity)
            .and_where(Expr::col((medium::Entity, medium::Column::Id)).equals(item))
            .to_owned(),
    };
    let rows = custody_event::Entity::find()
        .filter(custody_event::Column::ItemKind.eq(kind))
        .filter(custody_event::Column::N.eq(1))
        .filter(Expr::exists(known).not())
        .limit(PAGE)
        .all(app.db.read())
        .await?;
    for row in &rows {
        check.found(format!("{}: a journal without its item", row.item_id));
    }
    Ok(rows.len() as u64)
}
