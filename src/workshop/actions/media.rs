//! The inventory of media: what is in a device, seen by somebody who looked.
//!
//! While the inventory is not done, a medium is *inventoried*; afterwards one more is *found*: the
//! hold is released, the device reopens, and where it is out of reach a breach case opens.

use entities::enums::{
    BoundFor, BreachReason, CustodyKind, MediumCustody, MediumKind, OpenedBecause, ReleaseReason,
};
use entities::ids::MediumId;
use entities::{device, medium};
use schemars::JsonSchema;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::access::{Actor, Permission, steps as access};
use crate::app::App;
use crate::appointments::steps as appointments;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::event::InventoriedMedium;
use crate::devices::medium_event::MediumEvent;
use crate::devices::store::{Item, item};
use crate::devices::{self, At, Event, media};
use crate::error::{Error, Result};
use crate::workshop::evidence::serial;
use crate::workshop::{bench, replay, store};

/// Something seen where media can be. One input for the API and the page.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema, Validate)]
pub(crate) struct MediaInput {
    /// Made by the client: the same one again answers the same outcome.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<Uuid>")]
    pub(crate) id: Option<Uuid>,
    /// Technology of the medium seen.
    pub(crate) kind: Option<MediumKind>,
    /// As read on it; none when it can't be read, and then it gets our code.
    #[validate(length(max = 64, message = "64 caractères au plus."))]
    pub(crate) serial: Option<String>,
    /// Manufacturer.
    #[validate(length(max = 64, message = "64 caractères au plus."))]
    pub(crate) make: Option<String>,
    /// Model.
    #[validate(length(max = 64, message = "64 caractères au plus."))]
    pub(crate) model: Option<String>,
    /// Capacity in bytes.
    #[validate(range(min = 1, message = "La capacité est en octets, plus grande que zéro."))]
    pub(crate) capacity_bytes: Option<i64>,
    /// Fits this loose medium instead.
    #[validate(length(max = 200, message = "Ce n’est pas un code."))]
    pub(crate) code: Option<String>,
    /// Looked everywhere and saw none.
    #[serde(default)]
    pub(crate) none_seen: bool,
    /// Whether the inventory is done with this; a medium alone says yes unless told otherwise.
    pub(crate) complete: Option<bool>,
}

/// What became of it.
#[derive(Debug)]
pub(crate) struct Inventoried {
    /// The device as it is now.
    pub(crate) device: device::Model,
    /// The medium concerned.
    pub(crate) medium: Option<medium::Model>,
    /// Name of the event; none when all was known before.
    pub(crate) event: Option<&'static str>,
    /// A data-breach case was opened.
    pub(crate) breach: bool,
    /// The same request came before.
    pub(crate) replayed: bool,
}

impl Inventoried {
    fn by(device: device::Model, medium: Option<medium::Model>, event: &'static str) -> Self {
        Self {
            device,
            medium,
            event: Some(event),
            breach: false,
            replayed: false,
        }
    }
}

/// Records what somebody saw in a device.
///
/// # Errors
/// Field errors, `medium-known` when the medium is on record elsewhere, and what the lifecycle table refuses.
pub(crate) async fn inventory(
    app: &App,
    actor: &Actor,
    code: &str,
    input: MediaInput,
) -> Result<Inventoried> {
    actor.require(Permission::Scan)?;
    let at = At::now(app.clock.now());
    let tx = app.db.write().await?;
    let device = devices::steps::find(&tx, code).await?;
    let hash = replay::body_hash(actor, device.id.0, &input)?;
    if let Some(before) = stored(&tx, &device, input.id, &hash).await? {
        return Ok(before);
    }
    let done = if let Some(medium) = &input.code {
        let complete = input.complete != Some(false);
        fit(&tx, actor, &device, medium, complete, at).await?
    } else if input.none_seen {
        none_seen(&tx, actor, &device, &input, at).await?
    } else if let Some(kind) = input.kind {
        let made = Made {
            id: input.id.map(MediumId),
            body_hash: Some(hash),
        };
        seen(
            app,
            &tx,
            actor,
            &device,
            &input,
            Seen::typed(&input, kind, made),
            at,
        )
        .await?
    } else if input.complete == Some(true) {
        finish(&tx, actor, &device, at).await?
    } else {
        return Err(Error::field("#/kind", "Dites de quel type est le support."));
    };
    tx.commit().await?;
    Ok(done)
}

