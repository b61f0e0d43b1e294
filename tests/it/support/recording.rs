//! Records the examples of the API's description from what stories send and are answered:
//! `REBOND_RECORD_EXAMPLES=1 cargo test --test it sqlite` writes `src/web/openapi/examples.json`. Of an operation's
//! answers the one that says most in few words is kept.

use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

use super::Answer;
use super::contract::template;

/// Longest example, in bytes of JSON; of longer ones the shortest.
const ROOM: usize = 2_000;

/// Entries of a list that an example shows.
const SHOWN: usize = 2;

static RECORD: LazyLock<Option<Mutex<Value>>> = LazyLock::new(|| {
    std::env::var_os("REBOND_RECORD_EXAMPLES").map(|_| {
        let kept = std::fs::read(file()).unwrap_or_default();
        Mutex::new(serde_json::from_slice(&kept).unwrap_or_else(|_| json!({})))
    })
});

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/web/openapi/examples.json")
}

/// Looks at what is sent without taking it away.
pub(super) async fn listen(request: Request<Body>) -> (Request<Body>, Option<Value>) {
    let is_json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/json");
    if RECORD.is_none() || !is_json {
        return (request, None);
    }
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    let sent = serde_json::from_slice(&bytes).ok();
    (Request::from_parts(parts, Body::from(bytes)), sent)
}

/// Keeps an exchange that succeeded, when it is a better example than the one there is.
pub(super) fn keep(method: &Method, path: &str, sent: Option<&Value>, answer: &Answer) {
    let Some(record) = RECORD.as_ref() else {
        return;
    };
    if !(200..300).contains(&answer.status()) || !path.starts_with("/api/v1/") {
        return;
    }
    let Some((template, _)) = template(method, path) else {
        return;
    };
    let answered =
        (answer.header(header::CONTENT_TYPE) == "application/json").then(|| few(&answer.json()));
    let status = answer.status().to_string();
    let mut record = record.lock().unwrap();
    let entry = &mut record[format!("{method} {template}")];
    if !entry.is_object() {
        *entry = json!({});
    }
    let better = answered.is_none() && entry["takes"].is_null()
        || answered
            .as_ref()
            .is_some_and(|new| says_more(new, &entry["answers"][&status]));
    if !better {
        return;
    }
    // What was sent belongs to the answer that made something.
    if let Some(sent) = sent
        && (status == "201" || entry["answers"]["201"].is_null())
    {
        entry["takes"] = few(sent);
    }
    if let Some(answered) = answered {
        entry["answers"][&status] = answered;
    }
    std::fs::write(file(), format!("{:#}\n", *record)).unwrap();
}

fn says_more(new: &Value, old: &Value) -> bool {
    if old.is_null() {
        return true;
    }
    let (new, old) = (new.to_string().len(), old.to_string().len());
    if old > ROOM {
        new < old
    } else {
        new <= ROOM && new > old
    }
}

/// The same with short lists.
fn few(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().take(SHOWN).map(few).collect(),
        Value::Object(object) => {
            let members = object
                .iter()
                .map(|(name, value)| (name.clone(), few(value)));
            Value::Object(members.collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
