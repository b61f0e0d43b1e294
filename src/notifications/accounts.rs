//! Mails about an account: links by which it is entered, and what an administrator did to it. None holds a password.

use entities::enums::LinkKind;

use super::steps;
use crate::access;
use crate::access::accounts::{Telling, Told};
use crate::access::links::{Letter, Wanted};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::french;

/// Writes the mail of a link: its secret is drawn here, and stands sealed in the outbox and nowhere else.
///
/// # Errors
/// When the payload is not one of ours.
pub(crate) async fn write(app: &App, payload: &str) -> Result<()> {
    let wanted: Wanted = serde_json::from_str(payload).map_err(Error::internal)?;
    let tx = app.db.write().await?;
    let Some(letter) = access::links::draw(app, &tx, wanted.link).await? else {
        return Ok(());
    };
    match letter.link.kind {
        LinkKind::Invitation => invitation(app, &tx, &letter).await?,
        LinkKind::Reset => reset(app, &tx, &letter).await?,
        LinkKind::Address => address(app, &tx, &letter).await?,
        // Carried by a cookie, never by mail.
        LinkKind::SecondStep => return Ok(()),
    }
    tx.commit().await
}

async fn invitation(app: &App, tx: &Tx, letter: &Letter) -> Result<()> {
    let by = match letter.link.created_by {
        Some(by) => access::store::account(tx, by).await?.display_name,
        None => "L’administration".to_owned(),
    };
    let text = format!(
        "Bonjour {},\n\n{by} vous donne accès à Rebond. Choisissez votre mot de passe par ce lien, qui sert une \
         seule fois, jusqu’au {}\u{a0}:\n\n{}\n\nVous vous connecterez ensuite avec cette adresse. Si vous n’attendiez \
         rien, laissez ce message\u{a0}: sans vous, rien ne s’ouvre.",
        letter.account.display_name,
        french::date_time(letter.link.expires_at),
        letter.address,
    );
    let subject = "Votre accès à Rebond";
    send(
        app,
        tx,
        "account_invitation",
        &letter.account.email,
        subject,
        &text,
    )
    .await
}

async fn reset(app: &App, tx: &Tx, letter: &Letter) -> Result<()> {
    let text = format!(
        "Bonjour,\n\nUn nouveau mot de passe a été demandé pour votre compte Rebond. Choisissez-le par ce lien, qui \
         sert une seule fois, jusqu’au {}\u{a0}:\n\n{}\n\nToutes vos sessions et tous vos jetons seront fermés. Si vous \
         n’avez rien demandé, laissez ce message\u{a0}: votre mot de passe ne change pas.",
        french::date_time(letter.link.expires_at),
        letter.address,
    );
    let subject = "Choisir un nouveau mot de passe";
    send(
        app,
        tx,
        "account_reset",
        &letter.account.email,
        subject,
        &text,
    )
    .await
}

/// The new address is sent the link, the old one is told.
async fn address(app: &App, tx: &Tx, letter: &Letter) -> Result<()> {
    let Some(to) = &letter.link.address else {
        return Err(Error::broken("a link for an address without one"));
    };
    let text = format!(
        "Bonjour,\n\nCette adresse a été donnée pour un compte Rebond. Confirmez-la par ce lien, qui sert une seule \
         fois, jusqu’au {}\u{a0}:\n\n{}\n\nSi vous n’avez rien demandé, laissez ce message\u{a0}: rien ne change.",
        french::date_time(letter.link.expires_at),
        letter.address,
    );
    send(
        app,
        tx,
        "account_address",
        to,
        "Confirmer votre adresse",
        &text,
    )
    .await?;
    let told = "Bonjour,\n\nUne autre adresse a été demandée pour votre compte Rebond. Elle remplacera celle-ci dès \
                qu’elle sera confirmée. Si ce n’est pas vous, changez votre mot de passe et prévenez votre structure.";
    let subject = "Changement d’adresse demandé";
    send(
        app,
        tx,
        "account_address_told",
        &letter.account.email,
        subject,
        told,
    )
    .await
}

/// Queues the mail that tells somebody what an administrator did to their account.
///
/// # Errors
/// When the payload is not one of ours, or an account is gone.
pub(crate) async fn tell(app: &App, payload: &str) -> Result<()> {
    let telling: Telling = serde_json::from_str(payload).map_err(Error::internal)?;
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let to = access::store::account(&tx, telling.account).await?;
    let by = access::store::account(&tx, telling.by).await?;
    let (kind, subject, text) = match telling.what {
        Told::Password => (
            "password_given",
            "Un mot de passe provisoire vous a été donné",
            format!(
                "Bonjour,\n\n{} vous a donné un mot de passe provisoire pour Rebond, le {}. Vous le changerez en vous \
                 connectant\u{a0}: {}/sign-in\n\nVos sessions et vos jetons d’avant sont fermés. Si vous n’avez rien \
                 demandé, prévenez votre structure.",
                by.display_name,
                french::date_time(now),
                app.config.server.base_url
            ),
        ),
        Told::FactorRemoved => (
            "factor_removed",
            "Votre second facteur a été retiré",
            format!(
                "Bonjour,\n\n{} a retiré le second facteur de votre compte Rebond, le {}, et fermé vos sessions. Si \
                 votre rôle en demande un, vous en ferez un autre à la prochaine connexion. Si vous n’avez rien \
                 demandé, prévenez votre structure.",
                by.display_name,
                french::date_time(now),
            ),
        ),
    };
    send(app, &tx, kind, &to.email, subject, &text).await?;
    tx.commit().await
}

async fn send(app: &App, tx: &Tx, kind: &str, to: &str, subject: &str, text: &str) -> Result<()> {
    let now = app.clock.now();
    steps::mail(app, tx, kind, to, subject, text, Vec::new(), now).await
}
