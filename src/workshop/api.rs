//! The bench in JSON: media, sanitisations, evidence, checks, grades.

use std::collections::BTreeSet;

use axum::extract::State;
use entities::ids::{EvidenceId, MediumId};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;
use validator::Validate;

use super::actions::checks::ChecksInput;
use super::actions::destruction::DestructionInput;
use super::actions::evidence::HandedIn;
use super::actions::grading::GradingInput;
use super::actions::media::MediaInput;
use super::actions::removal::{NotThereInput, RemovalInput};
use super::actions::sanitise::DeclaredInput;
use super::actions::{self};
use super::view::{
    BenchDevice, BenchMedium, ChecksAnswer, DestructionAnswer, EvidenceAnswer, Matched,
    MediaAnswer, NotThereAnswer, RemovalAnswer, SanitisationAnswer, SortedAnswer,
};
use super::{checks, grading, tables};
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::error::Result;
use crate::web::upload::ApiFile;
use crate::web::{Access, ApiResult, Created, Json, Path, Query, Routes, ValidJson, problems};

/// Routes of the bench's API.
pub(crate) fn routes() -> Routes {
    let bench = Access::Needs(Permission::Refurbish);
    let reads = Access::Needs(Permission::SeeDevices);
    Routes::new()
        // Anybody who handles a device may report a medium found; the action asks for more where it must.
        .post(
            "/api/v1/devices/{code}/media",
            Access::Needs(Permission::Scan),
            add_media,
        )
        .says("Inventory a medium; once the inventory is done, report one found; or fit a loose one by its code")
        .refuses(problems::RECORDING)
        .refuses(&["medium-known"])
        .takes::<MediaInput>()
        .answers::<MediaAnswer>(201)
        .answers::<MediaAnswer>(200)
        .post(
            "/api/v1/devices/{code}/media/{id}/sanitisations",
            bench,
            declare,
        )
        .says("Declare an erasure that no tool wrote a file about")
        .refuses(problems::RECORDING)
        .refuses(&["medium-unknown", "wipe-refused", "declared-not-accepted", "not-evidenced"])
        .takes::<DeclaredInput>()
        .answers::<SanitisationAnswer>(201)
        .answers::<SanitisationAnswer>(200)
        .post("/api/v1/devices/{code}/media/{id}/removal", bench, remove)
        .says("Take a medium out: it gets its own code")
        .refuses(problems::RECORDING)
        .refuses(&["medium-unknown", "wipe-refused"])
        .takes::<RemovalInput>()
        .answers::<RemovalAnswer>(200)
        .post(
            "/api/v1/devices/{code}/media/{id}/missing",
            bench,
            not_there,
        )
        .says("Say that a medium is not in its device: missing, or entered by mistake")
        .refuses(problems::RECORDING)
        .refuses(&["medium-unknown", "medium-proved"])
        .takes::<NotThereInput>()
        .answers::<NotThereAnswer>(200)
        .post("/api/v1/media/{code}/destruction", bench, destroy)
        .says("Destroy a loose medium before a witness")
        .refuses(problems::RECORDING)
        .refuses(&["one-person-two-steps"])
        .takes::<DestructionInput>()
        .answers::<DestructionAnswer>(201)
        .answers::<DestructionAnswer>(200)
        .post("/api/v1/devices/{code}/evidence", bench, hand_in)
        .says("Hand in a tool's file, as the body or the one file of a form; `confirm` answers its questions")
        .refuses(problems::RECORDING)
        .refuses(&["wipe-refused"])
        .queries::<Confirm>()
        .takes_file()
        .answers::<EvidenceAnswer>(200)
        .post(
            "/api/v1/devices/{code}/evidence/{id}/answers",
            bench,
            answer,
        )
        .says("Answer the questions of a file with yes")
        .refuses(problems::RECORDING)
        .refuses(&["wipe-refused", "not-evidenced"])
        .takes::<AnswersInput>()
        .answers::<EvidenceAnswer>(200)
        .post("/api/v1/evidence", bench, sort)
        .says("Hand in a tool's file without a device: its disks are matched by serial number, else it waits")
        .refuses(problems::RECORDING)
        .refuses(&["wipe-refused"])
        .takes_file()
        .answers::<SortedAnswer>(200)
        .post("/api/v1/evidence/{id}/device", bench, attach)
        .says("Say which device a waiting file is about")
        .refuses(problems::RECORDING)
        .refuses(&["wipe-refused", "not-evidenced"])
        .takes::<AttachInput>()
        .answers::<EvidenceAnswer>(200)
        .post("/api/v1/devices/{code}/checks", bench, check)
        .says("Record locks and function tests")
        .refuses(problems::RECORDING)
        .takes::<ChecksInput>()
        .answers::<ChecksAnswer>(201)
        .get("/api/v1/checks", reads, checks_table)
        .says("The table of checks: tests, places to look at, locks, minimum specification by kind")
        .answers::<checks::Table>(200)
        .post("/api/v1/devices/{code}/gradings", bench, grade)
        .says("Record observations; the table computes the grade")
        .refuses(problems::RECORDING)
        .takes::<GradingInput>()
        .answers::<grading::Graded>(201)
        .answers::<grading::Graded>(200)
        .get("/api/v1/grading", reads, grading_table)
        .says("The grading table: observations, their values, the grades")
        .answers::<grading::Table>(200)
}

async fn add_media(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    ValidJson(input): ValidJson<MediaInput>,
) -> ApiResult<Created<MediaAnswer>> {
    let done = actions::media::inventory(&app, &actor, &code, input).await?;
    let body = MediaAnswer {
        device: BenchDevice::of(app.db.read(), &done.device).await?,
        event: done.event,
        medium: done.medium.as_ref().map(BenchMedium::from),
        breach_case: done.breach,
    };
    Ok(Created {
        replayed: done.replayed || (done.event.is_none() && !done.breach),
        body,
    })
}

