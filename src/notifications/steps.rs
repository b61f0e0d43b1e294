//! Queueing a message in the transaction of what it tells of.

use chrono::{DateTime, Utc};
use entities::enums::Channel;
use entities::ids::{HouseholdId, MessageId};
use entities::message;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;

use super::message::{Attachment, Content, Message, Recipient};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::households;

/// Place of the sealed recipient.
pub(super) const RECIPIENT: &str = "message.recipient";
/// Place of the sealed content.
pub(super) const CONTENT: &str = "message.content";

/// Tells a household something, by the channel and in the language it asked for.
pub(crate) async fn to_household(
    app: &App,
    tx: &Tx,
    household: HouseholdId,
    told: &Message,
    now: DateTime<Utc>,
) -> Result<()> {
    let contact = households::steps::contact(app, tx, household).await?;
    let recipient = Recipient {
        language: contact.language,
        phone: contact.phone,
        email: contact.email,
        postal_address: contact.postal_address,
    };
    let content = Content::Household { told: told.clone() };
    queue(
        app,
        tx,
        told.kind(),
        contact.channel,
        Some(household),
        &recipient,
        &content,
        now,
    )
    .await
}

/// Sends a mail: to donors and to the people who work here.
#[expect(clippy::too_many_arguments, reason = "a mail has these parts")]
pub(crate) async fn mail(
    app: &App,
    tx: &Tx,
    kind: &str,
    to: &str,
    subject: &str,
    text: &str,
    attachments: Vec<Attachment>,
    now: DateTime<Utc>,
) -> Result<()> {
    let recipient = Recipient {
        language: "fr".to_owned(),
        phone: None,
        email: Some(to.to_owned()),
        postal_address: None,
    };
    let content = Content::Mail {
        subject: subject.to_owned(),
        text: text.to_owned(),
        attachments,
    };
    queue(
        app,
        tx,
        kind,
        Channel::Email,
        None,
        &recipient,
        &content,
        now,
    )
    .await
}

#[expect(clippy::too_many_arguments, reason = "each is a column of the row")]
async fn queue(
    app: &App,
    tx: &Tx,
    kind: &str,
    channel: Channel,
    household: Option<HouseholdId>,
    recipient: &Recipient,
    content: &Content,
    now: DateTime<Utc>,
) -> Result<()> {
    let id = MessageId(id_at(now));
    let seal = |place, value: Vec<u8>| app.keys.seal(place, id.0, &value);
    message::Entity::insert(message::ActiveModel {
        id: Set(id),
        kind: Set(kind.to_owned()),
        channel: Set(channel),
        recipient: Set(Some(seal(
            RECIPIENT,
            serde_json::to_vec(recipient).map_err(Error::internal)?,
        )?)),
        content: Set(Some(seal(
            CONTENT,
            serde_json::to_vec(content).map_err(Error::internal)?,
        )?)),
        household_id: Set(household),
        created_at: Set(now),
        next_at: Set(now),
        attempts: Set(0),
        last_error: Set(None),
        opened_at: Set(None),
        delivered_at: Set(None),
        gave_up_at: Set(None),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}
