//! One writer's turn: the open transaction, and the savepoints in it.

use std::fmt;
use std::sync::Arc;

use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    TransactionTrait,
};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use crate::db::earlier::{self, Fate};
use crate::db::group::Lent;
use crate::db::watch::Watch;
use crate::error::{Error, Result};

/// The transactions of a turn, the outermost first. They share one connection, whose savepoints are a stack:
/// whoever takes a turn away must undo it from the top.
pub(super) type Stack = Arc<Mutex<Vec<DatabaseTransaction>>>;

/// How the one who lent a turn learns that it is over: with where to say what became of it, or dropped.
pub(super) type Over = oneshot::Sender<oneshot::Sender<Result<()>>>;

/// An open transaction of the writer. Dropping it rolls back.
pub struct Tx {
    stack: Stack,
    /// Place in the stack, from 0.
    level: usize,
    backend: DbBackend,
    /// Says that the turn is over, when it is one turn of several in a transaction.
    over: Option<Over>,
    /// It is one turn of several: what becomes of it is the lender's work.
    lent: bool,
    /// What becomes of the turns before it, which it has seen.
    earlier: Option<Fate>,
    watch: Option<Arc<dyn Watch>>,
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tx({:?}, level {})", self.backend, self.level)
    }
}

impl Tx {
    /// A transaction of its own.
    pub(super) fn alone(transaction: DatabaseTransaction, watch: Option<Arc<dyn Watch>>) -> Self {
        Self {
            backend: transaction.get_database_backend(),
            stack: Arc::new(Mutex::new(vec![transaction])),
            level: 0,
            over: None,
            lent: false,
            earlier: None,
            watch,
        }
    }

    /// One turn in a transaction that others share.
    pub(super) fn turn(lent: Lent, watch: Option<Arc<dyn Watch>>) -> Self {
        let Lent {
            stack,
            over,
            earlier,
        } = lent;
        Self {
            stack,
            level: 0,
            backend: DbBackend::Sqlite,
            over: Some(over),
            lent: true,
            earlier,
            watch,
        }
    }

    /// Keeps everything written since the transaction began. Nobody is answered before it is on disk.
    ///
    /// # Errors
    /// When the database could not keep it; then nothing of it is kept, or a replay finds it.
    pub async fn commit(mut self) -> Result<()> {
        if let (Some(watch), 0) = (&self.watch, self.level) {
            watch.commit()?;
        }
        if let Some(over) = self.over.take() {
            // It shares the fate of those before it.
            self.earlier = None;
            let (done, outcome) = oneshot::channel();
            if over.send(done).is_err() {
                return Err(Error::Busy);
            }
            return outcome.await.unwrap_or(Err(Error::Busy));
        }
        let mut stack = self.lock().await;
        if stack.len() != self.level + 1 {
            return Err(turn_is_over().into());
        }
        let transaction = stack.pop().ok_or_else(turn_is_over)?;
        Ok(transaction.commit().await?)
    }

    /// Gives the turn up for somebody who was faster, and waits until what they wrote is there for readers.
    ///
    /// # Errors
    /// [`Error::Busy`] when it is not kept after all.
    pub(crate) async fn give_way(mut self) -> Result<()> {
        let earlier = self.earlier.take();
        drop(self);
        match earlier {
            None => Ok(()),
            Some(fate) => earlier::kept(fate).await,
        }
    }

    /// A savepoint: what happens in it can be dropped without the rest.
    pub async fn savepoint(&self) -> Result<Self> {
        let mut stack = self.lock().await;
        let inner = self.top(&stack)?.begin().await?;
        stack.push(inner);
        Ok(Self {
            stack: Arc::clone(&self.stack),
            level: self.level + 1,
            backend: self.backend,
            over: None,
            lent: false,
            earlier: None,
            watch: self.watch.clone(),
        })
    }

    /// Whether this is PostgreSQL, where rows are locked by name.
    pub fn is_postgres(&self) -> bool {
        self.backend == DbBackend::Postgres
    }

    async fn lock(&self) -> OwnedMutexGuard<Vec<DatabaseTransaction>> {
        Arc::clone(&self.stack).lock_owned().await
    }

    /// The transaction of this level, if it was not taken away.
    fn top<'a>(&self, stack: &'a [DatabaseTransaction]) -> Result<&'a DatabaseTransaction, DbErr> {
        stack.get(self.level).ok_or_else(turn_is_over)
    }

    fn watched(&self, sql: &str, statement: Option<&Statement>) -> Result<(), DbErr> {
        match &self.watch {
            None => Ok(()),
            Some(watch) => watch.statement(sql, statement),
        }
    }
}

/// Dropping a savepoint undoes what happened in it.
impl Drop for Tx {
    fn drop(&mut self) {
        if self.lent {
            if let Some(fate) = self.earlier.take() {
                earlier::seen(fate);
            }
            return;
        }
        // No statement of this turn runs any more, so the lock is free unless the turn is being taken away, which
        // undoes everything anyway. From the top: savepoints are a stack.
        if let Ok(mut stack) = self.stack.try_lock() {
            while stack.len() > self.level {
                stack.pop();
            }
        }
    }
}

fn turn_is_over() -> DbErr {
    DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout)
}

#[async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.watched(&statement.sql, Some(&statement))?;
        let stack = self.lock().await;
        self.top(&stack)?.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.watched(sql, None)?;
        let stack = self.lock().await;
        self.top(&stack)?.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.watched(&statement.sql, Some(&statement))?;
        let stack = self.lock().await;
        self.top(&stack)?.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.watched(&statement.sql, Some(&statement))?;
        let stack = self.lock().await;
        self.top(&stack)?.query_all_raw(statement).await
    }
}
