//! What the counter has to know, read once.

use chrono::{DateTime, Utc};
use entities::enums::RequestStatus;
use entities::{
    allocation as allocation_row, appointment, device, donation, onboarding, organisation, request,
    venue,
};
use sea_orm::{ConnectionTrait, EntityTrait};

use super::checklist;
use super::input::HandoverInput;
use super::rules::Facts;
use crate::app::App;
use crate::appointments;
use crate::error::{Error, Result};
use crate::{access, allocation, requests};

/// Everything of one handover.
#[derive(Clone, Debug)]
pub(crate) struct Counter {
    /// The appointment.
    pub(crate) appointment: appointment::Model,
    /// Where it is.
    pub(crate) venue: venue::Model,
    /// Who hands over.
    pub(crate) organisation: organisation::Model,
    /// The household's onboarding.
    pub(crate) onboarding: onboarding::Model,
    /// The request.
    pub(crate) request: request::Model,
    /// The device scanned.
    pub(crate) device: device::Model,
    /// The live allocation of the request.
    pub(crate) hold: Option<allocation_row::Model>,
    /// Given by a public body.
    pub(crate) public_donor: bool,
    /// What the household has to pay, in cents.
    pub(crate) due_cents: i64,
    /// Cap of the kind, in cents.
    pub(crate) cap_cents: i64,
    /// The household still has the device that this one replaces.
    pub(crate) old_device_out: bool,
    /// The household has as many devices as its period allows.
    pub(crate) quota_reached: bool,
}

impl Counter {
    /// Reads what belongs to an appointment, a request and a device.
    pub(crate) async fn read(
        app: &App,
        db: &impl ConnectionTrait,
        appointment: appointment::Model,
        request: request::Model,
        device: device::Model,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let venue = access::store::venue_by_id(db, appointment.venue_id).await?;
        let organisation = access::store::organisation(db, venue.organisation_id).await?;
        let rows = appointments::store::requests_of(db, appointment.id).await?;
        let row = rows
            .iter()
            .find(|r| r.request_id == request.id)
            .ok_or(Error::NotFound("request"))?;
        let onboarding = appointments::store::onboarding(db, row.onboarding_id).await?;
        let hold = allocation::steps::live(db, request.id).await?;
        let gift = donation::Entity::find_by_id(device.donation_id)
            .one(db)
            .await?
            .ok_or(Error::NotFound("donation"))?;
        let policy = requests::steps::policy(app);
        let may_be_sold = !gift.public_donor || organisation.may_sell;
        let due_cents = requests::rules::contribution_due(
            policy,
            request.contribution_cents,
            device.kind,
            may_be_sold,
        );
        let old_device_out = match request.replaces {
            None => false,
            Some(old) => allocation::steps::live(db, old)
                .await?
                .is_some_and(|a| a.kept == Some(true)),
        };
        let quota_reached = requests::steps::over_quota(app, db, &request, now).await?;
        Ok(Self {
            cap_cents: policy.cap_cents(device.kind),
            public_donor: gift.public_donor,
            appointment,
            venue,
            organisation,
            onboarding,
            request,
            device,
            hold,
            due_cents,
            old_device_out,
            quota_reached,
        })
    }

    /// The facts that the rule decides on.
    pub(crate) fn facts<'a>(&self, input: &'a HandoverInput) -> Facts<'a> {
        Facts {
            device: self.device.id,
            stage: self.device.stage,
            custody: self.device.custody,
            site: self.device.site_id,
            venue_site: self.venue.site_id,
            held: self
                .hold
                .as_ref()
                .filter(|h| h.kept.is_none())
                .map(|h| h.device_id),
            request: self.request.status,
            appointment: self.appointment.state,
            starts_at: appointments::view::instant(self.appointment.starts_at),
            onboarding: self.onboarding.state,
            old_device_out: self.old_device_out,
            quota_reached: self.quota_reached && self.request.status == RequestStatus::Waiting,
            contribution_cents: self.due_cents,
            means_said: input.contribution.is_some(),
            ticked: &input.checklist,
            checklist: checklist::of(self.device.kind),
        }
    }
}
