//! Giving: donors, donations and their lines, receipts, and the labels that make a device of a thing.
//!
//! A *donation* is one act of giving at a site. Its *lines* say what was announced, its devices what somebody
//! held and labelled: at the counter both are born in one transaction, with the code, the first line of the
//! journal and the search terms. An *accessory* is counted, never labelled.
//!
//! Laws kept here: 1 (a device is born with its journal), 8 (a form sent twice is one gift) and the donor's
//! side of 9 (a public donor's gift carries its legal basis; product or waste). What was registered can't be
//! taken back, because nothing vanishes (law 6): a description is corrected while the donation is open, and a
//! device that never existed ends at the workshop as « enregistré par erreur ».
//!
//! A donor's name and contacts are sealed; only people of the organisation that received the gift and the
//! coordinators read them.

pub(crate) mod actions;
pub(crate) mod api;
mod births;
pub(crate) mod input;
pub(crate) mod labelling;
pub(crate) mod pages;
pub(crate) mod receipt;
pub(crate) mod reports;
pub(crate) mod rules;
pub(crate) mod store;
pub(crate) mod suggestions;
pub(crate) mod warnings;
pub(crate) mod words;
