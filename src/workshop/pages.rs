//! The bench's pages: what a person in gloves does with one device, and the inbox of files.

mod checks;
mod evidence;
mod grading;
mod head;
mod inbox;
mod media;
mod medium;

use crate::access::Permission;
use crate::web::{Access, Routes};

/// Routes of the bench's pages.
pub(crate) fn routes() -> Routes {
    let bench = Access::Needs(Permission::Refurbish);
    Routes::new()
        // Anybody who handles a device may report a medium found.
        .get(
            "/devices/{code}/media",
            Access::Needs(Permission::SeeDevices),
            media::show,
        )
        .post(
            "/devices/{code}/media",
            Access::Needs(Permission::Scan),
            media::record,
        )
        .post("/devices/{code}/media/{id}/removal", bench, media::remove)
        .post(
            "/devices/{code}/media/{id}/missing",
            bench,
            media::not_there,
        )
        .get(
            "/devices/{code}/media/{id}/sanitisations",
            bench,
            media::declaration,
        )
        .post(
            "/devices/{code}/media/{id}/sanitisations",
            bench,
            media::declare,
        )
        .get(
            "/media/{code}",
            Access::Needs(Permission::SeeDevices),
            medium::show,
        )
        .post("/media/{code}/destruction", bench, medium::destroy)
        .get("/devices/{code}/evidence", bench, evidence::show)
        .post("/devices/{code}/evidence", bench, evidence::hand_in)
        .post(
            "/devices/{code}/evidence/{id}/answers",
            bench,
            evidence::answer,
        )
        .get("/devices/{code}/checks", bench, checks::show)
        .post("/devices/{code}/checks", bench, checks::record)
        .get("/devices/{code}/grading", bench, grading::show)
        .post("/devices/{code}/grading", bench, grading::record)
        .get("/evidence", bench, inbox::show)
        .post("/evidence", bench, inbox::hand_in)
        .post("/evidence/{id}/device", bench, inbox::attach)
        .post("/evidence/{id}/aside", bench, inbox::put_aside)
}
