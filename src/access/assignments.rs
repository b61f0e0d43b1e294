//! Assignments: what an account does, for whom, where, and from which day to which. An account may hold several; a
//! session or a token acts in exactly one, which is looked at again with every request.

use chrono::{DateTime, NaiveDate, Utc};
use entities::enums::Role;
use entities::ids::{AccountId, AccountRoleId, OrganisationId, SiteId};
use entities::{account, account_role, api_token, organisation, session, site};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Deserialize;
use validator::Validate;

use super::rules::{Scope, may_be_a_program, works_at_a_site};
use super::{Actor, Permission, store};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, OnConstraint, Result};
use crate::french;

/// An assignment as it is filled in.
#[derive(Clone, Debug, Deserialize, Validate)]
pub(crate) struct AssignmentInput {
    /// What the person does.
    pub(crate) role: Role,
    /// Slug of the organisation it is done for.
    #[validate(length(min = 1, max = 80, message = "Choisissez une structure."))]
    pub(crate) organisation: String,
    /// Slug of the site where the person usually works.
    #[validate(length(max = 80, message = "Site inconnu."))]
    pub(crate) site: Option<String>,
    /// First day; today when none is given.
    pub(crate) starts_on: Option<NaiveDate>,
    /// Last day.
    pub(crate) ends_on: Option<NaiveDate>,
}

/// An assignment with the names of its places.
#[derive(Clone, Debug)]
pub(crate) struct Assigned {
    /// The row.
    pub(crate) row: account_role::Model,
    /// Name of the organisation.
    pub(crate) organisation: String,
    /// Name of the site.
    pub(crate) site: Option<String>,
}

/// An assignment that counts on a day.
pub(super) fn live(today: NaiveDate) -> Condition {
    Condition::all()
        .add(account_role::Column::EndedAt.is_null())
        .add(account_role::Column::StartsOn.lte(today))
        .add(ends_no_sooner(today))
}

fn ends_no_sooner(today: NaiveDate) -> Expr {
    account_role::Column::EndsOn
        .is_null()
        .or(account_role::Column::EndsOn.gte(today))
}

/// The assignments of an account that count now, the oldest first.
pub(crate) async fn live_of(
    db: &impl ConnectionTrait,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<Vec<account_role::Model>> {
    Ok(account_role::Entity::find()
        .filter(account_role::Column::AccountId.eq(account))
        .filter(live(french::local_date(now)))
        .order_by_asc(account_role::Column::CreatedAt)
        .order_by_asc(account_role::Column::Id)
        .all(db)
        .await?)
}

/// The one an account acts in by itself: the last it acted in, else its oldest.
pub(super) async fn usual(
    db: &impl ConnectionTrait,
    account: &account::Model,
    now: DateTime<Utc>,
) -> Result<Option<account_role::Model>> {
    let mut all = live_of(db, account.id, now).await?;
    let last = all
        .iter()
        .position(|row| Some(row.id) == account.last_assignment_id);
    Ok(if all.is_empty() {
        None
    } else {
        Some(all.swap_remove(last.unwrap_or(0)))
    })
}

/// All assignments of some accounts that have not ended, or of one account with those that have, each with the names
/// of its places.
pub(crate) async fn assigned(
    db: &impl ConnectionTrait,
    accounts: Vec<AccountId>,
    ended_too: bool,
) -> Result<Vec<Assigned>> {
    let mut query = account_role::Entity::find()
        .filter(account_role::Column::AccountId.is_in(accounts))
        .order_by_asc(account_role::Column::StartsOn)
        .order_by_asc(account_role::Column::Id);
    if !ended_too {
        query = query.filter(account_role::Column::EndedAt.is_null());
    }
    let rows = query.all(db).await?;
    let organisations = organisation::Entity::find()
        .filter(organisation::Column::Id.is_in(rows.iter().map(|r| r.organisation_id)))
        .all(db)
        .await?;
    let sites = site::Entity::find()
        .filter(site::Column::Id.is_in(rows.iter().filter_map(|r| r.site_id)))
        .all(db)
        .await?;
    let organisation = |id: OrganisationId| {
        let found = organisations.iter().find(|o| o.id == id);
        found.map(|o| o.name.clone()).unwrap_or_default()
    };
    let site = |id: SiteId| sites.iter().find(|s| s.id == id).map(|s| s.name.clone());
    Ok(rows
        .into_iter()
        .map(|row| Assigned {
            organisation: organisation(row.organisation_id),
            site: row.site_id.and_then(site),
            row,
        })
        .collect())
}

/// Who some accounts were on a day in the past: their assignments that counted then, whatever came after.
pub(crate) async fn held(
    db: &impl ConnectionTrait,
    accounts: Vec<AccountId>,
) -> Result<Vec<account_role::Model>> {
    Ok(account_role::Entity::find()
        .filter(account_role::Column::AccountId.is_in(accounts))
        .order_by_asc(account_role::Column::CreatedAt)
        .all(db)
        .await?)
}

/// Gives an account one more role. Nobody gives themselves one.
pub(crate) async fn add(
    app: &App,
    actor: &Actor,
    account: AccountId,
    input: &AssignmentInput,
) -> Result<()> {
    actor.require(Permission::Administer)?;
    if account == actor.account {
        return Err(Error::refused(
            "own-account",
            "Demandez à quelqu’un d’autre\u{a0}: on ne se donne pas un rôle soi-même.",
        ));
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let to = store::account(&tx, account).await?;
    let row = insert(&tx, &to, input, now).await?;
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %account, assignment = %row.id, "role given");
    Ok(())
}

/// Writes an assignment.
pub(super) async fn insert(
    tx: &Tx,
    to: &account::Model,
    input: &AssignmentInput,
    now: DateTime<Utc>,
) -> Result<account_role::Model> {
    if to.service && !may_be_a_program(input.role) {
        return Err(Error::field(
            "#/role",
            "Un programme ne voit pas les foyers et n’administre pas\u{a0}: choisissez un autre rôle.",
        ));
    }
    let (organisation_id, site_id) = place(tx, input).await?;
    let starts_on = input.starts_on.unwrap_or_else(|| french::local_date(now));
    if input.ends_on.is_some_and(|end| end < starts_on) {
        return Err(Error::field(
            "#/ends_on",
            "Le dernier jour vient après le premier.",
        ));
    }
    let row = account_role::Model {
        id: AccountRoleId(id_at(now)),
        account_id: to.id,
        role: input.role,
        organisation_id,
        site_id,
        starts_on,
        ends_on: input.ends_on,
        ended_at: None,
        created_at: now,
    };
    account_role::Entity::insert(account_role::ActiveModel::from(row.clone()))
        .exec_without_returning(tx)
        .await
        .on_constraint("account_role_key", || {
            Error::field("#/role", "La personne a déjà ce rôle à cet endroit.")
        })?;
    Ok(row)
}

/// Ends an assignment at once: whoever acts in it is out, and its tokens open nothing any more.
pub(crate) async fn end(
    app: &App,
    actor: &Actor,
    account: AccountId,
    id: AccountRoleId,
) -> Result<()> {
    actor.require(Permission::Administer)?;
    if id == actor.assignment {
        return Err(Error::refused("own-account", ""));
    }
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let done = account_role::Entity::update_many()
        .col_expr(account_role::Column::EndedAt, Expr::value(now))
        .filter(account_role::Column::Id.eq(id))
        .filter(account_role::Column::AccountId.eq(account))
        .filter(account_role::Column::EndedAt.is_null())
        .exec(&tx)
        .await?;
    if done.rows_affected == 0 {
        return Err(Error::NotFound("assignment"));
    }
    // They are out anyway, by the look at each request; so that no list shows them as good either.
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::Column::AssignmentId.eq(id))
        .filter(session::Column::RevokedAt.is_null())
        .exec(&tx)
        .await?;
    api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(now))
        .filter(api_token::Column::AssignmentId.eq(id))
        .filter(api_token::Column::RevokedAt.is_null())
        .exec(&tx)
        .await?;
    tx.commit().await?;
    tracing::info!(by = %actor.account, account = %account, assignment = %id, "role ended");
    Ok(())
}

