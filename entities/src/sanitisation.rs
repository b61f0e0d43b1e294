//! Sanitisations of one medium, accepted or not.

use sea_orm::entity::prelude::*;

use crate::enums::{EvidenceKind, Level, SanitisationResult, Verification};
use crate::ids::{AccountId, DeviceId, EvidenceId, MediumId, SanitisationId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sanitisation")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SanitisationId,
    /// The medium.
    pub medium_id: MediumId,
    /// The device it was in then.
    pub device_id: Option<DeviceId>,
    /// The tool's file; none when declared.
    pub evidence_id: Option<EvidenceId>,
    /// What it rests on.
    pub evidence_kind: EvidenceKind,
    /// Overwrite, `block_erase`, `crypto_erase`, `secure_erase`, degauss, destruction.
    pub method: String,
    /// NIST SP 800-88.
    pub level: Level,
    /// Tool and version.
    pub tool: Option<String>,
    /// How it was verified.
    pub verification: Verification,
    /// Outcome.
    pub result: SanitisationResult,
    /// JSON list of codes: why it was not accepted.
    pub reasons: String,
    /// Who.
    pub account_id: AccountId,
    /// When it was recorded.
    pub at: DateTimeUtc,
    /// SHA-256 of the request that made it.
    pub body_hash: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
