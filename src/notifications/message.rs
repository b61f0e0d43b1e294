//! What can be told to a household. Rendered in its language when it is delivered.

use chrono::{DateTime, Utc};
use entities::enums::{Outcome, ReleaseReason};
use serde::{Deserialize, Serialize};

/// Where and when one is expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meeting {
    /// When.
    pub(crate) starts_at: DateTime<Utc>,
    /// Name of the venue.
    pub(crate) venue: String,
    /// Its address.
    pub(crate) address: String,
    /// How to come.
    pub(crate) directions: Option<String>,
}

/// One thing told to a household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "snake_case")]
pub(crate) enum Message {
    /// A request was received.
    Received {
        /// Its reference.
        reference: String,
    },
    /// A request was decided.
    Decided {
        /// Its reference.
        reference: String,
        /// The answer.
        outcome: Outcome,
        /// Why, that an algorithm took part, and how to contest: in a letter alone, where nobody reads along.
        reasons: Vec<String>,
    },
    /// A device is held: choose a time.
    Held {
        /// Opens the household's pages.
        link: String,
    },
    /// An appointment is booked.
    Booked {
        /// The pickup.
        pickup: Meeting,
        /// The onboarding, when it is another visit.
        onboarding: Option<Meeting>,
        /// The six digits to say at the counter.
        code: String,
        /// Opens the household's pages.
        link: String,
    },
    /// An appointment was moved; the code stays.
    Moved {
        /// The pickup.
        pickup: Meeting,
        /// The onboarding, when it is another visit.
        onboarding: Option<Meeting>,
        /// Opens the household's pages.
        link: String,
    },
    /// After the pickup, the onboarding is at another time.
    Onboarding {
        /// When and where.
        onboarding: Meeting,
    },
    /// An appointment was cancelled.
    Cancelled {
        /// The pickup that was.
        pickup: Meeting,
    },
    /// The device is no longer held.
    HoldLost {
        /// Why.
        reason: ReleaseReason,
    },
    /// The old pickup code is dead.
    NewPickupCode {
        /// The new one.
        code: String,
    },
    /// Another link, which the household asked for; the older ones open nothing any more.
    NewLink {
        /// Opens the household's pages.
        link: String,
    },
    /// The appointment is soon.
    Reminder {
        /// The pickup.
        pickup: Meeting,
    },
    /// The device was handed over.
    HandedOver {},
}

impl Message {
    /// Its kind, as the outbox's row names it: no personal datum.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Received { .. } => "received",
            Self::Decided { .. } => "decided",
            Self::Held { .. } => "held",
            Self::Booked { .. } => "booked",
            Self::Moved { .. } => "moved",
            Self::Onboarding { .. } => "onboarding",
            Self::Cancelled { .. } => "cancelled",
            Self::HoldLost { .. } => "hold_lost",
            Self::NewLink { .. } => "new_link",
            Self::NewPickupCode { .. } => "new_pickup_code",
            Self::Reminder { .. } => "reminder",
            Self::HandedOver {} => "handed_over",
        }
    }
}

/// A file beside a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    /// File name.
    pub(crate) name: String,
    /// Media type.
    pub(crate) media_type: String,
    /// Its bytes, in hexadecimal: the content is kept as text.
    #[serde(with = "hex::serde")]
    pub(crate) bytes: Vec<u8>,
}

/// What is sealed in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "content", rename_all = "snake_case")]
pub(crate) enum Content {
    /// Told to a household, in its language.
    Household {
        /// What.
        told: Message,
    },
    /// A mail as it is.
    Mail {
        /// Subject.
        subject: String,
        /// Text.
        text: String,
        /// Files.
        attachments: Vec<Attachment>,
    },
}

/// Whom it goes to, sealed in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recipient {
    /// Language of the text.
    pub(crate) language: String,
    /// Telephone.
    pub(crate) phone: Option<String>,
    /// Address of mail.
    pub(crate) email: Option<String>,
    /// Address for letters.
    pub(crate) postal_address: Option<String>,
}
