//! Destroying a loose medium before a witness.

use chrono::{DateTime, Utc};
use entities::enums::{EvidenceKind, Level, SanitisationResult, Verification};
use entities::ids::{AccountId, SanitisationId};
use entities::{medium, sanitisation};
use schemars::JsonSchema;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use validator::Validate;

use crate::access::{Actor, Permission, steps as access};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::medium_event::MediumEvent;
use crate::devices::store::{Item, item};
use crate::devices::{At, media};
use crate::error::{Error, Result};
use crate::workshop::{bench, replay, store};

/// Who saw it, and the paper about it.
#[derive(Debug, Deserialize, Serialize, JsonSchema, Validate)]
pub(crate) struct DestructionInput {
    /// Made by the client: the same one again answers the same outcome.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<Uuid>")]
    pub(crate) id: Option<Uuid>,
    /// API token of the second person, who proves with it that they are there.
    #[validate(length(min = 1, max = 254, message = "Dites qui a vu la destruction."))]
    #[serde(skip_serializing)]
    pub(crate) witness: String,
    /// Reference of the certificate of destruction.
    #[validate(length(
        min = 1,
        max = 100,
        message = "Donnez la référence du certificat (100 caractères au plus)."
    ))]
    pub(crate) certificate: String,
}

/// What became of it.
#[derive(Debug)]
pub(crate) struct Destroyed {
    /// The medium as it is now.
    pub(crate) medium: medium::Model,
    /// The line of the register that closed it.
    pub(crate) sanitisation: SanitisationId,
    /// The same request came before.
    pub(crate) replayed: bool,
}

/// Destroys a loose medium at a workshop of one's own.
///
/// # Errors
/// `one-person-two-steps` when the witness is oneself, `wrong-place` when the medium is not loose here.
pub(crate) async fn destroy(
    app: &App,
    actor: &Actor,
    code: &str,
    input: &DestructionInput,
) -> Result<Destroyed> {
    actor.require(Permission::Refurbish)?;
    let now = app.clock.now();
    let at = At::now(now);
    let tx = app.db.write().await?;
    let Item::Medium(medium) = item(&tx, code).await? else {
        return Err(Error::NotFound("medium"));
    };
    let hash = replay::body_hash(actor, medium.id.0, input)?;
    let before = match input.id {
        Some(id) => store::sanitisation(&tx, SanitisationId(id)).await?,
        None => None,
    };
    if let Some(before) = before {
        replay::same(before.body_hash.as_ref(), &hash)?;
        return Ok(Destroyed {
            medium: *medium,
            sanitisation: before.id,
            replayed: true,
        });
    }
    let Some(site) = medium.site_id else {
        return Err(Error::refused(
            "wrong-place",
            "Retirez d’abord le support de son équipement.",
        ));
    };
    bench::is_workshop(access::own_site(&tx, actor, site).await?)?;
    let witness = witness(app, &tx, actor, input.witness.trim()).await?;
    let id = SanitisationId(input.id.unwrap_or_else(|| id_at(now)));
    let row = sanitisation::ActiveModel {
        body_hash: Set(Some(hash)),
        ..record_of(id, &medium, actor.account, input, now)
    };
    sanitisation::Entity::insert(row)
        .exec_without_returning(&tx)
        .await?;
    let event = MediumEvent::MediumDestroyed {
        witness,
        sanitisation: id,
    };
    let medium = media::record(&tx, &medium, &event, None, &actor.by(), at).await?;
    tx.commit().await?;
    Ok(Destroyed {
        medium,
        sanitisation: id,
        replayed: false,
    })
}

fn record_of(
    id: SanitisationId,
    medium: &medium::Model,
    account: AccountId,
    input: &DestructionInput,
    now: DateTime<Utc>,
) -> sanitisation::ActiveModel {
    sanitisation::ActiveModel {
        id: Set(id),
        medium_id: Set(medium.id),
        device_id: Set(None),
        evidence_id: Set(None),
        evidence_kind: Set(EvidenceKind::Declared),
        method: Set("destruction".to_owned()),
        level: Set(Level::Destroy),
        tool: Set(Some(format!("certificat {}", input.certificate.trim()))),
        verification: Set(Verification::None),
        result: Set(SanitisationResult::Success),
        reasons: Set("[]".to_owned()),
        account_id: Set(account),
        at: Set(now),
        body_hash: Set(None),
    }
}

/// The second person, who proves by their token that they are there; a name would prove nothing.
async fn witness(app: &App, tx: &Tx, actor: &Actor, token: &str) -> Result<AccountId> {
    let other = access::second_person(app, tx, actor, token, "#/witness").await?;
    if !other.works_with_or_coordinates(actor) {
        return Err(Error::field(
            "#/witness",
            "Le témoin doit être de votre structure, ou coordinateur.",
        ));
    }
    Ok(other.account)
}
