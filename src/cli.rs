//! The command line: one subcommand a thing an operator does. Errors are one line that says what to do;
//! the exit code is 0 only when all is well.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command speaks to its terminal"
)]

mod upkeep;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use serde_json::json;

use crate::app::App;
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::Config;
use crate::demo;
use crate::error::{Error, Result};
use crate::intake::reports;
use crate::{bench, doctor, operator, serve};

/// Rebond: from a donated computer to the household that needs it.
#[derive(Debug, Parser)]
#[command(name = "rebond", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the application.
    Serve {
        #[command(flatten)]
        place: Place,
        /// Settings file.
        #[arg(long)]
        config: Option<PathBuf>,
        /// Address and port to listen on.
        #[arg(long)]
        listen: Option<String>,
    },
    /// Serve a believable département, ready to use, without any configuration.
    Demo {
        /// Folder of the demo; an existing one goes on.
        #[arg(long, default_value = "rebond-demo")]
        dir: PathBuf,
        /// Address and port to listen on.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: String,
    },
    /// Accounts, for the operator: the first administrator comes from here.
    Account {
        #[command(subcommand)]
        what: AccountCommand,
    },
    /// Tokens of the API.
    Token {
        #[command(subcommand)]
        what: TokenCommand,
    },
    /// Fill an empty instance with invented devices, for trials of size.
    Seed {
        #[command(flatten)]
        place: Place,
        /// How many devices.
        #[arg(long)]
        devices: usize,
        /// How many of them one part of the département is given in a year: more are more parts and more years.
        #[arg(long, default_value_t = demo::A_YEAR)]
        a_year: usize,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Measure how much of what the database could do reaches a client.
    Bench {
        #[command(flatten)]
        place: Place,
        /// Fill and measure instances of these sizes, `2000,200000`: in folders under `--dir`, or in databases
        /// of the server that `--database` names. Without it the instance itself is measured.
        #[arg(long, value_delimiter = ',')]
        devices: Vec<usize>,
        /// Clients at once.
        #[arg(long, value_delimiter = ',', default_value = "1,8,32")]
        clients: Vec<usize>,
        /// Seconds of each kind of block for each figure.
        #[arg(long, default_value_t = 2.0)]
        seconds: f64,
        /// Only operations whose name holds this.
        #[arg(long)]
        only: Option<String>,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Register the computers that machine reports describe, as one gift. The operator answers for it: its donor
    /// gives them and agrees that their data are erased.
    Import {
        #[command(flatten)]
        place: Place,
        /// Reports (eReuse snapshots, lshw, smartctl, dmidecode, inxi, nwipe), or folders of them.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Slug of the site where the computers are.
        #[arg(long)]
        site: String,
        /// Reference of an open gift they belong to; a new one by default.
        #[arg(long)]
        donation: Option<String>,
        /// Sign-in name of who takes the gift; an account of the import's own by default.
        #[arg(long)]
        account: Option<String>,
        /// Say what would be done and write nothing.
        #[arg(long)]
        dry_run: bool,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Look whether the instance is set up right and does its work; says what to do.
    Doctor {
        #[command(flatten)]
        place: Place,
        /// Send a mail to this address, too.
        #[arg(long, value_name = "ADDRESS")]
        send_test: Option<String>,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    #[command(flatten)]
    Upkeep(upkeep::Upkeep),
    /// Bring the tables up to date.
    Migrate {
        #[command(flatten)]
        place: Place,
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Add an account and print its first password.
    Add {
        #[command(flatten)]
        place: Place,
        /// Sign-in name.
        email: String,
        /// What the person does: `administrator`, `coordinator`, …
        #[arg(long)]
        role: String,
        /// Slug of the organisation.
        #[arg(long)]
        organisation: String,
        /// Slug of the site, for roles that work at one.
        #[arg(long)]
        site: Option<String>,
        /// Name shown to colleagues; the mail address by default.
        #[arg(long)]
        name: Option<String>,
        /// Makes the organisation first, under this name.
        #[arg(long)]
        create: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token for an account and print it.
    Add {
        #[command(flatten)]
        place: Place,
        /// Sign-in name of the account.
        email: String,
        /// What it is for.
        #[arg(long, default_value = "command line")]
        label: String,
        /// Days it is good for.
        #[arg(long, default_value_t = crate::access::tokens::DAYS, value_parser = clap::value_parser!(i64).range(1..=crate::access::tokens::MOST_DAYS))]
        days: i64,
    },
}

/// Where the data are.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Folder of the embedded database and files.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// URL of the database, `sqlite://…` or `postgres://…`.
    #[arg(long)]
    database: Option<String>,
}

impl Place {
    /// The settings with this place in them.
    pub(crate) fn settings(&self, file: Option<&std::path::Path>) -> Result<Config> {
        let mut config = Config::load(file)?;
        if let Some(dir) = &self.dir {
            config.data.dir.clone_from(dir);
        }
        if let Some(url) = &self.database {
            config.database.url.clone_from(url);
        }
        Ok(config)
    }

    /// The instance of this place.
    pub(crate) async fn open(&self) -> Result<App> {
        let app = App::open(self.settings(None)?, Clock::system(), Chance::system()).await?;
        demo::refuse_half_full(&app).await?;
        Ok(app)
    }
}

/// Runs the command and answers its exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if !error.use_stderr() => {
            print!("{error}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("rebond: {}", misuse(&error));
            return ExitCode::from(MISUSED);
        }
    };
    init_logs();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("rebond: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli.command)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rebond: {}", one_line(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

/// Exit code of a command that can't be understood.
const MISUSED: u8 = 2;

/// What is wrong with a command line, in one line that says what to do.
fn misuse(error: &clap::Error) -> String {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "say what to do: `rebond --help` lists the commands".to_owned();
    }
    let text = error.to_string();
    // What is wrong comes first, its parts on lines of their own; tips and usage follow a blank line.
    let first = text.split("\n\n").next().unwrap_or(&text);
    format!(
        "{}; see `rebond --help`",
        one_line(first.trim_start_matches("error: "))
    )
}

/// A text on one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Prints an answer: as JSON, or in words.
fn answer(json: Option<&serde_json::Value>, words: impl std::fmt::Display) {
    match json {
        Some(json) => println!("{json:#}"),
        None => println!("{words}"),
    }
}

/// A value as JSON, when it is asked for.
fn value(json: bool, of: &impl serde::Serialize) -> Result<Option<serde_json::Value>> {
    json.then(|| serde_json::to_value(of))
        .transpose()
        .map_err(Error::internal)
}

#[expect(clippy::too_many_lines, reason = "one arm a command, each short")]
async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Serve {
            place,
            config,
            listen,
        } => {
            let mut config = place.settings(config.as_deref())?;
            if let Some(listen) = listen {
                if config.server.base_url == format!("http://{}", config.server.listen) {
                    config.server.base_url = format!("http://{listen}");
                }
                config.server.listen = listen;
            }
            serve::refuse_mail_in_a_folder(&config)?;
            let app = App::open(config, Clock::system(), Chance::system()).await?;
            demo::refuse_half_full(&app).await?;
            serve::refuse_demo_accounts(&app).await?;
            let listener = serve::bind(&app).await?;
            println!("Rebond : {}", app.config.server.base_url);
            serve::run(app, listener).await?;
        }
        Command::Demo { dir, listen } => {
            let app = demo::open(dir, listen).await?;
            let listener = serve::bind(&app).await?;
            println!("{}", demo::prepare(&app).await?.words());
            serve::run(app, listener).await?;
        }
        Command::Account {
            what:
                AccountCommand::Add {
                    place,
                    email,
                    role,
                    organisation,
                    site,
                    name,
                    create,
                },
        } => {
            let app = place.open().await?;
            if let Some(name) = create {
                operator::create_organisation(&app, &organisation, name).await?;
            }
            let who = (email, name);
            let password = operator::add_account(&app, who, &role, organisation, site).await?;
            println!("{password}");
        }
        Command::Token {
            what:
                TokenCommand::Add {
                    place,
                    email,
                    label,
                    days,
                },
        } => {
            let app = place.open().await?;
            let token = operator::add_token(&app, &email, &label, days).await?;
            println!("{token}");
        }
        Command::Seed {
            place,
            devices,
            a_year,
            json,
        } => {
            let app = place.open().await?;
            let told = demo::seed(&app, devices, a_year).await?;
            answer(
                json.then(|| serde_json::to_value(told))
                    .transpose()
                    .map_err(Error::internal)?
                    .as_ref(),
                format_args!("{devices} équipements, comptes de démonstration compris"),
            );
        }
        Command::Bench {
            place,
            devices,
            clients,
            seconds,
            only,
            json,
        } => {
            let asked = bench::Asked {
                devices,
                clients,
                seconds,
                only,
                dir: place.dir.clone(),
                server: place.database.clone(),
            };
            let report = if asked.devices.is_empty() {
                bench::one(&place.open().await?, &asked).await?
            } else {
                bench::run(&asked).await?
            };
            answer(value(json, &report)?.as_ref(), &report);
        }
        Command::Import {
            place,
            paths,
            site,
            donation,
            account,
            dry_run,
            json,
        } => {
            let app = place.open().await?;
            let wanted = reports::Wanted {
                paths,
                site,
                donation,
                dry_run,
            };
            return import(&app, wanted, account, json).await;
        }
        Command::Upkeep(what) => return upkeep::run(what).await,
        Command::Doctor {
            place,
            send_test,
            json,
        } => {
            return look_around(&place, send_test.as_deref(), json).await;
        }
        Command::Migrate { place, json } => {
            let app = place.open().await?;
            let pending = app.db.pending_migrations().await?;
            answer(
                json.then(|| json!({ "pending": pending })).as_ref(),
                format_args!("{pending} migrations en attente"),
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Imports machine reports, with a bar where somebody watches.
async fn import(
    app: &App,
    wanted: reports::Wanted,
    account: Option<String>,
    json: bool,
) -> Result<ExitCode> {
    let site = crate::access::store::site(app.db.read(), &wanted.site).await;
    let site = match site {
        Err(Error::NotFound(_)) => {
            return Err(Error::setup(format!("no site is called {}", wanted.site)));
        }
        found => found?,
    };
    let actor = operator::importer(app, &site, account, wanted.dry_run).await?;
    // Hidden by itself where stderr is no terminal.
    let bar = indicatif::ProgressBar::new(0);
    let imported = reports::import(app, &actor, wanted, |done, of| {
        bar.set_length(u64::try_from(of).unwrap_or(u64::MAX));
        bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
    })
    .await;
    bar.finish_and_clear();
    let imported = imported?;
    answer(value(json, &imported)?.as_ref(), &imported);
    Ok(if imported.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Looks whether the instance is set up right, and says so.
async fn look_around(place: &Place, send_test: Option<&str>, json: bool) -> Result<ExitCode> {
    let findings = doctor::look(place.settings(None)?, &Clock::system(), send_test).await;
    let well = findings.iter().all(|finding| finding.well);
    let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
    answer(
        json.then(|| json!({ "well": well, "findings": findings }))
            .as_ref(),
        lines.join("\n"),
    );
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn init_logs() {
    use std::io::IsTerminal;
    let filter = tracing_subscriber::EnvFilter::try_from_env("REBOND_LOG").unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new("info,sqlx=warn,sea_orm_migration=warn")
    });
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        logs.init();
    } else {
        logs.json().init();
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::internal(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(words: &[&str]) -> String {
        let words = std::iter::once("rebond").chain(words.iter().copied());
        misuse(&Cli::try_parse_from(words).unwrap_err())
    }

    #[test]
    fn a_misuse_is_one_line_that_says_what_to_do() {
        assert_eq!(
            refused(&["seed"]),
            "the following required arguments were not provided: --devices <DEVICES>; see `rebond --help`"
        );
        for wrong in [
            &["explode"][..],
            &["verify", "--jsn"],
            &["seed", "--devices", "many"],
            &["account"],
            &[],
        ] {
            let line = refused(wrong);
            assert!(!line.contains('\n'), "{line}");
            assert!(line.contains("`rebond --help`"), "{line}");
        }
    }

    #[test]
    fn whatever_computes_answers_as_json() {
        for command in [
            &["verify", "--json"][..],
            &["doctor", "--json"],
            &["migrate", "--json"],
            &["anchor", "--json"],
            &["seed", "--devices", "1", "--json"],
            &["import", "reports", "--site", "atelier", "--json"],
        ] {
            let words = std::iter::once("rebond").chain(command.iter().copied());
            Cli::try_parse_from(words).unwrap();
        }
    }
}
