//! What operations keep: anchors of the journals, chained and append-only, and when upkeep was last done.

use sea_orm_migration::prelude::*;

use crate::dialect::{spell, tables_backwards};
use crate::{on_postgres, run};

const SQL: &str = "
create table anchor (
  id {uuid} not null primary key, -- [AnchorId] identity
  number bigint not null, -- place in the chain, from 1
  at {time} not null, -- when it was made
  devices bigint not null, -- devices under the root
  media bigint not null, -- media under the root
  root text not null, -- Merkle root over every item's id, number of lines and last hash
  previous text not null, -- hash of the previous statement, 64 zeros for the first
  hash text not null, -- SHA-256 of the statement
  statement text not null -- the signed statement as it was mailed, JSON
);
create unique index anchor_number_key on anchor (number, (1));

create table upkeep (
  what text not null primary key, -- which upkeep: `backup`, ...
  at {time} not null -- when it was last done
);
";
const POSTGRES_UP: &str = "
create function anchor_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'anchor_append_only' using errcode = '23514', constraint = 'anchor_append_only';
end $$;
create function anchor_check_order() returns trigger language plpgsql as $$
begin
  if new.number <> coalesce((select max(number) from anchor), 0) + 1
    or new.previous <> coalesce((select hash from anchor where number = new.number - 1), repeat('0', 64))
  then
    raise exception 'anchor_in_order' using errcode = '23514', constraint = 'anchor_in_order';
  end if;
  return new;
end $$;
create trigger anchor_append_only before update or delete on anchor for each row execute function anchor_refuse();
create trigger anchor_no_truncate before truncate on anchor for each statement execute function anchor_refuse();
create trigger anchor_in_order before insert on anchor for each row execute function anchor_check_order();
";
const POSTGRES_DOWN: &str = "
drop trigger anchor_in_order on anchor;
drop trigger anchor_no_truncate on anchor;
drop trigger anchor_append_only on anchor;
drop function anchor_refuse();
drop function anchor_check_order();
";
const SQLITE_UP: &str = "
create trigger anchor_no_update before update on anchor
begin select raise(abort, 'anchor_append_only'); end;
create trigger anchor_no_delete before delete on anchor
begin select raise(abort, 'anchor_append_only'); end;
create trigger anchor_in_order before insert on anchor
when new.number <> coalesce((select max(number) from anchor), 0) + 1
  or new.previous <> coalesce((select hash from anchor where number = new.number - 1), '0000000000000000000000000000000000000000000000000000000000000000')
  or exists (select 1 from anchor where id = new.id)
begin select raise(abort, 'anchor_in_order'); end;
";
const SQLITE_DOWN: &str = "
drop trigger anchor_in_order;
drop trigger anchor_no_delete;
drop trigger anchor_no_update;
";

/// All texts of the step.
pub(crate) fn texts() -> [&'static str; 3] {
    [SQL, POSTGRES_UP, SQLITE_UP]
}

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = on_postgres(manager);
        run(manager, &spell(SQL, postgres)).await?;
        run(manager, if postgres { POSTGRES_UP } else { SQLITE_UP }).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let triggers = if on_postgres(manager) {
            POSTGRES_DOWN
        } else {
            SQLITE_DOWN
        };
        run(manager, triggers).await?;
        for table in tables_backwards(SQL) {
            run(manager, &format!("drop table {table}")).await?;
        }
        Ok(())
    }
}
