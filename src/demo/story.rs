//! The whole story: a year of giving, wiping, repairing, handing over and recycling, up to now.

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::{CustodyKind, Stage as HowFar};
use entities::policy_text;

use super::bench::{Done, Work};
use super::book::Book;
use super::dice::Dice;
use super::gifts;
use super::giving::{Giving, Welcome};
use super::homes::{self, Desk};
use super::logs::Logs;
use super::people::{Cast, Stage};
use super::territory::Territory;
use super::waste::{self, Dock};
use crate::app::App;
use crate::error::Result;
use crate::requests::policy;

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
    let this_morning = now - TimeDelta::hours(4);
    let lost = |d: &&mut Done| {
        let device = &d.given.device;
        device.stage == HowFar::Intake && device.custody == CustodyKind::Site && d.at < this_morning
    };
    if let Some(done) = devices.iter_mut().rev().find(lost) {
        work.lose_this_morning(done, this_morning)?;
    }
    book.policies.push(policy_text::Model {
        version: app.policy.version.clone(),
        body: policy::HERAULT.to_owned(),
        loaded_at: now - TimeDelta::days(DAYS),
    });
    let desk = Desk {
        montpellier: cast.by("prescription")?,
        beziers: cast.by("prescription.beziers")?,
        decides: cast.by("prefecture")?,
    };
    let asked = u32::try_from(count * 9 / 25).unwrap_or(u32::MAX);
    let mut needs = homes::ask(app, &mut book, &dice, &desk, (asked, DAYS - 30), now)?;
    let welcome = Welcome {
        holds: cast.by("coordination")?,
        hands_over: cast.by("mediation")?,
    };
    Giving::new(app, &mut book, &dice, territory, welcome, &devices, now)?
        .serve(&mut needs, &mut devices)?;
    for need in needs {
        book.requests.extend(need.requests);
    }
    let dock = Dock {
        fills: cast.by("magasin")?,
        hands_out: cast.by("recyclage")?,
    };
    waste::clear(&mut book, &dice, &dock, &mut devices)?;
    book.keep_logs(logs, app).await?;
    for done in devices {
        book.devices.push(done.given.device);
        book.media.extend(done.media);
    }
    Ok(book)
}
