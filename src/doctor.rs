//! `rebond doctor`: looks at everything an operator is responsible for, and says what to do.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entities::enums::Channel;
use entities::{custody_event, job, message};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, Statement,
};
use serde::Serialize;

use crate::access::store;
use crate::app::App;
use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::{Config, Transport};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::french;
use crate::notifications::delivery;
use crate::seal::KeyRing;
use crate::{anchors, backup, serve, upkeep, verify};

/// How good a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Good,
    /// To be looked at; the instance does its work.
    Watch,
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    /// Stable name of what was looked at.
    what: &'static str,
    /// Whether the instance may go on like that.
    pub(crate) well: bool,
    level: Level,
    /// What was seen, and what to do when it is not good.
    words: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.level {
            Level::Good => "ok   ",
            Level::Watch => "À VOIR",
            Level::Wrong => "FAUX ",
        };
        write!(f, "{mark} {} : {}", self.what, self.words)
    }
}

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn say(&mut self, what: &'static str, level: Level, words: impl Into<String>) {
        self.0.push(Finding {
            what,
            well: level != Level::Wrong,
            level,
            words: words.into(),
        });
    }

    fn good_or(
        &mut self,
        what: &'static str,
        good: bool,
        otherwise: Level,
        words: impl Into<String>,
    ) {
        self.say(what, if good { Level::Good } else { otherwise }, words);
    }

    /// What could not be looked at is wrong.
    fn tried(&mut self, what: &'static str, tried: Result<()>) {
        if let Err(error) = tried {
            self.say(what, Level::Wrong, error.to_string());
        }
    }
}

/// Longest that a mail server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks at settings, folder, key, mail and database. Changes nothing; with an address, a mail is sent to it.
pub(crate) async fn look(config: Config, clock: &Clock, send_test: Option<&str>) -> Vec<Finding> {
    let mut found = Findings::default();
    settings(&mut found, &config);
    let tried = mail(&mut found, &config, send_test).await;
    found.tried("courriels", tried);
    if folder(&mut found, &config.data.dir) {
        let tried = database(&mut found, config, clock).await;
        found.tried("base", tried);
    }
    found.0
}

fn settings(found: &mut Findings, config: &Config) {
    let server = &config.server;
    let good = server.base_url.starts_with("https://") || server.listen.starts_with("127.0.0.1");
    found.good_or(
        "adresse",
        good,
        Level::Wrong,
        format!(
            "server.base_url {} (https hors de la machine)",
            server.base_url
        ),
    );
    if config.anchors.mail_to.is_empty() {
        found.say(
            "anchors.mail_to",
            Level::Watch,
            "les ancres ne quittent pas la maison : donnez l’adresse de quelqu’un qui n’administre pas Rebond",
        );
    }
}

async fn mail(found: &mut Findings, config: &Config, send_test: Option<&str>) -> Result<()> {
    if let Err(error) = serve::refuse_mail_in_a_folder(config) {
        found.say("courriels", Level::Wrong, error.to_string());
        return Ok(());
    }
    match config.mail.transport {
        Transport::Folder => return Ok(()),
        Transport::Smtp => {}
    }
    let smtp: AsyncSmtpTransport<Tokio1Executor> =
        AsyncSmtpTransport::<Tokio1Executor>::from_url(&config.mail.smtp_url)
            .map_err(|e| Error::setup(format!("mail.smtp_url : {e}")))?
            .timeout(Some(PATIENCE))
            .build();
    let answers = smtp.test_connection().await;
    let words = match &answers {
        Ok(true) => "le serveur SMTP répond".to_owned(),
        Ok(false) => "le serveur SMTP ne répond pas comme il doit".to_owned(),
        Err(_) => {
            "le serveur SMTP ne répond pas : vérifiez mail.smtp_url et le pare-feu".to_owned()
        }
    };
    found.good_or(
        "courriels",
        matches!(answers, Ok(true)),
        Level::Wrong,
        words,
    );
    let Some(to) = send_test else { return Ok(()) };
    let test = lettre::Message::builder()
        .from(delivery::sender(&config.mail.from)?)
        .to(to
            .parse()
            .map_err(|_| Error::setup(format!("{to} n’est pas une adresse")))?)
        .subject("Rebond : essai")
        .body("Ce courriel d’essai est parti de « rebond doctor ».\n".to_owned())
        .map_err(Error::internal)?;
    let sent = smtp.send(test).await;
    let words = match &sent {
        Ok(_) => format!("essai remis au serveur pour {to} : regardez s’il arrive"),
        Err(error) => format!("essai refusé : {error}"),
    };
    found.good_or("essai", sent.is_ok(), Level::Wrong, words);
    Ok(())
}

