//! The demo: a believable département in one folder, ready to use without any configuration.
//!
//! Everything in it is invented but the names of places and public bodies. What it tells is the same at
//! each new folder (a fixed series of chance); passwords, tokens and codes are drawn from the system.
//! Its accounts carry `demo` and never sign in under `rebond serve`. Rows and journal lines are made by
//! the same pure code as the real ones, so that `rebond verify` judges them like any others.

mod accounts;
mod announcement;
mod bench;
mod book;
mod catalogue;
mod dice;
mod gifts;
mod giving;
mod holders;
mod homes;
mod logs;
mod people;
mod story;
mod territory;
mod today;
mod waste;

use std::path::PathBuf;

use entities::account;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::app::App;
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::{Config, Transport};
use crate::error::{Error, Result};

pub(crate) use announcement::Announcement;

/// Devices of the story.
const DEVICES: usize = 2_400;

/// Opens the demo's folder: settings need nobody, mail stays in the folder.
///
/// # Errors
/// When the folder holds an instance that is no demo, or can't be used.
pub(crate) async fn open(dir: PathBuf, listen: String) -> Result<App> {
    let mut config = Config::load(None)?;
    config.data.dir = dir;
    config.database.url = String::new();
    config.mail.transport = Transport::Folder;
    // Whoever looks around enters by one password.
    config.security.second_factor_for.clear();
    config.server.base_url = format!("http://{listen}");
    config.server.listen = listen;
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let accounts = account::Entity::find().count(app.db.read()).await?;
    let demo = account::Entity::find()
        .filter(account::Column::Demo.eq(true))
        .count(app.db.read())
        .await?;
    if accounts > 0 && demo == 0 {
        return Err(Error::setup(
            "this folder holds a real instance: give the demo another one with --dir",
        ));
    }
    Ok(app)
}

/// Builds the département where there is none, and says how to enter it.
///
/// # Errors
/// When the database or the folder can't be written.
pub(crate) async fn prepare(app: &App) -> Result<Announcement> {
    let known = account::Entity::find().count(app.db.read()).await? > 0;
    let accounts = if known {
        accounts::again(app).await?
    } else {
        build(app, DEVICES).await?
    };
    // A demo whose places were renamed still starts, without somebody who comes today.
    let household = match today::book(app).await {
        Ok(booking) => Some(booking),
        Err(error) => {
            tracing::warn!(%error, "nobody comes to the demo today");
            None
        }
    };
    let announcement = Announcement::new(app, accounts, household);
    announcement.write(&app.config.data.dir)?;
    Ok(announcement)
}

async fn build(app: &App, devices: usize) -> Result<Vec<announcement::Entry>> {
    let now = app.clock.now();
    let secrets = accounts::secrets(app).await?;
    let tx = app.db.write().await?;
    let territory = territory::build(&tx, now).await?;
    let (entries, cast) = accounts::build(app, &tx, &territory, secrets, now).await?;
    story::tell(app, &territory, &cast, devices, now)
        .await?
        .write(&tx)
        .await?;
    tx.commit().await?;
    Ok(entries)
}

/// Fills an empty instance with the same story at another size.
///
/// # Errors
/// When it already has accounts.
pub(crate) async fn seed(app: &App, devices: usize) -> Result<()> {
    if account::Entity::find().count(app.db.read()).await? > 0 {
        return Err(Error::setup(
            "this instance has accounts: seed an empty one, with another --dir",
        ));
    }
    build(app, devices).await.map(|_| ())
}
