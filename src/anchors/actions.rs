//! Taking an anchor: the list is written first, then the statement is kept and mailed in one transaction.

use std::path::PathBuf;

use entities::enums::ItemKind;

use super::list::{self, Entry, Writer};
use super::statement::{GENESIS, Signed, Statement};
use super::store;
use crate::app::App;
use crate::devices::journal::moment;
use crate::error::{Error, Result};
use crate::notifications;
use crate::notifications::message::Attachment;

/// The job that anchors.
pub(crate) const AT_NIGHT: &str = "anchor";

/// An anchor that was taken, and where its list lies.
pub(crate) struct Taken {
    /// Its statement.
    pub(crate) signed: Signed,
    /// Its list.
    pub(crate) list: PathBuf,
}

/// Takes an anchor now.
///
/// # Errors
/// [`Error::Stale`] when another instance took one meanwhile.
pub(crate) async fn take(app: &App) -> Result<Taken> {
    let db = app.db.read();
    let folder = list::folder(app);
    std::fs::create_dir_all(&folder).map_err(Error::internal)?;
    let draft = folder.join(format!("{}.partial", std::process::id()));
    let mut writer = Writer::create(&draft)?;
    for kind in [ItemKind::Device, ItemKind::Medium] {
        let mut page: Vec<Entry> = store::heads(db, kind, None).await?;
        while let Some(last) = page.last() {
            let after = last.id;
            for entry in &page {
                writer.push(entry)?;
            }
            page = store::heads(db, kind, Some(after)).await?;
        }
    }
    let last = store::latest(db).await?;
    let now = app.clock.now();
    let statement = Statement {
        number: last.as_ref().map_or(1, |last| last.number + 1),
        at: moment(now),
        devices: writer.devices,
        media: writer.media,
        root: writer.root(),
        previous: last.map_or_else(|| GENESIS.to_owned(), |last| last.hash),
    };
    let signed = statement.sign(&app.keys)?;
    writer.finish(&signed)?;

    let tx = app.db.write().await?;
    store::insert(&tx, &signed, now).await?;
    for to in &app.config.anchors.mail_to {
        mail(app, &tx, to, &signed, now).await?;
    }
    tx.commit().await?;
    // The list takes its name last: one that lost the race must not take the winner's place.
    let path = list::path(app, signed.anchor.number);
    std::fs::rename(&draft, &path).map_err(Error::internal)?;
    std::fs::File::open(&folder)
        .and_then(|folder| folder.sync_all())
        .map_err(Error::internal)?;
    Ok(Taken { signed, list: path })
}

/// Sends the statement out of the house.
async fn mail(
    app: &App,
    tx: &crate::db::Tx,
    to: &str,
    signed: &Signed,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    let stated = &signed.anchor;
    let text = format!(
        "Ancre n° {} du {}, {}\n\n{} équipements et {} supports de données.\nRacine : {}\nAncre précédente : {}\n\n\
         Conservez ce courriel et sa pièce jointe hors de portée de ceux qui administrent Rebond : ils prouvent \
         qu’aucun équipement n’a été retiré et qu’aucun journal n’a été coupé ou réécrit depuis.\n\
         Pour le vérifier : rebond verify --against ancre-{}.json\n",
        stated.number,
        stated.at,
        app.config.server.base_url,
        stated.devices,
        stated.media,
        stated.root,
        stated.previous,
        stated.number,
    );
    let attachment = Attachment {
        name: format!("ancre-{}.json", stated.number),
        media_type: "application/json".to_owned(),
        bytes: signed.text()?.into_bytes(),
    };
    let subject = format!("Rebond : ancre n° {}", stated.number);
    notifications::steps::mail(
        app,
        tx,
        "anchor",
        to,
        &subject,
        &text,
        vec![attachment],
        now,
    )
    .await
}
