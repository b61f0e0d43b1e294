//! The public passport of a device: what anybody may know who reads its label. Nothing about a person or a place.

use askama::Template;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Datelike, Utc};
use entities::enums::{CustodyKind, DeviceKind, Grade, Level, Stage, Verification};
use entities::{custody_event, device, sanitisation};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;

use crate::access::{Actor, Permission};
use crate::app::App;
use crate::desk::store::{self, DeviceFile};
use crate::devices::store::by_code;
use crate::devices::words;
use crate::error::Result;
use crate::french;
use crate::web::frame::{Bead, Leaf};
use crate::web::{Access, Json, PageResult, Path, Problem, Routes, page};
use crate::workshop::{self, checks, grading, tables};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/p/{code}", Access::Public, show)
        // Labels carry their address in capitals: it makes a smaller symbol.
        .get("/P/{code}", Access::Public, show)
}

/// How the data were made unrecoverable: the weakest of its media tells.
#[derive(Clone, Debug, Serialize)]
struct Wiped {
    /// Month, `2026-11`.
    month: String,
    method: String,
    level: Level,
    verification: Verification,
}

/// What anybody may know.
#[derive(Clone, Debug, Serialize)]
struct Passport {
    code: String,
    kind: DeviceKind,
    make: Option<String>,
    model: Option<String>,
    /// Year of the gift.
    given: i32,
    wiped: Option<Wiped>,
    grade: Option<Grade>,
    grade_meaning: Option<String>,
    /// Year in which it was put back into service, while it is.
    reused: Option<i32>,
    /// Every function test of its kind is recorded as working, and no data can be left.
    reconditioned: bool,
    /// Last line of its journal, to compare with a certificate or an anchor.
    journal: Head,
}

#[derive(Clone, Debug, Serialize)]
struct Head {
    n: i64,
    hash: String,
}

#[derive(Template)]
#[template(path = "desk/pages/passport.html")]
struct PassportPage {
    leaf: Leaf,
    grouped: String,
    name: String,
    sentence: String,
    beads: Vec<Bead>,
    facts: Vec<(&'static str, String)>,
    n: i64,
    hash: String,
    staff: Option<String>,
}

async fn show(State(app): State<App>, parts: Parts, Path(code): Path<String>) -> PageResult {
    let wants_json = parts
        .headers
        .get(header::ACCEPT)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.contains("application/json") && !v.contains("text/html"));
    let found = passport(&app, &code).await;
    let mut response = match (found, wants_json) {
        (Ok((passport, _)), true) => Json(passport).into_response(),
        (Err(error), true) => Problem(error).into_response(),
        (Ok((passport, moments)), false) => {
            let staff = parts
                .extensions
                .get::<Actor>()
                .filter(|a| a.may(Permission::SeeDevices))
                .map(|_| format!("/devices/{}", passport.code));
            html(&passport, &moments, staff)?
        }
        (Err(error), false) => return Err(error.into()),
    };
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("accept, cookie"));
    Ok(response)
}

/// Moments behind the months and years that are told.
#[derive(Debug)]
struct Moments {
    wiped: Option<DateTime<Utc>>,
}

async fn passport(app: &App, code: &str) -> Result<(Passport, Moments)> {
    let db = app.db.read();
    let device = by_code(db, code).await?;
    let file = store::device_file(db, device).await?;
    let tests = workshop::store::tests_of(db, &file.device).await?;
    let device = &file.device;
    let last = weakest(&file);
    let wiped = last.map(|s| Wiped {
        month: french::local_date(s.at).format("%Y-%m").to_string(),
        method: s.method.clone(),
        level: s.level,
        verification: s.verification,
    });
    let clean = device.media_known && device.open_media == 0;
    let reused = match device.custody {
        CustodyKind::Household => handed_over(db, device).await?,
        CustodyKind::Site | CustodyKind::Shipment | CustodyKind::Missing | CustodyKind::Gone => {
            None
        }
    };
    let grade_meaning = match device.grade {
        Some(grade) => meaning(grade)?,
        None => None,
    };
    let passport = Passport {
        code: device.code.clone(),
        kind: device.kind,
        make: device.make.clone(),
        model: device.model.clone(),
        given: french::local_date(device.registered_at).year(),
        wiped: wiped.filter(|_| clean),
        grade: device.grade,
        grade_meaning,
        reused: reused.map(|at| french::local_date(at).year()),
        reconditioned: clean && device.stage == Stage::Ready && all_work(device, &tests)?,
        journal: Head {
            n: device.version,
            hash: device.head.clone(),
        },
    };
    let moments = Moments {
        wiped: last.map(|s| s.at).filter(|_| clean),
    };
    Ok((passport, moments))
}

/// The sanitisation that proves least: what the passport says holds for every medium.
fn weakest(file: &DeviceFile) -> Option<&sanitisation::Model> {
    file.media
        .iter()
        .filter_map(|m| file.sanitisations.get(&m.id))
        .min_by_key(|s| (s.verification, s.level))
}

