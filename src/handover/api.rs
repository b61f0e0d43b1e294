//! Handovers and checklists as JSON.

use std::collections::BTreeMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::actions;
use super::checklist::{CHECKLISTS, Item};
use super::input::HandoverInput;
use crate::access::{Actor, Permission};
use crate::app::App;
use crate::web::{Access, ApiResult, Created, Json, Routes, ValidJson, problems};

/// JSON routes of the handover.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .post(
            "/api/v1/handovers",
            Access::Needs(Permission::HandOver),
            create,
        )
        .says("Hand one device over to its household")
        .refuses(problems::RECORDING)
        .refuses(&[
            "handover-incomplete",
            "price-above-cap",
            "sale-not-allowed",
            "one-person-two-steps",
            "pickup-code-locked",
            "wrong-pickup-code",
            "appointment-over",
        ])
        .takes::<HandoverInput>()
        .answers::<HandoverView>(201)
        .answers::<HandoverView>(200)
        .get("/api/v1/checklists", Access::SignedIn, checklists)
        .says("What is handed with a device, by kind")
        .answers::<BTreeMap<String, Vec<Item>>>(200)
}

/// A handover.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HandoverView {
    /// The appointment.
    appointment: Uuid,
    /// Reference of the request.
    request: String,
    /// The device's code.
    device: String,
    /// When.
    at: DateTime<Utc>,
    /// What was paid, in cents.
    contribution_cents: i64,
    /// Number of the receipt, when something was paid.
    receipt_number: Option<String>,
}

async fn create(
    State(app): State<App>,
    actor: Actor,
    ValidJson(input): ValidJson<HandoverInput>,
) -> ApiResult<Created<HandoverView>> {
    let done = actions::hand_over(&app, &actor, &input).await?;
    let body = HandoverView {
        appointment: done.handover.appointment_id.0,
        request: input.request,
        device: done.device.code,
        at: done.handover.at,
        contribution_cents: done.handover.contribution_cents,
        receipt_number: done.handover.receipt_number,
    };
    Ok(Created {
        body,
        replayed: done.replayed,
    })
}

async fn checklists() -> Json<&'static BTreeMap<String, Vec<Item>>> {
    Json(&CHECKLISTS)
}
