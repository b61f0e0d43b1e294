//! Turning the keys: everything sealed is sealed anew while the instance works.
//!
//! A turn makes a new current key, then goes through the sealed columns in small transactions. It may be killed at
//! any moment: both keys open, and the next run goes on. The key before is dropped only by a run that found nothing
//! left under it and began long enough after the turn that no process still writes with it. Keyed hashes (blind
//! indexes, links, pickup codes) have a key of their own that does not turn: what they hash is kept nowhere.

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use serde::Serialize;
use uuid::Uuid;

use crate::app::App;
use crate::error::Result;

/// Columns sealed by the ring itself, as `table.column`. What a household's own key seals needs no turn: its key does.
pub const SEALED: [(&str, &str); 7] = [
    ("account", "factor_secret"),
    ("household", "data_key"),
    ("donor", "name"),
    ("donor", "email"),
    ("donor", "phone"),
    ("message", "recipient"),
    ("message", "content"),
];
/// The job that goes on with a turn.
pub(crate) const AT_NIGHT: &str = "keys";
/// Values sealed anew in one transaction.
const PAGE: u64 = 200;
/// How long a process may still write with the key before: far beyond any transaction.
const GRACE: TimeDelta = TimeDelta::minutes(1);

/// What a run did.
#[derive(Debug, Default, Serialize)]
pub struct Turned {
    /// Sealed values looked at.
    pub looked: u64,
    /// Sealed anew.
    pub resealed: u64,
    /// Opened by no key: left as they are.
    pub unreadable: u64,
    /// Whether the key before is gone.
    pub finished: bool,
}

/// Turns the keys, or goes on with a turn that was begun.
pub async fn rotate(app: &App) -> Result<Turned> {
    if app.keys.turning().is_none() {
        app.keys.turn(app.clock.now())?;
    }
    go_on(app).await
}

/// Goes on with a turn, when there is one.
pub async fn go_on(app: &App) -> Result<Turned> {
    let Some(since) = app.keys.turning() else {
        return Ok(Turned::default());
    };
    let mut all = Turned::default();
    loop {
        let began = app.clock.now();
        let mut run = Turned::default();
        for (table, column) in SEALED {
            through(app, table, column, &mut run).await?;
        }
        all.looked = run.looked;
        all.resealed += run.resealed;
        all.unreadable = run.unreadable;
        if run.resealed == 0 {
            if began - since >= GRACE && run.unreadable == 0 {
                app.keys.drop_old()?;
                all.finished = true;
            }
            return Ok(all);
        }
    }
}

/// One column, in order of id.
async fn through(app: &App, table: &str, column: &str, run: &mut Turned) -> Result<()> {
    let (rows, id, value) = (Alias::new(table), Alias::new("id"), Alias::new(column));
    let place = format!("{table}.{column}");
    let mut after: Option<Uuid> = None;
    loop {
        let mut query = Query::select()
            .columns([id.clone(), value.clone()])
            .from(rows.clone())
            .and_where(Expr::col(value.clone()).is_not_null())
            .order_by(id.clone(), sea_orm::Order::Asc)
            .limit(PAGE)
            .to_owned();
        if let Some(after) = after {
            query.and_where(Expr::col(id.clone()).gt(after));
        }
        let page = app.db.read().query_all(&query).await?;
        let mut anew = Vec::new();
        for row in &page {
            let (key, sealed) = (
                row.try_get_by_index::<Uuid>(0)?,
                row.try_get_by_index::<Vec<u8>>(1)?,
            );
            after = Some(key);
            run.looked += 1;
            match app.keys.reseal(&place, key, &sealed) {
                Ok(None) => {}
                Ok(Some(new)) => anew.push((key, sealed, new)),
                Err(error) => {
                    tracing::error!(%error, place, id = %key, "a sealed value opens by no key");
                    run.unreadable += 1;
                }
            }
        }
        if !anew.is_empty() {
            let tx = app.db.write().await?;
            for (key, old, new) in anew {
                // What somebody wrote meanwhile is sealed by the new key already, or found by the next run.
                let update = Query::update()
                    .table(rows.clone())
                    .value(value.clone(), new)
                    .and_where(Expr::col(id.clone()).eq(key))
                    .and_where(Expr::col(value.clone()).eq(old))
                    .to_owned();
                tx.execute(&update).await?;
                run.resealed += 1;
            }
            tx.commit().await?;
        }
        if page.is_empty() {
            return Ok(());
        }
    }
}
