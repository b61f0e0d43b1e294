//! What is handed with a device, by kind: `config/checklists.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use entities::enums::DeviceKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One line of a checklist.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    /// Its word in the API.
    pub(crate) key: String,
    /// Its words on the screen.
    pub(crate) word: String,
    /// The handover waits for it.
    pub(crate) compulsory: bool,
}

/// All checklists, by kind.
pub(crate) static CHECKLISTS: LazyLock<BTreeMap<String, Vec<Item>>> = LazyLock::new(|| {
    // The embedded file is read by a test: here it can't fail.
    toml::from_str(include_str!("../../config/checklists.toml")).unwrap_or_default()
});

/// The checklist of a kind.
pub(crate) fn of(kind: DeviceKind) -> &'static [Item] {
    CHECKLISTS.get(kind.as_str()).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_list_and_only_the_charger_is_compulsory() {
        for kind in DeviceKind::ALL {
            assert!(!of(*kind).is_empty(), "{kind}");
            assert!(
                of(*kind)
                    .iter()
                    .all(|item| !item.compulsory || item.key == "charger"),
                "{kind}"
            );
        }
    }
}
