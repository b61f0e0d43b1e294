//! What other domains ask of access inside their transaction.

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::{Role, SiteKind};
use entities::ids::{AccountId, AccountRoleId, OrganisationId, SiteId, WitnessCodeId};
use entities::{account_role, reference_counter, site, witness_code};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use crate::access::rules::Scope;
use crate::access::{Actor, Permission, assignments, rules, store, tokens};
use crate::app::App;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};

/// The site of that id, when the actor works there.
///
/// # Errors
/// `site-foreign` when the actor does not work at the site.
pub(crate) async fn own_site(tx: &Tx, actor: &Actor, id: SiteId) -> Result<site::Model> {
    works_at(actor, store::site_by_id(tx, id).await?)
}

/// The site named, or the one the actor stands at.
///
/// # Errors
/// `site-foreign` when the actor does not work there; a field error when none is named and the actor has none.
pub(crate) async fn standing_site(
    tx: &Tx,
    actor: &Actor,
    named: Option<&str>,
) -> Result<site::Model> {
    match (named, actor.site) {
        (Some(name), _) => works_at(actor, store::site(tx, name).await?),
        (None, Some(id)) => works_at(actor, store::site_by_id(tx, id).await?),
        (None, None) => Err(Error::field("#/site", "Dites à quel site vous êtes.")),
    }
}

/// As [`standing_site`], and the site is a workshop.
pub(crate) async fn standing_workshop(
    tx: &Tx,
    actor: &Actor,
    named: Option<&str>,
) -> Result<site::Model> {
    let site = standing_site(tx, actor, named).await?;
    if site.kind == SiteKind::Workshop {
        Ok(site)
    } else {
        Err(Error::refused(
            "not-a-workshop",
            format!("« {} » n’est pas un atelier.", site.name),
        ))
    }
}

fn works_at(actor: &Actor, site: site::Model) -> Result<site::Model> {
    if site.organisation_id == actor.organisation && site.active {
        Ok(site)
    } else {
        Err(Error::refused(
            "site-foreign",
            "Ce site n’est pas un de ceux où vous travaillez.",
        ))
    }
}

/// Letters of a witness code, and minutes it is good for.
const WITNESS_LETTERS: usize = 8;
const WITNESS_MINUTES: i64 = 10;

/// The second person of an act, in the role they act in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Second {
    /// Who.
    pub(crate) account: AccountId,
    /// In what role.
    pub(crate) role: Role,
    /// For whom.
    pub(crate) organisation: OrganisationId,
}

impl Second {
    /// Whether they work for the actor's organisation, or coordinate all of them.
    pub(crate) fn works_with_or_coordinates(&self, actor: &Actor) -> bool {
        self.organisation == actor.organisation || rules::may(self.role, Permission::Allocate)
    }
}

/// The second person of an act, by the witness code that they made on their own page just before: another account
/// that is still there. The code is spent in this transaction: it witnesses this act or, when the act is refused,
/// none. A program, which carries a token itself, may bring the second person's token instead; a form may not, or a
/// token read once over a shoulder would be a second person for ever. `field` is where it was typed.
///
/// # Errors
/// A fault at `field`, where it was typed, when it is no code; `one-person-two-steps` when it is the actor's own.
pub(crate) async fn second_person(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    named: &str,
    field: &str,
) -> Result<Second> {
    let other = match spend_witness_code(app, tx, named).await? {
        Some(second) => Some(second),
        None if actor.session.is_none() => tokens::by_token(app, named)
            .await?
            // What may only read, or only some things, witnesses nothing.
            .filter(|other| other.scope == Scope::All)
            .map(|other| Second {
                account: other.account,
                role: other.role,
                organisation: other.organisation,
            }),
        None => None,
    };
    let other = other.ok_or_else(|| {
        Error::field(
            field,
            "Ce code de témoin n’est pas valable\u{a0}: le collègue en fait un autre dans « Mon compte ».",
        )
    })?;
    if other.account == actor.account {
        return Err(Error::refused(
            "one-person-two-steps",
            "La seconde personne doit être quelqu’un d’autre.",
        ));
    }
    Ok(other)
}

