//! The database's own part: a snapshot that writers don't wait for, and loading it again.

use std::path::{Path, PathBuf};
use std::process::Command;

use entities::stored_file;
use sea_orm::{
    AccessMode, ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection,
    DatabaseTransaction, EntityTrait, IsolationLevel, QueryFilter, QueryOrder, QuerySelect,
    Statement, TransactionTrait,
};

use super::manifest::Kind;
use crate::db::Db;
use crate::error::{Error, Result};

/// Names of files read at a time.
const PAGE: u64 = 1_000;

/// A snapshot, and the same moment to be asked further.
pub(super) struct Snapshot {
    /// Where its bytes are.
    pub(super) path: PathBuf,
    view: View,
}

enum View {
    Sqlite(DatabaseConnection),
    Postgres(DatabaseTransaction),
}

/// Which of the two a database is.
pub(super) fn kind(db: &Db) -> Kind {
    if db.is_postgres() {
        Kind::Postgres
    } else {
        Kind::Sqlite
    }
}

impl Snapshot {
    /// Takes one into a file that is not there yet.
    pub(super) async fn take(db: &Db, path: PathBuf) -> Result<Self> {
        match kind(db) {
            Kind::Sqlite => Self::of_sqlite(db, path).await,
            Kind::Postgres => Self::of_postgres(db, path).await,
        }
    }

    /// `VACUUM INTO` reads one moment of the write-ahead log; whoever writes goes on.
    async fn of_sqlite(db: &Db, path: PathBuf) -> Result<Self> {
        let source = connect(db.url()).await?;
        let into = Statement::from_sql_and_values(
            source.get_database_backend(),
            "vacuum into ?",
            [path.display().to_string().into()],
        );
        source.execute_raw(into).await?;
        source.close().await?;
        let view = connect(&format!(
            "sqlite://{}?mode=ro&immutable=true",
            path.display()
        ))
        .await?;
        Ok(Self {
            path,
            view: View::Sqlite(view),
        })
    }

    /// `pg_dump` of a snapshot that this transaction holds open.
    async fn of_postgres(db: &Db, path: PathBuf) -> Result<Self> {
        let view = db
            .read()
            .begin_with_config(
                Some(IsolationLevel::RepeatableRead),
                Some(AccessMode::ReadOnly),
            )
            .await?;
        let name: String = one(&view, "select pg_export_snapshot()").await?;
        let mut dump = tool("pg_dump", db.url())?;
        dump.args([
            "--format=custom",
            "--compress=0",
            "--no-owner",
            "--no-privileges",
        ])
        .arg(format!("--snapshot={name}"))
        .arg("--file")
        .arg(&path);
        run(dump, "pg_dump").await?;
        Ok(Self {
            path,
            view: View::Postgres(view),
        })
    }

    /// The steps that were applied, in order.
    pub(super) async fn migrations(&self) -> Result<Vec<String>> {
        let rows = self
            .all("select version from seaql_migrations order by version")
            .await?;
        rows.iter()
            .map(|row| row.try_get_by_index::<String>(0).map_err(Error::from))
            .collect()
    }

    /// How many journal lines it has.
    pub(super) async fn journal_lines(&self) -> Result<i64> {
        let rows = self.all("select count(*) from custody_event").await?;
        rows.first().map_or(Ok(0), |row| {
            row.try_get_by_index::<i64>(0).map_err(Error::from)
        })
    }

    /// The names of the files it mentions, after one.
    pub(super) async fn files(&self, after: &str) -> Result<Vec<String>> {
        let query = stored_file::Entity::find()
            .select_only()
            .column(stored_file::Column::Sha256)
            .filter(stored_file::Column::Sha256.gt(after))
            .order_by_asc(stored_file::Column::Sha256)
            .limit(PAGE)
            .into_tuple::<String>();
        Ok(match &self.view {
            View::Sqlite(db) => query.all(db).await?,
            View::Postgres(tx) => query.all(tx).await?,
        })
    }

    /// Lets go of it.
    pub(super) async fn end(self) -> Result<()> {
        match self.view {
            View::Sqlite(db) => db.close().await?,
            View::Postgres(tx) => tx.rollback().await?,
        }
        std::fs::remove_file(&self.path).map_err(Error::internal)
    }

    async fn all(&self, sql: &'static str) -> Result<Vec<sea_orm::QueryResult>> {
        Ok(match &self.view {
            View::Sqlite(db) => db.query_all_raw(statement(db, sql)).await?,
            View::Postgres(tx) => tx.query_all_raw(statement(tx, sql)).await?,
        })
    }
}

/// Refuses a database that holds anything.
pub(super) async fn refuse_what_is_full(url: &str) -> Result<()> {
    if let Some(path) = url.strip_prefix("sqlite://") {
        return if Path::new(path).exists() {
            Err(Error::setup(format!(
                "{path} is there already: restore into an empty place"
            )))
        } else {
            Ok(())
        };
    }
    let db = connect(url).await?;
    let tables: i64 = one(
        &db,
        "select count(*) from information_schema.tables where table_schema = 'public'",
    )
    .await?;
    db.close().await?;
    if tables == 0 {
        Ok(())
    } else {
        Err(Error::setup(format!(
            "the database has {tables} tables: restore into an empty one"
        )))
    }
}

/// Loads a dump into an empty PostgreSQL: whole, or nothing of it.
pub(super) async fn load(url: &str, dump: &Path) -> Result<()> {
    let mut command = tool("pg_restore", url)?;
    command
        .args([
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            "--single-transaction",
        ])
        .arg(dump);
    run(command, "pg_restore").await
}

/// A tool of PostgreSQL on this database. The password goes by the environment: arguments are everybody's to read.
pub(super) fn tool(name: &str, url: &str) -> Result<Command> {
    let mut url =
        url::Url::parse(url).map_err(|_| Error::setup("the database URL can't be read"))?;
    let mut command = Command::new(name);
    if let Some(password) = url.password() {
        let plain = percent_encoding::percent_decode_str(password);
        command.env("PGPASSWORD", plain.decode_utf8_lossy().as_ref());
        url.set_password(None)
            .map_err(|()| Error::setup("the database URL can't be read"))?;
    }
    command.arg(format!("--dbname={url}"));
    Ok(command)
}

/// Runs a tool to its end.
async fn run(mut command: Command, name: &'static str) -> Result<()> {
    let done = tokio::task::spawn_blocking(move || command.output())
        .await
        .map_err(Error::internal)?;
    match done {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(Error::setup(format!("{name} failed: {}", said.trim())))
        }
        Err(error) => Err(Error::setup(format!(
            "{name} can't be run ({error}): install the client tools of PostgreSQL (Debian: postgresql-client), at \
             least of the server's version"
        ))),
    }
}

async fn connect(url: &str) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.map_err(Error::internal)
}

async fn one<T: sea_orm::TryGetable>(db: &impl ConnectionTrait, sql: &'static str) -> Result<T> {
    let row = db
        .query_one_raw(statement(db, sql))
        .await?
        .ok_or_else(|| Error::broken("a query that always answers did not"))?;
    row.try_get_by_index::<T>(0).map_err(Error::from)
}

fn statement(db: &impl ConnectionTrait, sql: &'static str) -> Statement {
    Statement::from_string(db.get_database_backend(), sql)
}
