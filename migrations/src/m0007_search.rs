//! Search: terms in the order of their bytes, and the lists that people filter by; marks that know a machine again.
//!
//! The terms themselves are made by the application, which fills those that are missing when it opens.

use sea_orm_migration::prelude::*;

use crate::dialect::spell;
use crate::{on_postgres, run};

/// The step's text, the same on both databases.
pub(crate) const SQL: &str = "
delete from device_term;
create table device_mark (
  mark text not null, -- `uuid:…` or `mac:…`
  device_id {uuid} not null references device (id), -- [DeviceId] what bears it
  primary key (mark, device_id)
);
create index device_mark_by_device on device_mark (device_id);
drop index device_term_by_device;
create index device_term_by_device on device_term (device_id, term);
create index device_listed_by_site on device (site_id, id);
create index device_listed_by_custody on device (custody, id);
create index device_listed_by_stage on device (stage, id);
create index device_listed_by_place on device (custody, stage, id);
create index device_listed_by_kind on device (kind, id);
create index device_listed_by_grade on device (grade, id);
create index device_listed_open on device (id) where open_media > 0;
create index device_listed_held on device (id) where custody = 'site' and held_for is not null;
";

/// Prefixes are looked up as ranges, which a collation of some language would tear apart.
pub(crate) const POSTGRES: &str =
    "alter table device_term alter column term type text collate \"C\"";

const DOWN: &str = "
drop index device_listed_held;
drop index device_listed_open;
drop index device_listed_by_grade;
drop index device_listed_by_kind;
drop index device_listed_by_place;
drop index device_listed_by_stage;
drop index device_listed_by_custody;
drop index device_listed_by_site;
drop index device_term_by_device;
create index device_term_by_device on device_term (device_id);
drop table device_mark;
";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = on_postgres(manager);
        run(manager, &spell(SQL, postgres)).await?;
        if postgres {
            run(manager, POSTGRES).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}
