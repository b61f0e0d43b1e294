//! Who may work on a device, and where: at a workshop of one's own organisation that has the device.

use entities::enums::{CustodyKind, SiteKind};
use entities::{device, site};

use crate::access::{Actor, Permission, steps as access};
use crate::db::Tx;
use crate::devices::{self, lifecycle};
use crate::error::{Error, Result};

/// The device of a code, locked, when it lies on a bench of the actor.
///
/// # Errors
/// `wrong-place` when it is at no site, `site-foreign` or `not-a-workshop` when it is at a site where
/// the actor can't work on it.
pub(crate) async fn device_of(tx: &Tx, actor: &Actor, code: &str) -> Result<device::Model> {
    actor.require(Permission::Refurbish)?;
    let device = devices::steps::find(tx, code).await?;
    workshop_of(tx, actor, &device).await?;
    Ok(device)
}

/// The workshop that has a device.
pub(crate) async fn workshop_of(
    tx: &Tx,
    actor: &Actor,
    device: &device::Model,
) -> Result<site::Model> {
    let site = match (device.custody, device.site_id) {
        (CustodyKind::Site, Some(site)) => access::own_site(tx, actor, site).await?,
        _ => {
            return Err(Error::refused(
                "wrong-place",
                "L’équipement n’est pas dans un atelier : réceptionnez-le d’abord.",
            ));
        }
    };
    is_workshop(site)
}

/// The same site, when it is a workshop.
pub(crate) fn is_workshop(site: site::Model) -> Result<site::Model> {
    if site.kind == SiteKind::Workshop {
        Ok(site)
    } else {
        Err(Error::refused(
            "not-a-workshop",
            format!(
                "« {} » n’est pas un atelier : cela se fait à l’établi.",
                site.name
            ),
        ))
    }
}

/// Refuses what the actor's role may not cause.
pub(crate) fn may_cause(actor: &Actor, event: &str) -> Result<()> {
    if lifecycle::role_may(event, actor.role) {
        Ok(())
    } else {
        Err(Error::Forbidden(Permission::Refurbish.code()))
    }
}
