//! What a past year left over: surplus that nobody asked for is written off, what came back is wiped once more,
//! and a need that could not be met in its time is withdrawn.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::{CustodyKind, RequestStatus, Stage};
use entities::ids::RequestId;

use super::bench::{Done, Work};
use super::gifts::has_medium;
use super::homes::Need;
use crate::devices::Event;
use crate::devices::event::EndOfLifeReason;
use crate::error::Result;

/// How long something ready waits for somebody.
const ON_THE_SHELF: TimeDelta = TimeDelta::days(120);

/// How long a household waits.
const IN_THE_QUEUE: TimeDelta = TimeDelta::days(150);

/// Lets a past year's leftovers come to their end, as far as time has gone.
pub(super) fn settle(work: &mut Work<'_>, devices: &mut [Done], needs: &mut [Need]) -> Result<()> {
    for done in devices.iter_mut() {
        let device = &done.given.device;
        if device.custody != CustodyKind::Site || device.held_for.is_some() {
            continue;
        }
        match device.stage {
            Stage::Ready => {
                if let Some(at) = work.dice.later(done.at + ON_THE_SHELF, 24, 900) {
                    write_off(work, done, EndOfLifeReason::TooOld, at)?;
                }
            }
            Stage::Intake => wipe_again(work, done)?,
            Stage::Sanitising | Stage::Sanitised | Stage::Refurbishing | Stage::EndOfLife => {}
        }
    }
    let held: HashSet<RequestId> = devices
        .iter()
        .filter_map(|done| done.given.device.held_for)
        .collect();
    for need in needs {
        withdraw(work, need, &held);
    }
    Ok(())
}

fn write_off(
    work: &mut Work<'_>,
    done: &mut Done,
    reason: EndOfLifeReason,
    at: DateTime<Utc>,
) -> Result<()> {
    let by = work.stage.lead;
    done.at = work.end(&mut done.given, reason, &by, at)?;
    Ok(())
}

/// What came back, or was found again, goes over the bench and is not worth another round.
fn wipe_again(work: &mut Work<'_>, done: &mut Done) -> Result<()> {
    let bench = &work.stage.benches[0];
    let Some(came) = work.dice.later(done.at, 24, 300) else {
        return Ok(());
    };
    let moved = Event::Moved { site: bench.site };
    work.record(&mut done.given, &moved, &bench.by, came)?;
    done.at = came;
    if has_medium(done.given.device.kind) {
        let Some(looked) = work.dice.later(came, 16, 200) else {
            return Ok(());
        };
        if done.media.is_empty() {
            work.inventory(&mut done.given, &mut done.media, bench, looked)?;
        } else {
            let known = Event::MediaInventoried {
                media: Vec::new(),
                complete: true,
            };
            work.record(&mut done.given, &known, &bench.by, looked)?;
        }
        done.at = looked;
        let Some(wiped) = work.wipe(&mut done.given, &mut done.media, bench, looked)? else {
            return Ok(());
        };
        done.at = wiped;
    }
    match work.dice.later(done.at, 1, 120) {
        Some(over) => write_off(work, done, EndOfLifeReason::NotWorthIt, over),
        None => Ok(()),
    }
}

fn withdraw(work: &Work<'_>, need: &mut Need, held: &HashSet<RequestId>) {
    let Some(closed) = need
        .waits
        .and_then(|waits| work.dice.later(waits + IN_THE_QUEUE, 24, 900))
    else {
        return;
    };
    for request in &mut need.requests {
        if request.status == RequestStatus::Waiting && !held.contains(&request.id) {
            request.status = RequestStatus::Withdrawn;
            request.closed_at = Some(closed);
            request.version += 1;
        }
    }
}
