//! What people do with lots: open, fill, take out, weigh and close, open again, hand over to the collector.

use chrono::{DateTime, Datelike, Utc};
use entities::enums::{CustodyKind, ItemKind, LotStatus, MediumCustody, WasteCategory};
use entities::ids::{LotId, LotItemId, SiteId};
use entities::{lot, lot_item};
use schemars::JsonSchema;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use super::items::{self, Added, ItemInput};
use super::store;
use super::view::{self, LotView};
use crate::access::{self, Actor, Permission};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::medium_event::{self, MediumEvent, MediumState};
use crate::devices::{self, At, Event, State, lifecycle};
use crate::error::{Error, Missing, Result};
use crate::seal::sha256;
use crate::web::Created;

/// A lot to open.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, JsonSchema)]
#[schemars(rename = "LotInput")]
pub(crate) struct OpenInput {
    /// Made by the client: the same one again answers the same lot.
    #[serde(skip_serializing)]
    pub(crate) id: Option<Uuid>,
    /// Slug or id of the site; the one where the actor stands by default.
    #[validate(length(max = 80, message = "Site inconnu."))]
    pub(crate) site: Option<String>,
    /// What goes in.
    pub(crate) category: WasteCategory,
}

/// The weighing that seals a lot.
#[derive(Clone, Copy, Debug, Deserialize, Validate, JsonSchema)]
#[schemars(rename = "LotCloseInput")]
pub(crate) struct CloseInput {
    /// Weight of the whole, in grams.
    #[validate(range(
        min = 1,
        max = 50_000_000,
        message = "Donnez un poids en grammes, plus grand que zéro."
    ))]
    pub(crate) weight_grams: i64,
}

/// Who takes a lot away, to whom, under which number.
#[derive(Clone, Debug, Deserialize, Validate, JsonSchema)]
#[schemars(rename = "LotCollectInput")]
pub(crate) struct CollectInput {
    /// Who carries.
    #[validate(length(min = 1, max = 200, message = "Dites qui transporte."))]
    pub(crate) carrier: String,
    /// Who treats: eco-organisation, public recycling centre or treatment company.
    #[validate(length(min = 1, max = 200, message = "Dites qui traite."))]
    pub(crate) operator: String,
    /// Number of the note, or of the consignment (BSD) for dangerous waste.
    #[validate(length(
        min = 1,
        max = 80,
        message = "Donnez le numéro du bon ou du bordereau."
    ))]
    pub(crate) reference: String,
}

/// Opens a lot at one's site.
pub(crate) async fn open(app: &App, actor: &Actor, input: &OpenInput) -> Result<Created<LotView>> {
    actor.require(Permission::Recycle)?;
    let now = app.clock.now();
    let body_hash = sha256(&serde_jcs::to_vec(input).map_err(Error::internal)?).to_vec();
    let tx = app.db.write().await?;
    let site = access::steps::standing_site(&tx, actor, input.site.as_deref()).await?;
    let id = LotId(input.id.unwrap_or_else(|| id_at(now)));
    if let Some(stored) = lot::Entity::find_by_id(id).one(&tx).await? {
        return replay(&tx, stored, &body_hash).await;
    }
    let row = lot::Model {
        id,
        reference: access::steps::next_reference(&tx, "L", crate::french::local_date(now).year())
            .await?,
        site_id: site.id,
        category: input.category,
        status: LotStatus::Open,
        weight_grams: None,
        carrier: None,
        operator: None,
        collection_reference: None,
        created_by: actor.account,
        created_at: now,
        closed_at: None,
        collected_at: None,
        body_hash: Some(body_hash.clone()),
        version: 1,
    };
    let inserted = lot::Entity::insert(lot::ActiveModel::from(row.clone()))
        .on_conflict(OnConflict::column(lot::Column::Id).do_nothing().to_owned())
        .exec_without_returning(&tx)
        .await?;
    if inserted == 0 {
        // Somebody sent the same id at the same moment: theirs stands, our number is given back.
        tx.give_way().await?;
        let stored = lot::Entity::find_by_id(id).one(app.db.read()).await?;
        return replay(
            app.db.read(),
            stored.ok_or(Error::Stale("lot"))?,
            &body_hash,
        )
        .await;
    }
    let body = view::of(&tx, row).await?;
    tx.commit().await?;
    Ok(Created {
        body,
        replayed: false,
    })
}

async fn replay(
    db: &impl sea_orm::ConnectionTrait,
    stored: lot::Model,
    body_hash: &[u8],
) -> Result<Created<LotView>> {
    if stored.body_hash.as_deref() == Some(body_hash) {
        let body = view::of(db, stored).await?;
        Ok(Created {
            body,
            replayed: true,
        })
    } else {
        Err(Error::refused("id-reused", ""))
    }
}

