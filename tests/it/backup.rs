//! Backup while people scan, and restoration into an empty place.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use entities::enums::Role;
use rebond::db::Db;
use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::support::TestApp;
use crate::support::service::command;
use crate::support::tables::{rows, texts};

const CLEAR: &str = include_str!("../fixtures/evidence/nwipe-0.42-clear.txt");
const PEOPLE: usize = 3;

/// An empty place of the same kind of database.
struct Place {
    dir: PathBuf,
    url: String,
}

impl Place {
    async fn empty(app: &TestApp, name: &str) -> Self {
        let dir = app.folder.path().join(name);
        let url = if app.db.is_postgres() {
            let (server, here) = app.db.url().rsplit_once('/').unwrap();
            let name = format!("{here}_{name}");
            let admin = Database::connect(app.db.url()).await.unwrap();
            for sql in [
                format!("drop database if exists {name}"),
                format!("create database {name}"),
            ] {
                admin
                    .execute_raw(Statement::from_string(admin.get_database_backend(), sql))
                    .await
                    .unwrap();
            }
            admin.close().await.unwrap();
            format!("{server}/{name}")
        } else {
            format!("sqlite://{}", dir.join("rebond.sqlite").display())
        };
        Self { dir, url }
    }

    fn restore(&self, archive: &Path, key: Option<&Path>) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rebond"));
        command
            .arg("restore")
            .arg(archive)
            .arg("--dir")
            .arg(&self.dir)
            .args(["--database", &self.url])
            .arg("--json");
        if let Some(key) = key {
            command.arg("--key").arg(key);
        }
        command.env("REBOND_LOG", "error").output().unwrap()
    }
}

/// Runs a command to its end while the story goes on.
async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn refused(output: &Output, why: &str) {
    assert!(!output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains(why), "{said}");
}

both_databases! {
    async fn a_backup_under_load_restores_whole(app: TestApp) {
        let bench = app.person(Role::Refurbisher).await;
        bench.post_bytes("/api/v1/evidence", "text/plain", CLEAR.as_bytes().to_vec()).await.ok();
        let kept: Arc<Mutex<Vec<Uuid>>> = Arc::default();
        let enough = Arc::new(AtomicBool::new(false));
        let mut people = Vec::new();
        for _ in 0..PEOPLE {
            let who = app.person(Role::Storekeeper).await;
            let device = app.device().build().await;
            let (kept, enough) = (Arc::clone(&kept), Arc::clone(&enough));
            people.push(tokio::spawn(async move {
                let mut n = 0;
                while !enough.load(Ordering::SeqCst) {
                    let site = if n % 2 == 0 { "montpellier-magasin" } else { "montpellier-atelier" };
                    let id = Uuid::new_v4();
                    who.post("/api/v1/scans", json!({"scan_id": id, "code": device.code, "action": "receive", "site": site})).await.ok();
                    kept.lock().await.push(id);
                    n += 1;
                }
            }));
        }
        while kept.lock().await.len() < 30 {
            tokio::task::yield_now().await;
        }
        let archive = app.folder.path().join("backup.tar.gz");
        let before = kept.lock().await.clone();
        let mut backup = command(&app, "backup");
        backup.arg(&archive).arg("--json");
        let made = run(backup).await;
        assert!(made.status.success(), "{made:?}");
        let during = kept.lock().await.len() - before.len();
        assert!(during > 0, "nobody scanned meanwhile");
        enough.store(true, Ordering::SeqCst);
        for person in people {
            person.await.unwrap();
        }
        let said: Value = serde_json::from_slice(&made.stdout).unwrap();
        assert_eq!(said["files"], 1);
        assert_eq!(said["with_key"], false);

        // Elsewhere: without the key nothing is written, with it everything is there.
        let place = Place::empty(&app, "elsewhere").await;
        refused(&place.restore(&archive, None), "--key");
        let other = TestApp::sqlite(&format!("other {}", Uuid::new_v4())).await;
        refused(&place.restore(&archive, Some(&other.folder.path().join("key"))), "not the key of this backup");
        assert!(!place.dir.exists());
        let done = place.restore(&archive, Some(&app.folder.path().join("key")));
        assert!(done.status.success(), "{} {}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        let db = Db::open(&place.url).await.unwrap();
        let there: Vec<Uuid> = rows(db.read(), "select scan_id from scan where outcome = 'recorded'").await
            .iter().map(|row| row.try_get_by_index::<Uuid>(0).unwrap()).collect();
        assert!(before.iter().all(|id| there.contains(id)), "what was acknowledged before the backup is in it");
        let file = &texts(db.read(), "select sha256 from stored_file").await[0];
        let bytes = std::fs::read(place.dir.join("files").join(&file[..2]).join(file)).unwrap();
        assert_eq!(bytes, CLEAR.as_bytes());
        db.close().await.unwrap();
        refused(&place.restore(&archive, None), "not empty");
    }

    async fn an_archive_that_was_touched_restores_nothing(app: TestApp) {
        app.device().ready().build().await;
        let archive = app.folder.path().join("backup.tar.gz");
        let mut backup = command(&app, "backup");
        backup.arg(&archive).arg("--with-key");
        assert!(run(backup).await.status.success());
        let mut again = command(&app, "backup");
        again.arg(&archive);
        refused(&run(again).await, "there already");

        let whole = std::fs::read(&archive).unwrap();
        let place = Place::empty(&app, "touched").await;
        let broken = app.folder.path().join("broken.tar.gz");
        for at in [whole.len() / 4, whole.len() / 2, whole.len() - 200] {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x40;
            std::fs::write(&broken, &bytes).unwrap();
            assert!(!place.restore(&broken, None).status.success(), "a byte at {at}");
            std::fs::write(&broken, &whole[..at]).unwrap();
            assert!(!place.restore(&broken, None).status.success(), "cut at {at}");
        }
        assert!(!place.dir.exists(), "nothing was written");
        // The key is inside: nothing else is needed.
        assert!(place.restore(&archive, None).status.success());
        assert_eq!(std::fs::read(place.dir.join("key")).unwrap(), std::fs::read(app.folder.path().join("key")).unwrap());
    }
}
