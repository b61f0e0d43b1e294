//! The statements of an action alone, on the same connections.

use sea_orm::{
    ConnectionTrait, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use crate::db::Db;
use crate::error::Result;

/// The statements of one call, in their order.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) statements: Vec<Statement>,
    /// They are one transaction of the writer.
    pub(super) writes: bool,
}

impl Script {
    /// Plays it: one transaction a write, as an action has one.
    pub(super) async fn play(self, db: &Db) -> Result<()> {
        if !self.writes {
            return play(db.read(), self.statements).await;
        }
        let transaction = db
            .writer()
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await?;
        play(&transaction, self.statements).await?;
        Ok(transaction.commit().await?)
    }
}

async fn play(db: &impl ConnectionTrait, statements: Vec<Statement>) -> Result<()> {
    for statement in statements {
        // What answers rows is asked for them, as the action does.
        let answers = statement.sql.starts_with("SELECT")
            || statement.sql.starts_with("WITH")
            || statement.sql.contains(" RETURNING ");
        if answers {
            db.query_all_raw(statement).await?;
        } else {
            db.execute_raw(statement).await?;
        }
    }
    Ok(())
}
