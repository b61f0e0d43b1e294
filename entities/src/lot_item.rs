//! What a lot holds.

use sea_orm::entity::prelude::*;

use crate::enums::ItemKind;
use crate::ids::{AccountId, LotId, LotItemId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lot_item")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: LotItemId,
    /// The lot.
    pub lot_id: LotId,
    /// The device or medium, none for bulk.
    pub item_id: Option<Uuid>,
    /// Which of the two.
    pub item_kind: Option<ItemKind>,
    /// What a bulk line is.
    pub bulk_category: Option<String>,
    /// Weight of a bulk line.
    pub weight_grams: Option<i64>,
    /// Who put it in.
    pub added_by: AccountId,
    /// Put in.
    pub added_at: DateTimeUtc,
    /// Taken out again.
    pub taken_out_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
