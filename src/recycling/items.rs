//! What goes into a lot and out again: one rule for devices, loose media and bulk.

use chrono::{DateTime, Utc};
use entities::enums::{CustodyKind, ItemKind, LotStatus, MediumCustody};
use entities::ids::LotItemId;
use entities::{device, lot, lot_item, medium};
use schemars::JsonSchema;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use sea_orm::sea_query::OnConflict;
use serde::Deserialize;
use uuid::Uuid;
use validator::Validate;

use super::{rules, store};
use crate::access::Actor;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::medium_event::MediumEvent;
use crate::devices::{self, At, Event, State, lifecycle};
use crate::error::{Error, Result};

/// What is put in: a labelled thing by its code, or a bulk line.
#[derive(Clone, Debug, Default, Deserialize, Validate, JsonSchema)]
#[schemars(rename = "LotItemInput")]
pub(crate) struct ItemInput {
    /// Made by the client: the same one again adds nothing.
    pub(crate) id: Option<Uuid>,
    /// Label of a device or of a loose medium.
    #[validate(length(max = 200, message = "Code trop long."))]
    pub(crate) code: Option<String>,
    /// What carries no label.
    #[validate(nested)]
    pub(crate) bulk: Option<Bulk>,
}

/// Things that were never labelled.
#[derive(Clone, Debug, Deserialize, Validate, JsonSchema)]
pub(crate) struct Bulk {
    /// What they are: cables, chargers, batteries…
    #[validate(length(min = 1, max = 60, message = "Dites ce que c’est, en peu de mots."))]
    pub(crate) category: String,
    /// As weighed.
    #[validate(range(
        min = 1,
        max = 50_000_000,
        message = "Donnez un poids en grammes, plus grand que zéro."
    ))]
    pub(crate) weight_grams: i64,
}

/// What became of it.
pub(super) enum Added {
    /// It is in.
    New,
    /// It was in already.
    Before,
}

/// Puts something into an open lot, whose row is locked by this.
///
/// # Errors
/// `lot-not-open`, `already-in-a-lot`, `wrong-waste-category`, or what a law still wants of the thing.
pub(super) async fn add(
    tx: &Tx,
    actor: &Actor,
    lot: &lot::Model,
    input: &ItemInput,
    now: DateTime<Utc>,
) -> Result<Added> {
    match (&input.code, &input.bulk) {
        (Some(code), None) => match devices::store::item(tx, code).await? {
            devices::store::Item::Device(found) => {
                let device = devices::steps::lock(tx, found.id).await?;
                add_device(tx, actor, lot, input.id, &device, now).await
            }
            devices::store::Item::Medium(medium) => {
                add_medium(tx, actor, lot, input.id, &medium, now).await
            }
            devices::store::Item::Blank(_) => Err(Error::UnknownCode),
        },
        (None, Some(bulk)) => {
            open(tx, lot).await?;
            let row = lot_item::ActiveModel {
                bulk_category: Set(Some(bulk.category.clone())),
                weight_grams: Set(Some(bulk.weight_grams)),
                ..row(lot, actor, input.id, now)
            };
            insert(tx, lot, row, None, Some(bulk)).await
        }
        (None, None) | (Some(_), Some(_)) => Err(Error::field(
            "#/code",
            "Donnez un code, ou un vrac avec son poids.",
        )),
    }
}

async fn add_device(
    tx: &Tx,
    actor: &Actor,
    lot: &lot::Model,
    id: Option<Uuid>,
    device: &device::Model,
    now: DateTime<Utc>,
) -> Result<Added> {
    if let Some(there) = already(tx, lot, device.id.0).await? {
        return Ok(there);
    }
    if !rules::takes_devices(lot.category) {
        return Err(Error::refused(
            "wrong-waste-category",
            format!(
                "Un lot « {} » ne reçoit pas d’équipement entier.",
                rules::category(lot.category)
            ),
        ));
    }
    // What collecting will ask is asked now, when something can still be done about it.
    lifecycle::apply(&State::of(device), &Event::Recycled { lot: lot.id })?;
    open(tx, lot).await?;
    if device.custody == CustodyKind::Site && device.site_id != Some(lot.site_id) {
        if !lifecycle::role_may("moved", actor.role) {
            return Err(Error::refused(
                "wrong-place",
                "L’équipement est sur un autre site.",
            ));
        }
        // Whoever scans it into the lot holds it there.
        let moved = Event::Moved { site: lot.site_id };
        devices::record(tx, device, &moved, &actor.by(), At::now(now)).await?;
    }
    let row = lot_item::ActiveModel {
        item_id: Set(Some(device.id.0)),
        item_kind: Set(Some(ItemKind::Device)),
        ..row(lot, actor, id, now)
    };
    insert(tx, lot, row, Some(device.id.0), None).await
}

