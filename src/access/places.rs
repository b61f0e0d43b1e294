//! What an administrator does with organisations, sites and venues: add and change. Nothing is deleted: devices
//! and appointments point at them for good.

use entities::enums::{DecidingBody, OrganisationKind, SiteKind};
use entities::ids::{OrganisationId, SiteId, VenueId};
use entities::{organisation, site, venue};
use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde::Deserialize;
use validator::{Validate, ValidationError};

use super::{Actor, Permission};
use crate::app::App;
use crate::clock::id_at;
use crate::error::{Error, OnConstraint, Result};

/// An organisation as it is filled in.
#[derive(Clone, Debug, Deserialize, Validate)]
pub(crate) struct OrganisationInput {
    /// Short name of the API.
    #[validate(custom(function = "is_slug"))]
    pub(crate) slug: String,
    /// Name shown to people.
    #[validate(length(min = 1, max = 120, message = "Entre 1 et 120 caractères."))]
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: OrganisationKind,
    /// SIRET.
    #[validate(custom(function = "is_siret"))]
    pub(crate) siret: Option<String>,
    /// May sell what public bodies gave.
    #[serde(default)]
    pub(crate) may_sell: bool,
    /// Why it may.
    #[validate(length(max = 200, message = "Au plus 200 caractères."))]
    pub(crate) resale_status: Option<String>,
    /// Of general interest.
    #[serde(default)]
    pub(crate) may_issue_tax_receipts: bool,
    /// Destroys media under certificate.
    #[serde(default)]
    pub(crate) certified_destruction: bool,
    /// Whether its refusals are administrative acts.
    pub(crate) deciding_body: DecidingBody,
    /// Contact printed on letters.
    #[validate(
        length(max = 254, message = "Adresse trop longue."),
        email(message = "Cette adresse de courriel n’est pas complète.")
    )]
    pub(crate) contact_email: Option<String>,
    /// Contact printed on letters.
    #[validate(length(max = 30, message = "Numéro trop long."))]
    pub(crate) contact_phone: Option<String>,
    /// Address printed on letters.
    #[validate(length(max = 300, message = "Au plus 300 caractères."))]
    pub(crate) postal_address: Option<String>,
    /// Remedies printed on refusals.
    #[validate(length(max = 2000, message = "Au plus 2 000 caractères."))]
    pub(crate) remedies: Option<String>,
    /// Who answers for personal data.
    #[validate(length(max = 254, message = "Trop long."))]
    pub(crate) data_protection_contact: Option<String>,
}

/// A site as it is filled in.
#[derive(Clone, Debug, Deserialize, Validate)]
pub(crate) struct SiteInput {
    /// Slug of who runs it.
    #[validate(length(min = 1, max = 80, message = "Choisissez une structure."))]
    pub(crate) organisation: String,
    /// Short name of the API.
    #[validate(custom(function = "is_slug"))]
    pub(crate) slug: String,
    /// Name shown to people.
    #[validate(length(min = 1, max = 120, message = "Entre 1 et 120 caractères."))]
    pub(crate) name: String,
    /// What is done there.
    pub(crate) kind: SiteKind,
    /// Where it is.
    #[validate(length(max = 300, message = "Au plus 300 caractères."))]
    pub(crate) postal_address: Option<String>,
    /// INSEE code.
    #[validate(custom(function = "is_commune"))]
    pub(crate) commune: Option<String>,
    /// Still in use.
    #[serde(default)]
    pub(crate) active: bool,
}

/// A venue as it is filled in.
#[derive(Clone, Debug, Deserialize, Validate)]
pub(crate) struct VenueInput {
    /// Slug of the site it hands devices out from; who runs the site receives there.
    #[validate(length(min = 1, max = 80, message = "Choisissez un site."))]
    pub(crate) site: String,
    /// Short name of the API.
    #[validate(custom(function = "is_slug"))]
    pub(crate) slug: String,
    /// Name shown to people.
    #[validate(length(min = 1, max = 120, message = "Entre 1 et 120 caractères."))]
    pub(crate) name: String,
    /// Where people come.
    #[validate(length(min = 1, max = 300, message = "Entre 1 et 300 caractères."))]
    pub(crate) postal_address: String,
    /// INSEE code.
    #[validate(custom(function = "is_commune"))]
    pub(crate) commune: String,
    /// How to come.
    #[validate(length(max = 400, message = "Au plus 400 caractères."))]
    pub(crate) directions: Option<String>,
    /// Hours a device needs to be there.
    #[validate(range(min = 0, max = 720, message = "Entre 0 et 720 heures."))]
    pub(crate) transfer_lead_hours: i32,
    /// Still in use.
    #[serde(default)]
    pub(crate) active: bool,
}

