//! What the operator of an instance does at the command line, through the same actions as the pages.

use std::fmt;

use entities::enums::{DecidingBody, OrganisationKind, Role};
use serde::Serialize;

use crate::access::accounts::{self, AccountInput};
use crate::access::places::{self, OrganisationInput};
use crate::access::{Scope, assignments, store, tokens};
use crate::app::App;
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::french;
use crate::serve;
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

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    /// Whether it is as it should be.
    pub(crate) well: bool,
    /// What was seen, and what to do when it is not well.
    words: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            if self.well { "ok  " } else { "FAUX" },
            self.words
        )
    }
}

/// Looks at settings, folder, key and database.
pub(crate) async fn doctor(config: Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut look = |well: bool, words: String| findings.push(Finding { well, words });
    let secure = config.server.base_url.starts_with("https://");
    let local = config.server.listen.starts_with("127.0.0.1");
    look(
        secure || local,
        format!(
            "base_url {} (https hors de la machine)",
            config.server.base_url
        ),
    );
    match serve::refuse_mail_in_a_folder(&config) {
        Ok(()) => look(true, "les courriels partent par un serveur SMTP".to_owned()),
        Err(error) => look(false, format!("courriels : {error}")),
    }
    let dir = config.data.dir.display().to_string();
    match App::open(config, Clock::system(), Chance::system()).await {
        Err(error) => look(false, format!("dossier {dir} : {error}")),
        Ok(app) => {
            look(
                true,
                format!("dossier {dir}, clé et base de données ouverts"),
            );
            match app.db.pending_migrations().await {
                Ok(pending) => look(pending == 0, format!("{pending} migrations en attente")),
                Err(error) => look(false, format!("migrations : {error}")),
            }
            let today = french::local_date(app.clock.now());
            let administered = store::has_administrator(app.db.read(), today).await;
            let demo = store::has_demo_accounts(app.db.read()).await;
            match administered.and_then(|there| Ok((there, demo?))) {
                Ok((administered, demo)) => {
                    look(
                        administered,
                        "un compte d’administration (sinon : rebond account add)".to_owned(),
                    );
                    look(!demo, "aucun compte de démonstration".to_owned());
                }
                Err(error) => look(false, format!("comptes : {error}")),
            }
        }
    }
    findings
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
