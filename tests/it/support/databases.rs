//! A database per story, copied from a template that was migrated once.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, Once};

use migrations::{Migrator, MigratorTrait};
use rebond::db::Db;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use tokio::sync::OnceCell;

/// Names the template by the migrations it holds: another text, another template.
fn template() -> String {
    format!("rebond_template_{:016x}", migrations::fingerprint())
}

/// Copies the template file into a folder and answers its URL.
pub(super) async fn sqlite(folder: &Path) -> String {
    static TEMPLATE: OnceCell<std::path::PathBuf> = OnceCell::const_new();
    let template = TEMPLATE
        .get_or_init(|| async {
            let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
            let done = place.join(format!("{}.sqlite", template()));
            if !done.exists() {
                let made = place.join(format!("{}-{}", template(), std::process::id()));
                let db = Db::open(&format!("sqlite://{}", made.display()))
                    .await
                    .unwrap();
                db.migrate().await.unwrap();
                // The last connection to leave writes the log back into the file.
                db.close().await.unwrap();
                std::fs::rename(made, &done).unwrap();
            }
            done
        })
        .await;
    let file = folder.join("rebond.sqlite");
    std::fs::copy(template, &file).unwrap();
    format!("sqlite://{}", file.display())
}

/// An empty SQLite file in a folder.
pub(crate) async fn empty_sqlite(folder: &Path) -> DatabaseConnection {
    connect(&format!(
        "sqlite://{}?mode=rwc",
        folder.join("empty.sqlite").display()
    ))
    .await
}

/// An empty database of the cluster.
pub(crate) async fn empty_postgres(name: &str) -> Option<DatabaseConnection> {
    Some(connect(&empty_postgres_url(name, "empty").await?).await)
}

/// The URL of an empty database of the cluster, made for one story.
pub(crate) async fn empty_postgres_url(name: &str, what: &str) -> Option<String> {
    let cluster = cluster(name)?;
    let admin = connect(&cluster).await;
    let database = format!("rebond_{what}_{}", std::process::id());
    run(&admin, &format!("drop database if exists {database}")).await;
    run(&admin, &format!("create database {database}")).await;
    admin.close().await.unwrap();
    Some(in_cluster(&cluster, &database))
}

/// The cluster's URL, when there is one.
///
/// # Panics
/// In CI, where nothing may be skipped in silence.
#[expect(clippy::items_after_statements, reason = "beside its only use")]
pub(crate) fn cluster(name: &str) -> Option<String> {
    if let Ok(url) = std::env::var("REBOND_TEST_POSTGRES") {
        return Some(url);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "REBOND_TEST_POSTGRES is not set: tests/run starts a cluster"
    );
    static SAID: Once = Once::new();
    SAID.call_once(|| say("skipped: every story on PostgreSQL (REBOND_TEST_POSTGRES is not set)"));
    say(&format!("skipped: {name} on PostgreSQL"));
    None
}

/// Databases whose story has ended.
static DONE: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A story's database of the cluster; once let go, a later story drops it.
///
/// Hundreds of stories at ten megabytes each would fill a small disk. The drop waits for the next story because
/// it must not run in a destructor, nor while the story's pool still has connections.
pub(crate) struct Lent(String);

impl Drop for Lent {
    fn drop(&mut self) {
        // What a failed story left behind is worth a look.
        if std::thread::panicking() {
            return;
        }
        DONE.lock().unwrap().push(std::mem::take(&mut self.0));
    }
}

/// Creates a database from the template and answers its URL.
#[expect(clippy::items_after_statements, reason = "beside its only use")]
pub(super) async fn postgres(name: &str) -> Option<(String, Lent)> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let cluster = cluster(name)?;
    let admin = connect(&cluster).await;
    let done = std::mem::take(&mut *DONE.lock().unwrap());
    for database in done {
        run(
            &admin,
            &format!("drop database if exists {database} with (force)"),
        )
        .await;
    }
    static READY: OnceCell<()> = OnceCell::const_new();
    READY.get_or_init(|| make_template(&cluster, &admin)).await;
    let database = format!(
        "rebond_test_{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    // One that an earlier process of the same number left behind is in the way.
    run(&admin, &format!("drop database if exists {database}")).await;
    run(
        &admin,
        &format!("create database {database} template {}", template()),
    )
    .await;
    admin.close().await.unwrap();
    Some((in_cluster(&cluster, &database), Lent(database)))
}

/// Migrates the template once for all processes that share the cluster.
async fn make_template(cluster: &str, admin: &DatabaseConnection) {
    let lock = i64::from_ne_bytes(migrations::fingerprint().to_ne_bytes());
    run(admin, &format!("select pg_advisory_lock({lock})")).await;
    let there = admin
        .query_one_raw(statement(&format!(
            "select 1 from pg_database where datname = '{}'",
            template()
        )))
        .await
        .unwrap();
    if there.is_none() {
        // Under another name until it is whole: a process that dies half way leaves no half template.
        let draft = format!("{}_draft", template());
        run(admin, &format!("drop database if exists {draft}")).await;
        run(admin, &format!("create database {draft}")).await;
        let db = connect(&in_cluster(cluster, &draft)).await;
        Migrator::up(&db, None).await.unwrap();
        // No connection may stay on a template.
        db.close().await.unwrap();
        run(
            admin,
            &format!("alter database {draft} rename to {}", template()),
        )
        .await;
    }
    run(admin, &format!("select pg_advisory_unlock({lock})")).await;
}

/// The same cluster, another database.
fn in_cluster(cluster: &str, database: &str) -> String {
    let (server, _) = cluster.rsplit_once('/').unwrap();
    format!("{server}/{database}")
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

async fn run(db: &DatabaseConnection, sql: &str) {
    db.execute_raw(statement(sql)).await.unwrap();
}

fn statement(sql: &str) -> Statement {
    Statement::from_string(sea_orm::DbBackend::Postgres, sql.to_owned())
}

#[expect(clippy::print_stderr, reason = "what is not tried is said aloud")]
fn say(text: &str) {
    eprintln!("{text}");
}
