//! What other domains ask of access inside their transaction.

use entities::enums::SiteKind;
use entities::ids::SiteId;
use entities::{account, reference_counter, site};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::access::{Actor, store};
use crate::app::App;
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

/// The second person of a step that nobody does alone, by their API token: another account that is still there.
/// `field` is where the token was typed.
pub(crate) async fn second_person(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    token: &str,
    field: &str,
) -> Result<account::Model> {
    let wrong = || Error::field(field, "Le jeton de la seconde personne n’est pas valable.");
    let other = crate::access::sessions::by_token(app, token)
        .await?
        .ok_or_else(wrong)?;
    if other.account == actor.account {
        return Err(Error::refused(
            "one-person-two-steps",
            "La seconde personne doit être quelqu’un d’autre.",
        ));
    }
    store::account(tx, other.account).await
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
