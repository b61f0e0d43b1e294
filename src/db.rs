//! Two databases behind one door: a pool of readers, and a writer that alone hands out a [`Tx`].
//!
//! SQLite: WAL, `synchronous=FULL`, one writing connection with `BEGIN IMMEDIATE`, read-only readers.
//! PostgreSQL: one pool; rows are locked in order of id by those who need it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use migrations::{Migrator, MigratorTrait};
use sea_orm::prelude::async_trait::async_trait;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, ExecResult, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};

use crate::error::{Error, Result};

/// How long one waits for the writer before the answer is "busy".
const PATIENCE: Duration = Duration::from_secs(10);

/// The door to the database.
#[derive(Clone, Debug)]
pub struct Db {
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    url: Arc<str>,
}

/// An open transaction of the writer. Dropping it rolls back.
#[derive(Debug)]
pub struct Tx(DatabaseTransaction);

impl Db {
    /// Opens the database of a URL (`sqlite://path` or `postgres://…`).
    ///
    /// # Errors
    /// When it can't be reached, or the URL names neither database.
    pub async fn open(url: &str) -> Result<Self> {
        let (writer, readers) = if let Some(path) = url.strip_prefix("sqlite://") {
            if let Some(parent) = Path::new(path).parent() {
                std::fs::create_dir_all(parent).map_err(Error::internal)?;
            }
            (
                connect(sqlite(path, true)).await?,
                connect(sqlite(path, false)).await?,
            )
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = connect(postgres(url)).await?;
            (pool.clone(), pool)
        } else {
            return Err(Error::setup(
                "the database URL starts with sqlite:// or postgres://",
            ));
        };
        Ok(Self {
            writer,
            readers,
            url: url.into(),
        })
    }

    /// Brings the tables up to date.
    pub async fn migrate(&self) -> Result<()> {
        Migrator::up(&self.writer, None).await.map_err(Error::from)
    }

    /// Names of migrations not yet applied.
    pub async fn pending_migrations(&self) -> Result<usize> {
        Ok(Migrator::get_pending_migrations(&self.writer).await?.len())
    }

    /// For reading: never sees half of a write, can't write on SQLite.
    pub fn read(&self) -> &DatabaseConnection {
        &self.readers
    }

    /// Opens a transaction: the only way to a [`Tx`].
    ///
    /// # Errors
    /// [`Error::Busy`] when no writer came free in time.
    pub async fn write(&self) -> Result<Tx> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Tx(self.writer.begin_with_options(options).await?))
    }

    /// Whether this is PostgreSQL; SQLite is the only other one.
    pub fn is_postgres(&self) -> bool {
        self.writer.get_database_backend() == DbBackend::Postgres
    }

    /// Closes both pools: an orderly end leaves no write-ahead log behind.
    pub async fn close(&self) -> Result<()> {
        self.readers.clone().close().await?;
        self.writer.clone().close().await.map_err(Error::from)
    }

    /// The URL it was opened with. Holds a password on PostgreSQL: never log it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Tx {
    /// Keeps everything written since the transaction began.
    pub async fn commit(self) -> Result<()> {
        self.0.commit().await.map_err(Error::from)
    }

    /// A savepoint: what happens in it can be dropped without the rest.
    pub async fn savepoint(&self) -> Result<Tx> {
        Ok(Tx(self.0.begin().await?))
    }

    /// Whether this is PostgreSQL, where rows are locked by name.
    pub fn is_postgres(&self) -> bool {
        self.0.get_database_backend() == DbBackend::Postgres
    }
}

#[async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.0.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.0.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.0.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.0.query_all_raw(statement).await
    }
}

async fn connect(mut options: ConnectOptions) -> Result<DatabaseConnection> {
    options
        .sqlx_logging(false)
        .test_before_acquire(false)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .acquire_timeout(PATIENCE);
    Database::connect(options).await.map_err(Error::internal)
}

fn sqlite(path: &str, writes: bool) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite://{path}?mode=rwc"));
    options
        .max_connections(if writes { 1 } else { 4 })
        .min_connections(1);
    options.map_sqlx_sqlite_opts(move |o| {
        let o = o
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .pragma("recursive_triggers", "ON");
        if writes {
            o
        } else {
            o.pragma("query_only", "ON")
        }
    });
    options
}

fn postgres(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(16).min_connections(1);
    options
}