/// All organisations, by name.
pub(crate) async fn organisations(db: &impl ConnectionTrait) -> Result<Vec<organisation::Model>> {
    Ok(organisation::Entity::find()
        .order_by_asc(organisation::Column::Name)
        .all(db)
        .await?)
}

/// All venues, by name, those out of use too.
pub(crate) async fn venues(db: &impl ConnectionTrait) -> Result<Vec<venue::Model>> {
    Ok(venue::Entity::find()
        .order_by_asc(venue::Column::Name)
        .all(db)
        .await?)
}

/// An organisation by its slug.
pub(crate) async fn organisation(
    db: &impl ConnectionTrait,
    slug: &str,
) -> Result<organisation::Model> {
    organisation::Entity::find()
        .filter(organisation::Column::Slug.eq(slug))
        .one(db)
        .await?
        .ok_or(Error::NotFound("organisation"))
}

/// Adds an organisation, or changes the one of that id.
pub(crate) async fn save_organisation(
    app: &App,
    actor: &Actor,
    known: Option<OrganisationId>,
    input: OrganisationInput,
) -> Result<()> {
    actor.require(Permission::Administer)?;
    insert_organisation(app, known, input).await
}

/// As [`save_organisation`], for the operator at the command line.
pub(crate) async fn insert_organisation(
    app: &App,
    known: Option<OrganisationId>,
    input: OrganisationInput,
) -> Result<()> {
    if input.may_sell && input.resale_status.is_none() {
        return Err(Error::field(
            "#/resale_status",
            "Dites à quel titre elle peut vendre (CG3P, article L3212-3).",
        ));
    }
    let now = app.clock.now();
    let row = organisation::ActiveModel {
        id: key(known, || OrganisationId(id_at(now))),
        slug: Set(input.slug),
        name: Set(input.name),
        kind: Set(input.kind),
        siret: Set(input.siret.map(|s| s.replace(' ', ""))),
        may_sell: Set(input.may_sell),
        resale_status: Set(input.resale_status),
        may_issue_tax_receipts: Set(input.may_issue_tax_receipts),
        certified_destruction: Set(input.certified_destruction),
        deciding_body: Set(input.deciding_body),
        contact_email: Set(input.contact_email),
        contact_phone: Set(input.contact_phone),
        postal_address: Set(input.postal_address),
        remedies: Set(input.remedies),
        vat_mention: if known.is_some() { NotSet } else { Set(None) },
        data_protection_contact: Set(input.data_protection_contact),
        created_at: if known.is_some() { NotSet } else { Set(now) },
    };
    save(app, row, known.is_some(), "organisation_slug_key").await
}

/// Adds a site, or changes the one of that id. Who runs it does not change: what is there would change hands.
pub(crate) async fn save_site(
    app: &App,
    actor: &Actor,
    known: Option<SiteId>,
    input: SiteInput,
) -> Result<()> {
    actor.require(Permission::Administer)?;
    let run_by = organisation(app.db.read(), &input.organisation)
        .await
        .map_err(|_| Error::field("#/organisation", "Cette structure n’existe pas."))?;
    let now = app.clock.now();
    let row = site::ActiveModel {
        id: key(known, || SiteId(id_at(now))),
        organisation_id: if known.is_some() {
            NotSet
        } else {
            Set(run_by.id)
        },
        slug: Set(input.slug),
        name: Set(input.name),
        kind: Set(input.kind),
        postal_address: Set(input.postal_address),
        commune: Set(input.commune),
        active: Set(input.active),
        created_at: if known.is_some() { NotSet } else { Set(now) },
    };
    save(app, row, known.is_some(), "site_slug_key").await
}