/// Puts a thing into a lot.
pub(crate) async fn add(
    app: &App,
    actor: &Actor,
    name: &str,
    input: &ItemInput,
) -> Result<Created<LotView>> {
    let now = app.clock.now();
    let (tx, lot) = begin(app, actor, name).await?;
    let added = items::add(&tx, actor, &lot, input, now).await?;
    let body = finish(tx, lot.id).await?;
    Ok(Created {
        body,
        replayed: matches!(added, Added::Before),
    })
}

/// Takes a thing out of an open lot, by its id in the lot or its code. Taken out before: nothing changes.
pub(crate) async fn take_out(app: &App, actor: &Actor, name: &str, item: &str) -> Result<LotView> {
    let now = app.clock.now();
    let (tx, lot) = begin(app, actor, name).await?;
    let row = item_of(&tx, &lot, item).await?;
    if row.taken_out_at.is_none() {
        change(&tx, &lot, LotStatus::Open, lot::ActiveModel::default()).await?;
        lot_item::Entity::update_many()
            .set(lot_item::ActiveModel {
                taken_out_at: Set(Some(now)),
                ..Default::default()
            })
            .filter(lot_item::Column::Id.eq(row.id))
            .filter(lot_item::Column::TakenOutAt.is_null())
            .exec(&tx)
            .await?;
    }
    finish(tx, lot.id).await
}

/// Weighs and seals a lot. The same weight again changes nothing.
///
/// # Errors
/// `lot-empty`, `lot-not-open`.
pub(crate) async fn close(
    app: &App,
    actor: &Actor,
    name: &str,
    input: CloseInput,
) -> Result<LotView> {
    let now = app.clock.now();
    let (tx, lot) = begin(app, actor, name).await?;
    if lot.status == LotStatus::Closed && lot.weight_grams == Some(input.weight_grams) {
        return view::of(&tx, lot).await;
    }
    let sealed = lot::ActiveModel {
        status: Set(LotStatus::Closed),
        weight_grams: Set(Some(input.weight_grams)),
        closed_at: Set(Some(now)),
        ..Default::default()
    };
    // The lot first: nobody can take the last item out between the count and the seal.
    change(&tx, &lot, LotStatus::Open, sealed).await?;
    let inside = store::items(&tx, lot.id).await?;
    if inside.is_empty() {
        return Err(Error::refused(
            "lot-empty",
            "Mettez au moins un objet dans le lot avant de le fermer.",
        ));
    }
    let bulk: i64 = inside.iter().filter_map(|i| i.weight_grams).sum();
    if input.weight_grams < bulk {
        return Err(Error::field(
            "#/weight_grams",
            format!(
                "Le vrac pèse déjà {} à lui seul.",
                crate::french::weight(bulk)
            ),
        ));
    }
    finish(tx, lot.id).await
}

/// Breaks the seal of a lot that nobody has collected yet, to correct it.
pub(crate) async fn reopen(app: &App, actor: &Actor, name: &str) -> Result<LotView> {
    let (tx, lot) = begin(app, actor, name).await?;
    if lot.status == LotStatus::Open {
        return view::of(&tx, lot).await;
    }
    let opened = lot::ActiveModel {
        status: Set(LotStatus::Open),
        weight_grams: Set(None),
        closed_at: Set(None),
        ..Default::default()
    };
    change(&tx, &lot, LotStatus::Closed, opened).await?;
    finish(tx, lot.id).await
}

/// Hands a sealed lot to its collector: each device in it is recycled, in the same transaction.
///
/// # Errors
/// `lot-not-closed`; `lot-item-not-ready` with each item that a law keeps back.
pub(crate) async fn collect(
    app: &App,
    actor: &Actor,
    name: &str,
    input: &CollectInput,
) -> Result<LotView> {
    if !lifecycle::role_may("recycled", actor.role) {
        return Err(Error::Forbidden(Permission::Recycle.code()));
    }
    let now = app.clock.now();
    let (tx, lot) = begin(app, actor, name).await?;
    let gone = lot.status == LotStatus::Collected;
    if gone && lot.collection_reference.as_deref() == Some(input.reference.as_str()) {
        return view::of(&tx, lot).await;
    }
    let papers = lot::ActiveModel {
        status: Set(LotStatus::Collected),
        carrier: Set(Some(input.carrier.clone())),
        operator: Set(Some(input.operator.clone())),
        collection_reference: Set(Some(input.reference.clone())),
        collected_at: Set(Some(now)),
        ..Default::default()
    };
    change(&tx, &lot, LotStatus::Closed, papers).await?;
    leave(&tx, actor, &lot, now).await?;
    finish(tx, lot.id).await
}

