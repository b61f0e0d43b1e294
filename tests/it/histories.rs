//! Histories, not anecdotes: sixteen clients scan, hold, book and send again while the service is killed; every call
//! and answer is written down, and each history must be explained by what one thing does alone. A time-out is
//! neither a yes nor a no.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use entities::enums::{DeviceKind, Role};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::support::TestApp;
use crate::support::linearizable::{Model, Recorded, check};
use crate::support::service::Service;
use crate::support::tables::texts;
use crate::support::welcome::{booking, hold};

/// Clients at once.
const CLIENTS: usize = 16;
/// Times that the service is killed.
const KILLS: usize = 2;
/// How long one waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A generator of its own for each client (`SplitMix64`); the seed is in every failure.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
}

/// Which history: `REBOND_SEED`, or one that is always the same.
fn seed() -> u64 {
    let seed = std::env::var("REBOND_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_261_124);
    say(&format!("REBOND_SEED={seed}"));
    seed
}

#[expect(clippy::print_stderr, reason = "a failure needs its seed")]
fn say(text: &str) {
    eprintln!("{text}");
}

/// What was asked of a thing, and what was answered.
#[derive(Clone, Debug, PartialEq)]
enum Call {
    /// A device is received at a site: (scan, site), and (number of the event, outcome).
    Receive(Uuid, usize, Option<(i64, String)>),
    /// A device (by its place in the list) is held for a request: the status and problem.
    Hold(usize, usize, Option<(u16, String)>),
    /// One household books the slot, with a client-made id.
    Book(Uuid, Option<(u16, String)>),
}

/// Calls to one thing.
type Log = Arc<Mutex<BTreeMap<String, Vec<Recorded<Call>>>>>;

/// One client: a connection of its own, which breaks when the service dies.
struct Caller {
    http: reqwest::Client,
    url: String,
    began: Instant,
    log: Log,
}

impl Caller {
    /// Posts, and writes down when and what. None without an answer.
    async fn call(
        &self,
        thing: &str,
        (token, path, body): (&str, &str, &Value),
        of: impl FnOnce(Option<(u16, Value)>) -> Call,
    ) -> bool {
        let asked = self.began.elapsed().as_nanos();
        let answer = self.post(token, path, body).await;
        let there = answer.is_some();
        // What is told to come back later was not done; it says nothing of the thing, and may be tried again.
        let answer = answer.filter(|(status, _)| *status != 503);
        let answered = answer.is_some().then(|| self.began.elapsed().as_nanos());
        let recorded = Recorded {
            asked,
            answered,
            call: of(answer),
        };
        self.log
            .lock()
            .await
            .entry(thing.to_owned())
            .or_default()
            .push(recorded);
        if !there {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        answered.is_some()
    }

    async fn post(&self, token: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let answer = self
            .http
            .post(format!("{}{path}", self.url))
            .bearer_auth(token)
            .timeout(PATIENCE)
            .json(body)
            .send()
            .await
            .ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.json().await.ok()?))
    }
}

/// The code of a problem, or nothing.
fn problem(body: &Value) -> String {
    let kind = body["type"].as_str().unwrap_or_default();
    kind.rsplit('/').next().unwrap_or_default().to_owned()
}

/// A device that is received here and there.
struct Place;

/// Where it is, how many events it has, and what each scan was told.
type PlaceState = (usize, i64, BTreeMap<Uuid, i64>);

impl Model for Place {
    type State = PlaceState;
    type Call = Call;

    fn after(&self, (site, n, told): &PlaceState, call: &Call) -> Option<PlaceState> {
        let Call::Receive(scan, to, answer) = call else {
            return None;
        };
        let mut told = told.clone();
        let (next, line, outcome) = match told.get(scan) {
            // The same scan again: the same answer.
            Some(line) => ((*site, *n), *line, "already_recorded"),
            // It is there already: by another scan, whose line is named.
            None if to == site => ((*site, *n), *n, "already_recorded"),
            None => ((*to, n + 1), n + 1, "recorded"),
        };
        if let Some((said, word)) = answer
            && (*said != line || !(word.is_empty() || word == outcome))
        {
            return None;
        }
        told.insert(*scan, line);
        Some((next.0, next.1, told))
    }

    fn changed_nothing(&self, before: &PlaceState, after: &PlaceState) -> bool {
        (before.0, before.1) == (after.0, after.1)
    }
}

/// Devices and requests that hold each other, one for one.
struct OneForOne;

impl Model for OneForOne {
    type State = BTreeMap<usize, usize>;
    type Call = Call;

    fn after(&self, held: &Self::State, call: &Call) -> Option<Self::State> {
        let Call::Hold(request, device, answer) = call else {
            return None;
        };
        let free = !held.contains_key(request) && !held.values().any(|d| d == device);
        if let Some((status, why)) = answer {
            let yes = *status == 201;
            assert!(yes || *status == 409, "{status} {why}");
            if yes != free {
                return None;
            }
        }
        let mut held = held.clone();
        if free {
            held.insert(*request, *device);
        }
        Some(held)
    }
}

