//! Who works with the chain and what they may do: organisations, sites, venues, accounts, sessions,
//! tokens, permissions. Knows no other domain.

pub(crate) mod actor;
pub(crate) mod passwords;
pub(crate) mod rules;
pub(crate) mod sessions;
pub(crate) mod steps;
pub(crate) mod store;

pub use actor::{Actor, By};
pub use rules::Permission;
