//! Grading: what was observed, and the grade that the table makes of it.

use std::collections::BTreeMap;

use entities::device;
use entities::grading as row;
use entities::ids::GradingId;
use schemars::JsonSchema;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde::Deserialize;
use validator::Validate;

use crate::access::Actor;
use crate::app::App;
use crate::clock::id_at;
use crate::devices::{self, At, Event};
use crate::error::{Error, FieldError, Result};
use crate::workshop::grading::Graded;
use crate::workshop::{bench, tables, words};

/// What somebody observed.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub(crate) struct GradingInput {
    /// Observation to value.
    #[serde(default)]
    pub(crate) observations: BTreeMap<String, String>,
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
) -> Result<(device::Model, Graded)> {
    let now = app.clock.now();
    let at = At::now(now);
    let tx = app.db.write().await?;
    let device = bench::device_of(&tx, actor, code).await?;
    bench::may_cause(actor, "graded")?;
    let graded = tables::grading()?
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
        })?;
    let id = GradingId(id_at(now));
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
    Ok((device, graded))
}