/// A slot with so many seats. Nobody is told "full" while one is free.
struct Seats(usize);

impl Model for Seats {
    type State = BTreeSet<Uuid>;
    type Call = Call;

    fn after(&self, seated: &Self::State, call: &Call) -> Option<Self::State> {
        let Call::Book(id, answer) = call else {
            return None;
        };
        let again = seated.contains(id);
        let free = seated.len() < self.0;
        let expected = match (again, free) {
            (true, _) => (200, ""),
            (false, true) => (201, ""),
            (false, false) => (409, "slot-full"),
        };
        if let Some((status, why)) = answer
            && (*status, why.as_str()) != expected
        {
            return None;
        }
        let mut seated = seated.clone();
        if again || free {
            seated.insert(*id);
        }
        Some(seated)
    }
}

/// What became of the calls without an answer: the database tells of each what it did, or that it did nothing. One
/// that did something happened at some moment after it was asked; what another call is known to have done, it did not
/// do once more. Of several that ask for the same, the earliest: whatever another explains, it explains too.
fn tell(calls: &mut Vec<Recorded<Call>>, did: impl Fn(&Call) -> Option<Call>) {
    calls.sort_by_key(|recorded| recorded.asked);
    let mut done: Vec<Call> = calls.iter().map(|recorded| recorded.call.clone()).collect();
    calls.retain_mut(|recorded| {
        if recorded.answered.is_some() {
            return true;
        }
        let Some(call) = did(&recorded.call) else {
            return false;
        };
        let first = !done.contains(&call);
        recorded.answered = Some(u128::MAX);
        recorded.call = call.clone();
        done.push(call);
        first
    });
}

/// Lets clients work while the service dies and comes back at the same address.
async fn while_it_dies(
    app: &TestApp,
    clients: impl Fn(String, Log, Instant) -> Vec<tokio::task::JoinHandle<()>>,
) -> BTreeMap<String, Vec<Recorded<Call>>> {
    let mut service = Service::start(app).await;
    let log = Log::default();
    let running = clients(service.url.clone(), Arc::clone(&log), Instant::now());
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(250)).await;
        service.kill();
        let listen = service.url.trim_start_matches("http://").to_owned();
        service = Service::start_at(app, &listen).await;
    }
    for run in running {
        run.await.unwrap();
    }
    service.kill();
    Arc::try_unwrap(log).ok().unwrap().into_inner()
}

