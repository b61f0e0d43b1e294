//! Where the benchmark runs: each size in a process and a database of its own, filled by `rebond seed`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use sea_orm::{ConnectionTrait, Database};
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::access::store::has_demo_accounts;
use crate::app::App;
use crate::bench::figures::{Report, Size};
use crate::bench::measure;
use crate::error::{Error, Result};

/// What to measure.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Sizes to fill and measure; none measures the instance itself.
    pub(crate) devices: Vec<usize>,
    /// Numbers of clients.
    pub(crate) clients: Vec<usize>,
    /// Seconds of each kind of block in each cell.
    pub(crate) seconds: f64,
    /// Only operations whose name holds this.
    pub(crate) only: Option<String>,
    /// Folder for the filled instances; an instance of the size that is there already is used.
    pub(crate) dir: Option<PathBuf>,
    /// A PostgreSQL server where databases may be made; SQLite without.
    pub(crate) server: Option<String>,
}

/// Fills an instance of each size, measures it in a process of its own, and compares.
///
/// # Errors
/// When an instance can't be filled, or an operation is refused.
pub(crate) async fn run(asked: &Asked) -> Result<Report> {
    let mut sizes = Vec::new();
    let made = match &asked.dir {
        Some(dir) => dir.clone(),
        None => std::env::temp_dir().join(format!("rebond-bench-{}", std::process::id())),
    };
    for devices in &asked.devices {
        let dir = made.join(format!("{devices}"));
        let database = match &asked.server {
            None => None,
            Some(server) => Some(database(server, &format!("rebond_bench_{devices}")).await?),
        };
        let here = |command: &mut Command| {
            command.arg("--dir").arg(&dir);
            if let Some(url) = &database {
                command.arg("--database").arg(url);
            }
        };
        if !filled(&dir, *devices) {
            let mut seed = rebond("seed")?;
            here(&mut seed);
            seed.args(["--devices", &devices.to_string()]);
            finished(&mut seed).await?;
            std::fs::write(dir.join("filled"), devices.to_string())?;
        }
        let mut measured = rebond("bench")?;
        here(&mut measured);
        let clients: Vec<_> = asked.clients.iter().map(ToString::to_string).collect();
        measured.args([
            "--clients",
            &clients.join(","),
            "--seconds",
            &asked.seconds.to_string(),
            "--json",
        ]);
        if let Some(only) = &asked.only {
            measured.args(["--only", only]);
        }
        let said = finished(&mut measured).await?;
        let report: Report = serde_json::from_slice(&said).map_err(Error::internal)?;
        sizes.extend(report.sizes);
    }
    if asked.dir.is_none() {
        std::fs::remove_dir_all(&made)?;
    }
    Ok(Report::of(sizes))
}

/// Whether a folder's instance was filled to the end.
fn filled(dir: &Path, devices: usize) -> bool {
    std::fs::read_to_string(dir.join("filled")).is_ok_and(|text| text == devices.to_string())
}

/// This program, with a command.
fn rebond(command: &str) -> Result<Command> {
    let mut rebond = Command::new(std::env::current_exe()?);
    rebond
        .arg(command)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .env("REBOND_LOG", "error")
        .kill_on_drop(true);
    Ok(rebond)
}

async fn finished(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.stdout(Stdio::piped()).output().await?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(Error::setup("the benchmark of one size failed: see above"))
    }
}

/// Makes an empty database on a server, in place of one of the same name that an earlier benchmark left.
async fn database(server: &str, name: &str) -> Result<String> {
    let (base, _) = server.rsplit_once('/').ok_or_else(|| {
        Error::setup("name a database of the server: postgres://user@host/postgres")
    })?;
    let connection = Database::connect(server).await?;
    let known = format!("select 1 from pg_database where datname = '{name}'");
    let there = connection
        .query_one_raw(sea_orm::Statement::from_string(
            sea_orm::DbBackend::Postgres,
            known,
        ))
        .await?;
    if there.is_none() {
        connection
            .execute_unprepared(&format!("create database {name}"))
            .await?;
    }
    connection.close().await?;
    Ok(format!("{base}/{name}"))
}

/// Measures one instance in this process.
///
/// # Errors
/// When it is no filled one: the benchmark writes.
pub(crate) async fn one(app: &App, asked: &Asked) -> Result<Report> {
    if !has_demo_accounts(app.db.read()).await? {
        return Err(Error::setup(
            "the benchmark scans and books: give it an instance that `rebond seed` filled, or say --devices",
        ));
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let seconds = Duration::from_secs_f64(asked.seconds);
    let only = asked.only.as_deref();
    let size: Size = measure::all(app, listener, &asked.clients, seconds, only).await?;
    Ok(Report::of(vec![size]))
}
