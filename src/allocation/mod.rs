//! Which device for whom.
