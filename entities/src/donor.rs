//! Donors: who gives.

use sea_orm::entity::prelude::*;

use crate::enums::DonorKind;
use crate::ids::DonorId;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "donor")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DonorId,
    /// Legal kind.
    pub kind: DonorKind,
    /// Sealed name.
    pub name: Option<Vec<u8>>,
    /// Sealed address of mail.
    pub email: Option<Vec<u8>>,
    /// Sealed telephone.
    pub phone: Option<Vec<u8>>,
    /// SIRET of a legal person.
    pub siret: Option<String>,
    /// First gift.
    pub created_at: DateTimeUtc,
    /// Personal columns emptied.
    pub erased_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
