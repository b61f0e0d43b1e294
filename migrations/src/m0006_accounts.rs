//! Accounts in real life: several roles each with its days, links by mail, a second factor, tokens that expire,
//! badges at a shared bench. What an account was becomes its first role; sessions end.

use sea_orm_migration::prelude::*;

use crate::dialect::spell;
use crate::{on_postgres, run};

/// The step's text, before it is spelled for a database.
pub(crate) const SQL: &str = include_str!("sql/accounts.sql");
/// The way back. Of several roles an account keeps the first, of its tokens those that were not limited.
const DOWN: &str = include_str!("sql/accounts_down.sql");

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &spell(SQL, on_postgres(manager))).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &spell(DOWN, on_postgres(manager))).await
    }
}