/// Adds a venue, or changes the one of that id.
pub(crate) async fn save_venue(
    app: &App,
    actor: &Actor,
    known: Option<VenueId>,
    input: VenueInput,
) -> Result<()> {
    actor.require(Permission::Administer)?;
    let site = super::store::site(app.db.read(), &input.site)
        .await
        .map_err(|_| Error::field("#/site", "Ce site n’existe pas."))?;
    let now = app.clock.now();
    let row = venue::ActiveModel {
        id: key(known, || VenueId(id_at(now))),
        organisation_id: Set(site.organisation_id),
        site_id: Set(site.id),
        slug: Set(input.slug),
        name: Set(input.name),
        postal_address: Set(input.postal_address),
        commune: Set(input.commune),
        directions: Set(input.directions),
        transfer_lead_hours: Set(input.transfer_lead_hours),
        active: Set(input.active),
        created_at: if known.is_some() { NotSet } else { Set(now) },
    };
    save(app, row, known.is_some(), "venue_slug_key").await
}

fn key<T: Into<sea_orm::Value>>(
    known: Option<T>,
    new: impl FnOnce() -> T,
) -> sea_orm::ActiveValue<T> {
    match known {
        Some(id) => Unchanged(id),
        None => Set(new()),
    }
}

async fn save<A>(app: &App, row: A, known: bool, slug_key: &str) -> Result<()>
where
    A: ActiveModelTrait + sea_orm::ActiveModelBehavior + Send,
    <A::Entity as EntityTrait>::Model: sea_orm::IntoActiveModel<A>,
{
    let tx = app.db.write().await?;
    let taken = || Error::field("#/slug", "Ce nom court est déjà pris.");
    if known {
        A::Entity::update(row)
            .exec(&tx)
            .await
            .map(|_| ())
            .on_constraint(slug_key, taken)?;
    } else {
        A::Entity::insert(row)
            .exec_without_returning(&tx)
            .await
            .map(|_| ())
            .on_constraint(slug_key, taken)?;
    }
    tx.commit().await
}

fn is_slug(text: &str) -> std::result::Result<(), ValidationError> {
    let good = (2..=60).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        // Names of pages that begin like a place's.
        && text != "new";
    if good {
        Ok(())
    } else {
        Err(ValidationError::new("slug")
            .with_message("Des lettres minuscules sans accent, des chiffres et des tirets.".into()))
    }
}

fn is_siret(text: &str) -> std::result::Result<(), ValidationError> {
    let digits: Vec<u32> = text
        .chars()
        .filter(|c| *c != ' ')
        .filter_map(|c| c.to_digit(10))
        .collect();
    let only_digits = text.chars().all(|c| c == ' ' || c.is_ascii_digit());
    if only_digits && digits.len() == 14 {
        Ok(())
    } else {
        Err(ValidationError::new("siret").with_message("Un SIRET a 14 chiffres.".into()))
    }
}

fn is_commune(text: &str) -> std::result::Result<(), ValidationError> {
    let good = text.len() == 5
        && text
            .bytes()
            .enumerate()
            .all(|(n, b)| b.is_ascii_digit() || (n == 1 && matches!(b, b'A' | b'B')));
    if good {
        Ok(())
    } else {
        Err(ValidationError::new("commune").with_message(
            "Le code INSEE de la commune a 5 caractères (34172 pour Montpellier).".into(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_safe_in_an_address() {
        for good in ["montpellier-atelier", "bus2"] {
            assert!(is_slug(good).is_ok(), "{good}");
        }
        for wrong in ["", "a", "Été", "avec espace", "-x", "new", "a/b"] {
            assert!(is_slug(wrong).is_err(), "{wrong}");
        }
        assert!(
            is_commune("2A004").is_ok()
                && is_commune("34172").is_ok()
                && is_commune("3417").is_err()
        );
        assert!(is_siret("123 456 789 00012").is_ok() && is_siret("12345").is_err());
    }
}
