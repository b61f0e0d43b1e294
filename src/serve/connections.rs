//! Connections: how many there are at once, how long one may take, and which one gives way.
//!
//! A client that opens a connection and says nothing, or says it very slowly, costs a place. Places are counted; a
//! head must be whole within its time, which also ends connections that idle; and when all places are taken the one
//! that has been without a request for longest gives its own to whoever comes next. So idling at a thousand
//! connections keeps nobody out. How long a body may take is said where bodies are read (`web::extract`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// Bytes of a head that is not whole, after which no more is read; the last read may bring as much again.
const HEAD_BYTES: usize = 32 << 10;
/// Most headers of a request.
const HEADERS: usize = 64;
/// How long an answer under way may take once its connection is told to end.
const GRACE: Duration = Duration::from_secs(30);
/// The same for one that gives way and has no request under way.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long a newcomer waits for a place before another one is freed.
const FREEING: Duration = Duration::from_millis(5);
/// Pause after the system refused a connection, for want of file descriptors.
const REFUSED_PAUSE: Duration = Duration::from_millis(200);

/// What a listener allows.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at once.
    pub connections: usize,
    /// Time for the whole head of a request, from the end of the answer before.
    pub head: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 800,
            head: Duration::from_secs(20),
        }
    }
}

/// Answers what comes until told to end, then lets answers under way finish.
pub async fn answer(listener: TcpListener, router: Router, bounds: Bounds, end: CancellationToken) {
    let seats = Arc::new(Seats::default());
    let room = Arc::new(Semaphore::new(bounds.connections));
    let tasks = TaskTracker::new();
    loop {
        let (stream, permit) = tokio::select! {
            () = end.cancelled() => break,
            next = next(&listener, &room, &seats) => match next {
                Ok(next) => next,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(REFUSED_PAUSE).await;
                    continue;
                }
            },
        };
        let seat = seats.take(end.child_token());
        tasks.spawn(hold(
            stream,
            router.clone(),
            bounds,
            seat,
            permit,
            end.clone(),
        ));
    }
    drop(listener);
    tasks.close();
    tasks.wait().await;
}

/// The next connection and its place.
async fn next(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
    seats: &Seats,
) -> std::io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let (stream, _) = listener.accept().await?;
    // Answers are written whole; waiting to fill a packet only delays them.
    stream.set_nodelay(true)?;
    loop {
        let permit = tokio::time::timeout(FREEING, Arc::clone(room).acquire_owned()).await;
        match permit {
            Ok(permit) => {
                let permit = permit.map_err(std::io::Error::other)?;
                return Ok((stream, permit));
            }
            Err(_) => seats.free_one(),
        }
    }
}

/// One connection from its first byte to its end.
async fn hold(
    stream: TcpStream,
    router: Router,
    bounds: Bounds,
    seat: Seat,
    permit: OwnedSemaphorePermit,
    ending: CancellationToken,
) {
    let end = seat.end.clone();
    let service = service_fn(|request: Request<Incoming>| {
        let router = router.clone();
        let seat = &seat;
        async move {
            seat.busy(true);
            let answer: Result<Response, _> = router.oneshot(request.map(Body::new)).await;
            seat.busy(false);
            answer
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(bounds.head)
        .max_headers(HEADERS)
        .max_buf_size(HEAD_BYTES);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // A connection that breaks is its client's affair; what mattered was answered or not.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = end.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let patience = if seat.works() || ending.is_cancelled() { GRACE } else { FAREWELL };
            let _ = tokio::time::timeout(patience, connection).await;
        }
    }
    drop(permit);
}

/// Who has a place, and since when without a request.
#[derive(Debug, Default)]
struct Seats {
    taken: Mutex<(u64, HashMap<u64, Sitter>)>,
}

#[derive(Debug)]
struct Sitter {
    since: Instant,
    busy: bool,
    end: CancellationToken,
}

/// A place, given back when it is dropped.
#[derive(Debug)]
struct Seat {
    number: u64,
    end: CancellationToken,
    seats: Arc<Seats>,
}

impl Seats {
    fn take(self: &Arc<Self>, end: CancellationToken) -> Seat {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.0 += 1;
        let number = taken.0;
        let sitter = Sitter {
            since: Instant::now(),
            busy: false,
            end: end.clone(),
        };
        taken.1.insert(number, sitter);
        Seat {
            number,
            end,
            seats: Arc::clone(self),
        }
    }

    /// Ends the connection that has been without a request for longest; none when all are at work.
    fn free_one(&self) {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let idlest = taken
            .1
            .values()
            .filter(|sitter| !sitter.busy && !sitter.end.is_cancelled())
            .min_by_key(|sitter| sitter.since);
        if let Some(sitter) = idlest {
            sitter.end.cancel();
        }
    }
}

impl Seat {
    /// Whether a request is being answered.
    fn works(&self) -> bool {
        let taken = self
            .seats
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        taken.1.get(&self.number).is_some_and(|sitter| sitter.busy)
    }

    fn busy(&self, busy: bool) {
        let mut taken = self
            .seats
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(sitter) = taken.1.get_mut(&self.number) {
            sitter.busy = busy;
            sitter.since = Instant::now();
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self
            .seats
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        taken.1.remove(&self.number);
    }
}
