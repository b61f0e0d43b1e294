//! Organisations: who runs sites, venues and services.

use sea_orm::entity::prelude::*;

use crate::enums::{DecidingBody, OrganisationKind};
use crate::ids::OrganisationId;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organisation")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrganisationId,
    /// Short name used in the API.
    pub slug: String,
    /// Name shown to people.
    pub name: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// SIRET, 14 digits, when known.
    pub siret: Option<String>,
    /// May sell devices given by public bodies to approved households (CG3P L3212-3).
    pub may_sell: bool,
    /// The ground of `may_sell`, in words.
    pub resale_status: Option<String>,
    /// Of general interest (CGI 200, 238 bis).
    pub may_issue_tax_receipts: bool,
    /// Operator flagged for certified destruction of media.
    pub certified_destruction: bool,
    /// Whether its refusals are administrative acts.
    pub deciding_body: DecidingBody,
    /// Contact printed on its letters.
    pub contact_email: Option<String>,
    /// Contact printed on its letters.
    pub contact_phone: Option<String>,
    /// Address printed on its letters.
    pub postal_address: Option<String>,
    /// Remedies printed on its refusals.
    pub remedies: Option<String>,
    /// VAT mention of its receipts, empty by default.
    pub vat_mention: Option<String>,
    /// Controller and DPO contact.
    pub data_protection_contact: Option<String>,
    /// When it was created.
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
