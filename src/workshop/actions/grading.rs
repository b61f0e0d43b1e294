//! Grading: what was observed, and the grade that the table makes of it.

use std::collections::BTreeMap;

use entities::device;
use entities::grading as row;
use entities::ids::GradingId;
use schemars::JsonSchema;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::access::{Actor, Permission};
use crate::app::App;
use crate::clock::id_at;
use crate::devices::{self, At, Event};
use crate::error::{Error, FieldError, Result};
use crate::workshop::grading::{Grade, Graded};
use crate::workshop::{bench, replay, store, tables, words};

/// What somebody observed.
#[derive(Debug, Deserialize, Serialize, JsonSchema, Validate)]
pub(crate) struct GradingInput {
    /// Made by the client: the same one again answers the same outcome.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<Uuid>")]
    pub(crate) id: Option<Uuid>,
    /// Observation to value.
    #[serde(default)]
    pub(crate) observations: BTreeMap<String, String>,
}

/// What became of it.
#[derive(Debug)]
pub(crate) struct Done {
    /// The device as it is now.
    pub(crate) device: device::Model,
    /// The grade with its reasons.
    pub(crate) graded: Graded,
    /// The same request came before.
    pub(crate) replayed: bool,
}

/// Grades a device by the table.
///
/// # Errors
/// Every observation that is missing or unknown, at once.
pub(crate) async fn grade(
    app: &App,
    actor: &Actor,
    code: &str,
    input: &GradingInput,
) -> Result<Done> {
    actor.require(Permission::Refurbish)?;
    let now = app.clock.now();
    let at = At::now(now);
    let tx = app.db.write().await?;
    let device = devices::steps::find(&tx, code).await?;
    let hash = replay::body_hash(actor, device.id.0, input)?;
    let before = match input.id {
        Some(id) => store::grading(&tx, GradingId(id)).await?,
        None => None,
    };
    if let Some(before) = before {
        replay::same(before.body_hash.as_ref(), &hash)?;
        return Ok(Done {
            graded: stored(&device, input, &before)?,
            device,
            replayed: true,
        });
    }
    let device = bench::device_of(&tx, actor, code).await?;
    bench::may_cause(actor, "graded")?;
    let graded = by_table(&device, input)?;
    let id = GradingId(input.id.unwrap_or_else(|| id_at(now)));
    let codes: Vec<&str> = graded.reasons.iter().map(|r| r.code.as_str()).collect();
    row::Entity::insert(row::ActiveModel {
        id: Set(id),
        device_id: Set(device.id),
        observations: Set(serde_json::json!(input.observations).to_string()),
        grade: Set(words::grade(graded.grade)),
        reasons: Set(serde_json::json!(codes).to_string()),
        table_version: Set(graded.table_version.clone()),
        account_id: Set(actor.account),
        at: Set(now),
        body_hash: Set(Some(hash)),
    })
    .exec_without_returning(&tx)
    .await?;
    let event = Event::Graded {
        grade: words::grade(graded.grade),
        grading: id,
        table_version: graded.table_version.clone(),
    };
    let device = devices::record(&tx, &device, &event, &actor.by(), at).await?;
    tx.commit().await?;
    Ok(Done {
        device,
        graded,
        replayed: false,
    })
}

fn by_table(device: &device::Model, input: &GradingInput) -> Result<Graded> {
    tables::grading()?
        .grade(device.kind.as_str(), &input.observations)
        .map_err(|problems| {
            Error::Invalid(
                problems
                    .into_iter()
                    .map(|problem| {
                        FieldError::new(
                            format!("#/observations/{}", problem.observation),
                            problem.detail,
                        )
                    })
                    .collect(),
            )
        })
}

/// The grade as it was given, with the sentences of today's table.
fn stored(device: &device::Model, input: &GradingInput, before: &row::Model) -> Result<Graded> {
    let today = by_table(device, input)?;
    Ok(Graded {
        grade: Grade::from_code(before.grade.as_str()).unwrap_or(today.grade),
        reasons: today.reasons,
        table_version: before.table_version.clone(),
    })
}
