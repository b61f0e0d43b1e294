//! The anchors themselves, and the journals against one of them: an item that was dropped, a journal that was cut or
//! built anew is named.

use std::collections::HashMap;
use std::path::Path;

use entities::custody_event;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{Check, Report};
use crate::anchors::list::{self, Entry, Reader};
use crate::anchors::statement::{GENESIS, Signed};
use crate::anchors::store;
use crate::app::App;
use crate::error::Result;

/// Items compared at a time.
const PAGE: usize = 500;
/// Anchors read at a time.
const ANCHORS: u64 = 500;

/// Each anchor is signed by this instance and names the one before.
pub(super) async fn check(app: &App, report: &mut Report) -> Result<()> {
    let mut check = Check::new(1, "each anchor is signed and names the one before");
    let (mut number, mut previous) = (0, GENESIS.to_owned());
    loop {
        let rows = store::after(app.db.read(), number, ANCHORS).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            check.tried += 1;
            number += 1;
            let good = match serde_json::from_str::<Signed>(&row.statement) {
                Ok(signed) => {
                    signed.is_ours(&app.keys)?
                        && signed.anchor.number == number
                        && signed.anchor.previous == previous
                        && signed.anchor.hash()? == row.hash
                        && (row.number, &row.previous, &row.root)
                            == (number, &previous, &signed.anchor.root)
                }
                Err(_) => false,
            };
            if !good {
                check.found(format!("anchor {}", row.number));
            }
            (number, previous) = (row.number, row.hash);
        }
    }
    report.checks.push(check);
    Ok(())
}

/// Compares what is kept with the list of an anchor.
pub(super) async fn against(app: &App, file: &Path, report: &mut Report) -> Result<()> {
    let (path, signed) = list::meant(app, file)?;
    let mut known = Check::new(1, "the anchor stands in this database's chain");
    known.tried = 1;
    let stated = &signed.anchor;
    let row = store::after(app.db.read(), stated.number - 1, 1).await?;
    let hash = stated.hash()?;
    if !row
        .iter()
        .any(|row| row.number == stated.number && row.hash == hash)
    {
        known.found(format!("anchor {} is not there", stated.number));
    }
    let mut check = Check::new(1, "each journal goes on from where the anchor saw it");
    let mut reader = Reader::open(&path)?;
    loop {
        let page = reader.page(PAGE)?;
        if page.is_empty() {
            break;
        }
        let journals = journals(app, &page).await?;
        for entry in &page {
            check.tried += 1;
            if let Some(fault) = fault(entry, journals.get(&entry.id)) {
                check.found(format!("{}: {fault}", entry.name()));
            }
        }
    }
    report.checks.extend([known, check]);
    Ok(())
}

/// A journal as it is now, at the line an anchor saw last.
#[derive(Default)]
struct Now {
    last: i64,
    at_anchor: Option<String>,
}

fn fault(entry: &Entry, now: Option<&Now>) -> Option<String> {
    let Some(now) = now else {
        return Some(format!("dropped, with the {} lines it had", entry.n));
    };
    if now.last < entry.n {
        return Some(format!(
            "cut: it had {} lines and has {}",
            entry.n, now.last
        ));
    }
    (now.at_anchor.as_ref() != Some(&entry.head))
        .then(|| format!("built anew: line {} is another than it was", entry.n))
}

async fn journals(app: &App, page: &[Entry]) -> Result<HashMap<Uuid, Now>> {
    use custody_event::Column;
    let seen: HashMap<Uuid, i64> = page.iter().map(|entry| (entry.id, entry.n)).collect();
    let rows = custody_event::Entity::find()
        .select_only()
        .columns([Column::ItemId, Column::N, Column::Hash])
        .filter(Column::ItemId.is_in(seen.keys().copied()))
        .into_tuple::<(Uuid, i64, String)>()
        .all(app.db.read())
        .await?;
    let mut journals: HashMap<Uuid, Now> = HashMap::new();
    for (item, n, hash) in rows {
        let now = journals.entry(item).or_default();
        now.last = now.last.max(n);
        if seen.get(&item) == Some(&n) {
            now.at_anchor = Some(hash);
        }
    }
    Ok(journals)
}