async fn add_medium(
    tx: &Tx,
    actor: &Actor,
    lot: &lot::Model,
    id: Option<Uuid>,
    medium: &medium::Model,
    now: DateTime<Utc>,
) -> Result<Added> {
    if let Some(there) = already(tx, lot, medium.id.0).await? {
        return Ok(there);
    }
    if !rules::takes_media(lot.category) {
        return Err(Error::refused(
            "wrong-waste-category",
            format!(
                "Un lot « {} » ne reçoit pas de support de données.",
                rules::category(lot.category)
            ),
        ));
    }
    if medium.open {
        return Err(Error::refused(
            "not-sanitised",
            "Ce support n’est ni effacé ni détruit : il ne part pas.",
        ));
    }
    let gone_otherwise = medium.custody == MediumCustody::Gone && medium.destroyed_at.is_none();
    if gone_otherwise || !matches!(medium.custody, MediumCustody::Site | MediumCustody::Gone) {
        return Err(Error::refused(
            "wrong-place",
            "Ce support n’est pas sur un site.",
        ));
    }
    open(tx, lot).await?;
    if medium.custody == MediumCustody::Site && medium.site_id != Some(lot.site_id) {
        let moved = MediumEvent::Moved { site: lot.site_id };
        devices::media::record(tx, medium, &moved, None, &actor.by(), At::now(now)).await?;
    }
    let row = lot_item::ActiveModel {
        item_id: Set(Some(medium.id.0)),
        item_kind: Set(Some(ItemKind::Medium)),
        ..row(lot, actor, id, now)
    };
    insert(tx, lot, row, Some(medium.id.0), None).await
}

fn row(
    lot: &lot::Model,
    actor: &Actor,
    id: Option<Uuid>,
    now: DateTime<Utc>,
) -> lot_item::ActiveModel {
    lot_item::ActiveModel {
        id: Set(LotItemId(id.unwrap_or_else(|| id_at(now)))),
        lot_id: Set(lot.id),
        item_id: Set(None),
        item_kind: Set(None),
        bulk_category: Set(None),
        weight_grams: Set(None),
        added_by: Set(actor.account),
        added_at: Set(now),
        taken_out_at: Set(None),
    }
}

/// Keeps the lot open, and others out of it, until the commit.
async fn open(tx: &Tx, lot: &lot::Model) -> Result<()> {
    store::change(
        tx,
        lot.id,
        LotStatus::Open,
        lot::ActiveModel::default(),
        || {
            Error::refused(
                "lot-not-open",
                format!("Le lot {} est déjà fermé.", lot.reference),
            )
        },
    )
    .await
}

async fn already(tx: &Tx, lot: &lot::Model, item: Uuid) -> Result<Option<Added>> {
    match store::lot_of(tx, item).await? {
        None => Ok(None),
        Some(other) if other.id == lot.id => Ok(Some(Added::Before)),
        Some(other) => Err(Error::refused(
            "already-in-a-lot",
            format!("Cet objet est déjà dans le lot {}.", other.reference),
        )),
    }
}

/// Inserts; the unique key has the last word when two lots want the same thing.
async fn insert(
    tx: &Tx,
    lot: &lot::Model,
    row: lot_item::ActiveModel,
    item: Option<Uuid>,
    bulk: Option<&Bulk>,
) -> Result<Added> {
    let id = row.id.clone().take();
    let inserted = lot_item::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    if inserted == 1 {
        return Ok(Added::New);
    }
    let stored = match id {
        Some(id) => lot_item::Entity::find_by_id(id).one(tx).await?,
        None => None,
    };
    match stored {
        Some(stored)
            if stored.lot_id == lot.id
                && stored.item_id == item
                && stored.bulk_category.as_deref() == bulk.map(|bulk| bulk.category.as_str())
                && stored.weight_grams == bulk.map(|bulk| bulk.weight_grams) =>
        {
            Ok(Added::Before)
        }
        Some(_) => Err(Error::refused("id-reused", "")),
        None => match item {
            Some(item) => already(tx, lot, item).await?.ok_or(Error::Stale("lot")),
            None => Err(Error::Stale("lot")),
        },
    }
}