async fn declare(
    State(app): State<App>,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
    ValidJson(input): ValidJson<DeclaredInput>,
) -> ApiResult<Created<SanitisationAnswer>> {
    let done = actions::sanitise::declare(&app, &actor, &code, MediumId(id), &input).await?;
    let device = BenchDevice::of(app.db.read(), &done.device).await?;
    let medium = BenchMedium::from(&done.medium);
    Ok(Created {
        body: SanitisationAnswer::of(done.sanitisation, medium, device),
        replayed: done.replayed,
    })
}

async fn remove(
    State(app): State<App>,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
    ValidJson(input): ValidJson<RemovalInput>,
) -> ApiResult<Json<RemovalAnswer>> {
    let (device, medium) =
        actions::removal::remove(&app, &actor, &code, MediumId(id), &input).await?;
    Ok(Json(RemovalAnswer {
        device: BenchDevice::of(app.db.read(), &device).await?,
        medium: BenchMedium::from(&medium),
    }))
}

async fn not_there(
    State(app): State<App>,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
    ValidJson(input): ValidJson<NotThereInput>,
) -> ApiResult<Json<NotThereAnswer>> {
    let gone = actions::removal::not_there(&app, &actor, &code, MediumId(id), &input).await?;
    Ok(Json(NotThereAnswer {
        device: BenchDevice::of(app.db.read(), &gone.device).await?,
        medium: BenchMedium::from(&gone.medium),
        breach_case: gone.breach,
    }))
}

async fn destroy(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    ValidJson(input): ValidJson<DestructionInput>,
) -> ApiResult<Created<DestructionAnswer>> {
    let done = actions::destruction::destroy(&app, &actor, &code, &input).await?;
    Ok(Created {
        body: DestructionAnswer {
            sanitisation: done.sanitisation,
            medium: BenchMedium::from(&done.medium),
        },
        replayed: done.replayed,
    })
}

/// The answers to the questions of a file, in the address of the request: `?confirm=serial,inventory`.
#[derive(Debug, Deserialize, JsonSchema)]
struct Confirm {
    /// Codes of the questions answered with yes, with commas between.
    confirm: Option<String>,
}

impl Confirm {
    fn codes(&self) -> BTreeSet<String> {
        self.confirm
            .as_deref()
            .unwrap_or_default()
            .split(',')
            .map(|code| code.trim().to_owned())
            .filter(|code| !code.is_empty())
            .collect()
    }
}

async fn hand_in(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    Query(confirm): Query<Confirm>,
    ApiFile(bytes): ApiFile,
) -> ApiResult<Json<EvidenceAnswer>> {
    let done = actions::evidence::hand_in(&app, &actor, &code, bytes, &confirm.codes()).await?;
    Ok(Json(handed_in(&app, done).await?))
}

/// The questions answered with yes.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
struct AnswersInput {
    #[validate(length(min = 1, max = 20, message = "De 1 à 20 réponses."))]
    confirm: BTreeSet<String>,
}

async fn answer(
    State(app): State<App>,
    actor: Actor,
    Path((code, id)): Path<(String, Uuid)>,
    ValidJson(input): ValidJson<AnswersInput>,
) -> ApiResult<Json<EvidenceAnswer>> {
    let done =
        actions::evidence::answer(&app, &actor, &code, EvidenceId(id), &input.confirm).await?;
    Ok(Json(handed_in(&app, done).await?))
}

async fn sort(
    State(app): State<App>,
    actor: Actor,
    ApiFile(bytes): ApiFile,
) -> ApiResult<Json<SortedAnswer>> {
    let sorted = actions::inbox::sort(&app, &actor, bytes).await?;
    let mut matched = Vec::new();
    for part in sorted.devices {
        let device = BenchDevice::of(app.db.read(), &part.device).await?;
        matched.push(Matched::device(part, device));
    }
    matched.extend(sorted.loose.into_iter().map(Matched::loose));
    Ok(Json(SortedAnswer {
        recognised: sorted.reading.kind,
        read: sorted.reading,
        matched,
        inbox: sorted.inbox,
    }))
}

/// The device that a waiting file is about.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
struct AttachInput {
    #[validate(length(min = 1, max = 200, message = "Donnez le code de l’équipement."))]
    device: String,
}

async fn attach(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<Uuid>,
    ValidJson(input): ValidJson<AttachInput>,
) -> ApiResult<Json<EvidenceAnswer>> {
    let done = actions::inbox::attach(&app, &actor, EvidenceId(id), &input.device).await?;
    Ok(Json(handed_in(&app, done).await?))
}

async fn check(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    ValidJson(input): ValidJson<ChecksInput>,
) -> ApiResult<Created<ChecksAnswer>> {
    let done = actions::checks::check(&app, &actor, &code, &input).await?;
    Ok(Created {
        body: done.into(),
        replayed: false,
    })
}

async fn checks_table() -> ApiResult<Json<&'static checks::Table>> {
    Ok(Json(tables::checks()?))
}

async fn grade(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    ValidJson(input): ValidJson<GradingInput>,
) -> ApiResult<Created<grading::Graded>> {
    let done = actions::grading::grade(&app, &actor, &code, &input).await?;
    Ok(Created {
        body: done.graded,
        replayed: done.replayed,
    })
}

async fn grading_table() -> ApiResult<Json<&'static grading::Table>> {
    Ok(Json(tables::grading()?))
}

async fn handed_in(app: &App, done: HandedIn) -> Result<EvidenceAnswer> {
    let device = BenchDevice::of(app.db.read(), &done.applied.device).await?;
    Ok(EvidenceAnswer::of(done, device))
}
