//! What the demo tells: `demo.json` for scripts, the same in words for people.

use std::fmt::Write as _;
use std::path::Path;

use entities::enums::Role;
use serde::{Deserialize, Serialize};

use crate::access::rules::word;
use crate::app::App;
use crate::error::{Error, Result};

/// Name of the file in the demo's folder.
const FILE: &str = "demo.json";

/// One way in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// What the person does.
    pub(crate) role: Role,
    /// Sign-in name.
    pub(crate) email: String,
    /// Password of the pages.
    pub(crate) password: String,
    /// Token of the API.
    pub(crate) token: String,
    /// Slug of the site where the person works, if any.
    pub(crate) site: Option<String>,
}

/// The booking that is made at each start.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Booking {
    /// Opens the household's pages.
    pub(crate) link: String,
    /// Six digits that only the household knows.
    pub(crate) pickup_code: String,
    /// Reference of the request.
    pub(crate) request: String,
    /// Id of the appointment.
    pub(crate) appointment: String,
    /// Code of the device.
    pub(crate) device: String,
}

/// Everything that is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Announcement {
    url: String,
    accounts: Vec<Entry>,
    household: Option<Booking>,
}

impl Announcement {
    /// Of this instance.
    pub(super) fn new(app: &App, accounts: Vec<Entry>, household: Option<Booking>) -> Self {
        Self {
            url: app.config.server.base_url.clone(),
            accounts,
            household,
        }
    }

    /// Writes `demo.json`: it holds passwords, so only its owner reads it.
    pub(super) fn write(&self, dir: &Path) -> Result<()> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        let text = serde_json::to_string_pretty(self).map_err(Error::internal)?;
        let whole = dir.join("demo.json.new");
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&whole)?;
        writeln!(file, "{text}")?;
        // Renamed when whole: a script that waits for the file never reads half of it.
        Ok(std::fs::rename(whole, dir.join(FILE))?)
    }

    /// The accounts told at an earlier start.
    pub(super) fn accounts_of(dir: &Path) -> Option<Vec<Entry>> {
        let text = std::fs::read_to_string(dir.join(FILE)).ok()?;
        let told: Self = serde_json::from_str(&text).ok()?;
        Some(told.accounts)
    }

    /// The same for a terminal.
    pub(crate) fn words(&self) -> String {
        let mut text = format!(
            "Rebond, démonstration : {}/sign-in\n\n  {:24}{:36}mot de passe\n",
            self.url, "rôle", "adresse"
        );
        for entry in &self.accounts {
            let _ = writeln!(
                text,
                "  {:24}{:36}{}",
                word(entry.role),
                entry.email,
                entry.password
            );
        }
        if let Some(booking) = &self.household {
            let _ = write!(
                text,
                "\n  Un foyer vient aujourd’hui : {}\n  code de retrait {}, demande {}, équipement {}\n",
                booking.link, booking.pickup_code, booking.request, booking.device
            );
        }
        text.push_str(
            "\nLes mêmes, avec les jetons de l’API, dans demo.json. Ctrl+C pour arrêter.\n",
        );
        text
    }
}
