//! Taking a medium out: it becomes an item of its own, with a code and a place.

use entities::enums::{BoundFor, BreachReason};
use entities::ids::MediumId;
use entities::{device, medium};
use schemars::JsonSchema;
use serde::Deserialize;
use validator::Validate;

use crate::access::Actor;
use crate::app::App;
use crate::db::Tx;
use crate::devices::medium_event::MediumEvent;
use crate::devices::{self, At, Event, media};
use crate::error::{Error, Result};
use crate::workshop::{bench, store};

/// Where the medium goes.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub(crate) struct RemovalInput {
    /// Into the stock of media, or into the box of those to destroy.
    pub(crate) to: BoundFor,
}

/// The medium of a device.
///
/// # Errors
/// `medium-unknown` when it is not in this device.
pub(in crate::workshop) async fn medium_in(
    tx: &Tx,
    device: &device::Model,
    id: MediumId,
) -> Result<medium::Model> {
    media::of_device(tx, device.id)
        .await?
        .into_iter()
        .find(|medium| medium.id == id)
        .ok_or_else(|| Error::refused("medium-unknown", ""))
}

/// Takes a medium out of a device; answers both as they are now. The medium has a code from now on.
pub(crate) async fn remove(
    app: &App,
    actor: &Actor,
    code: &str,
    id: MediumId,
    input: &RemovalInput,
) -> Result<(device::Model, medium::Model)> {
    let at = At::now(app.clock.now());
    let tx = app.db.write().await?;
    let device = bench::device_of(&tx, actor, code).await?;
    bench::may_cause(actor, "medium_removed")?;
    let medium = medium_in(&tx, &device, id).await?;
    if device.wipe_refused && medium.open {
        // Out of its device, nothing would tell any more that its household has not agreed.
        return Err(Error::refused("wipe-refused", ""));
    }
    let done = take_out(app, &tx, actor, &device, &medium, input.to, at).await?;
    tx.commit().await?;
    Ok(done)
}

async fn take_out(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    device: &device::Model,
    medium: &medium::Model,
    to: BoundFor,
    at: At,
) -> Result<(device::Model, medium::Model)> {
    let site = bench::workshop_of(tx, actor, device).await?;
    let fresh = if medium.code.is_none() {
        let fresh = devices::steps::draw_code(tx, &app.chance, at.recorded).await?;
        devices::steps::claim_code_for_medium(tx, &fresh, medium.id).await?;
        Some(fresh)
    } else {
        None
    };
    let event = MediumEvent::MediumRemoved {
        device: device.id,
        site: site.id,
        to,
    };
    let label = fresh.as_ref().map(labels::code::Code::as_str);
    let removed = media::record(tx, medium, &event, label, &actor.by(), at).await?;
    let event = Event::MediumRemoved {
        medium: medium.id,
        was_open: medium.open,
        to,
    };
    let device = devices::record(tx, device, &event, &actor.by(), at).await?;
    Ok((device, removed))
}

/// Why a medium on record is not in its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotThere {
    /// It was there, and nobody knows where it is.
    Missing,
    /// It never was: whoever made the inventory mistyped or counted twice.
    Mistake,
}

/// A medium that is not where the inventory says.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub(crate) struct NotThereInput {
    /// `missing` or `mistake`.
    pub(crate) reason: NotThere,
}

/// What became of a medium that is not there.
#[derive(Debug)]
pub(crate) struct Gone {
    /// The device as it is now.
    pub(crate) device: device::Model,
    /// The medium as it is now.
    pub(crate) medium: medium::Model,
    /// A data-breach case was opened.
    pub(crate) breach: bool,
}

/// Says that a medium is not in its device. A missing one becomes an item of its own that nobody can find, and opens
/// a data-breach case when data may be on it. One entered by mistake is struck off, and somebody looks everywhere again.
///
/// # Errors
/// `medium-proved` when something is on record that a mistake has not: an erasure tried, a return, another device.
pub(crate) async fn not_there(
    app: &App,
    actor: &Actor,
    code: &str,
    id: MediumId,
    input: &NotThereInput,
) -> Result<Gone> {
    let at = At::now(app.clock.now());
    let tx = app.db.write().await?;
    let device = bench::device_of(&tx, actor, code).await?;
    let medium = medium_in(&tx, &device, id).await?;
    let by = actor.by();
    let gone = match input.reason {
        NotThere::Missing => {
            bench::may_cause(actor, "medium_removed")?;
            let (device, out) =
                take_out(app, &tx, actor, &device, &medium, BoundFor::Stock, at).await?;
            let event = MediumEvent::DeclaredMissing {};
            let missing = media::record(&tx, &out, &event, None, &by, at).await?;
            if missing.open {
                let reason = BreachReason::Missing;
                devices::steps::open_breach_case(&tx, missing.id.0, reason, at.recorded).await?;
            }
            Gone {
                device,
                breach: missing.open,
                medium: missing,
            }
        }
        NotThere::Mistake => {
            bench::may_cause(actor, "medium_unlisted")?;
            only_entered(&tx, &device, &medium).await?;
            let event = Event::MediumUnlisted {
                medium: medium.id,
                was_open: medium.open,
            };
            let device = devices::record(&tx, &device, &event, &by, at).await?;
            let event = MediumEvent::Unlisted {};
            Gone {
                device,
                medium: media::record(&tx, &medium, &event, None, &by, at).await?,
                breach: false,
            }
        }
    };
    tx.commit().await?;
    Ok(gone)
}

/// Only what was entered and never touched since can be a mistake: one line in its journal, no erasure tried, and its
/// device has not been with a household since.
async fn only_entered(tx: &Tx, device: &device::Model, medium: &medium::Model) -> Result<()> {
    let history = store::sanitisations_of(tx, std::slice::from_ref(medium)).await?;
    let own = devices::record::lines_of(tx, medium.id.0).await?;
    let entered = own.first().map(|line| line.recorded_at);
    let since = devices::record::lines(tx, device.id)
        .await?
        .iter()
        .any(|line| line.event == "returned" && Some(line.recorded_at) > entered);
    if medium.open && history.is_empty() && own.len() == 1 && !since {
        return Ok(());
    }
    Err(Error::refused(
        "medium-proved",
        "Ce support a déjà une histoire (effacement essayé, retour d’un foyer, autre équipement) : il a bien existé. Déclarez-le introuvable.",
    ))
}