/// Makes a code by which an account is the second person of one act within minutes; earlier ones are gone.
pub(crate) async fn new_witness_code(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<String> {
    witness_code::Entity::delete_many()
        .filter(witness_code::Column::AccountId.eq(actor.account))
        .exec(tx)
        .await?;
    let code = app.chance.secret(WITNESS_LETTERS);
    witness_code::Entity::insert(witness_code::ActiveModel {
        id: Set(WitnessCodeId(id_at(now))),
        account_id: Set(actor.account),
        assignment_id: Set(Some(actor.assignment)),
        code_hash: Set(witness_hash(app, &code)),
        created_at: Set(now),
        expires_at: Set(now + TimeDelta::minutes(WITNESS_MINUTES)),
        used_at: Set(None),
    })
    .exec_without_returning(tx)
    .await?;
    let (first, rest) = code.split_at(WITNESS_LETTERS / 2);
    Ok(format!("{first}-{rest}"))
}

/// Spends a witness code and answers whose it was.
async fn spend_witness_code(app: &App, tx: &Tx, typed: &str) -> Result<Option<Second>> {
    let now = app.clock.now();
    let good = Condition::all()
        .add(witness_code::Column::CodeHash.eq(witness_hash(app, typed)))
        .add(witness_code::Column::ExpiresAt.gt(now))
        .add(witness_code::Column::UsedAt.is_null());
    let found = witness_code::Entity::find()
        .filter(good.clone())
        .one(tx)
        .await?;
    let Some(code) = found else {
        return Ok(None);
    };
    let done = witness_code::Entity::update_many()
        .col_expr(witness_code::Column::UsedAt, Expr::value(now))
        .filter(good)
        .exec(tx)
        .await?;
    let account = store::account(tx, code.account_id).await?;
    let role = role_now(tx, code.assignment_id, now).await?;
    let good = done.rows_affected == 1 && account.disabled_at.is_none();
    Ok(role.filter(|_| good).map(|role| Second {
        account: account.id,
        role: role.role,
        organisation: role.organisation_id,
    }))
}

/// The role of an assignment, as long as it counts.
async fn role_now(
    tx: &Tx,
    id: Option<AccountRoleId>,
    now: DateTime<Utc>,
) -> Result<Option<account_role::Model>> {
    let Some(id) = id else {
        return Ok(None);
    };
    Ok(account_role::Entity::find_by_id(id)
        .filter(assignments::live(crate::french::local_date(now)))
        .one(tx)
        .await?)
}

/// As it is kept: dashes and small letters don't matter.
fn witness_hash(app: &App, code: &str) -> Vec<u8> {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    app.keys
        .keyed_hash("witness-code", plain.as_bytes())
        .to_vec()
}

/// The next reference of a series, `D-2026-000123`. The counter's row is locked until the commit: no gap, no double.
pub(crate) async fn next_reference(tx: &Tx, letter: &str, year: i32) -> Result<String> {
    let number = next_number(tx, &format!("{letter}-{year}")).await?;
    Ok(format!("{letter}-{year}-{number:06}"))
}

/// The next number of a series.
pub(crate) async fn next_number(tx: &Tx, series: &str) -> Result<i64> {
    let row = reference_counter::ActiveModel {
        series: Set(series.to_owned()),
        last: Set(0),
    };
    reference_counter::Entity::insert(row)
        .on_conflict(
            OnConflict::column(reference_counter::Column::Series)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    reference_counter::Entity::update_many()
        .col_expr(
            reference_counter::Column::Last,
            Expr::col(reference_counter::Column::Last).add(1),
        )
        .filter(reference_counter::Column::Series.eq(series))
        .exec(tx)
        .await?;
    let row = reference_counter::Entity::find_by_id(series.to_owned())
        .one(tx)
        .await?;
    Ok(row.ok_or(Error::NotFound("series"))?.last)
}
