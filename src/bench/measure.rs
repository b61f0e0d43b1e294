//! Blocks over HTTP and blocks of raw statements, in turn.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use entities::device;
use sea_orm::{EntityTrait, PaginatorTrait};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::bench::client::{Ask, Client};
use crate::bench::figures::{Cell, Sample, Size};
use crate::bench::operations::Operation;
use crate::bench::raw::Script;
use crate::bench::rehearsal::Stage;
use crate::bench::subjects;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::routes;
use crate::serve::connections::{self, Bounds};

/// How long a block of questions lasts; a block of writes ends with its subjects.
const BLOCK: Duration = Duration::from_millis(250);
/// Blocks of each kind, at most: operations with few subjects would go on for ever.
const ROUNDS: usize = 60;

/// Measures everything on one instance.
pub(super) async fn all(
    app: &App,
    listener: TcpListener,
    clients: &[usize],
    seconds: Duration,
    only: Option<&str>,
) -> Result<Size> {
    let address = listener.local_addr()?;
    let router = routes::router(app);
    let end = CancellationToken::new();
    // A client of ours idles while the others' statements are played.
    let bounds = Bounds {
        head: Duration::from_hours(1),
        ..Bounds::default()
    };
    let server = tokio::spawn(connections::answer(listener, router, bounds, end.clone()));
    let devices = device::Entity::find().count(app.db.read()).await?;
    let mut cast = subjects::cast(app).await?;
    let wanted = |name: &str| only.is_none_or(|only| name.contains(only));

    // Before anything is rehearsed: what the server alone needs while it answers.
    forget_peak()?;
    for operation in &mut cast.operations {
        if wanted(operation.name()) {
            over_http(address, operation, 8, seconds.min(Duration::from_secs(2))).await?;
            operation.clear(app).await?;
        }
    }
    let resident_mib = peak_mib()?;

    let stage = Stage::of(app);
    let mut cells = Vec::new();
    for operation in &mut cast.operations {
        if !wanted(operation.name()) {
            continue;
        }
        operation.rehearse(&stage).await?;
        for count in clients {
            let cell = cell(app, address, &stage, operation, *count, seconds).await?;
            eprint(&cell);
            cells.push(Cell { devices, ..cell });
        }
    }
    end.cancel();
    server.await.map_err(Error::internal)?;
    Ok(Size {
        devices,
        database: if app.db.is_postgres() {
            "postgres"
        } else {
            "sqlite"
        }
        .to_owned(),
        resident_mib,
        cells,
        left_out: cast.left_out,
    })
}

#[expect(clippy::print_stderr, reason = "a long command says how far it is")]
fn eprint(cell: &Cell) {
    eprintln!(
        "{} with {} clients: {:.2} of raw",
        cell.operation, cell.clients, cell.ratio
    );
}

/// One operation with a number of clients: blocks of both kinds in turn, until each had its time.
async fn cell(
    app: &App,
    address: SocketAddr,
    stage: &Stage,
    operation: &mut Operation,
    clients: usize,
    seconds: Duration,
) -> Result<Cell> {
    let (mut http, mut raw) = (Sample::default(), Sample::default());
    let mut statements = 0;
    let mut connections = connect(address, clients).await?;
    for round in 0..=ROUNDS {
        let asks = operation.asks(operation.most());
        let (sample, back) = block(operation, connections, asks).await?;
        connections = back;
        operation.clear(app).await?;
        let scripts = operation.scripts(stage, operation.most()).await?;
        statements = scripts.first().map_or(0, |s| s.statements.len());
        let players = (0..clients).map(|_| app.db.clone()).collect();
        let (played, _) = block(operation, players, scripts).await?;
        operation.clear(app).await?;
        // The first round warms up.
        if round > 0 {
            http.add(sample);
            raw.add(played);
        }
        if http.spent >= seconds && raw.spent >= seconds {
            break;
        }
    }
    let none = || Error::broken("nothing was measured");
    let http = http.figures().ok_or_else(none)?;
    let raw = raw.figures().ok_or_else(none)?;
    Ok(Cell {
        operation: operation.name().to_owned(),
        devices: 0,
        clients,
        statements,
        ratio: http.per_second / raw.per_second,
        http,
        raw,
    })
}

