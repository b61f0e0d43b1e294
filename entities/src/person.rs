//! People of a household, sealed.

use sea_orm::entity::prelude::*;

use crate::enums::FamilyTie;
use crate::ids::{HouseholdId, PersonId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PersonId,
    /// Whose.
    pub household_id: HouseholdId,
    /// To the applicant.
    pub relation: FamilyTie,
    /// Sealed.
    pub family_name: Option<Vec<u8>>,
    /// Sealed.
    pub given_name: Option<Vec<u8>>,
    /// Sealed.
    pub birth_date: Option<Vec<u8>>,
    /// Keyed hash of name and birth date: finds candidates, tells nothing.
    pub blind_index: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
