//! What people do with requests: file one, decide one, ask for an exchange, open a file.

mod deciding;
mod filing;
mod opening;

pub(crate) use deciding::{Reviewed, decide, review_link};
pub(crate) use filing::{Filed, exchange, file, preview};
pub(crate) use opening::{Case, Opened, caseload, may_see, open, position, queue_file, show};
