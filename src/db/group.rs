//! Group commit for the one writer of SQLite: turns that are waiting anyway share one transaction, and so one
//! write to the disk. The first turn of a group has the transaction itself, each later one a savepoint in it; the
//! outer commit follows as soon as nobody waits, and only then is anybody told that their write is kept.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use crate::db::earlier::Fate;
use crate::db::turn::{Over, Stack};
use crate::error::{Error, Result};

/// Most turns in one transaction: who came first does not wait for ever.
const MOST: usize = 64;

/// Longest turn. A turn is for SQL only; one that takes so long hangs, and holds up everybody.
pub(super) const LONGEST: Duration = Duration::from_mins(2);

/// A turn as it is lent.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) stack: Stack,
    pub(super) over: Over,
    /// What becomes of the turns before it, when there are some in its group.
    pub(super) earlier: Option<Fate>,
}

/// Asks for a turn.
pub(super) type Ask = oneshot::Sender<Result<Lent>>;

/// Lends turns until nobody can ask any more.
pub(super) async fn lend(writer: DatabaseConnection, mut asks: mpsc::UnboundedReceiver<Ask>) {
    while let Some(first) = asks.recv().await {
        let mut group = Group::new();
        let mut next = Some(first);
        let mut turns = 0;
        while let Some(ask) = next.take() {
            group.turn(&writer, ask).await;
            turns += 1;
            if turns < MOST {
                next = asks.try_recv().ok();
            }
        }
        group.keep().await;
    }
}

/// Turns that are kept together or not at all.
#[derive(Debug)]
struct Group {
    outer: Option<DatabaseTransaction>,
    /// Where to say what became of each turn that wants to be kept.
    members: Vec<oneshot::Sender<Result<()>>>,
    /// Says the same to those who have only read.
    fate: watch::Sender<Option<bool>>,
}

impl Group {
    fn new() -> Self {
        Self {
            outer: None,
            members: Vec::new(),
            fate: watch::Sender::new(None),
        }
    }

    /// Lends one turn and waits for its end.
    async fn turn(&mut self, writer: &DatabaseConnection, ask: Ask) {
        if ask.is_closed() {
            return; // who asked has gone
        }
        let began = match &self.outer {
            None => begin(writer).await,
            Some(outer) => outer.begin().await,
        };
        let transaction = match began {
            Ok(transaction) => transaction,
            Err(error) => {
                let _ = ask.send(Err(error.into()));
                return;
            }
        };
        let stack = Arc::new(Mutex::new(vec![transaction]));
        let (over, ended) = oneshot::channel();
        let lent = Lent {
            stack: Arc::clone(&stack),
            over,
            earlier: self.outer.is_some().then(|| self.fate.subscribe()),
        };
        // When who asked has gone meanwhile, the turn is dropped here, and `ended` says so.
        let _ = ask.send(Ok(lent));
        let ended = tokio::time::timeout(LONGEST, ended).await;
        let mut stack = stack.lock().await;
        match ended {
            Ok(Ok(member)) => match self.hold(&mut stack).await {
                Ok(()) => self.members.push(member),
                Err(error) => {
                    let _ = member.send(Err(error.into()));
                }
            },
            // Dropped, or too long: undone from the top.
            Ok(Err(_)) | Err(_) => undo(&mut stack).await,
        }
    }

    /// Holds what a turn wrote until the outer commit.
    async fn hold(&mut self, stack: &mut Vec<DatabaseTransaction>) -> Result<(), DbErr> {
        while stack.len() > 1 {
            // A savepoint that was neither kept nor dropped before its turn was.
            undo_top(stack).await;
        }
        let Some(transaction) = stack.pop() else {
            return Ok(());
        };
        if self.outer.is_some() {
            transaction.commit().await
        } else {
            self.outer = Some(transaction);
            Ok(())
        }
    }

    /// Commits, and tells everybody.
    async fn keep(self) {
        let outcome = match self.outer {
            Some(outer) => outer.commit().await.map_err(|error| {
                tracing::error!(%error, turns = self.members.len(), "a group of writes was not kept");
                error
            }),
            None => Ok(()),
        };
        self.fate.send_replace(Some(outcome.is_ok()));
        for member in self.members {
            let _ = member.send(match &outcome {
                Ok(()) => Ok(()),
                Err(error) => Err(Error::broken(error.to_string())),
            });
        }
    }
}

/// Rolls back what is left of a turn, the innermost first: savepoints are a stack.
async fn undo(stack: &mut Vec<DatabaseTransaction>) {
    while !stack.is_empty() {
        undo_top(stack).await;
    }
}

async fn undo_top(stack: &mut Vec<DatabaseTransaction>) {
    if let Some(transaction) = stack.pop()
        && let Err(error) = transaction.rollback().await
    {
        tracing::error!(%error, "a turn was not rolled back");
    }
}

async fn begin(writer: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    writer
        .begin_with_options(TransactionOptions {
            // A read followed by a write must not find another process in between.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await
}
