//! Reads of organisations, sites, venues and accounts. They serve inside and outside a transaction.

use entities::enums::Role;
use entities::ids::{AccountId, OrganisationId, SiteId, VenueId};
use entities::{account, account_role, organisation, site, venue};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::error::{Error, Result};

/// A site by its slug or id.
pub(crate) async fn site(db: &impl ConnectionTrait, name: &str) -> Result<site::Model> {
    let query = match Uuid::parse_str(name) {
        Ok(id) => site::Entity::find_by_id(SiteId(id)),
        Err(_) => site::Entity::find().filter(site::Column::Slug.eq(name)),
    };
    query.one(db).await?.ok_or(Error::NotFound("site"))
}

/// A site by its id.
pub(crate) async fn site_by_id(db: &impl ConnectionTrait, id: SiteId) -> Result<site::Model> {
    site::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound("site"))
}

/// The sites of an organisation, by name.
pub(crate) async fn sites_of(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<Vec<site::Model>> {
    Ok(site::Entity::find()
        .filter(site::Column::OrganisationId.eq(organisation))
        .filter(site::Column::Active.eq(true))
        .order_by_asc(site::Column::Name)
        .all(db)
        .await?)
}

/// All sites, by name.
pub(crate) async fn sites(db: &impl ConnectionTrait) -> Result<Vec<site::Model>> {
    Ok(site::Entity::find()
        .order_by_asc(site::Column::Name)
        .all(db)
        .await?)
}

/// A venue by its slug or id.
pub(crate) async fn venue(db: &impl ConnectionTrait, name: &str) -> Result<venue::Model> {
    let query = match Uuid::parse_str(name) {
        Ok(id) => venue::Entity::find_by_id(VenueId(id)),
        Err(_) => venue::Entity::find().filter(venue::Column::Slug.eq(name)),
    };
    query.one(db).await?.ok_or(Error::NotFound("venue"))
}

/// A venue by its id.
pub(crate) async fn venue_by_id(db: &impl ConnectionTrait, id: VenueId) -> Result<venue::Model> {
    venue::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound("venue"))
}

/// Venues in use, by name.
pub(crate) async fn venues(db: &impl ConnectionTrait) -> Result<Vec<venue::Model>> {
    Ok(venue::Entity::find()
        .filter(venue::Column::Active.eq(true))
        .order_by_asc(venue::Column::Name)
        .all(db)
        .await?)
}

/// The venues an organisation receives at, by name.
pub(crate) async fn venues_of(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
) -> Result<Vec<venue::Model>> {
    Ok(venue::Entity::find()
        .filter(venue::Column::OrganisationId.eq(organisation))
        .filter(venue::Column::Active.eq(true))
        .order_by_asc(venue::Column::Name)
        .all(db)
        .await?)
}

/// An organisation.
pub(crate) async fn organisation(
    db: &impl ConnectionTrait,
    id: OrganisationId,
) -> Result<organisation::Model> {
    organisation::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound("organisation"))
}

/// An account.
pub(crate) async fn account(db: &impl ConnectionTrait, id: AccountId) -> Result<account::Model> {
    account::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound("account"))
}

/// An account by its sign-in name.
pub(crate) async fn account_by_email(
    db: &impl ConnectionTrait,
    email: &str,
) -> Result<Option<account::Model>> {
    Ok(account::Entity::find()
        .filter(account::Column::Email.eq(email.trim().to_lowercase()))
        .one(db)
        .await?)
}

/// Accounts of these ids that may still enter, by name.
pub(crate) async fn accounts_of(
    db: &impl ConnectionTrait,
    ids: Vec<AccountId>,
) -> Result<Vec<account::Model>> {
    Ok(account::Entity::find()
        .filter(account::Column::Id.is_in(ids))
        .filter(account::Column::DisabledAt.is_null())
        .order_by_asc(account::Column::DisplayName)
        .all(db)
        .await?)
}

/// How many accounts may enter.
pub(crate) async fn active_accounts(db: &impl ConnectionTrait) -> Result<u64> {
    Ok(account::Entity::find()
        .filter(account::Column::DisabledAt.is_null())
        .count(db)
        .await?)
}

/// Whether somebody administers.
pub(crate) async fn has_administrator(
    db: &impl ConnectionTrait,
    today: chrono::NaiveDate,
) -> Result<bool> {
    let roles = account_role::Entity::find()
        .filter(account_role::Column::Role.eq(Role::Administrator))
        .filter(crate::access::assignments::live(today))
        .all(db)
        .await?;
    let ids = roles.iter().map(|role| role.account_id).collect();
    Ok(!accounts_of(db, ids).await?.is_empty())
}

/// Whether the instance holds accounts of the demo.
pub(crate) async fn has_demo_accounts(db: &impl ConnectionTrait) -> Result<bool> {
    let one = account::Entity::find()
        .filter(account::Column::Demo.eq(true))
        .one(db)
        .await?;
    Ok(one.is_some())
}
