//! The steps go up and down and up again, and the entities are the tables.

use std::collections::BTreeSet;

use migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, Iden, Iterable, QuerySelect,
};
use tempfile::TempDir;

use crate::support::databases::{empty_postgres, empty_sqlite};
use crate::support::tables::{tables, texts};

#[tokio::test]
async fn up_down_and_up_again_on_sqlite() {
    let folder = TempDir::new().unwrap();
    up_down_up(&empty_sqlite(folder.path()).await).await;
}

#[tokio::test]
async fn up_down_and_up_again_on_postgres() {
    if let Some(db) = empty_postgres(module_path!()).await {
        up_down_up(&db).await;
    }
}

async fn up_down_up(db: &DatabaseConnection) {
    Migrator::up(db, None).await.unwrap();
    let first = shape(db).await;
    assert!(first.len() > 150, "{first:#?}");
    Migrator::down(db, None).await.unwrap();
    assert_eq!(tables(db).await, Vec::<String>::new());
    Migrator::up(db, None).await.unwrap();
    assert_eq!(shape(db).await, first);
    Migrator::down(db, None).await.unwrap();
    an_account_becomes_its_first_role(db).await;
}

/// What an account was before it could have several roles is its first one; its token goes on in it.
async fn an_account_becomes_its_first_role(db: &DatabaseConnection) {
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let id = |n: u128| {
        let id = uuid::Uuid::from_u128(n);
        if postgres {
            format!("'{id}'")
        } else {
            format!("x'{}'", id.simple())
        }
    };
    let bytes = if postgres { "'\\x00'" } else { "x'00'" };
    Migrator::up(db, Some(5)).await.unwrap();
    let (of, account, token) = (id(1), id(2), id(3));
    let at = "'2026-01-02T03:04:05+00:00'";
    for row in [
        format!(
            "organisation (id, slug, name, kind, created_at) values ({of}, 'o', 'O', 'association', {at})"
        ),
        format!(
            "account (id, organisation_id, email, display_name, role, password_hash, created_at) values ({account}, {of}, 'e', 'E', 'coordinator', 'h', {at})"
        ),
        format!(
            "api_token (id, account_id, token_hash, label, created_at) values ({token}, {account}, {bytes}, 'l', {at})"
        ),
    ] {
        let insert = format!("insert into {row}");
        db.execute_unprepared(&insert).await.unwrap();
    }
    Migrator::up(db, None).await.unwrap();
    let kept = "select r.role || ' since ' || cast(r.starts_on as text) || ', ' || t.scope from account a
        join account_role r on r.account_id = a.id join organisation o on o.id = r.organisation_id
        join api_token t on t.assignment_id = r.id where r.ends_on is null and t.expires_at > t.created_at";
    assert_eq!(texts(db, kept).await, ["coordinator since 2026-01-02, all"]);
    let later = u32::try_from(Migrator::migrations().len()).unwrap() - 5;
    Migrator::down(db, Some(later)).await.unwrap();
    let back = "select a.role || ' ' || o.slug from account a join organisation o on o.id = a.organisation_id";
    assert_eq!(texts(db, back).await, ["coordinator o"]);
}

/// Everything that has a name: tables and columns, constraints, indexes, triggers.
async fn shape(db: &DatabaseConnection) -> Vec<String> {
    let queries: &[&str] = if db.get_database_backend() == DbBackend::Postgres {
        &[
            "select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable from information_schema.columns where table_schema = 'public' order by 1",
            "select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'p', 'u') order by 1",
            "select indexdef from pg_indexes where schemaname = 'public' order by 1",
            "select tgname::text from pg_trigger where not tgisinternal order by 1",
        ]
    } else {
        &[
            "select coalesce(sql, name) from sqlite_master order by type, name",
            "select m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' order by 1",
        ]
    };
    let mut shape = Vec::new();
    for query in queries {
        shape.extend(texts(db, query).await);
    }
    shape
}

/// Compares an entity with its table: the same columns, and a query that names them all.
async fn matches<E: EntityTrait>(db: &DatabaseConnection) -> String {
    let name = E::default().table_name().to_owned();
    let columns = if db.get_database_backend() == DbBackend::Postgres {
        format!(
            "select column_name::text from information_schema.columns where table_schema = 'public' and table_name = '{name}'"
        )
    } else {
        format!("select name from pragma_table_info('{name}')")
    };
    let there: BTreeSet<String> = texts(db, &columns).await.into_iter().collect();
    let meant: BTreeSet<String> = E::Column::iter().map(|c| c.unquoted().to_owned()).collect();
    assert_eq!(meant, there, "{name}");
    E::find().limit(1).all(db).await.unwrap();
    name
}

macro_rules! entities {
    ($db:expr; $($entity:ident),+ $(,)?) => {{
        let mut names = Vec::new();
        $(names.push(matches::<entities::$entity::Entity>($db).await);)+
        names
    }};
}

both_databases! {
    async fn entities_are_the_tables(app: TestApp) {
        let db = app.db.read();
        let mut names = entities!(
            db;
            account, account_link, account_role, allocation, allocation_run, anchor, api_token, appointment, appointment_request, badge, bench,
            breach_case,
            claim, custody_event, decision, device, device_code, device_lock, device_mark, device_term, device_test, donation,
            donation_accessory, donation_line, donor, evidence, grading, handover, household, household_access,
            household_link, job, lot, lot_item, medium, message, need_evidence, onboarding, opening, organisation,
            person, policy_text, read_record, recovery_code, reference_counter, request, sanitisation, scan, seat, seeding, session,
            shipment, site, stored_file, upkeep, venue, verification, witness_code,
        );
        names.sort();
        assert_eq!(names, tables(db).await);
    }
}
