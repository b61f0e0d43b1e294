//! Backing up and restoring.

use std::path::{Path, PathBuf};

use migrations::{Migrator, MigratorTrait};

use super::archive::{self, KEY, Writer};
use super::database::{self, Snapshot};
use super::manifest::{FORMAT, Kind, Manifest};
use crate::app::App;
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::devices::journal::moment;
use crate::error::{Error, Result};
use crate::seal::KeyRing;
use crate::upkeep;
use crate::verify::{self, Report};

/// The upkeep that a backup is.
pub(crate) const UPKEEP: &str = "backup";

/// Backs an instance up into one file while it works. Its tables stay as they are: a backup comes before a step up.
///
/// # Errors
/// When there is no instance, the file is there already, or a kept file is missing or altered.
pub(crate) async fn backup(
    config: &Config,
    file: &Path,
    with_key: bool,
    clock: &Clock,
) -> Result<Manifest> {
    let dir = &config.data.dir;
    let key = dir.join(KEY);
    if !key.exists() {
        return Err(Error::setup(format!(
            "{} holds no instance: no key file",
            dir.display()
        )));
    }
    let keys = KeyRing::open(&key, Chance::system())?;
    let began = clock.now();
    let mut writer = Writer::create(file)?;
    let db = Db::open(&config.database_url()).await?;
    let mut draft = file.as_os_str().to_owned();
    draft.push(".database");
    let draft = PathBuf::from(draft);
    if draft.exists() {
        std::fs::remove_file(&draft).map_err(Error::internal)?;
    }
    // First the database, then the files: each was kept before the row that names it.
    let snapshot = Snapshot::take(&db, draft).await?;
    writer.add(database::kind(&db).member(), &snapshot.path)?;
    let folder = dir.join("files");
    let mut names = snapshot.files("").await?;
    while let Some(last) = names.last().cloned() {
        for name in &names {
            writer.add_kept(name, &folder)?;
        }
        names = snapshot.files(&last).await?;
    }
    for list in lists(&dir.join("anchors"))? {
        let name = list
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        writer.add(&format!("anchors/{name}"), &list)?;
    }
    if with_key {
        writer.add(KEY, &key)?;
    }
    let manifest = Manifest {
        format: FORMAT,
        began_at: moment(began),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        database: database::kind(&db),
        migrations: snapshot.migrations().await?,
        journal_lines: snapshot.journal_lines().await?,
        files: writer.files,
        public_key: hex::encode(keys.public_key()?),
        with_key,
        members: writer.members.clone(),
    };
    snapshot.end().await?;
    writer.finish(&manifest)?;
    if db.pending_migrations().await? == 0 {
        let tx = db.write().await?;
        upkeep::done(&tx, UPKEEP, clock.now()).await?;
        tx.commit().await?;
    }
    db.close().await?;
    Ok(manifest)
}

/// The lists of anchors that are finished.
fn lists(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut lists = Vec::new();
    for file in std::fs::read_dir(folder).map_err(Error::internal)? {
        let path = file.map_err(Error::internal)?.path();
        if path.extension().is_some_and(|e| e == "gz") {
            lists.push(path);
        }
    }
    lists.sort();
    Ok(lists)
}

/// Restores a backup into an empty place and verifies what came of it.
///
/// # Errors
/// Before anything is written: when the place is not empty, the archive is not whole, its database is of the other
/// kind or newer than this program, or the key does not fit.
pub(crate) async fn restore(
    config: Config,
    file: &Path,
    key: Option<&Path>,
) -> Result<(Manifest, Report)> {
    let dir = config.data.dir.clone();
    let url = config.database_url();
    refuse_what_is_full(&dir)?;
    database::refuse_what_is_full(&url).await?;
    let manifest = archive::check(file)?;
    let wanted = if url.starts_with("sqlite://") {
        Kind::Sqlite
    } else {
        Kind::Postgres
    };
    if manifest.database != wanted {
        return Err(Error::setup(format!(
            "the backup is of a {:?} database: name an empty one of that kind with --database",
            manifest.database
        )));
    }
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    if let Some(newer) = manifest
        .migrations
        .iter()
        .find(|step| !known.contains(step))
    {
        return Err(Error::setup(format!(
            "the backup knows a step ({newer}) that this version does not: restore it with version {} or later",
            manifest.version
        )));
    }
    let own = dir.join(KEY);
    let brought = key
        .map(Path::to_owned)
        .or_else(|| own.exists().then(|| own.clone()));
    match &brought {
        Some(key) => refuse_another_key(key, &manifest)?,
        None if manifest.with_key => {}
        None => {
            return Err(Error::setup(
                "the key file is not in the backup, and without it nothing sealed opens: bring it with --key FILE",
            ));
        }
    }

    std::fs::create_dir_all(&dir).map_err(Error::internal)?;
    let dump = dir.join(Kind::Postgres.member());
    let sqlite = url.strip_prefix("sqlite://").map(PathBuf::from);
    archive::unpack(file, |name| match name {
        KEY => brought.is_none().then(|| own.clone()),
        "database.sqlite" => sqlite.clone(),
        "database.pgdump" => Some(dump.clone()),
        other => Some(dir.join(other)),
    })?;
    if let Some(key) = brought.filter(|key| *key != own) {
        let text = std::fs::read(&key).map_err(Error::internal)?;
        crate::seal::write_private(&own, &text)?;
    }
    if wanted == Kind::Postgres {
        database::load(&url, &dump).await?;
        std::fs::remove_file(&dump).map_err(Error::internal)?;
    }
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let mut report = verify::verify(&app).await?;
    let files = verify::files(&app).await?;
    report.checks.push(files);
    app.db.close().await?;
    Ok((manifest, report))
}

/// Refuses a folder that holds more than a key.
fn refuse_what_is_full(dir: &Path) -> Result<()> {
    if !dir.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(dir).map_err(Error::internal)? {
        if entry.map_err(Error::internal)?.file_name() != KEY {
            return Err(Error::setup(format!(
                "{} is not empty: restore into an empty folder",
                dir.display()
            )));
        }
    }
    Ok(())
}

fn refuse_another_key(key: &Path, manifest: &Manifest) -> Result<()> {
    if !key.exists() {
        return Err(Error::setup(format!("{} is not there", key.display())));
    }
    let ring = KeyRing::open(key, Chance::system())?;
    let mut ours = ring.earlier_public_keys();
    ours.push(ring.public_key()?);
    if ours
        .iter()
        .any(|key| hex::encode(key) == manifest.public_key)
    {
        Ok(())
    } else {
        Err(Error::setup(format!(
            "{} is not the key of this backup",
            key.display()
        )))
    }
}
