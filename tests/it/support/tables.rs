//! The database looked at from outside: its tables, how much is in them, what it refuses.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult, Statement};

use super::TestApp;

/// Rows of a query on any database.
pub(crate) async fn rows(db: &DatabaseConnection, query: &str) -> Vec<QueryResult> {
    db.query_all_raw(Statement::from_string(
        db.get_database_backend(),
        query.to_owned(),
    ))
    .await
    .unwrap()
}

/// The first column of a query, as text.
pub(crate) async fn texts(db: &DatabaseConnection, query: &str) -> Vec<String> {
    rows(db, query)
        .await
        .iter()
        .map(|row| row.try_get_by_index::<String>(0).unwrap())
        .collect()
}

/// The names of all tables but the migrations' own.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only these are told apart here"
)]
pub(crate) async fn tables(db: &DatabaseConnection) -> Vec<String> {
    let query = match db.get_database_backend() {
        sea_orm::DbBackend::Postgres => {
            "select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' order by 1"
        }
        _ => {
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by 1"
        }
    };
    let mut names = texts(db, query).await;
    names.retain(|name| name != "seaql_migrations");
    names
}

impl TestApp {
    /// Runs a statement as a stranger to the application would; answers what the database said no to.
    pub(crate) async fn sql(&self, text: &str) -> Result<u64, DbErr> {
        let tx = self.db.write().await.unwrap();
        let statement = Statement::from_string(tx.get_database_backend(), text.to_owned());
        let done = tx.execute_raw(statement).await?;
        tx.commit().await.unwrap();
        Ok(done.rows_affected())
    }

    /// The database refuses a statement because of the constraint, key or trigger of that name.
    pub(crate) async fn refuses(&self, name: &str, text: &str) {
        let error = self
            .sql(text)
            .await
            .expect_err(&format!("{name} let pass: {text}"));
        assert!(
            rebond::error::violates(&error, name),
            "{name} was to refuse, not: {error}\n{text}"
        );
    }

    /// A number that a query answers.
    pub(crate) async fn count(&self, query: &str) -> i64 {
        rows(self.db.read(), query).await[0]
            .try_get_by_index::<i64>(0)
            .unwrap()
    }

    /// How many rows each table has.
    pub(crate) async fn counts(&self) -> BTreeMap<String, i64> {
        let mut counts = BTreeMap::new();
        for table in tables(self.db.read()).await {
            let rows = self.count(&format!("select count(*) from {table}")).await;
            counts.insert(table, rows);
        }
        counts
    }

    /// Everything that is kept, as text: table by table, row by row. When somebody was last seen is left out.
    pub(crate) async fn everything(&self) -> Vec<String> {
        let db = self.db.read();
        let mut all = Vec::new();
        for table in tables(db).await {
            if matches!(table.as_str(), "api_token" | "session") {
                continue;
            }
            let row = if self.db.is_postgres() {
                "t::text".to_owned()
            } else {
                let columns = format!("select name from pragma_table_info('{table}')");
                let columns = texts(db, &columns).await;
                let quoted: Vec<_> = columns.iter().map(|c| format!("quote({c})")).collect();
                quoted.join(" || ' ' || ")
            };
            let query = format!("select '{table}: ' || {row} from {table} t order by 1");
            all.extend(texts(db, &query).await);
        }
        all
    }

    /// An id as this database writes it in SQL.
    pub(crate) fn id(&self, id: uuid::Uuid) -> String {
        if self.db.is_postgres() {
            format!("'{id}'")
        } else {
            format!("x'{}'", id.simple())
        }
    }

    /// Checks every law on what is kept, as `rebond verify` does.
    pub(crate) async fn verified(&self) {
        let report = rebond::verify::verify(&self.app).await.unwrap();
        assert!(report.is_clean(), "{report}");
    }
}