/// The data folder; answers whether there is an instance in it.
fn folder(found: &mut Findings, dir: &Path) -> bool {
    let key = dir.join("key");
    if !key.exists() {
        found.say(
            "dossier",
            Level::Wrong,
            format!("{} ne contient pas de clé : donnez le bon --dir, ou lancez d’abord `rebond migrate`", dir.display()),
        );
        return false;
    }
    match KeyRing::open(&key, Chance::system()) {
        Err(error) => {
            found.say("clé", Level::Wrong, error.to_string());
            return false;
        }
        Ok(keys) => match keys.turning() {
            None => found.say(
                "clé",
                Level::Good,
                format!("{}, à son seul propriétaire", key.display()),
            ),
            Some(since) => found.say(
                "clé",
                Level::Watch,
                format!(
                    "une rotation est en cours depuis le {} : relancez `rebond key rotate`",
                    day(since)
                ),
            ),
        },
    }
    match rustix::fs::statvfs(dir) {
        Err(error) => found.say(
            "disque",
            Level::Watch,
            format!("{} : {error}", dir.display()),
        ),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let level = match free >> 20 {
                0..512 => Level::Wrong,
                512..4096 => Level::Watch,
                _ => Level::Good,
            };
            found.say(
                "disque",
                level,
                format!("{} Mio libres (en garder 4096)", free >> 20),
            );
        }
    }
    true
}

async fn database(found: &mut Findings, config: Config, clock: &Clock) -> Result<()> {
    let db = Db::open(&config.database_url()).await?;
    let pending = db.pending_migrations().await?;
    found.good_or(
        "migrations",
        pending == 0,
        Level::Wrong,
        format!("{pending} en attente (faites une sauvegarde, puis `rebond migrate`)"),
    );
    if db.is_postgres() {
        postgres(found, db.read(), clock).await?;
    } else {
        sqlite(found, db.read()).await?;
    }
    db.close().await?;
    if pending > 0 {
        return Ok(());
    }
    let app = App::open(config, clock.clone(), Chance::system()).await?;
    let now = clock.now();
    people(found, &app).await?;
    proofs(found, &app, now).await?;
    queues(found, &app, now).await?;
    app.db.close().await
}

/// SQLite keeps what was answered only in this mode.
async fn sqlite(found: &mut Findings, db: &DatabaseConnection) -> Result<()> {
    let mode: String = one(db, "pragma journal_mode").await?;
    let kept: i64 = one(db, "pragma synchronous").await?;
    found.good_or(
        "SQLite",
        mode == "wal" && kept >= 2,
        Level::Wrong,
        format!("journal {mode}, synchronous {kept} (attendus : wal, 2 ; un disque réseau ne convient pas)"),
    );
    Ok(())
}

async fn postgres(found: &mut Findings, db: &DatabaseConnection, clock: &Clock) -> Result<()> {
    for setting in [
        "show fsync",
        "show synchronous_commit",
        "show full_page_writes",
    ] {
        let value: String = one(db, setting).await?;
        found.good_or(
            "PostgreSQL",
            value != "off",
            Level::Wrong,
            format!(
                "{} {value} (sans quoi ce qui fut confirmé peut se perdre)",
                &setting[5..]
            ),
        );
    }
    let owned: i64 = one(
        db,
        "select count(*) from pg_tables where schemaname = 'public' and tableowner = current_user",
    )
    .await?;
    found.good_or(
        "rôle",
        owned == 0,
        Level::Watch,
        format!(
            "le rôle de l’application possède {owned} tables (il pourrait ôter les verrous du journal : migrez sous un \
             autre rôle et n’accordez que select, insert, update, delete)"
        ),
    );
    let theirs: f64 = one(db, "select extract(epoch from now())::float8").await?;
    #[expect(clippy::cast_precision_loss, reason = "seconds")]
    let apart = (clock.now().timestamp() as f64 - theirs).abs();
    found.good_or(
        "horloge",
        apart < 5.0,
        Level::Wrong,
        format!("{apart:.0} s d’écart avec la base (réglez les deux sur un serveur de temps)"),
    );
    Ok(())
}

async fn people(found: &mut Findings, app: &App) -> Result<()> {
    let db = app.db.read();
    let today = french::local_date(app.clock.now());
    found.good_or(
        "comptes",
        store::has_administrator(db, today).await?,
        Level::Wrong,
        "un compte d’administration (sinon : `rebond account add`)",
    );
    found.good_or(
        "démonstration",
        !store::has_demo_accounts(db).await?,
        Level::Wrong,
        "aucun compte de démonstration (sinon : servez un autre dossier)",
    );
    Ok(())
}

