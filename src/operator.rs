//! What the operator of an instance does at the command line, through the same actions as the pages.

use entities::enums::{DecidingBody, OrganisationKind, Role};
use entities::site;

use crate::access::accounts::{self, AccountInput};
use crate::access::places::{self, OrganisationInput};
use crate::access::{Actor, Scope, assignments, store, tokens};
use crate::app::App;
use crate::error::{Error, Result};
use crate::web::extract::validate;

/// Makes an organisation with what can be said in one line; its page says the rest.
pub(crate) async fn create_organisation(app: &App, slug: &str, name: String) -> Result<()> {
    let input = OrganisationInput {
        slug: slug.to_owned(),
        name,
        kind: OrganisationKind::Association,
        siret: None,
        may_sell: false,
        resale_status: None,
        may_issue_tax_receipts: false,
        certified_destruction: false,
        deciding_body: DecidingBody::Public,
        contact_email: None,
        contact_phone: None,
        postal_address: None,
        remedies: None,
        data_protection_contact: None,
    };
    validate(&input).map_err(plain)?;
    places::insert_organisation(app, None, input)
        .await
        .map_err(plain)
}

/// Adds an account and answers its first password.
pub(crate) async fn add_account(
    app: &App,
    (email, name): (String, Option<String>),
    role: &str,
    organisation: String,
    site: Option<String>,
) -> Result<String> {
    let role: Role = role.parse().map_err(|_| {
        let known: Vec<_> = Role::ALL.iter().map(|r| r.as_str()).collect();
        Error::setup(format!(
            "{role} is no role; choose one of {}",
            known.join(", ")
        ))
    })?;
    let input = AccountInput {
        display_name: name.unwrap_or_else(|| email.clone()),
        email: Some(email),
        service: false,
        role,
        organisation,
        site,
        starts_on: None,
        ends_on: None,
    };
    validate(&input).map_err(plain)?;
    let fresh = accounts::add_with_password(app, input).await;
    Ok(fresh.map_err(plain)?.password)
}

/// Who an import is on record as: the account named, else one of its own for each organisation, whose password
/// nobody was told. The journal then says what is true, that no person stood at the counter.
///
/// # Errors
/// When the account named is unknown, or the one found may not take gifts any more.
pub(crate) async fn importer(
    app: &App,
    site: &site::Model,
    named: Option<String>,
    dry_run: bool,
) -> Result<Actor> {
    let db = app.db.read();
    let owner = store::organisation(db, site.organisation_id).await?;
    let email = match &named {
        Some(email) => email.trim().to_lowercase(),
        None => format!("import@{}.invalid", owner.slug),
    };
    match store::account_by_email(db, &email).await? {
        Some(account) if account.disabled_at.is_some() => {
            return Err(Error::setup(format!("{email} is disabled")));
        }
        Some(_) => {}
        None if named.is_some() => {
            return Err(Error::setup(format!("no account is called {email}")));
        }
        None if dry_run => return Ok(Actor::importing(site)),
        None => {
            let input = AccountInput {
                email: Some(email.clone()),
                display_name: "Import de rapports".to_owned(),
                service: false,
                role: Role::Storekeeper,
                organisation: owner.slug,
                site: Some(site.slug.clone()),
                starts_on: None,
                ends_on: None,
            };
            accounts::add_with_password(app, input)
                .await
                .map_err(plain)?;
        }
    }
    assignments::acting(app, &email).await
}

/// Makes a token for an account in its usual role and answers it.
pub(crate) async fn add_token(app: &App, email: &str, label: &str, days: i64) -> Result<String> {
    let actor = assignments::acting(app, email).await?;
    let tx = app.db.write().await?;
    let role = assignments::of_actor(&tx, &actor).await?;
    let by = actor.account;
    let secret = tokens::insert(app, &tx, &role, label, &Scope::All, days, by).await?;
    tx.commit().await?;
    Ok(secret)
}

/// A fault of a field in one line, for a terminal.
fn plain(error: Error) -> Error {
    if let Error::Invalid(faults) = &error {
        let words: Vec<_> = faults
            .iter()
            .map(|f| format!("{}: {}", f.pointer.trim_start_matches("#/"), f.detail))
            .collect();
        return Error::setup(words.join("; "));
    }
    error
}
