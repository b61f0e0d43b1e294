//! Examples of bodies and answers. They were really sent and really answered: the stories of `tests/it` record
//! them (`REBOND_RECORD_EXAMPLES=1 cargo test --test it`), and a test holds them against their schemas.

use std::sync::LazyLock;

use serde_json::Value;

static EXAMPLES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());

/// What is known of an operation (`POST /api/v1/scans`): `{"takes": …, "answers": {"200": …}}`, or null.
pub(super) fn of(operation: &str) -> &'static Value {
    &EXAMPLES[operation]
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_examples_can_be_read() {
        assert!(super::EXAMPLES.is_object());
    }
}
