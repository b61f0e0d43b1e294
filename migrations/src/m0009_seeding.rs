//! What `rebond seed` has under way: an instance that was filled by half says so, and never looks whole.

use sea_orm_migration::prelude::*;

use crate::dialect::{spell, tables_backwards};
use crate::{on_postgres, run};

/// The step's text, before it is spelled for a database.
pub(crate) const SQL: &str = "
create table seeding (
  id {uuid} not null primary key, -- [SeedingId] identity
  devices bigint not null, -- devices to be told
  began_at {time} not null, -- when it began
  ended_at {time} -- when all were told; none while it is under way, and for ever when it was cut short
);
";

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
