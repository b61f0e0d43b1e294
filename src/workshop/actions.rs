//! What people do at the bench: authorise, begin, load, decide, save, commit. The same for pages and API.

pub(crate) mod checks;
pub(crate) mod destruction;
pub(crate) mod evidence;
pub(crate) mod grading;
pub(crate) mod inbox;
pub(crate) mod media;
pub(crate) mod removal;
pub(crate) mod sanitise;
