//! What people do with requests: file one, decide one, ask for an exchange, open a file. Taking one back, with what
//! is held and booked for it, belongs to the appointments.

mod deciding;
mod filing;
mod linking;
mod opening;

pub(crate) use deciding::{Reviewed, decide, review_link};
pub(crate) use filing::{Filed, exchange, file, may_exchange, preview};
pub(crate) use linking::send_link;
pub(crate) use opening::{
    Looked, Opened, Why, caseload, may_see, open, open_file, position, queue_file, show,
};
