//! A lot as it is answered: with its items, each by what it is.

use chrono::{DateTime, Utc};
use entities::enums::{DeviceKind, ItemKind, LotStatus, WasteCategory};
use entities::ids::{DeviceId, LotId, LotItemId, MediumId};
use entities::{lot, lot_item};
use schemars::JsonSchema;
use sea_orm::ConnectionTrait;
use serde::Serialize;

use super::{rules, store};
use crate::access;
use crate::error::Result;

/// A lot.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct LotView {
    /// Identity.
    pub(crate) id: LotId,
    /// `L-2026-000004`.
    pub(crate) reference: String,
    /// Slug of its site.
    pub(crate) site: String,
    #[serde(skip)]
    pub(crate) site_name: String,
    /// What it holds.
    pub(crate) category: WasteCategory,
    /// Where it stands.
    pub(crate) status: LotStatus,
    /// As weighed.
    pub(crate) weight_grams: Option<i64>,
    /// Who took it away.
    pub(crate) carrier: Option<String>,
    /// Who treats it.
    pub(crate) operator: Option<String>,
    /// Number of the note or consignment.
    pub(crate) collection_reference: Option<String>,
    /// Opened.
    pub(crate) created_at: DateTime<Utc>,
    /// Weighed and sealed.
    pub(crate) closed_at: Option<DateTime<Utc>>,
    /// Gone.
    pub(crate) collected_at: Option<DateTime<Utc>>,
    /// What is in it, the last one first.
    pub(crate) items: Vec<ItemView>,
}

/// One thing in a lot.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LotItem")]
pub(crate) struct ItemView {
    /// Identity within the lot.
    pub(crate) id: LotItemId,
    /// `device`, `medium` or `bulk`.
    pub(crate) what: &'static str,
    /// The code on its label.
    pub(crate) code: Option<String>,
    /// Kind of device.
    pub(crate) kind: Option<DeviceKind>,
    /// Maker and model, or what a bulk line is.
    pub(crate) name: String,
    /// The category such a device usually goes to.
    pub(crate) usual_category: Option<WasteCategory>,
    /// Weight of a bulk line, or the device's own when known.
    pub(crate) weight_grams: Option<i64>,
    /// Put in.
    pub(crate) added_at: DateTime<Utc>,
}

/// A lot with its items.
pub(crate) async fn of(db: &impl ConnectionTrait, lot: lot::Model) -> Result<LotView> {
    let rows = store::items(db, lot.id).await?;
    let ids = |kind: ItemKind| {
        rows.iter()
            .filter(move |r| r.item_kind == Some(kind))
            .filter_map(|r| r.item_id)
    };
    let devices = store::devices(db, ids(ItemKind::Device).map(DeviceId).collect()).await?;
    let media = store::media(db, ids(ItemKind::Medium).map(MediumId).collect()).await?;
    let items = rows.iter().map(|row| item(row, &devices, &media)).collect();
    let site = access::store::site_by_id(db, lot.site_id).await?;
    Ok(LotView {
        id: lot.id,
        reference: lot.reference,
        site: site.slug,
        site_name: site.name,
        category: lot.category,
        status: lot.status,
        weight_grams: lot.weight_grams,
        carrier: lot.carrier,
        operator: lot.operator,
        collection_reference: lot.collection_reference,
        created_at: lot.created_at,
        closed_at: lot.closed_at,
        collected_at: lot.collected_at,
        items,
    })
}

fn item(
    row: &lot_item::Model,
    devices: &std::collections::HashMap<uuid::Uuid, entities::device::Model>,
    media: &std::collections::HashMap<uuid::Uuid, entities::medium::Model>,
) -> ItemView {
    let mut view = ItemView {
        id: row.id,
        what: "bulk",
        code: None,
        kind: None,
        name: row.bulk_category.clone().unwrap_or_default(),
        usual_category: None,
        weight_grams: row.weight_grams,
        added_at: row.added_at,
    };
    if let Some(device) = row.item_id.and_then(|id| devices.get(&id)) {
        view.what = "device";
        view.code = Some(device.code.clone());
        view.kind = Some(device.kind);
        view.name = join(device.make.as_deref(), device.model.as_deref())
            .unwrap_or_else(|| crate::devices::words::kind(device.kind).to_owned());
        view.usual_category = Some(rules::usual_category(device.kind));
        view.weight_grams = device.weight_grams;
    } else if let Some(medium) = row.item_id.and_then(|id| media.get(&id)) {
        view.what = "medium";
        view.code.clone_from(&medium.code);
        view.name = join(medium.make.as_deref(), medium.model.as_deref())
            .unwrap_or_else(|| crate::devices::words::medium(medium.kind).to_owned());
    }
    view
}

fn join(make: Option<&str>, model: Option<&str>) -> Option<String> {
    let words: Vec<_> = [make, model].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" "))
}