/// Every item leaves, or none. What is on the books of another site stands on a shelf there, whatever lot it
/// was once put in.
async fn leave(tx: &Tx, actor: &Actor, lot: &lot::Model, now: DateTime<Utc>) -> Result<()> {
    let mut inside = store::items(tx, lot.id).await?;
    inside.sort_by_key(|item| item.item_id);
    let event = Event::Recycled { lot: lot.id };
    let recycled = MediumEvent::Recycled { lot: lot.id };
    let mut kept_back = Vec::new();
    let mut leaving = Vec::new();
    let mut loose = Vec::new();
    for item in &inside {
        match (item.item_kind, item.item_id) {
            (Some(ItemKind::Device), Some(id)) => {
                let device = devices::steps::lock(tx, entities::ids::DeviceId(id)).await?;
                let here = (device.custody == CustodyKind::Site, device.site_id);
                let allowed = lifecycle::apply(&State::of(&device), &event)
                    .map(drop)
                    .and_then(|()| stands_here(here, lot));
                match allowed {
                    Ok(()) => leaving.push(device),
                    Err(error) => kept_back.push(Missing::new("item", why(&device.code, &error))),
                }
            }
            (Some(ItemKind::Medium), Some(id)) => {
                let media = store::media(tx, vec![entities::ids::MediumId(id)]).await?;
                let Some(medium) = media.get(&id).filter(|m| m.custody != MediumCustody::Gone)
                else {
                    continue;
                };
                let here = (medium.custody == MediumCustody::Site, medium.site_id);
                let allowed = medium_event::apply(Some(&MediumState::of(medium)), &recycled)
                    .map(drop)
                    .and_then(|()| stands_here(here, lot));
                match allowed {
                    Ok(()) => loose.push(medium.clone()),
                    Err(error) => {
                        let name = medium.code.as_deref().or(medium.serial.as_deref());
                        let why = why(name.unwrap_or("Support sans numéro"), &error);
                        kept_back.push(Missing::new("item", why));
                    }
                }
            }
            (Some(_), None) | (None, _) => {}
        }
    }
    if !kept_back.is_empty() {
        return Err(Error::missing(
            "lot-item-not-ready",
            "Rouvrez le lot et retirez ce qui ne peut pas partir.",
            kept_back,
        ));
    }
    let (by, at) = (actor.by(), At::now(now));
    for device in &leaving {
        devices::record(tx, device, &event, &by, at).await?;
    }
    for medium in &loose {
        devices::media::record(tx, medium, &recycled, None, &by, at).await?;
    }
    Ok(())
}

fn stands_here((at_a_site, site): (bool, Option<SiteId>), lot: &lot::Model) -> Result<()> {
    if at_a_site && site == Some(lot.site_id) {
        Ok(())
    } else {
        Err(Error::refused(
            "wrong-place",
            "est inscrit sur un autre site.",
        ))
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only these are told apart here"
)]
fn why(code: &str, error: &Error) -> String {
    let words = match error {
        Error::Refused { missing, .. } if !missing.is_empty() => missing
            .iter()
            .map(|m| m.detail.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        other => crate::web::problem::detail(other),
    };
    format!("{code} : {words}")
}

async fn begin(app: &App, actor: &Actor, name: &str) -> Result<(Tx, lot::Model)> {
    actor.require(Permission::Recycle)?;
    let tx = app.db.write().await?;
    let lot = store::find(&tx, actor.organisation, name).await?;
    Ok((tx, lot))
}

async fn finish(tx: Tx, lot: LotId) -> Result<LotView> {
    let row = lot::Entity::find_by_id(lot).one(&tx).await?;
    let body = view::of(&tx, row.ok_or(Error::NotFound("lot"))?).await?;
    tx.commit().await?;
    Ok(body)
}

async fn change(
    tx: &Tx,
    lot: &lot::Model,
    from: LotStatus,
    changes: lot::ActiveModel,
) -> Result<()> {
    store::change(tx, lot.id, from, changes, || match from {
        LotStatus::Closed if lot.status == LotStatus::Open => Error::refused("lot-not-closed", ""),
        LotStatus::Open | LotStatus::Closed => Error::refused(
            "lot-not-open",
            format!(
                "Le lot {} est {}.",
                lot.reference,
                super::rules::status(lot.status)
            ),
        ),
        LotStatus::Collected
        | LotStatus::Accepted
        | LotStatus::PartlyRefused
        | LotStatus::Treated => Error::Stale("lot"),
    })
    .await
}

/// An item that is or was in a lot, by its id in the lot or by the code of what it is.
async fn item_of(tx: &Tx, lot: &lot::Model, name: &str) -> Result<lot_item::Model> {
    let query = lot_item::Entity::find().filter(lot_item::Column::LotId.eq(lot.id));
    let query = if let Ok(id) = Uuid::parse_str(name) {
        query.filter(lot_item::Column::Id.eq(LotItemId(id)))
    } else {
        let item = match devices::store::item(tx, name).await? {
            devices::store::Item::Device(device) => device.id.0,
            devices::store::Item::Medium(medium) => medium.id.0,
            devices::store::Item::Blank(_) => return Err(Error::UnknownCode),
        };
        query
            .filter(lot_item::Column::ItemId.eq(item))
            .filter(lot_item::Column::TakenOutAt.is_null())
    };
    query.one(tx).await?.ok_or(Error::NotFound("lot"))
}
