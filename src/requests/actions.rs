//! What people do with requests: file one, decide one, ask for an exchange, open a file.

mod deciding;
mod filing;
mod opening;
mod withdrawing;

pub(crate) use deciding::{Reviewed, decide, review_link};
pub(crate) use filing::{Filed, exchange, file, preview};
pub(crate) use opening::{Opened, caseload, may_see, open, position, queue_file, show};
pub(crate) use withdrawing::withdraw;
