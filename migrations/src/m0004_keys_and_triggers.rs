//! The keys that go in a circle, and the triggers that keep the journal append-only and in order.

use sea_orm_migration::prelude::*;

use crate::dialect::LATE_DEVICE_KEYS;
use crate::{on_postgres, run};

const POSTGRES_UP: &str = include_str!("sql/triggers_postgres.sql");
const POSTGRES_DOWN: &str = "
drop trigger custody_event_in_order on custody_event;
drop trigger custody_event_append_only on custody_event;
drop trigger custody_event_no_truncate on custody_event;
drop function custody_event_refuse();
drop function custody_event_check_order();
";
const SQLITE_UP: &str = include_str!("sql/triggers_sqlite.sql");
const SQLITE_DOWN: &str = "
drop trigger custody_event_in_order;
drop trigger custody_event_no_update;
drop trigger custody_event_no_delete;
";

/// All texts of the step.
pub(crate) fn texts() -> [&'static str; 4] {
    [
        POSTGRES_UP,
        SQLITE_UP,
        LATE_DEVICE_KEYS[0],
        LATE_DEVICE_KEYS[1],
    ]
}

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if !on_postgres(manager) {
            return run(manager, SQLITE_UP).await;
        }
        for key in LATE_DEVICE_KEYS {
            run(manager, &format!("alter table device add {key}")).await?;
        }
        run(manager, POSTGRES_UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if !on_postgres(manager) {
            run(manager, SQLITE_DOWN).await?;
            // The circle device -> allocation -> device can't be dropped table by table with rows in it.
            return run(manager, "pragma foreign_keys = off").await;
        }
        run(manager, POSTGRES_DOWN).await?;
        for name in ["device_allocation_fkey", "device_handed_over_fkey"] {
            run(
                manager,
                &format!("alter table device drop constraint {name}"),
            )
            .await?;
        }
        Ok(())
    }
}