/// Goes on in another of one's own roles, in the same session.
pub(crate) async fn switch(app: &App, actor: &Actor, to: AccountRoleId) -> Result<()> {
    let session = actor.own_session()?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let row = live_of(&tx, actor.account, now)
        .await?
        .into_iter()
        .find(|row| row.id == to)
        .ok_or(Error::NotFound("assignment"))?;
    session::Entity::update_many()
        .set(session::ActiveModel {
            assignment_id: Set(row.id),
            site_id: Set(row.site_id),
            ..Default::default()
        })
        .filter(session::Column::Id.eq(session))
        .exec(&tx)
        .await?;
    note_last(&tx, actor.account, row.id).await?;
    tx.commit().await
}

/// Remembers in which role somebody acted last.
pub(super) async fn note_last(tx: &Tx, account: AccountId, id: AccountRoleId) -> Result<()> {
    account::Entity::update_many()
        .col_expr(account::Column::LastAssignmentId, Expr::value(id))
        .filter(account::Column::Id.eq(account))
        .exec(tx)
        .await?;
    Ok(())
}

/// The assignment that an actor acts in.
pub(crate) async fn of_actor(
    db: &impl ConnectionTrait,
    actor: &Actor,
) -> Result<account_role::Model> {
    account_role::Entity::find_by_id(actor.assignment)
        .one(db)
        .await?
        .ok_or(Error::NotFound("assignment"))
}

/// Somebody by their sign-in name, in their usual role: what a story of the demo or the operator does as them.
pub(crate) async fn acting(app: &App, email: &str) -> Result<Actor> {
    let db = app.db.read();
    let account = store::account_by_email(db, email)
        .await?
        .ok_or_else(|| Error::setup(format!("no account is called {email}")))?;
    let row = usual(db, &account, app.clock.now())
        .await?
        .ok_or_else(|| Error::setup(format!("{email} has no role today")))?;
    Ok(Actor {
        account: account.id,
        session: None,
        bench: None,
        assignment: row.id,
        role: row.role,
        organisation: row.organisation_id,
        site: row.site_id,
        name: account.display_name,
        owes: None,
        scope: Scope::All,
    })
}

/// The organisation and the site of an input, which must be the organisation's.
async fn place(tx: &Tx, input: &AssignmentInput) -> Result<(OrganisationId, Option<SiteId>)> {
    let organisation = organisation::Entity::find()
        .filter(organisation::Column::Slug.eq(input.organisation.as_str()))
        .one(tx)
        .await?
        .ok_or_else(|| Error::field("#/organisation", "Cette structure n’existe pas."))?;
    let Some(name) = &input.site else {
        return if works_at_a_site(input.role) {
            Err(Error::field(
                "#/site",
                "Ce rôle travaille à un site\u{a0}: choisissez-le.",
            ))
        } else {
            Ok((organisation.id, None))
        };
    };
    let site = site::Entity::find()
        .filter(site::Column::Slug.eq(name.as_str()))
        .one(tx)
        .await?
        .filter(|s| s.organisation_id == organisation.id)
        .ok_or_else(|| Error::field("#/site", "Ce site n’est pas à cette structure."))?;
    Ok((organisation.id, Some(site.id)))
}
