//! Households: personal columns are sealed.

use sea_orm::entity::prelude::*;

use crate::enums::Channel;
use crate::ids::HouseholdId;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HouseholdId,
    /// The household's own key, sealed by the vault's; destroyed by erasure.
    pub data_key: Option<Vec<u8>>,
    /// INSEE code.
    pub commune: String,
    /// Language of its letters and pages.
    pub language: String,
    /// How it is written to.
    pub channel: Channel,
    /// Sealed telephone.
    pub phone: Option<Vec<u8>>,
    /// Sealed address of mail.
    pub email: Option<Vec<u8>>,
    /// Sealed address.
    pub postal_address: Option<Vec<u8>>,
    /// First request.
    pub created_at: DateTimeUtc,
    /// Retention counts from here.
    pub last_act_at: DateTimeUtc,
    /// Personal columns emptied, key destroyed.
    pub erased_at: Option<DateTimeUtc>,
    /// Guards concurrent changes.
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
