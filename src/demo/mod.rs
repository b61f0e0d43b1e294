//! The demo: a believable département in one folder, ready to use without any configuration.
//!
//! Everything in it is invented but the names of places and public bodies. What it tells is the same at
//! each new folder (a fixed series of chance); passwords, tokens and codes are drawn from the system.
//! Its accounts carry `demo` and never sign in under `rebond serve`. Rows and journal lines are made by
//! the same pure code as the real ones, so that `rebond verify` judges them like any others.

mod accounts;
mod ageing;
mod announcement;
mod basin;
mod bench;
mod book;
mod catalogue;
mod dice;
mod gifts;
mod giving;
mod holders;
mod homes;
mod logs;
mod parts;
mod people;
mod rows;
mod seeding;
mod shape;
mod story;
mod territory;
mod today;
mod waste;

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entities::{account, policy_text};
use indicatif::{ProgressBar, ProgressStyle};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::app::App;
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::{Config, Transport};
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::requests::policy;
use basin::Basin;
use book::{Book, Carried};
use parts::Everywhere;
use shape::Shape;
use story::Chapter;
use territory::Territory;
use tokio::task::JoinHandle;

pub(crate) use announcement::Announcement;
pub(crate) use book::Figures;
pub(crate) use seeding::refuse_half_full;
pub(crate) use shape::A_YEAR;

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
    refuse_half_full(&app).await?;
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
        build(app, Shape::of(DEVICES, A_YEAR), &ProgressBar::hidden())
            .await?
            .0
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

/// Tells and writes the story chapter by chapter: while one is written, the next is told, and what is written is
/// forgotten. A story of one chapter is written in one piece.
async fn build(
    app: &App,
    shape: Shape,
    bar: &ProgressBar,
) -> Result<(Vec<announcement::Entry>, Figures)> {
    let now = app.clock.now();
    let secrets = accounts::secrets(app).await?;
    let since = shape.since(now);
    let mut tx = app.db.write().await?;
    let mark = seeding::begin(&tx, shape.devices, now).await?;
    let territory = territory::build(&tx, since).await?;
    let told = accounts::build(app, &tx, &territory, secrets, (since, now)).await?;
    let policy = policy_text::Model {
        version: app.policy.version.clone(),
        body: policy::HERAULT.to_owned(),
        loaded_at: since,
    };
    rows::insert::<policy_text::Entity, _, policy_text::ActiveModel>(&tx, vec![policy]).await?;
    let basins = basins(&tx, &territory, &told, shape.parts, since).await?;
    let chapters = shape.chapters(&basins, now);
    let many = chapters.len() > 1;
    let mut chapters = chapters.into_iter();
    let mut figures = Figures::default();
    let mut carried = Carried::default();
    let mut next = chapters
        .next()
        .map(|first| tell(app, first, Carried::default(), now));
    while let Some(telling) = next {
        let mut book = telling.await.map_err(Error::internal)??;
        carried = std::mem::take(&mut book.carried);
        next = chapters
            .next()
            .map(|chapter| tell(app, chapter, std::mem::take(&mut carried), now));
        let chapter = book.figures();
        book.keep_logs(app).await?;
        book.write(&tx).await?;
        if many {
            tx.commit().await?;
            tx = app.db.write().await?;
        }
        figures = figures.and(chapter);
        bar.inc(u64::try_from(chapter.devices).unwrap_or(0));
    }
    carried.write(&tx).await?;
    seeding::end(&tx, mark, app.clock.now()).await?;
    tx.commit().await?;
    Ok((told.entries, figures))
}

/// A chapter being told beside what is being written.
fn tell(
    app: &App,
    chapter: Chapter,
    carried: Carried,
    now: DateTime<Utc>,
) -> JoinHandle<Result<Book>> {
    let app = app.clone();
    tokio::task::spawn_blocking(move || story::tell(&app, &chapter, carried, now))
}

/// The part that the demo shows, and as many others as there are to be.
async fn basins(
    tx: &Tx,
    territory: &Territory,
    told: &accounts::Told,
    parts: usize,
    since: DateTime<Utc>,
) -> Result<Vec<Arc<Basin>>> {
    let first = Basin::of_the_demo(territory, &told.cast)?;
    let everywhere = Everywhere {
        coordinator: first.welcome.holds,
        decides: first.decides,
    };
    let mut basins = vec![Arc::new(first)];
    for n in 0..parts.saturating_sub(1) {
        let part = parts::build(tx, n, everywhere, &told.unknown, since).await?;
        basins.push(Arc::new(part));
    }
    Ok(basins)
}

/// Fills an empty instance with the same story at another size, and says what it told.
///
/// # Errors
/// When it already has accounts.
pub(crate) async fn seed(app: &App, devices: usize, a_year: usize) -> Result<Figures> {
    if account::Entity::find().count(app.db.read()).await? > 0 {
        return Err(Error::setup(
            "this instance has accounts: seed an empty one, with another --dir",
        ));
    }
    // Drawn on a terminal only.
    let bar = ProgressBar::new(u64::try_from(devices).unwrap_or(u64::MAX));
    bar.set_style(
        ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} équipements, {eta}")
            .map_err(Error::internal)?,
    );
    bar.tick();
    let (_, figures) = build(app, Shape::of(devices, a_year), &bar).await?;
    bar.finish_and_clear();
    Ok(figures)
}
