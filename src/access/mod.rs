//! Who works with the chain and what they may do: organisations, sites, venues, accounts, sessions,
//! tokens, permissions. Knows no other domain.

pub(crate) mod accounts;
pub(crate) mod actor;
pub(crate) mod navigation;
pub(crate) mod pages;
pub(crate) mod passwords;
pub(crate) mod places;
pub(crate) mod rules;
pub(crate) mod sessions;
pub(crate) mod steps;
pub(crate) mod store;

pub use actor::{Actor, By};
pub(crate) use navigation::{anonymous, frame};
pub use rules::Permission;
pub(crate) use rules::word as role_word;
