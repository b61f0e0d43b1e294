//! Shared benches: a browser where people change by badge and digits.

use sea_orm::entity::prelude::*;

use crate::ids::{AccountRoleId, BenchId, SiteId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bench")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BenchId,
    /// SHA-256 of the browser's secret.
    pub secret_hash: Vec<u8>,
    /// Where it stands.
    pub site_id: SiteId,
    /// Who turned it on, in what role.
    pub opened_by: AccountRoleId,
    /// When it was turned on.
    pub created_at: DateTimeUtc,
    /// The end of that day.
    pub expires_at: DateTimeUtc,
    /// Turned off.
    pub closed_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
