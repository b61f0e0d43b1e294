//! Destroying a loose medium before a witness.

use chrono::{DateTime, Utc};
use entities::enums::{EvidenceKind, Level, SanitisationResult, Verification};
use entities::ids::{AccountId, SanitisationId};
use entities::{account, medium, sanitisation};
use schemars::JsonSchema;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use validator::Validate;

use crate::access::{Actor, Permission, sessions, steps as access};
use crate::app::App;
use crate::clock::id_at;
use crate::devices::medium_event::MediumEvent;
use crate::devices::store::{Item, item};
use crate::devices::{At, media};
use crate::error::{Error, Result};
use crate::workshop::bench;

/// Who saw it, and the paper about it.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub(crate) struct DestructionInput {
    /// The second person: their API token, which proves that they are there, or the e-mail of their
    /// account in the same organisation, which names them.
    #[validate(length(min = 1, max = 254, message = "Dites qui a vu la destruction."))]
    pub(crate) witness: String,
    /// Reference of the certificate of destruction.
    #[validate(length(
        min = 1,
        max = 100,
        message = "Donnez la référence du certificat (100 caractères au plus)."
    ))]
    pub(crate) certificate: String,
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
) -> Result<(medium::Model, SanitisationId)> {
    actor.require(Permission::Refurbish)?;
    let now = app.clock.now();
    let witness = witness(app, actor, input.witness.trim()).await?;
    let at = At::now(now);
    let tx = app.db.write().await?;
    let Item::Medium(medium) = item(&tx, code).await? else {
        return Err(Error::NotFound("medium"));
    };
    let Some(site) = medium.site_id else {
        return Err(Error::refused(
            "wrong-place",
            "Retirez d’abord le support de son équipement.",
        ));
    };
    bench::is_workshop(access::own_site(&tx, actor, site).await?)?;
    let id = SanitisationId(id_at(now));
    let row = record_of(id, &medium, actor.account, input, now);
    sanitisation::Entity::insert(row)
        .exec_without_returning(&tx)
        .await?;
    let event = MediumEvent::MediumDestroyed {
        witness,
        sanitisation: id,
    };
    let medium = media::record(&tx, &medium, &event, None, &actor.by(), at).await?;
    tx.commit().await?;
    Ok((medium, id))
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
    }
}

/// The account of the second person.
async fn witness(app: &App, actor: &Actor, named: &str) -> Result<AccountId> {
    let id = if named.contains('@') {
        account::Entity::find()
            .filter(account::Column::Email.eq(named.to_lowercase()))
            .filter(account::Column::OrganisationId.eq(actor.organisation))
            .filter(account::Column::DisabledAt.is_null())
            .one(app.db.read())
            .await?
            .map(|account| account.id)
    } else {
        sessions::by_token(app, named)
            .await?
            .map(|other| other.account)
    };
    let id = id.ok_or_else(|| {
        Error::field(
            "#/witness",
            "Ni un jeton valable, ni l’adresse d’un collègue de votre structure.",
        )
    })?;
    if id == actor.account {
        return Err(Error::refused(
            "one-person-two-steps",
            "Le témoin doit être quelqu’un d’autre que vous.",
        ));
    }
    Ok(id)
}
