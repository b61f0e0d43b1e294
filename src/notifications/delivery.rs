//! Delivery: what is due leaves, is forgotten, or is tried again later.

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::Channel;
use entities::message;
use lettre::message::header::ContentType;
use lettre::message::{Attachment as MailAttachment, Mailbox, MultiPart, SinglePart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::io::AsyncWriteExt;

use super::gsm;
use super::message::{Attachment, Content, Recipient};
use super::render::written;
use super::steps::{CONTENT, RECIPIENT};
use super::translations::language;
use crate::app::App;
use crate::config::Transport;
use crate::error::{Error, Result};

/// Folder of the data folder that messages become files in.
pub(super) const FOLDER: &str = "mail";
/// Tries before a message is given up.
const TRIES: i32 = 8;
/// Messages that leave in one look.
const MOST: u64 = 50;
/// How long a message is one worker's alone.
const CLAIM: TimeDelta = TimeDelta::minutes(5);

/// Sends what is due. Letters wait for somebody who prints them.
pub(crate) async fn deliver(app: &App) -> Result<()> {
    for row in claim(app).await? {
        let outcome = send(app, &row).await;
        settle(app, &row, outcome).await?;
    }
    Ok(())
}

/// Takes due messages: pushed forward, so that no other worker takes them meanwhile.
async fn claim(app: &App) -> Result<Vec<message::Model>> {
    let now = app.clock.now();
    let due = message::Entity::find()
        .filter(message::Column::NextAt.lte(now))
        .filter(message::Column::DeliveredAt.is_null())
        .filter(message::Column::GaveUpAt.is_null())
        .filter(message::Column::Channel.ne(Channel::Letter))
        .order_by_asc(message::Column::NextAt)
        .limit(MOST);
    // Nobody waits for the writer when there is nothing to take.
    if due.clone().one(app.db.read()).await?.is_none() {
        return Ok(Vec::new());
    }
    let tx = app.db.write().await?;
    let mut query = due;
    if tx.is_postgres() {
        query = query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let due = query.all(&tx).await?;
    if due.is_empty() {
        return Ok(due);
    }
    message::Entity::update_many()
        .set(message::ActiveModel {
            next_at: Set(now + CLAIM),
            ..Default::default()
        })
        .filter(message::Column::Id.is_in(due.iter().map(|m| m.id)))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(due)
}

/// Opens a message that is still to be delivered.
pub(crate) fn open(app: &App, row: &message::Model) -> Result<(Recipient, Content)> {
    let opened = |place, sealed: &Option<Vec<u8>>| {
        let sealed = sealed
            .as_deref()
            .ok_or_else(|| Error::broken("a message already forgotten"))?;
        app.keys.open_sealed(place, row.id.0, sealed)
    };
    let recipient =
        serde_json::from_slice(&opened(RECIPIENT, &row.recipient)?).map_err(Error::internal)?;
    let content =
        serde_json::from_slice(&opened(CONTENT, &row.content)?).map_err(Error::internal)?;
    Ok((recipient, content))
}

async fn send(app: &App, row: &message::Model) -> Result<()> {
    let (to, content) = open(app, row)?;
    let (subject, text, attachments) = match &content {
        Content::Household { told } => {
            let rendered = written(
                &app.config.server.base_url,
                row.channel,
                language(&to.language),
                told,
            );
            (rendered.subject, rendered.text, Vec::new())
        }
        Content::Mail {
            subject,
            text,
            attachments,
        } => (subject.clone(), text.clone(), attachments.clone()),
    };
    match row.channel {
        Channel::Email => {
            let address = to.email.ok_or_else(|| Error::broken("a mail to nobody"))?;
            mail(app, row, &address, &subject, &text, &attachments).await
        }
        Channel::Text => {
            let phone = to.phone.ok_or_else(|| Error::broken("a text to nobody"))?;
            phone_text(app, row, &phone, &gsm::for_phone(&text)).await
        }
        Channel::Letter => Err(Error::broken("letters are printed, not sent")),
    }
}

async fn mail(
    app: &App,
    row: &message::Model,
    address: &str,
    subject: &str,
    text: &str,
    attachments: &[Attachment],
) -> Result<()> {
    // Addresses stay out of errors, which are kept and logged.
    let builder = lettre::Message::builder()
        .from(sender(&app.config.mail.from)?)
        .to(address
            .parse()
            .map_err(|_| Error::broken("the recipient's address is no mail address"))?)
        .date(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds(app.clock.now())))
        .message_id(Some(format!("<{}@rebond>", row.id)))
        .subject(subject);
    let mut parts = MultiPart::mixed().singlepart(SinglePart::plain(text.to_owned()));
    for file in attachments {
        let kind = ContentType::parse(&file.media_type).map_err(Error::internal)?;
        parts =
            parts.singlepart(MailAttachment::new(file.name.clone()).body(file.bytes.clone(), kind));
    }
    let mail = builder.multipart(parts).map_err(Error::internal)?;
    match app.config.mail.transport {
        Transport::Folder => into_folder(app, row, "eml", &mail.formatted()).await,
        Transport::Smtp => {
            let transport: AsyncSmtpTransport<Tokio1Executor> =
                AsyncSmtpTransport::<Tokio1Executor>::from_url(&app.config.mail.smtp_url)
                    .map_err(|e| Error::setup(format!("mail.smtp_url: {e}")))?
                    .build();
            transport
                .send(mail)
                .await
                .map(|_| ())
                .map_err(|e| Error::broken(format!("smtp: {}", kind_of(&e))))
        }
    }
}

/// The sender of all mails, as the settings have it.
///
/// # Errors
/// When it is no mail address.
pub(crate) fn sender(from: &str) -> Result<Mailbox> {
    from.parse().map_err(|_| {
        Error::setup(format!(
            "mail.from: {from:?} is no mail address; write it as `Rebond <rebond@example.org>`"
        ))
    })
}

/// What went wrong, without the server's words: they may hold the address.
fn kind_of(error: &lettre::transport::smtp::Error) -> &'static str {
    if error.is_permanent() {
        "refused for good"
    } else if error.is_transient() {
        "refused for now"
    } else {
        "the server could not be reached"
    }
}

