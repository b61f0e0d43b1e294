//! Serving: the listener, the background work, an orderly end.

pub mod connections;

use entities::account;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::connections::Bounds;
use crate::app::App;
use crate::config::{Config, Transport};
use crate::error::{Error, Result};
use crate::{jobs, routes};

/// Refuses to serve the public with accounts whose passwords are known to everybody.
///
/// # Errors
/// A setup error when the database holds accounts of the demo.
pub(crate) async fn refuse_demo_accounts(app: &App) -> Result<()> {
    let demo = account::Entity::find()
        .filter(account::Column::Demo.eq(true))
        .count(app.db.read())
        .await?;
    if demo == 0 {
        Ok(())
    } else {
        Err(Error::setup(
            "this folder holds the demo's accounts: serve another one, or run `rebond demo`",
        ))
    }
}

/// Refuses to serve the public with messages that would lie in clear in a folder and reach nobody.
///
/// # Errors
/// A setup error that says what to set.
pub(crate) fn refuse_mail_in_a_folder(config: &Config) -> Result<()> {
    match config.mail.transport {
        Transport::Smtp => Ok(()),
        Transport::Folder => Err(Error::setup(
            "mail.transport is \"folder\", so messages would reach nobody: set REBOND_MAIL__TRANSPORT=smtp and \
             REBOND_MAIL__SMTP_URL=smtps://USER:PASSWORD@HOST:465, or run `rebond demo`",
        )),
    }
}

/// Takes the address of the settings.
///
/// # Errors
/// When somebody else has it.
pub(crate) async fn bind(app: &App) -> Result<TcpListener> {
    let listen = &app.config.server.listen;
    TcpListener::bind(listen)
        .await
        .map_err(|e| Error::setup(format!("{listen}: {e}; choose another with --listen")))
}

/// Answers requests and works in the background until the process is told to end.
///
/// # Errors
/// When the background work broke, or the database can't be closed.
pub async fn run(app: App, listener: TcpListener) -> Result<()> {
    let end = CancellationToken::new();
    let work = tokio::spawn(jobs::work(app.clone(), end.clone()));
    let signalled = end.clone();
    tokio::spawn(async move {
        wait_for_signal().await;
        signalled.cancel();
    });
    let bounds = Bounds {
        connections: app.config.server.connections,
        ..Bounds::default()
    };
    connections::answer(listener, routes::router(&app), bounds, end).await;
    work.await.map_err(Error::internal)?;
    app.db.close().await
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
