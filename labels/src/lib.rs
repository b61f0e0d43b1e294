//! What an item is called, and how that is printed and read back.
//!
//! A [`Code`] is the eight characters a label carries. This crate draws new ones, reads what people and
//! scanners make of them, and prints them: as SVG, as sheets of labels in PDF, as ZPL for thermal printers. It knows no database
//! and no HTTP; the same input always gives the same bytes.
//!
//! All measures are millimetres until the last step, because the most repeated complaint about
//! label software is a wrong size: the geometry can be tested without looking at a page.

mod check;
mod drawing;
mod error;
mod layout;
mod lettering;
mod pdf;
mod reading;
mod stock;
mod svg;
mod zpl;

pub mod code;
pub mod label;
pub mod sheet;
pub mod symbol;

pub use code::{Code, CodeError};
pub use error::LabelError;
