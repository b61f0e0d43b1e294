//! What was measured: medians, ninety-ninth percentiles, ratios.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One kind of block of one cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    /// How long each call took.
    pub(super) calls: Vec<Duration>,
    /// Time of the blocks, from the first call to the last answer.
    pub(super) spent: Duration,
}

impl Sample {
    pub(super) fn add(&mut self, other: Self) {
        self.calls.extend(other.calls);
        self.spent += other.spent;
    }

    /// The figures of what was taken so far; none when nothing was.
    pub(super) fn figures(mut self) -> Option<Figures> {
        self.calls.sort_unstable();
        let at = |share: usize| {
            self.calls
                .get((self.calls.len() * share / 100).min(self.calls.len().saturating_sub(1)))
                .map(|d| d.as_secs_f64() * 1_000.0)
        };
        let calls = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        Some(Figures {
            per_second: f64::from(calls) / self.spent.as_secs_f64(),
            median_ms: at(50)?,
            p99_ms: at(99)?,
            calls,
        })
    }
}

/// Figures of one kind of block.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// Calls in a second, all clients together.
    pub(crate) per_second: f64,
    /// Median of a call, milliseconds.
    pub(crate) median_ms: f64,
    /// Ninety-ninth percentile of a call, milliseconds.
    pub(crate) p99_ms: f64,
    /// How many calls were measured.
    pub(crate) calls: u32,
}

/// An operation at a size with a number of clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Cell {
    /// What was done.
    pub(crate) operation: String,
    /// Devices of the instance.
    pub(crate) devices: u64,
    /// Clients at once.
    pub(crate) clients: usize,
    /// Statements of the action.
    pub(crate) statements: usize,
    /// Over HTTP.
    pub(crate) http: Figures,
    /// The same statements alone.
    pub(crate) raw: Figures,
    /// Calls a second over HTTP, of those of raw.
    pub(crate) ratio: f64,
}

/// What was measured at one size.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Size {
    /// Devices of the instance.
    pub(crate) devices: u64,
    /// `sqlite` or `postgres`.
    pub(crate) database: String,
    /// Largest resident size while it answered clients, before anything was rehearsed, MiB (`VmHWM`).
    pub(crate) resident_mib: f64,
    /// Every operation with every number of clients.
    pub(crate) cells: Vec<Cell>,
    /// Operations that this instance has nothing for, and why.
    pub(crate) left_out: Vec<String>,
}

/// How the median of an operation grew from the smallest size to the largest, one client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Growth {
    /// What was done.
    pub(crate) operation: String,
    /// Median at the largest size, of that at the smallest.
    pub(crate) times: f64,
}

/// Everything that was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    /// Each size, the smallest first.
    pub(crate) sizes: Vec<Size>,
    /// Growth from the first size to the last.
    pub(crate) growth: Vec<Growth>,
}

impl Report {
    /// The report of these sizes.
    pub(super) fn of(mut sizes: Vec<Size>) -> Self {
        sizes.sort_by_key(|size| size.devices);
        let growth = match sizes.as_slice() {
            [small, .., large] => grown(small, large),
            _ => Vec::new(),
        };
        Self { sizes, growth }
    }
}

fn grown(small: &Size, large: &Size) -> Vec<Growth> {
    let alone = |size: &Size, operation: &str| {
        let mut cells = size.cells.iter();
        let cell = cells.find(|c| c.operation == operation && c.clients == 1);
        cell.map(|c| c.http.median_ms)
    };
    let mut growth = Vec::new();
    for cell in small.cells.iter().filter(|c| c.clients == 1) {
        if let Some(after) = alone(large, &cell.operation) {
            growth.push(Growth {
                operation: cell.operation.clone(),
                times: after / cell.http.median_ms,
            });
        }
    }
    growth
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for size in &self.sizes {
            writeln!(
                f,
                "{} devices, {}: {:.0} MiB resident at most",
                size.devices, size.database, size.resident_mib
            )?;
            writeln!(
                f,
                "{:<22}{:>8}{:>6}{:>11}{:>10}{:>10}{:>11}{:>10}{:>10}{:>7}",
                "operation",
                "clients",
                "SQL",
                "http/s",
                "p50 ms",
                "p99 ms",
                "raw/s",
                "p50 ms",
                "p99 ms",
                "ratio"
            )?;
            for c in &size.cells {
                writeln!(
                    f,
                    "{:<22}{:>8}{:>6}{:>11.0}{:>10.2}{:>10.2}{:>11.0}{:>10.2}{:>10.2}{:>7.2}",
                    c.operation,
                    c.clients,
                    c.statements,
                    c.http.per_second,
                    c.http.median_ms,
                    c.http.p99_ms,
                    c.raw.per_second,
                    c.raw.median_ms,
                    c.raw.p99_ms,
                    c.ratio
                )?;
            }
            for why in &size.left_out {
                writeln!(f, "left out: {why}")?;
            }
            writeln!(f)?;
        }
        if let ([small, .., large], false) = (self.sizes.as_slice(), self.growth.is_empty()) {
            writeln!(
                f,
                "median of one client at {} devices, of that at {}:",
                large.devices, small.devices
            )?;
            for grown in &self.growth {
                writeln!(f, "{:<22}{:>8.2}", grown.operation, grown.times)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_of_the_sorted_calls() {
        let mut sample = Sample::default();
        sample.add(Sample {
            calls: (1..=200).rev().map(Duration::from_millis).collect(),
            spent: Duration::from_secs(2),
        });
        let figures = sample.figures().unwrap();
        assert_eq!(figures.calls, 200);
        assert!((figures.per_second - 100.0).abs() < 1e-9);
        assert!((figures.median_ms - 101.0).abs() < 1e-9);
        assert!((figures.p99_ms - 199.0).abs() < 1e-9);
        assert!(Sample::default().figures().is_none());
    }
}
