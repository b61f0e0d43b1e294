//! The tables of Rebond, one file a step, up and down, on SQLite and PostgreSQL.
//!
//! A step is SQL text with a few placeholders for what differs between the two databases (column
//! types, the place of keys that go in a circle) and a pair of texts for triggers. A step is never
//! edited once a running instance may have applied it.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

mod dialect;
mod m0001_access;
mod m0002_items;
mod m0003_people;
mod m0004_keys_and_triggers;
mod m0005_look_ups;
mod m0006_accounts;
mod m0007_search;
mod m0008_operations;
mod m0009_seeding;

/// Brings a database up or down.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_access::Migration),
            Box::new(m0002_items::Migration),
            Box::new(m0003_people::Migration),
            Box::new(m0004_keys_and_triggers::Migration),
            Box::new(m0005_look_ups::Migration),
            Box::new(m0006_accounts::Migration),
            Box::new(m0007_search::Migration),
            Box::new(m0008_operations::Migration),
            Box::new(m0009_seeding::Migration),
        ]
    }
}

/// A text that changes whenever a migration does: names template databases in tests.
pub fn fingerprint() -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    for step in [
        m0001_access::SQL,
        m0002_items::SQL,
        m0003_people::SQL,
        m0005_look_ups::SQL,
        m0006_accounts::SQL,
        m0007_search::SQL,
        m0007_search::POSTGRES,
        m0009_seeding::SQL,
    ] {
        step.hash(&mut hasher);
    }
    m0004_keys_and_triggers::texts().hash(&mut hasher);
    m0008_operations::texts().hash(&mut hasher);
    hasher.finish()
}

/// Runs one text on the database a step was given.
async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager
        .get_connection()
        .execute_unprepared(sql)
        .await
        .map(|_| ())
}

/// Whether the step runs on PostgreSQL; SQLite is the only other database.
fn on_postgres(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DbBackend::Postgres
}
