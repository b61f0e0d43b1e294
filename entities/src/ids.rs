//! Id newtypes: an id of one table is never taken for one of another.

use schemars::JsonSchema;
use sea_orm::entity::prelude::*;
use sea_orm::{DbErr, TryFromU64};
use serde::{Deserialize, Serialize};

/// Declares an id newtype over a UUID that works as a primary key, single or composite.
macro_rules! id {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType, Serialize, Deserialize,
            JsonSchema,
        )]
        #[schemars(inline)]
        #[serde(transparent)]
        pub struct $name(
            /// The identity itself.
            pub Uuid,
        );

        impl TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                Err(DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

id! {
    /// Identity of an account.
    AccountId,
    /// Identity of a link or step of an account.
    AccountLinkId,
    /// Identity of an assignment: one role of an account.
    AccountRoleId,
    /// Identity of an allocation.
    AllocationId,
    /// Identity of an anchor.
    AnchorId,
    /// Identity of an appointment.
    AppointmentId,
    /// Identity of a badge.
    BadgeId,
    /// Identity of a shared bench.
    BenchId,
    /// Identity of a breach case.
    BreachCaseId,
    /// Identity of a decision.
    DecisionId,
    /// Identity of a device.
    DeviceId,
    /// Identity of a donation.
    DonationId,
    /// Identity of a donor.
    DonorId,
    /// Identity of an evidence.
    EvidenceId,
    /// Identity of a grading.
    GradingId,
    /// Identity of a household access.
    HouseholdAccessId,
    /// Identity of a household.
    HouseholdId,
    /// Identity of a household link.
    HouseholdLinkId,
    /// Identity of a job.
    JobId,
    /// Identity of a line.
    LineId,
    /// Identity of a lock.
    LockId,
    /// Identity of a lot.
    LotId,
    /// Identity of a lot item.
    LotItemId,
    /// Identity of a medium.
    MediumId,
    /// Identity of a message.
    MessageId,
    /// Identity of a need evidence.
    NeedEvidenceId,
    /// Identity of an onboarding.
    OnboardingId,
    /// Identity of an opening.
    OpeningId,
    /// Identity of an organisation.
    OrganisationId,
    /// Identity of a person.
    PersonId,
    /// Identity of a read record.
    ReadRecordId,
    /// Identity of a recovery code.
    RecoveryCodeId,
    /// Identity of a request.
    RequestId,
    /// Identity of a run.
    RunId,
    /// Identity of a sanitisation.
    SanitisationId,
    /// Identity of a seed.
    SeedingId,
    /// Identity of a session.
    SessionId,
    /// Identity of a shipment.
    ShipmentId,
    /// Identity of a site.
    SiteId,
    /// Identity of a token.
    TokenId,
    /// Identity of a venue.
    VenueId,
    /// Identity of a verification.
    VerificationId,
    /// Identity of a witness code.
    WitnessCodeId,
}
