//! Settings: the embedded `config/default.toml`, then a file, then `REBOND_…` variables.

use std::path::{Path, PathBuf};

use entities::enums::Role;
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::Deserialize;

use crate::error::{Error, Result};

/// All settings; each section is documented in `config/default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address of the service.
    pub server: Server,
    /// Where files live.
    pub data: Data,
    /// Which database.
    pub database: Database,
    /// How messages leave.
    pub mail: Mail,
    /// Where anchors go.
    pub anchors: Anchors,
    /// Passwords and sessions.
    pub security: Security,
    /// Rules of the territory.
    pub rules: Rules,
}

/// Address of the service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: String,
    /// Public address, without a slash at the end.
    pub base_url: String,
    /// Most connections at once.
    pub connections: usize,
}

/// Where files live.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Folder of the embedded database, files and key.
    pub dir: PathBuf,
}

/// Which database.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://…` or `postgres://…`; empty for the data folder's own.
    pub url: String,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL holds a password.
        f.write_str("Database { url: *** }")
    }
}

/// How messages leave.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// `smtp` or `folder`.
    pub transport: Transport,
    /// URL of the SMTP server, with its password.
    pub smtp_url: String,
    /// Sender.
    pub from: String,
}

impl Mail {
    /// Whether text messages leave: only into the folder of the demo, as no gateway is known yet.
    pub const fn sends_texts(&self) -> bool {
        matches!(self.transport, Transport::Folder)
    }
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Mail {{ transport: {:?}, from: {:?}, smtp_url: *** }}",
            self.transport, self.from
        )
    }
}

/// Ways for a mail to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// By an SMTP server.
    Smtp,
    /// As a file in the data folder.
    Folder,
}

/// Where anchors go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchors {
    /// Addresses outside the house that each anchor's statement is mailed to.
    pub mail_to: Vec<String>,
}

/// Passwords and sessions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Security {
    /// Hours after which an unused session ends.
    pub session_hours: i64,
    /// Hours after which a session ends, used or not.
    pub session_longest_hours: i64,
    /// Roles that need a second factor.
    pub second_factor_for: Vec<Role>,
    /// Memory of argon2id in KiB.
    pub argon2_memory_kib: u32,
    /// Passes of argon2id.
    pub argon2_passes: u32,
    /// Lanes of argon2id.
    pub argon2_lanes: u32,
    /// Wrong passwords before an account waits.
    pub sign_in_tries: i32,
    /// How long it waits, in minutes.
    pub sign_in_wait_minutes: i64,
}

/// Rules of the territory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Policy file; empty for the embedded one.
    pub policy: String,
    /// Months after which a household that was not heard of is erased.
    pub retention_months: u32,
    /// Minutes within which one's own last event can be undone.
    pub undo_minutes: i64,
    /// A second person confirms that a device is ready.
    pub ready_by_two: bool,
    /// Value in cents above which a second person confirms an end of life; 0 for never.
    pub end_of_life_by_two_above_cents: i64,
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// Names the key and where it came from.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let mut figment = Figment::from(Toml::string(include_str!("../config/default.toml")));
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        let mut config: Self = figment
            // A section's key has two underscores; REBOND_LOG and the tests' own variables are no settings.
            .merge(
                Env::prefixed("REBOND_")
                    .filter(|key| key.as_str().contains("__"))
                    .split("__"),
            )
            .extract()
            .map_err(|e| Error::setup(e.to_string()))?;
        if config.server.base_url.is_empty() {
            config.server.base_url = format!("http://{}", config.server.listen);
        }
        config
            .server
            .base_url
            .truncate(config.server.base_url.trim_end_matches('/').len());
        if config.mail.transport == Transport::Smtp && config.mail.smtp_url.is_empty() {
            return Err(Error::setup(
                "mail.transport is smtp but mail.smtp_url is empty",
            ));
        }
        Ok(config)
    }

    /// The URL of the database, the data folder's own by default.
    pub fn database_url(&self) -> String {
        if self.database.url.is_empty() {
            format!("sqlite://{}", self.data.dir.join("rebond.sqlite").display())
        } else {
            self.database.url.clone()
        }
    }
}
