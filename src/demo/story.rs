//! One chapter: a year of giving, wiping, repairing, handing over and recycling in one part of the département.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::{CustodyKind, Stage as HowFar};

use super::basin::Basin;
use super::bench::{Done, Work};
use super::book::{Book, Carried};
use super::dice::Dice;
use super::giving::Giving;
use super::{ageing, gifts, homes, waste};
use crate::app::App;
use crate::error::Result;

/// What a chapter tells of.
#[derive(Clone, Debug)]
pub(super) struct Chapter {
    /// Number of the chapter, which throws its dice.
    pub(super) n: u32,
    pub(super) basin: Arc<Basin>,
    pub(super) devices: usize,
    /// When things were given.
    pub(super) given: (DateTime<Utc>, DateTime<Utc>),
    /// When households asked.
    pub(super) asked: (DateTime<Utc>, DateTime<Utc>),
    /// Whether a later chapter tells of the same part: nothing of this one is left lying about.
    pub(super) past: bool,
    /// Whether something is lost this very morning.
    pub(super) loses: bool,
}

/// Tells a chapter, up to now.
pub(super) fn tell(
    app: &App,
    chapter: &Chapter,
    carried: Carried,
    now: DateTime<Utc>,
) -> Result<Book> {
    let dice = Dice::new(now, chapter.n);
    let basin = &*chapter.basin;
    let stage = &basin.stage;
    let mut book = Book::after(carried);
    let (count, days) = (chapter.devices, chapter.given);
    let given = gifts::give(&mut book, &dice, &app.keys, stage, count, days, now)?;
    let mut work = Work {
        book: &mut book,
        dice: &dice,
        stage,
    };
    let mut devices: Vec<Done> = Vec::with_capacity(given.len());
    for one in given {
        devices.push(work.go(one)?);
    }
    if chapter.loses {
        lose_one(&mut work, &mut devices, now)?;
    }
    let asked = u32::try_from(count * 9 / 25).unwrap_or(u32::MAX);
    let mut needs = homes::ask(app, &mut book, &dice, basin, asked, chapter.asked)?;
    Giving::new(app, &mut book, &dice, basin, &devices, now).serve(&mut needs, &mut devices)?;
    if chapter.past {
        let mut work = Work {
            book: &mut book,
            dice: &dice,
            stage,
        };
        ageing::settle(&mut work, &mut devices, &mut needs)?;
    }
    for need in needs {
        book.requests.extend(need.requests);
    }
    waste::clear(&mut book, &dice, &basin.dock, &mut devices, chapter.past)?;
    for done in devices {
        book.devices.push(done.given.device);
        book.media.extend(done.media);
    }
    Ok(book)
}

/// Something that lies about with its data is not found this morning.
fn lose_one(work: &mut Work<'_>, devices: &mut [Done], now: DateTime<Utc>) -> Result<()> {
    let this_morning = now - TimeDelta::hours(4);
    let lost = |done: &&mut Done| {
        let device = &done.given.device;
        device.stage == HowFar::Intake
            && device.custody == CustodyKind::Site
            && done.at < this_morning
    };
    match devices.iter_mut().rev().find(lost) {
        Some(done) => work.lose_this_morning(done, this_morning),
        None => Ok(()),
    }
}
