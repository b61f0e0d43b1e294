//! What somebody can do next with a device, as buttons and as `next_actions`.

use entities::enums::Stage;
use entities::{device, site};
use sea_orm::ConnectionTrait;

use crate::access::Actor;
use crate::app::App;
use crate::devices::lifecycle::{self, Action, NextAction};
use crate::devices::{State, record};
use crate::error::Result;
use crate::station::rules::{self, Here};
use crate::{recycling, workshop};

/// What is known of the last line of a device's journal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Last<'a> {
    /// It must be read.
    Unknown,
    /// The one who asks has just written it.
    JustWritten(&'a str),
}

/// What the actor can do next with a device, taking back their own last event included. `here` is the site where they
/// say to stand; by default the one of their session or account. Reads no more than the device and the role call for:
/// each scan ends with it.
pub(crate) async fn next_actions(
    app: &App,
    db: &impl ConnectionTrait,
    actor: &Actor,
    device: &device::Model,
    here: Option<&site::Model>,
    last: Last<'_>,
) -> Result<Vec<NextAction>> {
    let here = match (here, actor.site) {
        (Some(here), _) => Some(Here::at(here)),
        (None, Some(usual)) => Some(Here::at(
            &crate::access::store::site_by_id(db, usual).await?,
        )),
        (None, None) => None,
    };
    let state = State::of(device);
    let mut next = rules::next_actions(&state, actor.role, here, &[]);
    // The minimum specification is asked only where ready is the next step.
    if next.iter().any(|n| n.action == Action::MakeReady) {
        let outside = workshop::steps::specification_missing(db, device).await?;
        next = rules::next_actions(&state, actor.role, here, &outside);
    }
    if may_undo(app, db, actor, device, last).await? {
        next.push(NextAction {
            action: Action::Undo,
            allowed: true,
            missing: Vec::new(),
        });
    }
    Ok(next)
}

/// Whether the actor may take back the last event: their own, fresh, and nothing built on it.
async fn may_undo(
    app: &App,
    db: &impl ConnectionTrait,
    actor: &Actor,
    device: &device::Model,
    last: Last<'_>,
) -> Result<bool> {
    if !lifecycle::role_may("undone", actor.role) {
        return Ok(false);
    }
    let own_and_fresh = match last {
        Last::JustWritten(event) => lifecycle::can_be_undone(event),
        Last::Unknown => {
            let minutes = app.config.rules.undo_minutes;
            let now = app.clock.now();
            record::last_line(db, device)
                .await?
                .is_some_and(|last| record::undoable(&last, &actor.by(), now, minutes).is_ok())
        }
    };
    // Only what is at its end of life lies in a lot.
    let in_a_lot = own_and_fresh
        && device.stage == Stage::EndOfLife
        && recycling::store::lot_of(db, device.id.0).await?.is_some();
    Ok(own_and_fresh && !in_a_lot)
}
