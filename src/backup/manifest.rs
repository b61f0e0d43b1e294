//! What an archive says of itself.

use serde::{Deserialize, Serialize};

/// Version of the archive's form.
pub(super) const FORMAT: u32 = 1;

/// The manifest: the last member of an archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Version of this form.
    pub(super) format: u32,
    /// When the backup began: what was acknowledged before is inside.
    pub(super) began_at: String,
    /// Version of the program that made it.
    pub(super) version: String,
    /// Which database the snapshot is of.
    pub(super) database: Kind,
    /// Steps that were applied, in order.
    pub(super) migrations: Vec<String>,
    /// Journal lines in the snapshot.
    pub(super) journal_lines: i64,
    /// Evidence files inside; each is named by its own hash.
    pub(super) files: u64,
    /// Public key of the instance: which key file opens what is sealed.
    pub(super) public_key: String,
    /// Whether the key file is inside.
    pub(super) with_key: bool,
    /// Every other member.
    pub(super) members: Vec<Member>,
}

/// The two databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A file.
    Sqlite,
    /// A dump in the custom format of `pg_dump`.
    Postgres,
}

impl Kind {
    /// Name of the snapshot inside the archive.
    pub(super) const fn member(self) -> &'static str {
        match self {
            Self::Sqlite => "database.sqlite",
            Self::Postgres => "database.pgdump",
        }
    }
}

/// One member of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    /// Its path inside.
    pub(super) path: String,
    /// Its length.
    pub(super) size: u64,
    /// SHA-256 of its bytes.
    pub(super) sha256: String,
}

impl std::fmt::Display for Manifest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "commencée le {} : {} lignes de journal, {} fichiers, {}",
            self.began_at,
            self.journal_lines,
            self.files,
            if self.with_key {
                "LA CLÉ EST DEDANS : qui a cette archive lit tout"
            } else {
                "sans la clé : gardez une copie du fichier « key » ailleurs"
            }
        )
    }
}
