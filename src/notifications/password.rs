//! The mail that tells somebody that a password was given for their account, and by whom. It holds no password.

use entities::ids::AccountId;
use serde::Deserialize;

use super::steps;
use crate::access;
use crate::app::App;
use crate::error::{Error, Result};
use crate::french;

/// Who was given a password, and by whom.
#[derive(Debug, Deserialize)]
struct Given {
    account: AccountId,
    by: AccountId,
}

/// Queues the mail of one password given.
///
/// # Errors
/// When the payload is not one of ours, or an account is gone.
pub(crate) async fn tell(app: &App, payload: &str) -> Result<()> {
    let given: Given = serde_json::from_str(payload).map_err(Error::internal)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let to = access::store::account(&tx, given.account).await?;
    let by = access::store::account(&tx, given.by).await?;
    let text = format!(
        "Bonjour,\n\n{} vous a donné un mot de passe provisoire pour Rebond, le {}. Vous le changerez en vous \
         connectant\u{a0}: {}/sign-in\n\nVos sessions et vos jetons d’avant sont fermés. Si vous n’avez rien demandé, \
         prévenez votre structure.",
        by.display_name,
        french::date_time(now),
        app.config.server.base_url
    );
    let subject = "Un mot de passe provisoire vous a été donné";
    steps::mail(
        app,
        &tx,
        "password_given",
        &to.email,
        subject,
        &text,
        Vec::new(),
        now,
    )
    .await?;
    tx.commit().await
}
