//! The whole story: a year of giving, wiping, repairing, handing over and recycling, up to now.

use chrono::{DateTime, Utc};

use super::bench::{Done, Work};
use super::book::Book;
use super::dice::Dice;
use super::gifts;
use super::logs::Logs;
use super::people::{Cast, Stage};
use super::territory::Territory;
use super::waste::{self, Dock};
use crate::app::App;
use crate::error::Result;

/// Days over which things were given.
const DAYS: i64 = 380;

/// Tells the story of some thousands of devices.
pub(super) async fn tell(
    app: &App,
    territory: &Territory,
    cast: &Cast,
    count: usize,
    now: DateTime<Utc>,
) -> Result<Book> {
    let dice = Dice::new(now);
    let stage = Stage::new(territory, cast)?;
    let mut book = Book::default();
    let mut logs = Logs::default();
    let given = gifts::give(&mut book, &dice, &app.keys, &stage, (count, DAYS), now)?;
    let mut work = Work {
        book: &mut book,
        dice: &dice,
        stage: &stage,
        logs: &mut logs,
    };
    let mut devices: Vec<Done> = Vec::with_capacity(given.len());
    for one in given {
        devices.push(work.go(one)?);
    }
    let dock = Dock {
        fills: cast.by("magasin")?,
        hands_out: cast.by("recyclage")?,
    };
    waste::clear(&mut book, &dice, &dock, &mut devices)?;
    for log in logs.keep(app).await? {
        for row in &mut book.evidence {
            if row.sha256 == log.week {
                row.sha256.clone_from(&log.file.sha256);
            }
        }
        book.files.push(log.file);
    }
    for done in devices {
        book.devices.push(done.given.device);
        book.media.extend(done.media);
    }
    Ok(book)
}
