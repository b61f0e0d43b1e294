//! An action is carried out for its statements, and leaves no trace.

use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{DbErr, Statement};

use crate::app::App;
use crate::bench::raw::Script;
use crate::db::Watch;
use crate::error::{Error, Result};

/// What was said on the stage.
#[derive(Debug, Default)]
pub(super) struct Prompter {
    said: Mutex<Vec<Statement>>,
}

impl Prompter {
    fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut *self.said.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, statement: &Statement) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.push(statement.clone());
    }
}

impl Watch for Prompter {
    fn statement(&self, _: &str, statement: Option<&Statement>) -> Result<(), DbErr> {
        if let Some(statement) = statement {
            self.note(statement);
        }
        Ok(())
    }

    fn commit(&self) -> Result<(), DbErr> {
        Err(DbErr::Custom("a rehearsal is not kept".to_owned()))
    }
}

/// The instance with a prompter: writes are written down and dropped, reads are written down.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) app: App,
    prompter: Arc<Prompter>,
}

impl Stage {
    /// A stage in the house of this instance.
    pub(super) fn of(app: &App) -> Self {
        let prompter = Arc::new(Prompter::default());
        let reads = Arc::clone(&prompter);
        let db = app
            .db
            .watched(Arc::clone(&prompter) as Arc<dyn Watch>)
            .reporting_reads(move |statement| reads.note(statement));
        Self {
            app: app.with_db(db),
            prompter,
        }
    }

    /// The statements of a write that was just rehearsed.
    ///
    /// # Errors
    /// When it went through, or was refused before it wanted to be kept.
    pub(super) fn written<T>(&self, outcome: Result<T>) -> Result<Script> {
        let statements = self.prompter.take();
        match outcome {
            Err(Error::Internal(error)) if error.to_string().contains("a rehearsal") => {
                Ok(Script {
                    statements,
                    writes: true,
                })
            }
            Err(error) => Err(error),
            Ok(_) => Err(Error::broken("a rehearsal was kept")),
        }
    }

    /// The statements of reads since the last time.
    pub(super) fn read(&self) -> Script {
        Script {
            statements: self.prompter.take(),
            writes: false,
        }
    }
}