both_databases! {
    async fn scans_and_replays_are_one_after_the_other_for_each_device(app: TestApp) {
        const DEVICES: usize = 8;
        const SITES: [&str; 2] = ["montpellier-magasin", "montpellier-atelier"];
        let seed = seed();
        let who = app.person(Role::Storekeeper).await;
        let mut codes = Vec::new();
        for _ in 0..DEVICES {
            codes.push(app.device().build().await.code);
        }
        let token = who.token().to_owned();
        let mut told = while_it_dies(&app, |url, log, began| {
            (0..CLIENTS).map(|client| {
                let (url, log, token, codes) = (url.clone(), Arc::clone(&log), token.clone(), codes.clone());
                tokio::spawn(async move {
                    let mut dice = Dice(seed ^ u64::try_from(client).unwrap());
                    let caller = Caller { http: reqwest::Client::new(), url, began, log };
                    let mut mine: Vec<(usize, Uuid, usize)> = Vec::new();
                    for _ in 0..40 {
                        // Now and then the same scan is sent again, as by a phone that was not answered.
                        let (device, scan, site) = if !mine.is_empty() && dice.below(3) == 0 {
                            mine[dice.below(mine.len())]
                        } else {
                            (dice.below(DEVICES), Uuid::new_v4(), dice.below(2))
                        };
                        mine.push((device, scan, site));
                        let body = json!({"scan_id": scan, "code": codes[device], "action": "receive", "site": SITES[site]});
                        caller.call(&codes[device], (&token, "/api/v1/scans", &body), |answer| {
                            Call::Receive(scan, site, answer.map(|(status, body)| {
                                assert_eq!(status, 200, "{body}");
                                (body["event"]["n"].as_i64().unwrap(), body["outcome"].as_str().unwrap().to_owned())
                            }))
                        }).await;
                    }
                })
            }).collect()
        }).await;
        let all: usize = told.values().map(Vec::len).sum();
        let answered = told.values().flatten().filter(|call| call.answered.is_some()).count();
        assert!(answered * 2 > all, "{answered} of {all} calls were answered");
        let scans = entities::scan::Entity::find().all(app.db.read()).await.unwrap();
        let lines: BTreeMap<Uuid, i64> = scans.into_iter().map(|scan| {
            let answer: Value = serde_json::from_str(&scan.answer).unwrap();
            (scan.scan_id, answer["n"].as_i64().unwrap())
        }).collect();
        for calls in told.values_mut() {
            tell(calls, |call| match call {
                Call::Receive(scan, site, None) => Some(Call::Receive(*scan, *site, Some((*lines.get(scan)?, String::new())))),
                Call::Receive(..) | Call::Hold(..) | Call::Book(..) => None,
            });
        }
        for code in &codes {
            // Devices begin at the workshop, with one event.
            check(&Place, &(1, 1, BTreeMap::new()), &told[code]);
        }
        app.verified().await;
    }

    async fn holds_are_one_for_one(app: TestApp) {
        const MANY: usize = 6;
        let seed = seed();
        let welcome = app.welcome(1).await;
        let (mut codes, mut requests) = (Vec::new(), Vec::new());
        for n in 0..MANY {
            codes.push(app.there(DeviceKind::Laptop).await.code);
            requests.push(welcome.waiting(&format!("06010203{n:02}")).await);
        }
        let token = welcome.coordinator.token().to_owned();
        let mut told = while_it_dies(&app, |url, log, began| {
            (0..CLIENTS).map(|client| {
                let (url, log, token) = (url.clone(), Arc::clone(&log), token.clone());
                let (codes, requests) = (codes.clone(), requests.clone());
                tokio::spawn(async move {
                    let mut dice = Dice(seed ^ u64::try_from(client).unwrap());
                    let caller = Caller { http: reqwest::Client::new(), url, began, log };
                    for _ in 0..7 {
                        let (request, device) = (dice.below(MANY), dice.below(MANY));
                        let body = hold(&requests[request], &codes[device]);
                        caller.call("all", (&token, "/api/v1/allocations", &body), |answer| {
                            Call::Hold(request, device, answer.map(|(status, body)| (status, problem(&body))))
                        }).await;
                        tokio::time::sleep(Duration::from_millis(u64::try_from(dice.below(120)).unwrap())).await;
                    }
                })
            }).collect()
        }).await;
        let pairs = "select r.reference || ' ' || d.code from allocation a
            join request r on r.id = a.request_id join device d on d.id = a.device_id";
        let pairs = texts(app.db.read(), pairs).await;
        let calls = told.get_mut("all").unwrap();
        tell(calls, |call| match call {
            Call::Hold(request, device, None) if pairs.contains(&format!("{} {}", requests[*request], codes[*device])) => {
                Some(Call::Hold(*request, *device, Some((201, String::new()))))
            }
            Call::Receive(..) | Call::Hold(..) | Call::Book(..) => None,
        });
        check(&OneForOne, &BTreeMap::new(), calls);
        app.verified().await;
    }

    async fn seats_are_given_once_and_nobody_is_told_full_while_one_is_free(app: TestApp) {
        const SEATS: usize = 12;
        let seed = seed();
        let welcome = app.welcome(i32::try_from(SEATS).unwrap()).await;
        let mut bodies = Vec::new();
        let mut slot = Value::Null;
        let mut requests = Vec::new();
        for n in 0..CLIENTS {
            requests.push(welcome.waiting(&format!("06010204{n:02}")).await);
        }
        // The real program has the real time: what it books must lie ahead of it.
        app.pass(rebond::clock::Clock::system().now() - app.clock.now());
        for request in requests {
            let device = app.there(DeviceKind::Laptop).await;
            welcome.hold(&request, &device.code).await;
            if slot.is_null() {
                slot = welcome.slots(&request).await[3]["id"].clone();
            }
            bodies.push(booking(&request, &slot));
        }
        let token = welcome.worker.token().to_owned();
        let mut told = while_it_dies(&app, |url, log, began| {
            bodies.iter().enumerate().map(|(client, body)| {
                let (url, log, token, mut body) = (url.clone(), Arc::clone(&log), token.clone(), body.clone());
                tokio::spawn(async move {
                    let mut dice = Dice(seed ^ u64::try_from(client).unwrap());
                    let caller = Caller { http: reqwest::Client::new(), url, began, log };
                    let id = Uuid::new_v4();
                    body["id"] = json!(id);
                    // Each asks until it is told, and once more.
                    let mut told = 0;
                    for _ in 0..100 {
                        tokio::time::sleep(Duration::from_millis(u64::try_from(dice.below(60)).unwrap())).await;
                        let heard = caller.call("slot", (&token, "/api/v1/appointments", &body), |answer| {
                            Call::Book(id, answer.map(|(status, body)| (status, problem(&body))))
                        }).await;
                        told += usize::from(heard);
                        if told == 2 {
                            break;
                        }
                    }
                })
            }).collect()
        }).await;
        let visits = entities::appointment::Entity::find().all(app.db.read()).await.unwrap();
        let ids: BTreeSet<Uuid> = visits.into_iter().filter_map(|visit| visit.client_id).collect();
        let calls = told.get_mut("slot").unwrap();
        tell(calls, |call| match call {
            Call::Book(id, None) if ids.contains(id) => Some(Call::Book(*id, Some((201, String::new())))),
            Call::Receive(..) | Call::Hold(..) | Call::Book(..) => None,
        });
        check(&Seats(SEATS), &BTreeSet::new(), calls);
        let seats = app.count("select count(*) from seat").await;
        assert_eq!(usize::try_from(seats).unwrap(), SEATS);
        app.verified().await;
    }
}