/// What proves that nothing was lost: the last verification, anchor and backup; and that time goes forward.
async fn proofs(found: &mut Findings, app: &App, now: DateTime<Utc>) -> Result<()> {
    let db = app.db.read();
    let newest = custody_event::Entity::find()
        .order_by_desc(custody_event::Column::Seq)
        .one(db)
        .await?;
    if let Some(newest) = &newest {
        found.good_or(
            "heure",
            newest.recorded_at <= now + TimeDelta::seconds(5),
            Level::Wrong,
            format!(
                "il est {}, le dernier événement est du {} (une horloge qui recule fausse les délais : réglez-la)",
                day(now),
                day(newest.recorded_at)
            ),
        );
    }
    let last = verify::latest(app).await?;
    if let Some(last) = &last {
        found.good_or(
            "lois",
            last.breaches == 0,
            Level::Wrong,
            format!(
                "{} enfreintes à la dernière vérification (détail : `rebond verify`)",
                last.breaches
            ),
        );
    }
    age(
        found,
        "vérification",
        last.map(|l| l.at),
        now,
        2,
        "`rebond verify`, et regardez pourquoi le travail de nuit ne passe pas",
    );
    let last = anchors::store::latest(db).await?.map(|row| row.at);
    age(
        found,
        "ancre",
        last,
        now,
        2,
        "`rebond anchor`, et regardez pourquoi le travail de nuit ne passe pas",
    );
    let last = upkeep::last(db, backup::UPKEEP).await?;
    age(
        found,
        "sauvegarde",
        last,
        now,
        2,
        "`rebond backup FICHIER` chaque nuit, et rangez-la ailleurs",
    );
    Ok(())
}

/// Something that is to be done every day: never done is to be seen to, stopped is wrong.
fn age(
    found: &mut Findings,
    what: &'static str,
    last: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    days: i64,
    todo: &str,
) {
    match last {
        None => found.say(what, Level::Watch, format!("jamais encore ({todo})")),
        Some(at) => found.good_or(
            what,
            now - at <= TimeDelta::days(days),
            Level::Wrong,
            format!("la dernière est du {} ({todo})", day(at)),
        ),
    }
}

async fn queues(found: &mut Findings, app: &App, now: DateTime<Utc>) -> Result<()> {
    let db = app.db.read();
    let waiting = message::Entity::find()
        .filter(message::Column::DeliveredAt.is_null())
        .filter(message::Column::GaveUpAt.is_null());
    let stuck = waiting
        .clone()
        .filter(message::Column::Channel.ne(Channel::Letter))
        .filter(message::Column::CreatedAt.lt(now - TimeDelta::hours(1)))
        .count(db)
        .await?;
    found.good_or(
        "messages",
        stuck == 0,
        Level::Wrong,
        format!("{stuck} attendent depuis plus d’une heure (le service tourne-t-il ? le serveur SMTP répond-il ?)"),
    );
    let given_up = message::Entity::find()
        .filter(message::Column::GaveUpAt.gt(now - TimeDelta::days(30)))
        .count(db)
        .await?;
    found.good_or(
        "messages abandonnés",
        given_up == 0,
        Level::Watch,
        format!(
            "{given_up} en trente jours (adresses fausses ; la page des messages dit lesquels)"
        ),
    );
    let stuck = job::Entity::find()
        .filter(job::Column::RunAt.lt(now - TimeDelta::hours(1)))
        .filter(job::Column::DoneAt.is_null())
        .filter(job::Column::GaveUpAt.is_null())
        .count(db)
        .await?;
    found.good_or(
        "tâches",
        stuck == 0,
        Level::Wrong,
        format!("{stuck} attendent depuis plus d’une heure (le service tourne-t-il ?)"),
    );
    let given_up = job::Entity::find()
        .filter(job::Column::GaveUpAt.gt(now - TimeDelta::days(30)))
        .count(db)
        .await?;
    found.good_or(
        "tâches abandonnées",
        given_up == 0,
        Level::Wrong,
        format!("{given_up} en trente jours (la colonne last_error de la table job dit pourquoi)"),
    );
    Ok(())
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

async fn one<T: sea_orm::TryGetable>(db: &DatabaseConnection, sql: &'static str) -> Result<T> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db
        .query_one_raw(statement)
        .await?
        .ok_or_else(|| Error::broken("a setting that is always there is not"))?;
    row.try_get_by_index::<T>(0).map_err(Error::from)
}
