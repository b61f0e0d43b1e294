//! An instance to try, and the people who work with it.

pub(crate) mod answer;
pub(crate) mod client;
pub(crate) mod contract;
pub(crate) mod databases;
mod devices;
pub(crate) mod linearizable;
pub(crate) mod page;
mod recording;
pub(crate) mod service;
pub(crate) mod tables;
pub(crate) mod welcome;
pub(crate) mod world;

use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use entities::account_role;
use rebond::app::App;
use rebond::chance::Chance;
use rebond::clock::Clock;
use rebond::config::Config;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use self::databases::Lent;

pub(crate) use answer::Answer;
pub(crate) use client::Client;
pub(crate) use world::World;

/// Makes a story run on both databases, as `name::sqlite` and `name::postgres`.
///
/// ```ignore
/// both_databases! {
///     /// One label is given once.
///     async fn a_label_is_given_once(app: TestApp) {
///         let agent = app.person(Role::CollectionAgent).await;
///         agent.post("/api/v1/donations", json!({})).await.refused(422, "invalid");
///     }
/// }
/// ```
macro_rules! both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)+) => {$(
        $(#[$meta])*
        async fn $name($app: $crate::support::TestApp) $body

        mod $name {
            use $crate::support::TestApp;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(TestApp::sqlite(module_path!()).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(app) = TestApp::postgres(module_path!()).await {
                    super::$name(app).await;
                }
            }
        }
    )+};
}

/// An instance of its own: own database, own folder, a clock that only moves when told to.
pub(crate) struct TestApp {
    /// The instance, as the service has it.
    pub(crate) app: App,
    /// Organisations, sites and venues that stand before the story begins.
    pub(crate) world: World,
    /// Where mails and files are.
    pub(crate) folder: TempDir,
    /// Who did what happened before the story.
    bench: OnceCell<account_role::Model>,
    /// Last, so that it is let go after the instance.
    _database: Option<Lent>,
}

impl std::ops::Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

/// When every story begins: a Tuesday, 10 o'clock in Paris.
pub(crate) fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 24, 9, 0, 0).unwrap()
}

impl TestApp {
    /// On a SQLite file of its own.
    pub(crate) async fn sqlite(name: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let url = databases::sqlite(folder.path()).await;
        Self::open(name, folder, url, None).await
    }

    /// On a PostgreSQL database of its own; none when there is no cluster, which CI does not accept.
    pub(crate) async fn postgres(name: &str) -> Option<Self> {
        let (url, lent) = databases::postgres(name).await?;
        Some(Self::open(name, TempDir::new().unwrap(), url, Some(lent)).await)
    }

    async fn open(name: &str, folder: TempDir, url: String, lent: Option<Lent>) -> Self {
        // Another series for each story, the same at each run of it.
        let mut seed = DefaultHasher::new();
        name.hash(&mut seed);
        let chance = Chance::fixed(seed.finish());
        let mut config = Config::load(None).unwrap();
        config.data.dir = folder.path().to_owned();
        config.database.url = url;
        config.security.argon2_memory_kib = 8;
        config.security.argon2_passes = 1;
        // One password signs in; the stories of the second factor ask for it.
        config.security.second_factor_for.clear();
        let app = App::open(config, Clock::manual(start()), chance)
            .await
            .unwrap();
        let world = World::build(&app).await;
        Self {
            app,
            world,
            folder,
            bench: OnceCell::new(),
            _database: lent,
        }
    }

    /// The same instance with other settings, as after a restart.
    pub(crate) async fn with_settings(self, set: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.app.config.clone();
        set(&mut config);
        let old = &self.app;
        let app = App::open(config, old.clock.clone(), old.chance.clone())
            .await
            .unwrap();
        Self { app, ..self }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: TimeDelta) {
        self.app.clock.advance(time);
    }

    /// Does the background work that is due.
    pub(crate) async fn run_jobs(&self) {
        rebond::jobs::run_due(&self.app).await.unwrap();
    }
}
