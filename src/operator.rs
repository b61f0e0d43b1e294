//! What the operator of an instance does at the command line, through the same actions as the pages.

use entities::account;
use entities::enums::{DecidingBody, OrganisationKind, Role};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::access::accounts::{self, AccountInput};
use crate::access::places::{self, OrganisationInput};
use crate::access::sessions;
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
        email,
        role,
        organisation,
        site,
    };
    validate(&input).map_err(plain)?;
    Ok(accounts::insert(app, input).await.map_err(plain)?.password)
}

/// Makes a token for an account and answers it.
pub(crate) async fn add_token(app: &App, email: &str, label: &str) -> Result<String> {
    let found = account::Entity::find()
        .filter(account::Column::Email.eq(email.trim().to_lowercase()))
        .one(app.db.read())
        .await?
        .ok_or_else(|| Error::setup(format!("no account is called {email}")))?;
    let tx = app.db.write().await?;
    let secret = sessions::new_token(app, &tx, found.id, label).await?;
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
