//! What is measured: for each operation, how a client asks for it, and the statements it issues.

use serde_json::json;

use crate::app::App;
use crate::appointments::actions::{self as appointments, Who};
use crate::bench::booking::Booking;
use crate::bench::client::Ask;
use crate::bench::person::Person;
use crate::bench::raw::Script;
use crate::bench::reading::Reading;
use crate::bench::rehearsal::Stage;
use crate::bench::scanning::Scanning;
use crate::error::{Error, Result};
use crate::{allocation, station};

/// One thing that people do.
#[derive(Debug)]
pub(super) enum Operation {
    /// The same questions again and again.
    Read(Reading),
    /// A label is scanned and something is recorded.
    Scan(Scanning),
    /// A visit is booked.
    Book(Booking),
    /// Queue and stock are matched, to look only.
    Run(Person),
}

impl Operation {
    /// Its name in the report.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Read(reading) => reading.name,
            Self::Scan(_) => "scan",
            Self::Book(_) => "booking",
            Self::Run(_) => "allocation run",
        }
    }

    /// Whether its calls can be made again and again.
    pub(super) const fn repeats(&self) -> bool {
        matches!(self, Self::Read(_))
    }

    /// Learns the statements of what can be asked again and again.
    pub(super) async fn rehearse(&mut self, stage: &Stage) -> Result<()> {
        match self {
            Self::Read(reading) => reading.rehearse(stage).await,
            Self::Scan(_) | Self::Book(_) | Self::Run(_) => Ok(()),
        }
    }

    /// How many calls can be made before something must be cleared away.
    pub(super) fn most(&self) -> usize {
        match self {
            Self::Read(_) => usize::MAX,
            Self::Scan(scanning) => scanning.devices.len(),
            Self::Book(booking) => booking.ready.len(),
            Self::Run(_) => 16,
        }
    }

    /// Calls as a client makes them.
    pub(super) fn asks(&mut self, count: usize) -> Vec<Ask> {
        match self {
            Self::Read(reading) => reading.asks.clone(),
            Self::Scan(scanning) => scanning.next(count).map(|s| scanning.ask(&s)).collect(),
            Self::Book(booking) => booking
                .bodies(count)
                .iter()
                .map(|b| booking.ask(b))
                .collect(),
            Self::Run(who) => {
                let body = json!({"apply": false});
                let ask = who.post("/api/v1/allocations/runs", &body, "unserved");
                vec![ask; count]
            }
        }
    }

    /// The statements of as many calls.
    pub(super) async fn scripts(&mut self, stage: &Stage, count: usize) -> Result<Vec<Script>> {
        Ok(match self {
            Self::Read(reading) => reading.scripts.clone(),
            Self::Scan(scanning) => {
                let mut scripts = Vec::new();
                for step in scanning.next(count).collect::<Vec<_>>() {
                    let input = serde_json::from_value(step.body()).map_err(Error::internal)?;
                    let outcome =
                        station::actions::scan(&stage.app, &scanning.who.actor, &input).await;
                    scripts.push(stage.written(outcome)?);
                }
                scripts
            }
            Self::Book(booking) => {
                let mut scripts = Vec::new();
                for body in booking.bodies(count) {
                    let input = serde_json::from_value(body).map_err(Error::internal)?;
                    let who = Who::Account(&booking.who.actor);
                    let outcome = appointments::book(&stage.app, who, &input).await;
                    scripts.push(stage.written(outcome)?);
                }
                scripts
            }
            Self::Run(who) => {
                let mut scripts = Vec::new();
                for _ in 0..count {
                    let input =
                        serde_json::from_value(json!({"apply": false})).map_err(Error::internal)?;
                    let outcome = allocation::actions::run(&stage.app, &who.actor, input).await;
                    scripts.push(stage.written(outcome)?);
                }
                scripts
            }
        })
    }

    /// Makes room for the next block.
    pub(super) async fn clear(&mut self, app: &App) -> Result<()> {
        match self {
            Self::Read(_) | Self::Scan(_) | Self::Run(_) => Ok(()),
            Self::Book(booking) => booking.clear(app).await,
        }
    }
}
