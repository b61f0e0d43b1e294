//! Who works with the chain: organisations, sites, venues, accounts; jobs, messages and files.

use sea_orm_migration::prelude::*;

use crate::dialect::{spell, tables_backwards};
use crate::{on_postgres, run};

/// The step's text, before it is spelled for a database.
pub(crate) const SQL: &str = include_str!("sql/access.sql");

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &spell(SQL, on_postgres(manager))).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables_backwards(SQL) {
            run(manager, &format!("drop table {table}")).await?;
        }
        Ok(())
    }
}
