//! Destroying a loose medium before a witness.

use chrono::{DateTime, Utc};
use entities::enums::{EvidenceKind, Level, SanitisationResult, Verification};
use entities::ids::{AccountId, SanitisationId};
use entities::{medium, sanitisation};
use schemars::JsonSchema;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde::Deserialize;
use validator::Validate;

use crate::access::{Actor, Permission, steps as access};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::devices::medium_event::MediumEvent;
use crate::devices::store::{Item, item};
use crate::devices::{At, media};
use crate::error::{Error, Result};
use crate::workshop::bench;

/// Who saw it, and the paper about it.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub(crate) struct DestructionInput {
    /// API token of the second person, who proves with it that they are there.
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
    let witness = witness(app, &tx, actor, input.witness.trim()).await?;
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

/// The second person, who proves by their token that they are there; a name would prove nothing.
async fn witness(app: &App, tx: &Tx, actor: &Actor, token: &str) -> Result<AccountId> {
    let other = access::second_person(app, tx, actor, token, "#/witness").await?;
    let oversees = crate::access::rules::may(other.role, Permission::Allocate);
    if other.organisation_id != actor.organisation && !oversees {
        return Err(Error::field(
            "#/witness",
            "Le témoin doit être de votre structure, ou coordinateur.",
        ));
    }
    Ok(other.id)
}
