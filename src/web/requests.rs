//! Each request: its id, one line in the log, its time in the metrics.
//!
//! A line says method, route as declared, status, milliseconds, role and id. Never the path or the query, which hold
//! codes, references and secrets, nor who asked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use entities::enums::Role;
use tracing::Instrument;
use uuid::Uuid;

use crate::app::App;

/// Carries a request's id, in and out.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Where no route is.
const NO_ROUTE: &str = "none";
/// Upper ends of the histogram's classes, in milliseconds.
const CLASSES: [u64; 11] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

tokio::task_local! {
    static ID: Arc<str>;
}

/// The id of the request that is being answered.
pub(crate) fn id() -> Option<String> {
    ID.try_with(|id| id.as_ref().to_owned()).ok()
}

/// Gives a request its id, and says how it ended.
pub(crate) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id: Arc<str> = brought(request.headers())
        .unwrap_or_else(|| app.chance.random_id().to_string())
        .into();
    let method = method(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| NO_ROUTE.to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", id = %id);
    let mut response = ID
        .scope(Arc::clone(&id), next.run(request))
        .instrument(span.clone())
        .await;
    let took = began.elapsed();
    let status = response.status().as_u16();
    let role = response
        .extensions()
        .get::<Role>()
        .map_or("nobody", |role| role.as_str());
    span.in_scope(|| {
        tracing::info!(
            method,
            route,
            status,
            milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            role,
            "answered"
        );
    });
    app.requests.count(method, route, status, took);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// An id that came in, when it is one: 16 to 64 hexadecimal digits and hyphens. Anything else could be a name, a
/// number of somebody's, or a forged line of the log.
fn brought(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(&HEADER)?.to_str().ok()?;
    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
    let letters = text.bytes().any(|b| b.is_ascii_alphabetic());
    let sane = (16..=64).contains(&digits)
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    // A number of digits alone may be a person's; an id has letters, unless it is a whole UUID.
    (sane && (letters || Uuid::try_parse(text).is_ok())).then(|| text.to_owned())
}

/// A method by a name of ours: a stranger's word makes no series.
const fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        _ => "other",
    }
}

/// How requests ended since the process began, by route and class of status.
///
/// Kept here and not in a recorder of the process: two instances in one process, as tests have them, count apart, and
/// it is one table.
#[derive(Debug, Default)]
pub struct Observed(Mutex<BTreeMap<Series, Times>>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    route: String,
    method: &'static str,
    class: u16,
}

#[derive(Clone, Debug, Default)]
struct Times {
    /// Requests of each class alone, the last without an upper end.
    classes: [u64; CLASSES.len() + 1],
    total: Duration,
}

impl Observed {
    fn count(&self, method: &'static str, route: String, status: u16, took: Duration) {
        let series = Series {
            route,
            method,
            class: status / 100,
        };
        let class = CLASSES
            .iter()
            .position(|end| took <= Duration::from_millis(*end))
            .unwrap_or(CLASSES.len());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = all.entry(series).or_default();
        if let Some(count) = times.classes.get_mut(class) {
            *count += 1;
        }
        times.total += took;
    }

    /// The series as Prometheus reads them.
    pub(crate) fn exposition(&self, text: &mut String) {
        const NAME: &str = "rebond_http_request_duration_seconds";
        let _ = writeln!(
            text,
            "# HELP {NAME} Time until an answer began, by route and class of status.\n# TYPE {NAME} histogram"
        );
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (series, times) in all.iter() {
            let labels = format!(
                "method=\"{}\",route=\"{}\",status=\"{}xx\"",
                series.method, series.route, series.class
            );
            let mut sum = 0;
            for (n, count) in times.classes.iter().enumerate() {
                sum += count;
                match CLASSES.get(n) {
                    Some(end) => {
                        let end = Duration::from_millis(*end).as_secs_f64();
                        let _ = writeln!(text, "{NAME}_bucket{{{labels},le=\"{end}\"}} {sum}");
                    }
                    None => {
                        let _ = writeln!(text, "{NAME}_bucket{{{labels},le=\"+Inf\"}} {sum}");
                    }
                }
            }
            let _ = writeln!(
                text,
                "{NAME}_sum{{{labels}}} {}\n{NAME}_count{{{labels}}} {sum}",
                times.total.as_secs_f64()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_from_outside_is_one_or_is_none() {
        let given = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER, HeaderValue::from_static(text));
            brought(&headers)
        };
        for good in [
            "0199f0c2-7a51-7cc3-98c4-dc0c0c07398f",
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "00000000-0000-0000-0000-000000000000",
        ] {
            assert_eq!(given(good).as_deref(), Some(good));
        }
        for bad in [
            "",
            "0601020343",
            "284053417212345678",
            "ada@example.org",
            "abcdef",
            "4bf92f3577b34da6 GET /",
            "4bf92f3577b34da6a3ce929d0e0e47364bf92f3577b34da6a3ce929d0e0e47361",
        ] {
            assert_eq!(given(bad), None, "{bad}");
        }
    }

    #[test]
    fn classes_add_up() {
        let observed = Observed::default();
        for milliseconds in [1, 7, 40, 60_000] {
            observed.count(
                "GET",
                "/p/{code}".to_owned(),
                200,
                Duration::from_millis(milliseconds),
            );
        }
        let mut text = String::new();
        observed.exposition(&mut text);
        for line in [
            "rebond_http_request_duration_seconds_bucket{method=\"GET\",route=\"/p/{code}\",status=\"2xx\",le=\"0.005\"} 1",
            "rebond_http_request_duration_seconds_bucket{method=\"GET\",route=\"/p/{code}\",status=\"2xx\",le=\"0.05\"} 3",
            "rebond_http_request_duration_seconds_bucket{method=\"GET\",route=\"/p/{code}\",status=\"2xx\",le=\"+Inf\"} 4",
            "rebond_http_request_duration_seconds_count{method=\"GET\",route=\"/p/{code}\",status=\"2xx\"} 4",
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
    }
}
