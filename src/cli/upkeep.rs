//! Commands that keep an instance whole: proof, anchors, backup, keys.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command speaks to its terminal"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::{Place, answer, value};
use crate::app::App;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::verify::{Report, verify, verify_against};
use crate::{anchors, backup, rotation};

/// Commands of upkeep.
#[derive(Debug, Subcommand)]
pub(super) enum Upkeep {
    /// Replay each journal and check each law on live data; fails on a breach.
    Verify {
        #[command(flatten)]
        place: Place,
        /// An anchor, as it was mailed or as it lies in the data folder: name what was dropped, cut or built anew since.
        #[arg(long, value_name = "ANCHOR")]
        against: Option<PathBuf>,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take an anchor now: a signed root over every journal, to be kept out of the house.
    Anchor {
        #[command(flatten)]
        place: Place,
        /// Write the statement to this file.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Back the instance up into one file while it works.
    Backup {
        #[command(flatten)]
        place: Place,
        /// The archive to make; one that is there already stays.
        file: PathBuf,
        /// Put the key file inside, too: whoever has the archive then reads everything.
        #[arg(long)]
        with_key: bool,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Restore a backup into an empty folder and an empty database, and verify it.
    Restore {
        #[command(flatten)]
        place: Place,
        /// The archive.
        file: PathBuf,
        /// The instance's key file, kept apart from the backup.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// The keys that seal what is personal.
    Key {
        #[command(subcommand)]
        what: KeyCommand,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a new key and seal everything anew, or go on with it; the instance may work meanwhile.
    Rotate {
        #[command(flatten)]
        place: Place,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs one of them.
pub(super) async fn run(command: Upkeep) -> Result<ExitCode> {
    match command {
        Upkeep::Verify {
            place,
            against,
            json,
        } => {
            let app = place.open().await?;
            let report = match against {
                Some(anchor) => verify_against(&app, &anchor).await?,
                None => verify(&app).await?,
            };
            answer(value(json, &report)?.as_ref(), &report);
            return Ok(verdict(&report));
        }
        Upkeep::Anchor { place, out, json } => {
            let taken = anchors::actions::take(&place.open().await?).await?;
            let text = taken.signed.text()?;
            if let Some(out) = &out {
                std::fs::write(out, &text)
                    .map_err(|e| Error::setup(format!("{}: {e}", out.display())))?;
            }
            if json || out.is_none() {
                println!("{text}");
            }
            eprintln!("liste : {}", taken.list.display());
        }
        Upkeep::Backup {
            place,
            file,
            with_key,
            json,
        } => {
            let settings = place.settings(None)?;
            let made = backup::backup(&settings, &file, with_key, &Clock::system()).await?;
            answer(
                value(json, &made)?.as_ref(),
                format_args!("{} : {made}", file.display()),
            );
        }
        Upkeep::Restore {
            place,
            file,
            key,
            json,
        } => {
            let settings = place.settings(None)?;
            let (manifest, report) = backup::restore(settings, &file, key.as_deref()).await?;
            let whole = json!({ "backup": manifest, "verify": report });
            answer(json.then_some(&whole), format_args!("{manifest}\n{report}"));
            return Ok(verdict(&report));
        }
        Upkeep::Key {
            what: KeyCommand::Rotate { place, json },
        } => return rotate(&place.open().await?, json).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// 0 only when no law is broken.
fn verdict(report: &Report) -> ExitCode {
    if report.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Turns the keys and says how far that came.
async fn rotate(app: &App, json: bool) -> Result<ExitCode> {
    let turned = rotation::rotate(app).await?;
    let state = if turned.finished {
        "l’ancienne clé n’est plus dans le fichier"
    } else if turned.unreadable > 0 {
        "des valeurs ne s’ouvrent avec aucune clé : voyez le journal ; l’ancienne clé reste"
    } else {
        "l’ancienne clé reste jusqu’à la nuit, ou jusqu’à ce que vous relanciez la commande après une minute"
    };
    answer(
        value(json, &turned)?.as_ref(),
        format_args!(
            "{} valeurs vues, {} scellées de nouveau ; {state}",
            turned.looked, turned.resealed
        ),
    );
    Ok(if turned.unreadable == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