async fn phone_text(app: &App, row: &message::Model, phone: &str, text: &str) -> Result<()> {
    tracing::debug!(message.kind = %row.kind, parts = gsm::parts(text), "a text leaves");
    match app.config.mail.transport {
        Transport::Folder => {
            let body = format!("SMS {phone}\n\n{text}\n");
            into_folder(app, row, "txt", body.as_bytes()).await
        }
        Transport::Smtp => Err(Error::broken("no text gateway is configured")),
    }
}

/// Writes a message as a file: the demo's and the tests' way out.
async fn into_folder(app: &App, row: &message::Model, ending: &str, bytes: &[u8]) -> Result<()> {
    let folder = app.config.data.dir.join(FOLDER);
    tokio::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .await
        .map_err(Error::internal)?;
    let stamp = app.clock.now().format("%Y%m%dT%H%M%S");
    let name = format!("{stamp}-{}-{}.{ending}", row.kind, row.id);
    let mut file = tokio::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(folder.join(name))
        .await
        .map_err(Error::internal)?;
    file.write_all(bytes).await.map_err(Error::internal)?;
    file.flush().await.map_err(Error::internal)
}

async fn settle(app: &App, row: &message::Model, outcome: Result<()>) -> Result<()> {
    let now = app.clock.now();
    let attempts = row.attempts + 1;
    let mut changed = message::ActiveModel {
        attempts: Set(attempts),
        ..Default::default()
    };
    match outcome {
        Ok(()) => forget(&mut changed, now),
        Err(error) => {
            tracing::warn!(message.kind = %row.kind, attempts, %error, "a message could not be delivered");
            changed.last_error = Set(Some(error.to_string()));
            if attempts < TRIES {
                changed.next_at = Set(now + TimeDelta::minutes(1 << attempts.clamp(0, 10)));
            } else if becomes_a_letter(row) {
                // The household still has to know: its service prints it, with whatever code or link it holds.
                changed.channel = Set(Channel::Letter);
                changed.next_at = Set(now);
            } else {
                changed.gave_up_at = Set(Some(now));
                changed.recipient = Set(None);
                changed.content = Set(None);
            }
        }
    }
    let tx = app.db.write().await?;
    message::Entity::update_many()
        .set(changed)
        .filter(message::Column::Id.eq(row.id))
        .exec(&tx)
        .await?;
    tx.commit().await
}

/// Whether a message that can't leave still has to reach its household. An acknowledgement, a reminder or a thank-you
/// is worth nothing once it is late; donors and colleagues find theirs on the screen.
fn becomes_a_letter(row: &message::Model) -> bool {
    row.household_id.is_some()
        && !matches!(row.kind.as_str(), "received" | "reminder" | "handed_over")
}

/// Delivered: nothing of it stays but that it was.
pub(crate) fn forget(changed: &mut message::ActiveModel, now: DateTime<Utc>) {
    changed.delivered_at = Set(Some(now));
    changed.recipient = Set(None);
    changed.content = Set(None);
}

fn seconds(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.timestamp()).unwrap_or(0)
}
