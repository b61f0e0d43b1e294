//! The station's page.
