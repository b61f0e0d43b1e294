//! The certificate of sanitisation of a device.

use crate::desk::store::DeviceFile;
use crate::web::Routes;

pub(super) fn routes() -> Routes {
    Routes::new()
}

/// Whether there is something to certify: every medium is known and closed, and at least one was sanitised.
pub(super) fn has_one(file: &DeviceFile) -> bool {
    file.device.media_known && file.device.open_media == 0 && !file.sanitisations.is_empty()
}
