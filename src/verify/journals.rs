//! Replays: the chain of each item is whole, and its row says what its journal says.

use std::collections::HashMap;

use entities::enums::ItemKind;
use entities::{custody_event, device, medium};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Check, Report};
use crate::app::App;
use crate::devices::State;
use crate::devices::journal;
use crate::devices::medium_event::{MediumEvent, MediumState, apply};
use crate::error::{Error, Result};

/// Items read at a time.
const PAGE: u64 = 500;

/// Every device.
pub(super) async fn devices(app: &App, report: &mut Report) -> Result<()> {
    let mut chain = Check::new(1, "the journal of each device is whole and chained");
    let mut replay = Check::new(1, "replaying a device's journal gives its row");
    let mut after: Option<device::Model> = None;
    loop {
        let mut query = device::Entity::find()
            .order_by_asc(device::Column::Id)
            .limit(PAGE);
        if let Some(last) = &after {
            query = query.filter(device::Column::Id.gt(last.id));
        }
        let rows = query.all(app.db.read()).await?;
        let Some(last) = rows.last() else { break };
        let mut lines = lines_of(app, rows.iter().map(|r| r.id.0).collect()).await?;
        for row in &rows {
            let own = lines.remove(&row.id.0).unwrap_or_default();
            report.items += 1;
            report.lines += own.len() as u64;
            chain.tried += 1;
            replay.tried += 1;
            if let Some(fault) = chain_fault(&own, row.version, &row.head) {
                chain.found(format!("{}: {fault}", row.code));
                continue;
            }
            match journal::replay(&own) {
                Ok(states) if states.last() == Some(&State::of(row)) => {}
                Ok(_) => replay.found(format!(
                    "{}: the row says something else than its journal",
                    row.code
                )),
                Err(error) => replay.found(format!("{}: {error}", row.code)),
            }
        }
        after = Some(last.clone());
    }
    chain.tried += orphans(app, ItemKind::Device, &mut chain).await?;
    report.checks.extend([chain, replay]);
    Ok(())
}

/// Every medium.
pub(super) async fn media(app: &App, report: &mut Report) -> Result<()> {
    let mut chain = Check::new(1, "the journal of each medium is whole and chained");
    let mut replay = Check::new(1, "replaying a medium's journal gives its row");
    let mut after: Option<medium::Model> = None;
    loop {
        let mut query = medium::Entity::find()
            .order_by_asc(medium::Column::Id)
            .limit(PAGE);
        if let Some(last) = &after {
            query = query.filter(medium::Column::Id.gt(last.id));
        }
        let rows = query.all(app.db.read()).await?;
        let Some(last) = rows.last() else { break };
        let mut lines = lines_of(app, rows.iter().map(|r| r.id.0).collect()).await?;
        for row in &rows {
            let own = lines.remove(&row.id.0).unwrap_or_default();
            report.items += 1;
            report.lines += own.len() as u64;
            chain.tried += 1;
            replay.tried += 1;
            if let Some(fault) = chain_fault(&own, row.version, &row.head) {
                chain.found(format!("medium {}: {fault}", row.id));
                continue;
            }
            match replay_medium(&own) {
                Ok(Some(state)) if state == MediumState::of(row) => {}
                Ok(_) => replay.found(format!(
                    "medium {}: the row says something else than its journal",
                    row.id
                )),
                Err(error) => replay.found(format!("medium {}: {error}", row.id)),
            }
        }
        after = Some(last.clone());
    }
    chain.tried += orphans(app, ItemKind::Medium, &mut chain).await?;
    report.checks.extend([chain, replay]);
    Ok(())
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
    use sea_orm::sea_query::Query;
    let known = match kind {
        ItemKind::Device => Query::select()
            .column(device::Column::Id)
            .from(device::Entity)
            .to_owned(),
        ItemKind::Medium => Query::select()
            .column(medium::Column::Id)
            .from(medium::Entity)
            .to_owned(),
    };
    let rows = custody_event::Entity::find()
        .filter(custody_event::Column::ItemKind.eq(kind))
        .filter(custody_event::Column::N.eq(1))
        .filter(custody_event::Column::ItemId.not_in_subquery(known))
        .limit(PAGE)
        .all(app.db.read())
        .await?;
    for row in &rows {
        check.found(format!("{}: a journal without its item", row.item_id));
    }
    Ok(rows.len() as u64)
}