/// The outcome of the same request, sent before.
///
/// # Errors
/// `id-reused` when the id was another request's.
async fn stored(
    tx: &Tx,
    device: &device::Model,
    id: Option<Uuid>,
    hash: &[u8],
) -> Result<Option<Inventoried>> {
    let Some(id) = id else {
        return Ok(None);
    };
    let Some(medium) = store::medium(tx, MediumId(id)).await? else {
        return Ok(None);
    };
    replay::same(medium.body_hash.as_ref(), hash)?;
    let first = devices::record::lines_of(tx, id).await?;
    let found = first
        .first()
        .is_some_and(|line| line.data.contains("\"found\""));
    let event = if found {
        "medium_found"
    } else {
        "media_inventoried"
    };
    Ok(Some(Inventoried {
        replayed: true,
        ..Inventoried::by(device.clone(), Some(medium), event)
    }))
}

/// The request that a new medium comes from; of a file, none.
#[derive(Debug, Clone, Default)]
pub(in crate::workshop) struct Made {
    /// Made by the client.
    id: Option<MediumId>,
    body_hash: Option<Vec<u8>>,
}

/// What a tool or a person says of a new medium.
#[derive(Debug, Clone)]
pub(in crate::workshop) struct Seen {
    pub(in crate::workshop) made: Made,
    pub(in crate::workshop) kind: MediumKind,
    pub(in crate::workshop) serial: Option<String>,
    pub(in crate::workshop) make: Option<String>,
    pub(in crate::workshop) model: Option<String>,
    pub(in crate::workshop) capacity_bytes: Option<i64>,
}

impl Seen {
    fn typed(input: &MediaInput, kind: MediumKind, made: Made) -> Self {
        Self {
            made,
            kind,
            serial: input.serial.as_deref().and_then(serial::clean),
            make: input.make.clone(),
            model: input.model.clone(),
            capacity_bytes: input.capacity_bytes,
        }
    }
}

/// Births a medium in a device, with our code when nobody can read its serial number.
pub(in crate::workshop) async fn register(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    device: &device::Model,
    seen: Seen,
    because: OpenedBecause,
    at: At,
) -> Result<medium::Model> {
    let id = seen.made.id.unwrap_or_else(|| MediumId(id_at(at.recorded)));
    let code = if seen.serial.is_none() {
        let code = devices::steps::draw_code(tx, &app.chance, at.recorded).await?;
        devices::steps::claim_code_for_medium(tx, &code, id).await?;
        Some(code.as_str().to_owned())
    } else {
        None
    };
    let row = medium::Model {
        id,
        code,
        device_id: Some(device.id),
        kind: seen.kind,
        make: seen.make,
        model: seen.model,
        serial: seen.serial,
        capacity_bytes: seen.capacity_bytes,
        open: true,
        opened_because: because,
        closed_by: None,
        destroyed_at: None,
        custody: MediumCustody::Device,
        site_id: None,
        shipment_id: None,
        bound_for: None,
        body_hash: seen.made.body_hash,
        version: 0,
        head: String::new(),
    };
    let event = MediumEvent::MediaInventoried {
        device: Some(device.id),
        site: None,
        kind: seen.kind,
        open: true,
        because,
    };
    media::register(tx, row, &event, &actor.by(), at).await
}

