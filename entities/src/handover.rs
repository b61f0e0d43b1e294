//! Handovers: the device changed hands.

use sea_orm::entity::prelude::*;

use crate::enums::PaymentMeans;
use crate::ids::{AccountId, AllocationId, AppointmentId, DeviceId, OrganisationId, RequestId};

/// One row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handover")]
pub struct Model {
    /// The allocation kept.
    #[sea_orm(primary_key, auto_increment = false)]
    pub allocation_id: AllocationId,
    /// The device.
    pub device_id: DeviceId,
    /// The request.
    pub request_id: RequestId,
    /// The appointment.
    pub appointment_id: AppointmentId,
    /// Always true: a key to `allocation.kept`.
    pub kept: bool,
    /// What the household pays.
    pub contribution_cents: i64,
    /// Cap of the kind.
    pub cap_cents: i64,
    /// Given by a public body.
    pub public_donor: bool,
    /// The handing organisation may sell such devices.
    pub seller_may_sell: bool,
    /// How it was paid.
    pub means: Option<PaymentMeans>,
    /// Reference of the payment.
    pub payment_reference: Option<String>,
    /// Number of the receipt when something was paid.
    pub receipt_number: Option<String>,
    /// JSON: what was handed with it.
    pub checklist: String,
    /// Who handed over.
    pub mediator_id: AccountId,
    /// Second person of an exception.
    pub witness_id: Option<AccountId>,
    /// Why the code was not given.
    pub exception: Option<String>,
    /// Who hands over.
    pub organisation_id: OrganisationId,
    /// When.
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
