//! Accessories: counted, not serialised.

use sea_orm::entity::prelude::*;

use crate::ids::DonationId;

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "donation_accessory")]
pub struct Model {
    /// The gift.
    #[sea_orm(primary_key, auto_increment = false)]
    pub donation_id: DonationId,
    /// Charger, mouse, keyboard, bag, other.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// How many.
    pub count: i32,
}

impl ActiveModelBehavior for ActiveModel {}
