//! Venues: where people come.

use sea_orm::entity::prelude::*;

use crate::ids::{OrganisationId, SiteId, VenueId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "venue")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VenueId,
    /// Who receives there.
    pub organisation_id: OrganisationId,
    /// The site it hands devices out from.
    pub site_id: SiteId,
    /// Short name used in the API.
    pub slug: String,
    /// Name shown to people.
    pub name: String,
    /// Where people come.
    pub postal_address: String,
    /// INSEE code.
    pub commune: String,
    /// How to come: bus stop, entrance, lift.
    pub directions: Option<String>,
    /// Hours a device needs to be there.
    pub transfer_lead_hours: i32,
    /// Still in use.
    pub active: bool,
    /// When it was created.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