async fn seen(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    device: &device::Model,
    input: &MediaInput,
    seen: Seen,
    at: At,
) -> Result<Inventoried> {
    let here = media::of_device(tx, device.id).await?;
    let known = seen
        .serial
        .as_deref()
        .and_then(|serial| with_serial(&here, serial))
        .cloned();
    let complete = input.complete.unwrap_or(true);
    if let Some(known) = known {
        let confirms = !device.media_known && complete;
        return if confirms {
            let mut done = finish(tx, actor, device, at).await?;
            done.medium = Some(known);
            Ok(done)
        } else {
            Ok(Inventoried {
                device: device.clone(),
                medium: Some(known),
                event: None,
                breach: false,
                replayed: false,
            })
        };
    }
    if let Some(serial) = &seen.serial
        && let Some(where_it_is) = on_record_elsewhere(tx, serial, device).await?
    {
        return Err(Error::refused("medium-known", where_it_is));
    }
    if device.media_known {
        return found(app, tx, actor, device, seen, at).await;
    }
    bench::may_cause(actor, "media_inventoried")?;
    bench::workshop_of(tx, actor, device).await?;
    let medium = register(app, tx, actor, device, seen, OpenedBecause::Donated, at).await?;
    let event = Event::MediaInventoried {
        media: vec![InventoriedMedium {
            medium: medium.id,
            kind: medium.kind,
            open: true,
        }],
        complete,
    };
    let device = devices::record(tx, device, &event, &actor.by(), at).await?;
    Ok(Inventoried::by(device, Some(medium), "media_inventoried"))
}

/// The medium of a list that has a serial number.
pub(in crate::workshop) fn with_serial<'a>(
    media: &'a [medium::Model],
    wanted: &str,
) -> Option<&'a medium::Model> {
    let wanted = serial::comparable(wanted);
    media.iter().find(|medium| {
        medium
            .serial
            .as_deref()
            .is_some_and(|own| serial::comparable(own) == wanted)
    })
}

/// Where a medium of this serial number is on record, in words, when that is not this device. It comes in
/// with its history, never as a new one.
pub(in crate::workshop) async fn on_record_elsewhere(
    db: &impl ConnectionTrait,
    serial: &str,
    here: &device::Model,
) -> Result<Option<String>> {
    for medium in store::media_by_serial(db, serial, false).await? {
        match (medium.custody, medium.device_id) {
            (MediumCustody::Site | MediumCustody::Shipment | MediumCustody::Missing, _) => {
                let code = medium.code.as_deref().unwrap_or_default();
                return Ok(Some(format!(
                    "Le disque n° {serial} est suivi sous l’étiquette {} : montez-le par son code.",
                    devices::words::grouped(code)
                )));
            }
            (MediumCustody::Device, Some(id)) if id != here.id => {
                let other = devices::store::by_id(db, id).await?;
                if other.custody != CustodyKind::Gone {
                    return Ok(Some(format!(
                        "Le disque n° {serial} est inscrit dans l’équipement {} : retirez-le d’abord là-bas, puis montez-le ici.",
                        devices::words::grouped(&other.code)
                    )));
                }
            }
            (MediumCustody::Device | MediumCustody::Gone, _) => {}
        }
    }
    Ok(None)
}

async fn none_seen(
    tx: &Tx,
    actor: &Actor,
    device: &device::Model,
    input: &MediaInput,
    at: At,
) -> Result<Inventoried> {
    if input.kind.is_some() || input.serial.is_some() {
        return Err(Error::field(
            "#/none_seen",
            "« Aucun support » et un support à la fois : choisissez.",
        ));
    }
    let here = media::of_device(tx, device.id).await?;
    if let Some(medium) = here.first() {
        return Err(Error::refused(
            "wrong-state",
            format!(
                "Un support est inscrit dans cet équipement ({}) : retirez-le, ou terminez l’inventaire avec lui.",
                medium
                    .serial
                    .as_deref()
                    .or(medium.code.as_deref())
                    .unwrap_or("sans numéro")
            ),
        ));
    }
    finish(tx, actor, device, at).await
}

/// The inventory is done with what is on record.
async fn finish(tx: &Tx, actor: &Actor, device: &device::Model, at: At) -> Result<Inventoried> {
    bench::may_cause(actor, "media_inventoried")?;
    bench::workshop_of(tx, actor, device).await?;
    if device.media_known {
        return Ok(Inventoried {
            device: device.clone(),
            medium: None,
            event: None,
            breach: false,
            replayed: false,
        });
    }
    let event = Event::MediaInventoried {
        media: Vec::new(),
        complete: true,
    };
    let device = devices::record(tx, device, &event, &actor.by(), at).await?;
    Ok(Inventoried::by(device, None, "media_inventoried"))
}

