//! What every handler and job is given: the database, time, chance, keys, files and settings.

use std::sync::Arc;

use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Db;
use crate::desk::metrics::DeviceCounts;
use crate::devices::terms;
use crate::error::{Error, Result};
use crate::files::Files;
use crate::health::Worker;
use crate::limits::Limits;
use crate::notifications::delivery;
use crate::requests::policy::Policy;
use crate::seal::KeyRing;
use crate::web::requests::Observed;

/// The running instance. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Inner>);

/// Parts of an instance.
#[derive(Debug)]
pub struct Inner {
    /// Settings.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
    /// Keys.
    pub keys: KeyRing,
    /// Evidence and other files.
    pub files: Files,
    /// How often something may be tried.
    pub limits: Limits,
    /// Rules of the territory.
    pub policy: Policy,
    /// How requests ended.
    pub requests: Observed,
    /// How many devices there are, for a while.
    pub device_counts: DeviceCounts,
    /// Whether the background work goes on.
    pub worker: Worker,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Opens an instance: folders, key file, database, migrations.
    ///
    /// # Errors
    /// When the sender of mails, the policy, the folder, the key file or the database can't be used.
    pub async fn open(config: Config, clock: Clock, chance: Chance) -> Result<Self> {
        delivery::sender(&config.mail.from)?;
        let policy = Policy::load(&config.rules.policy)?;
        let dir = &config.data.dir;
        std::fs::create_dir_all(dir)
            .map_err(|e| Error::setup(format!("{}: {e}", dir.display())))?;
        let keys = KeyRing::open(&dir.join("key"), Chance::system())?;
        let files = Files::open(dir.join("files"))?;
        let db = Db::open(&config.database_url()).await?;
        db.migrate().await?;
        terms::fill(&db).await?;
        Ok(Self::of(Inner {
            config,
            db,
            clock,
            chance,
            keys,
            files,
            limits: Limits::default(),
            policy,
            requests: Observed::default(),
            device_counts: DeviceCounts::default(),
            worker: Worker::default(),
        }))
    }

    /// The same instance behind another door to its database: somebody looks on, for tests and measures.
    #[must_use]
    pub fn with_db(&self, db: Db) -> Self {
        Self::of(Inner {
            config: self.config.clone(),
            db,
            clock: self.clock.clone(),
            chance: self.chance.clone(),
            keys: self.keys.clone(),
            files: self.files.clone(),
            limits: Limits::default(),
            policy: self.policy.clone(),
            requests: Observed::default(),
            device_counts: DeviceCounts::default(),
            worker: Worker::default(),
        })
    }

    /// An instance of given parts: for tests.
    pub fn of(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }
}
