//! A household's own pages, behind its link and second factor: one question a page, no script, its language.
//!
//! A visit lasts half an hour. What was chosen so far stands in the address, so that "back" works on any phone; only
//! the last page of each way changes something. Nothing else of the file is shown.

mod choice;
mod door;
mod meeting;
mod withdrawal;
mod words;

use crate::web::{Access, Routes};

/// Routes of a household's pages.
pub(crate) fn routes() -> Routes {
    let household = Access::Household;
    Routes::new()
        .get("/h/{secret}", household, meeting::home)
        .post("/h/{secret}", household, door::enter)
        .get("/h/{secret}/choose", household, choice::choose)
        .post("/h/{secret}/book", household, meeting::book)
        .get("/h/{secret}/move", household, choice::shift)
        .post("/h/{secret}/move", household, meeting::shift)
        .get("/h/{secret}/cancel", household, meeting::ask_cancel)
        .post("/h/{secret}/cancel", household, meeting::cancel)
        .get("/h/{secret}/withdraw", household, withdrawal::ask)
        .post("/h/{secret}/withdraw", household, withdrawal::withdraw)
}
