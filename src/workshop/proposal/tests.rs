//! What a file may change by itself, and what it must ask.
