//! Two databases behind one door: a pool of readers, and a writer that alone hands out a [`Tx`].
//!
//! SQLite: WAL, `synchronous=FULL`, one writing connection whose turns share a commit (see `group`), read-only
//! readers. PostgreSQL: one pool; rows are locked in order of id by those who need it.

mod earlier;
mod group;
mod turn;
mod watch;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use migrations::{Migrator, MigratorTrait};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend, TransactionTrait};
use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, Result};

pub(crate) use earlier::settled;
pub use turn::Tx;
pub use watch::Watch;

/// How long one waits for the writer before the answer is "busy".
const PATIENCE: Duration = Duration::from_secs(10);

/// The door to the database.
#[derive(Clone, Debug)]
pub struct Db {
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    /// Asks the lender of turns; none on PostgreSQL, which groups commits by itself.
    turns: Option<mpsc::UnboundedSender<group::Ask>>,
    watch: Option<Arc<dyn Watch>>,
    url: Arc<str>,
}

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
        let turns = (writer.get_database_backend() == DbBackend::Sqlite).then(|| {
            let (turns, asks) = mpsc::unbounded_channel();
            tokio::spawn(group::lend(writer.clone(), asks));
            turns
        });
        Ok(Self {
            writer,
            readers,
            turns,
            watch: None,
            url: url.into(),
        })
    }

    /// The same database, with somebody who looks on at every turn of a writer.
    #[must_use]
    pub fn watched(&self, watch: Arc<dyn Watch>) -> Self {
        Self {
            watch: Some(watch),
            ..self.clone()
        }
    }

    /// The same database, whose reads are reported after they ran.
    #[must_use]
    pub(crate) fn reporting_reads(
        mut self,
        report: impl Fn(&sea_orm::Statement) + Send + Sync + 'static,
    ) -> Self {
        self.readers
            .set_metric_callback(move |info| report(info.statement));
        self
    }

    /// The writer's own connections, past the turns: for measuring what they could do.
    pub(crate) const fn writer(&self) -> &DatabaseConnection {
        &self.writer
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
        let watch = self.watch.clone();
        let Some(turns) = &self.turns else {
            return Ok(Tx::alone(self.writer.begin().await?, watch));
        };
        let (ask, turn) = oneshot::channel();
        turns.send(ask).map_err(|_| Error::Busy)?;
        let lent = tokio::time::timeout(PATIENCE, turn)
            .await
            .map_err(|_| Error::Busy)?
            .map_err(|_| Error::Busy)??;
        Ok(Tx::turn(lent, watch))
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
    // As long as a turn on SQLite: who holds rows and does nothing with them holds up everybody.
    let longest = format!("{}s", group::LONGEST.as_secs());
    options.map_sqlx_postgres_opts(move |o| {
        o.options([("idle_in_transaction_session_timeout", longest.as_str())])
    });
    options
}