/// One more than the inventory knew of.
async fn found(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    device: &device::Model,
    seen: Seen,
    at: At,
) -> Result<Inventoried> {
    bench::may_cause(actor, "medium_found")?;
    if device.custody == CustodyKind::Gone {
        devices::steps::open_breach_case(tx, device.id.0, BreachReason::MediumFound, at.recorded)
            .await?;
        return Ok(Inventoried {
            device: device.clone(),
            medium: None,
            event: None,
            breach: true,
            replayed: false,
        });
    }
    if let (CustodyKind::Site, Some(site)) = (device.custody, device.site_id) {
        access::own_site(tx, actor, site).await?;
    }
    let wiped_before = wiped_since_it_came(tx, device).await?;
    // A device that can't be given as it is frees its request, whose household is told.
    let device =
        appointments::lose_hold(app, tx, device, ReleaseReason::MediumFound, &actor.by(), at)
            .await?;
    let kind = seen.kind;
    let medium = register(app, tx, actor, &device, seen, OpenedBecause::Found, at).await?;
    let event = Event::MediumFound {
        medium: medium.id,
        kind,
        wiped_before,
    };
    let device = devices::record(tx, &device, &event, &actor.by(), at).await?;
    let breach = device.custody == CustodyKind::Household;
    if breach {
        devices::steps::open_breach_case(tx, device.id.0, BreachReason::MediumFound, at.recorded)
            .await?;
    }
    Ok(Inventoried {
        breach,
        ..Inventoried::by(device, Some(medium), "medium_found")
    })
}

/// Whether the device was wiped since it was last somebody's.
async fn wiped_since_it_came(tx: &Tx, device: &device::Model) -> Result<bool> {
    let lines = devices::record::lines(tx, device.id).await?;
    Ok(lines
        .iter()
        .rev()
        .take_while(|line| line.event != "returned")
        .any(|line| ["sanitised", "medium_sanitised", "made_ready"].contains(&line.event.as_str())))
}

/// Puts a loose medium in. Both rows are guarded by their version, so that it can't slip past `made_ready`.
async fn fit(
    tx: &Tx,
    actor: &Actor,
    device: &device::Model,
    code: &str,
    complete: bool,
    at: At,
) -> Result<Inventoried> {
    bench::may_cause(actor, "medium_fitted")?;
    let site = bench::workshop_of(tx, actor, device).await?;
    let Item::Medium(medium) = item(tx, code).await? else {
        return Err(Error::field(
            "#/code",
            "Ce code n’est pas celui d’un support.",
        ));
    };
    if medium.device_id == Some(device.id) {
        // Inside already, and seen again: after a return that is how one without a serial number is inventoried.
        if !device.media_known && complete {
            let mut done = finish(tx, actor, device, at).await?;
            done.medium = Some(*medium);
            return Ok(done);
        }
        return Ok(Inventoried {
            device: device.clone(),
            medium: Some(*medium),
            event: None,
            breach: false,
            replayed: false,
        });
    }
    let medium = if medium.custody == MediumCustody::Missing {
        // Whoever holds it has found it.
        let found = MediumEvent::Found { site: site.id };
        media::record(tx, &medium, &found, None, &actor.by(), at).await?
    } else {
        *medium
    };
    if medium.custody != MediumCustody::Site || medium.site_id != Some(site.id) {
        return Err(Error::refused(
            "wrong-place",
            "Ce support n’est pas en stock dans cet atelier.",
        ));
    }
    // One that was wiped after all serves again.
    if medium.bound_for == Some(BoundFor::Destruction) && medium.open {
        return Err(Error::refused(
            "wrong-state",
            "Ce support attend sa destruction : il ne se monte pas.",
        ));
    }
    let event = MediumEvent::MediumFitted { device: device.id };
    let medium = media::record(tx, &medium, &event, None, &actor.by(), at).await?;
    let event = Event::MediumFitted {
        medium: medium.id,
        open: medium.open,
    };
    let device = devices::record(tx, device, &event, &actor.by(), at).await?;
    Ok(Inventoried::by(device, Some(medium), "medium_fitted"))
}
