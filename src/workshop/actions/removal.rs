//! Taking a medium out: it becomes an item of its own, with a code and a place.

use entities::enums::BoundFor;
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
use crate::workshop::bench;

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
    let site = bench::workshop_of(&tx, actor, &device).await?;
    let medium = medium_in(&tx, &device, id).await?;
    let fresh = if medium.code.is_none() {
        let fresh = devices::steps::draw_code(&tx, &app.chance, at.recorded).await?;
        devices::steps::claim_code_for_medium(&tx, &fresh, medium.id).await?;
        Some(fresh)
    } else {
        None
    };
    let event = MediumEvent::MediumRemoved {
        device: device.id,
        site: site.id,
        to: input.to,
    };
    let label = fresh.as_ref().map(labels::code::Code::as_str);
    let removed = media::record(&tx, &medium, &event, label, &actor.by(), at).await?;
    let event = Event::MediumRemoved {
        medium: medium.id,
        was_open: medium.open,
        to: input.to,
    };
    let device = devices::record(&tx, &device, &event, &actor.by(), at).await?;
    tx.commit().await?;
    Ok((device, removed))
}
