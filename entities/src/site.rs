//! Sites: where stock can be.

use sea_orm::entity::prelude::*;

use crate::enums::SiteKind;
use crate::ids::{OrganisationId, SiteId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "site")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SiteId,
    /// Who runs it.
    pub organisation_id: OrganisationId,
    /// Short name used in the API.
    pub slug: String,
    /// Name shown to people.
    pub name: String,
    /// What is done there.
    pub kind: SiteKind,
    /// Where it is.
    pub postal_address: Option<String>,
    /// INSEE code.
    pub commune: Option<String>,
    /// Still in use.
    pub active: bool,
    /// When it was created.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
