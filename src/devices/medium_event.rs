//! What can happen to a medium: it goes with its history when it moves to another device.

use entities::enums::{BoundFor, Level, MediumCustody, MediumKind, OpenedBecause};
use entities::ids::{AccountId, DeviceId, LotId, SanitisationId, SiteId};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// One thing that happened to a medium.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "payload fields are named by the words of the design"
)]
pub enum MediumEvent {
    /// Seen for the first time.
    MediaInventoried {
        device: Option<DeviceId>,
        site: Option<SiteId>,
        kind: MediumKind,
        open: bool,
        because: OpenedBecause,
    },
    /// Taken out of a device.
    MediumRemoved {
        device: DeviceId,
        site: SiteId,
        to: BoundFor,
    },
    /// It was entered by mistake and never was there.
    Unlisted {},
    /// Put into a device.
    MediumFitted { device: DeviceId },
    /// Its data are unrecoverable.
    MediumSanitised {
        sanitisation: SanitisationId,
        level: Level,
    },
    /// It came back from a household.
    Returned {},
    /// Destroyed before a witness.
    MediumDestroyed {
        witness: AccountId,
        sanitisation: SanitisationId,
    },
    /// Nobody knows where it is.
    DeclaredMissing {},
    /// There it is.
    Found { site: SiteId },
    /// Scanned at another site.
    Moved { site: SiteId },
    /// Left as waste.
    Recycled { lot: LotId },
}

/// What replaying a medium's journal gives, and what its row keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediumState {
    /// Data may be on it.
    pub open: bool,
    /// Where.
    pub custody: MediumCustody,
    /// The device it is in.
    pub device: Option<DeviceId>,
    /// The site it is at when loose.
    pub site: Option<SiteId>,
    /// Why it was taken out.
    pub bound_for: Option<BoundFor>,
    /// Whose data.
    pub because: OpenedBecause,
    /// The sanitisation that closed it.
    pub closed_by: Option<SanitisationId>,
    /// Destroyed.
    pub destroyed: bool,
}

impl MediumEvent {
    /// The name of its journal line.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::MediaInventoried { .. } => "media_inventoried",
            Self::MediumRemoved { .. } => "medium_removed",
            Self::Unlisted {} => "unlisted",
            Self::MediumFitted { .. } => "medium_fitted",
            Self::MediumSanitised { .. } => "medium_sanitised",
            Self::Returned {} => "returned",
            Self::MediumDestroyed { .. } => "medium_destroyed",
            Self::DeclaredMissing {} => "declared_missing",
            Self::Found { .. } => "found",
            Self::Moved { .. } => "moved",
            Self::Recycled { .. } => "recycled",
        }
    }

    /// The payload as JSON.
    pub fn data(&self) -> serde_json::Value {
        serde_json::to_value(self)
            .ok()
            .and_then(|mut value| value.get_mut("data").map(serde_json::Value::take))
            .unwrap_or_else(|| serde_json::json!({}))
    }

    /// Reads a journal line back.
    pub fn read(name: &str, data: &serde_json::Value) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::json!({ "event": name, "data": data }))
    }
}

/// The state after an event.
///
/// # Errors
/// `wrong-place` when the medium is not where this happens.
#[expect(clippy::too_many_lines, reason = "one list told in one go")]
pub fn apply(state: Option<&MediumState>, event: &MediumEvent) -> Result<MediumState> {
    let Some(state) = state else {
        return match event {
            MediumEvent::MediaInventoried {
                device,
                site,
                open,
                because,
                ..
            } => Ok(MediumState {
                open: *open,
                custody: if device.is_some() {
                    MediumCustody::Device
                } else {
                    MediumCustody::Site
                },
                device: *device,
                site: *site,
                bound_for: if device.is_some() {
                    None
                } else {
                    Some(BoundFor::Stock)
                },
                because: *because,
                closed_by: None,
                destroyed: false,
            }),
            MediumEvent::MediumRemoved { .. }
            | MediumEvent::Unlisted {}
            | MediumEvent::MediumFitted { .. }
            | MediumEvent::MediumSanitised { .. }
            | MediumEvent::Returned {}
            | MediumEvent::MediumDestroyed { .. }
            | MediumEvent::DeclaredMissing {}
            | MediumEvent::Found { .. }
            | MediumEvent::Moved { .. }
            | MediumEvent::Recycled { .. } => Err(Error::broken(
                "a medium whose journal does not begin with its inventory",
            )),
        };
    };
    let mut next = state.clone();
    let wrong = |words: &'static str| Err(Error::refused("wrong-place", words));
    match event {
        MediumEvent::MediaInventoried { .. } => {
            return Err(Error::broken("a medium inventoried twice"));
        }
        MediumEvent::MediumRemoved { site, to, .. } => {
            if state.custody != MediumCustody::Device {
                return wrong("Ce support n’est pas dans un équipement.");
            }
            next.custody = MediumCustody::Site;
            next.device = None;
            next.site = Some(*site);
            next.bound_for = Some(*to);
        }
        MediumEvent::Unlisted {} => {
            if state.custody != MediumCustody::Device {
                return wrong("Ce support n’est pas dans un équipement.");
            }
            next.open = false;
            next.custody = MediumCustody::Gone;
            next.because = OpenedBecause::Mistake;
            next.device = None;
        }
        MediumEvent::MediumFitted { device } => {
            if state.custody != MediumCustody::Site {
                return wrong("Ce support n’est pas en stock.");
            }
            next.custody = MediumCustody::Device;
            next.device = Some(*device);
            next.site = None;
            next.bound_for = None;
        }
        MediumEvent::MediumSanitised { sanitisation, .. } => {
            if state.custody == MediumCustody::Gone || state.custody == MediumCustody::Missing {
                return wrong("Ce support n’est plus là.");
            }
            next.open = false;
            next.closed_by = Some(*sanitisation);
        }
        MediumEvent::Returned {} => {
            next.open = true;
            next.closed_by = None;
            next.because = OpenedBecause::Returned;
        }
        MediumEvent::MediumDestroyed { sanitisation, .. } => {
            if state.custody != MediumCustody::Site {
                return wrong("Retirez d’abord le support de son équipement.");
            }
            next.open = false;
            next.custody = MediumCustody::Gone;
            next.closed_by = Some(*sanitisation);
            next.destroyed = true;
            next.site = None;
        }
        MediumEvent::DeclaredMissing {} => {
            if state.custody != MediumCustody::Site {
                return wrong("Ce support n’est pas sur un site.");
            }
            next.custody = MediumCustody::Missing;
        }
        MediumEvent::Found { site } => {
            if state.custody != MediumCustody::Missing {
                return wrong("Ce support n’est pas déclaré introuvable.");
            }
            next.custody = MediumCustody::Site;
            next.site = Some(*site);
        }
        MediumEvent::Moved { site } => {
            if state.custody != MediumCustody::Site {
                return wrong("Ce support n’est pas sur un site.");
            }
            next.site = Some(*site);
        }
        MediumEvent::Recycled { .. } => {
            if state.custody != MediumCustody::Site {
                return wrong("Ce support n’est pas sur un site.");
            }
            if state.open {
                return Err(Error::refused(
                    "not-sanitised",
                    "Ce support n’est pas effacé.",
                ));
            }
            next.custody = MediumCustody::Gone;
            next.site = None;
        }
    }
    Ok(next)
}
