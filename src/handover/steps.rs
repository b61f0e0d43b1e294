//! Taking a device back, inside another domain's transaction.

use entities::device;
use entities::enums::ReleaseReason;
use entities::ids::SiteId;

use crate::access::Actor;
use crate::app::App;
use crate::db::Tx;
use crate::devices::event::ReturnReason;
use crate::devices::medium_event::MediumEvent;
use crate::devices::{self, At, Event, media};
use crate::error::{Error, Result};
use crate::{allocation, requests};

/// What is said when a household gives its device back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TakeBack {
    /// Where it is taken back.
    pub(crate) site: SiteId,
    /// Why.
    pub(crate) reason: ReturnReason,
    /// The household agrees that its data are wiped.
    pub(crate) may_wipe: bool,
}

/// Takes a device back: its media are open again and to be inventoried again, its grade is dropped, its allocation is
/// over and its request closed.
///
/// # Errors
/// `wrong-place` when no household has it.
pub(crate) async fn take_back(
    _app: &App,
    tx: &Tx,
    actor: &Actor,
    device: &device::Model,
    back: TakeBack,
    at: At,
) -> Result<device::Model> {
    let by = actor.by();
    let inside = media::of_device(tx, device.id).await?;
    let closed: Vec<_> = inside.iter().filter(|medium| !medium.open).collect();
    let event = Event::Returned {
        site: back.site,
        reason: back.reason,
        may_wipe: back.may_wipe,
        reopened: closed.iter().map(|medium| medium.id).collect(),
    };
    let kept = allocation::steps::live_of_device(tx, device.id).await?;
    let returned = devices::record(tx, device, &event, &by, at).await?;
    // On the journal of the open ones too: nothing that was known of a medium before holds for it now.
    for medium in &inside {
        media::record(tx, medium, &MediumEvent::Returned {}, None, &by, at).await?;
    }
    let kept =
        kept.ok_or_else(|| Error::broken("a device with a household without its allocation"))?;
    allocation::steps::end_kept(tx, &kept, ReleaseReason::Returned, at.recorded).await?;
    let request = requests::steps::lock(tx, kept.request_id).await?;
    requests::steps::closed(tx, &request, at.recorded).await?;
    Ok(returned)
}
