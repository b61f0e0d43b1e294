//! Pages of giving: the counter, gifts, labels.

mod correction;
mod counter;
mod gift;
mod gifts;
mod sheets;

use crate::access::Permission;
use crate::web::{Access, Routes};

/// Routes of the pages.
pub(crate) fn routes() -> Routes {
    let sees = Access::Needs(Permission::SeeDonations);
    let takes = Access::Needs(Permission::TakeDonations);
    let prints = Access::Needs(Permission::PrintLabels);
    Routes::new()
        .get("/counter", takes, counter::show)
        .post("/counter", takes, counter::send)
        .get("/counter/suggest", takes, counter::suggest)
        .get("/donations", sees, gifts::list)
        .get("/donations/{reference}", sees, gift::show)
        .post("/donations/{reference}/close", takes, gift::close)
        .get("/donations/{reference}/receipt.pdf", sees, gift::receipt)
        .get("/donations/{reference}/labels.pdf", prints, gift::labels)
        .get(
            "/donations/{reference}/devices/{code}",
            takes,
            correction::show,
        )
        .post(
            "/donations/{reference}/devices/{code}",
            takes,
            correction::send,
        )
        .get("/labels", prints, sheets::show)
        .post("/labels", prints, sheets::blank)
        .get("/labels.pdf", prints, sheets::print)
        .get("/labels/calibration.pdf", prints, sheets::calibration)
}
