//! Background work: a table of jobs queued in the transaction that wants them, and what is done regularly.
//!
//! Jobs are idempotent: a worker that dies is followed by another once its claim ends.

use std::time::Duration;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use entities::ids::JobId;
use entities::job;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;
use crate::appointments::reminders;
use crate::clock::id_at;
use crate::db::Tx;
use crate::error::{Error, Result};
use crate::requests::retention;
use crate::seal::sha256;
use crate::{access, anchors, french, intake, notifications, rotation, verify};

/// How long a worker has a job to itself.
const CLAIM: TimeDelta = TimeDelta::minutes(5);
/// Tries before a job is given up.
const TRIES: i32 = 8;
/// Pause between two looks at the table.
const PAUSE: Duration = Duration::from_secs(2);

/// How a job's try ended, when it did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Try again later.
    Retry(Error),
    /// No use in trying again.
    GiveUp(Error),
}

/// Queues a job in an open transaction: it runs if and only if the change is kept.
pub(crate) async fn enqueue(
    tx: &Tx,
    kind: &str,
    payload: &serde_json::Value,
    run_at: DateTime<Utc>,
) -> Result<()> {
    job::Entity::insert(row(JobId(id_at(run_at)), kind, payload.to_string(), run_at))
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// What is done once a night, after three in the morning in Paris.
const NIGHTLY: [&str; 4] = [
    retention::AT_NIGHT,
    verify::AT_NIGHT,
    anchors::AT_NIGHT,
    rotation::AT_NIGHT,
];
/// Hour of the night, local time.
const HOUR: u32 = 3;

/// Queues the work of the coming night, unless it waits: a new instance waits for its first night. One that slept
/// through the night works when it wakes.
async fn wait_for_night(app: &App) -> Result<()> {
    for kind in NIGHTLY {
        if !waits(app, kind).await? {
            let tx = app.db.write().await?;
            enqueue_once(&tx, kind, next_night(app.clock.now())).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// The next three o'clock in the morning, in Paris.
fn next_night(now: DateTime<Utc>) -> DateTime<Utc> {
    let today = french::local_date(now);
    let hour = NaiveTime::from_hms_opt(HOUR, 0, 0).unwrap_or_default();
    [today, today + TimeDelta::days(1)]
        .into_iter()
        .filter_map(|day| {
            day.and_time(hour)
                .and_local_timezone(french::PARIS)
                .earliest()
        })
        .map(|at| at.to_utc())
        .find(|at| *at > now)
        .unwrap_or(now + TimeDelta::days(1))
}

/// Queues a job without arguments, once for its moment: another instance may want the same.
async fn enqueue_once(tx: &Tx, kind: &str, run_at: DateTime<Utc>) -> Result<()> {
    let name = sha256(format!("{kind} {run_at}").as_bytes());
    let id = Uuid::from_u128(
        name.iter()
            .take(16)
            .fold(0, |all, byte| all << 8 | u128::from(*byte)),
    );
    job::Entity::insert(row(JobId(id), kind, "null".to_owned(), run_at))
        .on_conflict(OnConflict::column(job::Column::Id).do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Whether a job of this kind is queued and not done.
async fn waits(app: &App, kind: &str) -> Result<bool> {
    let found = job::Entity::find()
        .filter(job::Column::Kind.eq(kind))
        .filter(job::Column::DoneAt.is_null())
        .filter(job::Column::GaveUpAt.is_null())
        .one(app.db.read())
        .await?;
    Ok(found.is_some())
}

fn row(id: JobId, kind: &str, payload: String, run_at: DateTime<Utc>) -> job::ActiveModel {
    job::ActiveModel {
        id: Set(id),
        kind: Set(kind.to_owned()),
        payload: Set(payload),
        run_at: Set(run_at),
        attempts: Set(0),
        claimed_until: Set(None),
        last_error: Set(None),
        done_at: Set(None),
        gave_up_at: Set(None),
        created_at: Set(run_at),
    }
}

/// How long work under way may take once it is told to end. What is dropped then leaves no half: its transaction is
/// rolled back, and its claim ends.
const FAREWELL: Duration = Duration::from_secs(25);

/// Works until told to end, and a little longer for what is under way.
pub(crate) async fn work(app: App, end: CancellationToken) {
    let _working = app.worker.begin();
    let ended = async {
        end.cancelled().await;
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! {
        () = look_again_and_again(&app, &end) => {}
        () = ended => tracing::warn!("background work was still under way and will be taken up again"),
    }
}

async fn look_again_and_again(app: &App, end: &CancellationToken) {
    while !end.is_cancelled() {
        match run_due(app).await {
            Ok(()) => app.worker.looked(app.clock.now()),
            Err(error) => tracing::error!(%error, "background work failed"),
        }
        tokio::select! {
            () = end.cancelled() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Runs everything that is due now: regular work first, then the queue until it is empty. What fails holds up nothing
/// else; the first failure is answered, the others are logged.
pub async fn run_due(app: &App) -> Result<()> {
    // Each part is cheap when there is nothing to do. Jobs may queue messages: those leave in the same look.
    let parts = [
        crate::appointments::sweep::end_holds(app).await,
        drain(app).await,
        crate::notifications::delivery::deliver(app).await,
        wait_for_night(app).await,
    ];
    let mut first = Ok(());
    for part in parts {
        match (&first, part) {
            (Err(_), Err(error)) => tracing::error!(%error, "background work failed too"),
            (Ok(()), failed @ Err(_)) => first = failed,
            (_, Ok(())) => {}
        }
    }
    first
}

/// Works the queue until it is empty.
async fn drain(app: &App) -> Result<()> {
    while let Some(job) = claim(app).await? {
        let outcome = perform(app, &job).await;
        settle(app, &job, outcome).await?;
    }
    Ok(())
}

/// One try of one job.
async fn perform(app: &App, job: &job::Model) -> Result<(), Failure> {
    match job.kind.as_str() {
        intake::receipt::MAIL => intake::receipt::send(app, &job.payload).await,
        reminders::REMIND => reminders::send(app, &job.payload).await,
        access::accounts::TELL => notifications::accounts::tell(app, &job.payload).await,
        access::links::WRITE => notifications::accounts::write(app, &job.payload).await,
        access::links::FORGOTTEN => access::links::look_up_forgotten(app, &job.payload).await,
        retention::AT_NIGHT => retention::erase_silent(app).await,
        verify::AT_NIGHT => verify::run(app).await.map(|_| ()),
        rotation::AT_NIGHT => rotation::go_on(app).await.map(|_| ()),
        anchors::AT_NIGHT => anchors::actions::take(app).await.map(|_| ()),
        unknown => {
            return Err(Failure::GiveUp(Error::broken(format!(
                "no job is called {unknown}"
            ))));
        }
    }
    .map_err(Failure::Retry)
}

/// Takes the oldest job that is due and that nobody works on.
async fn claim(app: &App) -> Result<Option<job::Model>> {
    let now = app.clock.now();
    let due = job::Entity::find()
        .filter(job::Column::RunAt.lte(now))
        .filter(job::Column::DoneAt.is_null())
        .filter(job::Column::GaveUpAt.is_null())
        .filter(
            Condition::any()
                .add(job::Column::ClaimedUntil.is_null())
                .add(job::Column::ClaimedUntil.lt(now)),
        )
        .order_by_asc(job::Column::RunAt);
    // Nobody waits for the writer when there is nothing to take.
    if due.clone().one(app.db.read()).await?.is_none() {
        return Ok(None);
    }
    let tx = app.db.write().await?;
    let mut query = due;
    if tx.is_postgres() {
        query = query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let Some(found) = query.one(&tx).await? else {
        return Ok(None);
    };
    job::Entity::update_many()
        .col_expr(job::Column::ClaimedUntil, Expr::value(now + CLAIM))
        .col_expr(
            job::Column::Attempts,
            Expr::col(job::Column::Attempts).add(1),
        )
        .filter(job::Column::Id.eq(found.id))
        .exec(&tx)
        .await?;
    tx.commit().await?;
    Ok(Some(job::Model {
        attempts: found.attempts + 1,
        ..found
    }))
}

async fn settle(app: &App, job: &job::Model, outcome: Result<(), Failure>) -> Result<()> {
    let now = app.clock.now();
    let tx = app.db.write().await?;
    let mut row = job::ActiveModel {
        claimed_until: Set(None),
        ..Default::default()
    };
    match outcome {
        Ok(()) => row.done_at = Set(Some(now)),
        Err(Failure::Retry(error)) if job.attempts < TRIES => {
            tracing::warn!(job.kind = %job.kind, job.attempts, %error, "a job will be tried again");
            row.run_at = Set(now + TimeDelta::minutes(1 << job.attempts.clamp(0, 10)));
            row.last_error = Set(Some(error.to_string()));
        }
        Err(Failure::Retry(error) | Failure::GiveUp(error)) => {
            tracing::error!(job.kind = %job.kind, %error, "a job was given up");
            row.gave_up_at = Set(Some(now));
            row.last_error = Set(Some(error.to_string()));
        }
    }
    job::Entity::update_many()
        .set(row)
        .filter(job::Column::Id.eq(job.id))
        .exec(&tx)
        .await?;
    tx.commit().await
}
