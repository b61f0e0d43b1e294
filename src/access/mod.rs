//! Who works with the chain and what they may do: organisations, sites, venues, accounts, sessions,
//! tokens, permissions. Knows no other domain.
//!
//! Words: an *assignment* is one role of an account, for an organisation and perhaps at a site, from one day to
//! another; a session or a token acts in exactly one. A *link* is single use and comes by mail. A *scope* is what a
//! token leaves of its role. A *bench* is a browser that colleagues share for a day, and a *badge* the printed code by
//! which, with six digits, one follows the other there.
//!
//! Laws: whoever is disabled, whose role ended, or whose token was revoked is out with the next request; what opens
//! something is kept only as a hash or sealed, and is drawn anew whenever somebody becomes more than they were; what
//! is refused tells nobody whether an account exists.

pub(crate) mod accounts;
pub(crate) mod actor;
mod argon;
pub(crate) mod assignments;
pub(crate) mod badges;
pub(crate) mod factor;
pub(crate) mod links;
pub(crate) mod navigation;
pub(crate) mod pages;
pub(crate) mod passwords;
pub(crate) mod places;
pub(crate) mod rules;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod steps;
pub(crate) mod store;
pub(crate) mod tokens;

pub use actor::{Actor, By, Owes};
pub(crate) use navigation::{anonymous, frame};
pub(crate) use rules::word as role_word;
pub use rules::{Permission, Scope};
