//! Reads of letters that wait to be printed, and what is written once they are.

use chrono::{DateTime, Utc};
use entities::enums::Channel;
use entities::ids::{AccountId, MessageId, OrganisationId};
use entities::{message, request};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::delivery::forget;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::households;

/// Letters not printed yet, of the households whose requests a service filed.
fn of_service(organisation: OrganisationId) -> Select<message::Entity> {
    let households = Query::select()
        .column(request::Column::HouseholdId)
        .from(request::Entity)
        .and_where(request::Column::OrganisationId.eq(organisation))
        .to_owned();
    message::Entity::find()
        .filter(message::Column::Channel.eq(Channel::Letter))
        .filter(message::Column::DeliveredAt.is_null())
        .filter(message::Column::HouseholdId.in_subquery(households))
        .order_by_asc(message::Column::CreatedAt)
}

/// Letters of a service, the oldest first.
pub(super) async fn letters(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    limit: u64,
) -> Result<Vec<message::Model>> {
    Ok(of_service(organisation).limit(limit).all(db).await?)
}

/// One letter of a service.
pub(super) async fn letter(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    id: MessageId,
) -> Result<message::Model> {
    of_service(organisation)
        .filter(message::Column::Id.eq(id))
        .one(db)
        .await?
        .ok_or(Error::NotFound("letter"))
}

/// A letter was looked at: who read it and when is written before anybody sees it.
pub(super) async fn opened(
    tx: &Tx,
    letter: &message::Model,
    by: AccountId,
    now: DateTime<Utc>,
) -> Result<()> {
    if let Some(household) = letter.household_id {
        households::steps::note_read(tx, household, by, "letter", now).await?;
    }
    let changed = message::ActiveModel {
        opened_at: Set(Some(now)),
        ..Default::default()
    };
    message::Entity::update_many()
        .set(changed)
        .filter(message::Column::Id.eq(letter.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// A letter was printed: its content is forgotten.
pub(super) async fn printed(tx: &Tx, id: MessageId, now: DateTime<Utc>) -> Result<()> {
    let mut changed = message::ActiveModel::default();
    forget(&mut changed, now);
    message::Entity::update_many()
        .set(changed)
        .filter(message::Column::Id.eq(id))
        .filter(message::Column::DeliveredAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}
