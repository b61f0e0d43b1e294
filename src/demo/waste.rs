//! The story's end of what is beyond use: lots filled, weighed and collected over the year.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use entities::enums::{ItemKind, LotStatus, Stage, WasteCategory};
use entities::ids::{LotId, LotItemId, SiteId};
use entities::{lot, lot_item};

use super::bench::{Done, account};
use super::book::Book;
use super::dice::Dice;
use crate::access::By;
use crate::clock::id_at;
use crate::devices::Event;
use crate::error::Result;
use crate::french::local_date;
use crate::recycling::rules::usual_category;

/// Who fills lots and who hands them out.
#[derive(Debug)]
pub(super) struct Dock {
    pub(super) fills: By,
    pub(super) hands_out: By,
}

/// Devices of one lot.
const FULL: usize = 34;

/// Puts what is at its end of life into lots, the oldest first. A lot is closed when it is full, and the last one of
/// a past chapter with whatever is in it.
pub(super) fn clear(
    book: &mut Book,
    dice: &Dice,
    dock: &Dock,
    devices: &mut [Done],
    past: bool,
) -> Result<()> {
    let mut piles: BTreeMap<(SiteId, WasteCategory), Vec<usize>> = BTreeMap::new();
    let mut order: Vec<usize> = (0..devices.len()).collect();
    order.sort_by_key(|n| devices[*n].at);
    for n in order {
        let device = &devices[n].given.device;
        let Some(site) = device.site_id.filter(|_| device.stage == Stage::EndOfLife) else {
            continue;
        };
        piles
            .entry((site, usual_category(device.kind)))
            .or_default()
            .push(n);
    }
    let mut lots: Vec<_> = piles
        .iter()
        .flat_map(|(place, pile)| pile.chunks(FULL).map(move |chunk| (*place, chunk.to_vec())))
        .collect();
    lots.sort_by_key(|(_, chunk)| devices[chunk[0]].at);
    for (place, chunk) in lots {
        fill(book, dice, dock, devices, place, (&chunk, past))?;
    }
    Ok(())
}

fn fill(
    book: &mut Book,
    dice: &Dice,
    dock: &Dock,
    devices: &mut [Done],
    (site, category): (SiteId, WasteCategory),
    (chunk, past): (&[usize], bool),
) -> Result<()> {
    let Some(opened) = dice.later(devices[chunk[0]].at, 1, 30) else {
        return Ok(());
    };
    let mut row = lot::Model {
        id: LotId(id_at(opened)),
        reference: String::new(),
        site_id: site,
        category,
        status: LotStatus::Open,
        weight_grams: None,
        carrier: None,
        operator: None,
        collection_reference: None,
        created_by: account(&dock.fills),
        created_at: opened,
        closed_at: None,
        collected_at: None,
        body_hash: None,
        version: 1,
    };
    let mut last = opened;
    let mut inside = Vec::new();
    for n in chunk {
        let Some(added) = dice.later(devices[*n].at.max(opened), 1, 60) else {
            continue;
        };
        last = last.max(added);
        inside.push(*n);
        book.lot_items.push(lot_item::Model {
            id: LotItemId(id_at(added)),
            lot_id: row.id,
            item_id: Some(devices[*n].given.device.id.0),
            item_kind: Some(ItemKind::Device),
            bulk_category: None,
            weight_grams: None,
            added_by: account(&dock.fills),
            added_at: added,
            taken_out_at: None,
        });
    }
    if inside.is_empty() {
        return Ok(());
    }
    row.reference = book.reference("L", local_date(opened).year());
    if (past || inside.len() == FULL)
        && let Some(closed) = dice.later(last, 4, 60)
    {
        let weight: i64 = inside
            .iter()
            .filter_map(|n| devices[*n].given.device.weight_grams)
            .sum();
        row.status = LotStatus::Closed;
        row.weight_grams = Some(weight + i64::from(dice.between(200, 4_000)));
        row.closed_at = Some(closed);
        if let Some(collected) = dice.later(closed, 30, 260) {
            row.status = LotStatus::Collected;
            row.carrier = Some("Transports Mistral Blanc".to_owned());
            row.operator = Some("Éco-organisme, centre de regroupement de Vendargues".to_owned());
            row.collection_reference = Some(format!("BON-{:05}", dice.between(1, 99_999)));
            row.collected_at = Some(collected);
            leave(book, dock, devices, &inside, row.id, collected)?;
        }
    }
    book.lots.push(row);
    Ok(())
}

fn leave(
    book: &mut Book,
    dock: &Dock,
    devices: &mut [Done],
    inside: &[usize],
    lot: LotId,
    at: DateTime<Utc>,
) -> Result<()> {
    for (n, index) in (0_i64..).zip(inside) {
        let at = at + TimeDelta::milliseconds(n);
        let done = &mut devices[*index];
        book.happens(
            &mut done.given.device,
            &Event::Recycled { lot },
            &dock.hands_out,
            at,
        )?;
        done.at = at;
    }
    Ok(())
}