/// Blocks over HTTP alone.
async fn over_http(
    address: SocketAddr,
    operation: &mut Operation,
    clients: usize,
    seconds: Duration,
) -> Result<()> {
    let mut connections = connect(address, clients).await?;
    let began = Instant::now();
    while began.elapsed() < seconds && operation.most() > 0 {
        let asks = operation.asks(operation.most());
        (_, connections) = block(operation, connections, asks).await?;
        if !operation.repeats() {
            break;
        }
    }
    Ok(())
}

async fn connect(address: SocketAddr, clients: usize) -> Result<Vec<Client>> {
    let mut connections = Vec::new();
    for _ in 0..clients {
        connections.push(Client::connect(address).await?);
    }
    Ok(connections)
}

/// Who carries out one piece of work.
trait Worker: Send + 'static {
    type Work: Clone + Send + Sync + 'static;

    fn carry_out(&mut self, work: &Self::Work) -> impl Future<Output = Result<()>> + Send;
}

impl Worker for Client {
    type Work = Ask;

    async fn carry_out(&mut self, work: &Ask) -> Result<()> {
        self.ask(work).await
    }
}

impl Worker for Db {
    type Work = Script;

    async fn carry_out(&mut self, work: &Script) -> Result<()> {
        work.clone().play(self).await
    }
}

/// All workers begin at once, each with its share of the work: once, or again and again until the block ends.
async fn block<W: Worker>(
    operation: &Operation,
    workers: Vec<W>,
    work: Vec<W::Work>,
) -> Result<(Sample, Vec<W>)> {
    let repeats = operation.repeats();
    let shares = shared(&work, workers.len(), repeats);
    let start = Arc::new(Barrier::new(workers.len() + 1));
    let mut running = Vec::new();
    for (mut worker, share) in workers.into_iter().zip(shares) {
        let start = Arc::clone(&start);
        running.push(tokio::spawn(async move {
            start.wait().await;
            let began = Instant::now();
            let mut calls = Vec::new();
            'block: loop {
                for piece in &share {
                    let asked = Instant::now();
                    worker.carry_out(piece).await?;
                    calls.push(asked.elapsed());
                    if repeats && began.elapsed() >= BLOCK {
                        break 'block;
                    }
                }
                if !repeats || share.is_empty() {
                    break;
                }
            }
            Ok::<_, Error>((calls, worker))
        }));
    }
    start.wait().await;
    let began = Instant::now();
    let mut sample = Sample::default();
    let mut back = Vec::new();
    for run in running {
        let (calls, worker) = run.await.map_err(Error::internal)??;
        sample.calls.extend(calls);
        back.push(worker);
    }
    sample.spent = began.elapsed();
    Ok((sample, back))
}

/// Each worker's share. What can be asked again and again is everybody's, from another place on; the rest is dealt.
fn shared<T: Clone>(work: &[T], workers: usize, repeats: bool) -> Vec<Vec<T>> {
    let many = workers.max(1);
    (0..workers)
        .map(|nth| {
            if repeats {
                let mut all = work.to_vec();
                all.rotate_left(nth * work.len() / many);
                all
            } else {
                work.iter().skip(nth).step_by(many).cloned().collect()
            }
        })
        .collect()
}

/// Forgets the largest resident size so far (Linux).
fn forget_peak() -> Result<()> {
    Ok(std::fs::write("/proc/self/clear_refs", "5")?)
}

/// The largest resident size since, in MiB (`VmHWM`).
fn peak_mib() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u32>().ok());
    kib.map(|kib| f64::from(kib) / 1024.0)
        .ok_or_else(|| Error::broken("no VmHWM in /proc/self/status"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_that_is_dealt_is_somebodys_once_and_what_repeats_is_everybodys() {
        let mut dealt: Vec<_> = shared(&(0..10).collect::<Vec<_>>(), 3, false).concat();
        dealt.sort_unstable();
        assert_eq!(dealt, (0..10).collect::<Vec<_>>());
        for share in shared(&(0..10).collect::<Vec<_>>(), 3, true) {
            assert_eq!(share.len(), 10);
        }
    }
}
