//! A hold as the API shows it.

use chrono::{DateTime, Utc};
use entities::{allocation, device, request};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// One hold as the API shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct HoldView {
    /// Identity.
    pub(crate) id: Uuid,
    /// Reference of the request.
    pub(crate) request: String,
    /// Code of the device.
    pub(crate) device: String,
    /// Until when it is held.
    pub(crate) ends_at: DateTime<Utc>,
}

impl HoldView {
    /// Of a hold, with its request and device.
    pub(crate) fn of(
        hold: &allocation::Model,
        request: request::Model,
        device: device::Model,
    ) -> Self {
        Self {
            id: hold.id.0,
            request: request.reference,
            device: device.code,
            ends_at: hold.ends_at,
        }
    }
}
