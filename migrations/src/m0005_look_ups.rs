//! Indexes for what people and jobs look up: a request's past holds, a run's allocations, evidence by its
//! content, and pickup codes with misses.

use sea_orm_migration::prelude::*;

use crate::run;

/// The step's text, the same on both databases.
pub(crate) const SQL: &str = "
create index allocation_by_request on allocation (request_id, at);
create index allocation_by_run on allocation (run_id) where run_id is not null;
create index appointment_misses on appointment (pickup_code_misses);
create index evidence_by_content on evidence (sha256, received_at);
";
const DOWN: &str = "
drop index evidence_by_content;
drop index appointment_misses;
drop index allocation_by_run;
drop index allocation_by_request;
";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, SQL).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, DOWN).await
    }
}