fn meaning(grade: Grade) -> Result<Option<String>> {
    let table = tables::grading()?;
    Ok(grading::Grade::from_code(grade.as_str())
        .and_then(|g| table.grades.get(&g))
        .map(|m| m.text.clone()))
}

/// Whether every function of the kind is recorded as working.
fn all_work(device: &device::Model, tests: &[entities::device_test::Model]) -> Result<bool> {
    let recorded = tests.iter().filter_map(|t| {
        let outcome = checks::Outcome::from_code(t.outcome.as_str())?;
        Some((t.test.as_str(), outcome))
    });
    Ok(tables::checks()?
        .progress(device.kind.as_str(), recorded)
        .is_ok_and(|progress| progress.all_work()))
}

/// When it was handed over last.
async fn handed_over(
    db: &impl ConnectionTrait,
    device: &device::Model,
) -> Result<Option<DateTime<Utc>>> {
    let line = custody_event::Entity::find()
        .filter(custody_event::Column::ItemId.eq(device.id.0))
        .filter(custody_event::Column::Event.eq("handed_over"))
        .order_by_desc(custody_event::Column::N)
        .one(db)
        .await?;
    Ok(line.map(|l| l.occurred_at))
}

fn html(passport: &Passport, moments: &Moments, staff: Option<String>) -> PageResult<Response> {
    let maker: Vec<&str> = [passport.make.as_deref(), passport.model.as_deref()]
        .into_iter()
        .flatten()
        .collect();
    let kind = words::capital(words::kind(passport.kind));
    let name = if maker.is_empty() {
        kind
    } else {
        format!("{kind} {}", maker.join(" "))
    };
    page(&PassportPage {
        leaf: Leaf {
            lang: "fr",
            dir: "ltr",
            ..Leaf::default()
        },
        grouped: words::grouped(&passport.code),
        name,
        sentence: sentence(passport).to_owned(),
        beads: beads(passport),
        facts: facts(passport, moments),
        n: passport.journal.n,
        hash: passport.journal.hash.clone(),
        staff,
    })
}

const fn sentence(passport: &Passport) -> &'static str {
    match (passport.reused.is_some(), passport.wiped.is_some()) {
        (true, true) if passport.reconditioned => {
            "Cet équipement a été donné, effacé, reconditionné et remis en service."
        }
        (true, true) => "Cet équipement a été donné, effacé et remis en service.",
        (true, false) => "Cet équipement a été donné et remis en service.",
        (false, true) if passport.reconditioned => {
            "Cet équipement a été donné, effacé et reconditionné."
        }
        (false, true) => "Cet équipement a été donné et effacé.",
        (false, false) => "Cet équipement a été donné.",
    }
}

fn beads(passport: &Passport) -> Vec<Bead> {
    let bead = |word: &str, past: bool| Bead {
        word: word.to_owned(),
        past,
        current: false,
    };
    let mut beads = vec![bead("Donné", true)];
    if passport.kind != DeviceKind::Monitor {
        beads.push(bead("Effacé", passport.wiped.is_some()));
    }
    beads.push(bead("Remis en service", passport.reused.is_some()));
    beads
}

fn facts(passport: &Passport, moments: &Moments) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Donné", format!("en {}", passport.given))];
    if let (Some(wiped), Some(at)) = (&passport.wiped, moments.wiped) {
        facts.push((
            "Effacé",
            format!(
                "en {}, par {}, {}",
                french::month(french::local_date(at)),
                method(&wiped.method),
                verified(wiped.verification)
            ),
        ));
    }
    if let Some(grade) = passport.grade {
        let meaning = passport.grade_meaning.as_deref().unwrap_or_default();
        facts.push(("Grade", format!("{grade} · {meaning}")));
    }
    if let Some(year) = passport.reused {
        facts.push(("Remis en service", format!("en {year}")));
    }
    facts
}

/// A method in words that a passer-by understands.
pub(super) fn method(method: &str) -> &'static str {
    match method {
        "overwrite" => "réécriture complète",
        "block_erase" => "effacement des blocs par le disque lui-même",
        "crypto_erase" => "destruction de la clé de chiffrement",
        "secure_erase" => "effacement sécurisé par le disque lui-même",
        "degauss" => "démagnétisation",
        "destruction" => "destruction du support",
        _ => "un procédé consigné",
    }
}

/// How it was verified, in words.
pub(super) const fn verified(verification: Verification) -> &'static str {
    match verification {
        Verification::None | Verification::Unknown => "sans relecture consignée",
        Verification::EachSector => "relu secteur par secteur",
        Verification::DriveStatus => "confirmé par le disque lui-même",
        Verification::LastPass => "relu et vérifié",
        Verification::AllPasses => "relu et vérifié à chaque passe",
        Verification::Sampling => "vérifié par sondage",
    }
}
