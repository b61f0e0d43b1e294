//! What sort of computer a chassis is. The names are those of SMBIOS, as lshw, dmidecode and the
//! eReuse workbench spell them.

use schemars::JsonSchema;
use serde::Serialize;

/// The kinds of the device register that a chassis can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MachineKind {
    /// Portable computer.
    Laptop,
    /// Computer with a separate screen.
    Desktop,
    /// Computer inside its screen.
    AllInOne,
    /// Tablet.
    Tablet,
    /// Smartphone.
    Smartphone,
}

impl MachineKind {
    /// The name the API and the database use.
    pub fn code(self) -> &'static str {
        match self {
            Self::Laptop => "laptop",
            Self::Desktop => "desktop",
            Self::AllInOne => "all_in_one",
            Self::Tablet => "tablet",
            Self::Smartphone => "smartphone",
        }
    }

    /// From a chassis name, whatever its case and separators; `None` for `Other`, `Virtual` and the like.
    pub(super) fn of(chassis: &str) -> Option<Self> {
        let name: String = chassis
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match name.as_str() {
            "laptop" | "notebook" | "netbook" | "portable" | "subnotebook" | "convertible"
            | "luggable" | "laptopcomputer" => Some(Self::Laptop),
            "desktop" | "desktopcomputer" | "lowprofiledesktop" | "lowprofile" | "pizzabox"
            | "minitower" | "microtower" | "tower" | "spacesaving" | "minipc" | "stickpc"
            | "lunchbox" | "box" | "microdesktop" => Some(Self::Desktop),
            "allinone" => Some(Self::AllInOne),
            "tablet" | "detachable" => Some(Self::Tablet),
            "smartphone" | "mobile" | "handheld" => Some(Self::Smartphone),
            _ => None,
        }
    }
}
