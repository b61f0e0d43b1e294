//! What an answer rests on. A turn sees what earlier turns of its group wrote, which is not on disk yet. A turn that is
//! kept shares their fate; one that is dropped (a refusal, a replay) has read what a crash may still undo, so nobody
//! is told before that is on disk.

use std::cell::RefCell;
use std::future::Future;

use tokio::sync::watch;

use crate::error::{Error, Result};

/// What became of a group: nothing yet, kept or not.
pub(super) type Fate = watch::Receiver<Option<bool>>;

tokio::task_local! {
    static SEEN: RefCell<Vec<Fate>>;
}

/// Notes that somebody has read what a group wrote and has not kept.
pub(super) fn seen(fate: Fate) {
    // Outside of a request nobody is answered.
    let _ = SEEN.try_with(|seen| seen.borrow_mut().push(fate));
}

/// Waits until a group is on disk.
///
/// # Errors
/// [`Error::Busy`] when it is not kept.
pub(super) async fn kept(mut fate: Fate) -> Result<()> {
    let kept = fate.wait_for(Option::is_some).await;
    if kept.is_ok_and(|kept| *kept == Some(true)) {
        Ok(())
    } else {
        Err(Error::Busy)
    }
}

/// Runs what makes an answer, and waits until everything that it has read is on disk.
///
/// # Errors
/// [`Error::Busy`] when it is not: the answer is then about something that did not happen.
pub(crate) async fn settled<F: Future>(answer: F) -> Result<F::Output> {
    SEEN.scope(RefCell::default(), async {
        let answer = answer.await;
        let seen = SEEN.with(|seen| std::mem::take(&mut *seen.borrow_mut()));
        for fate in seen {
            kept(fate).await?;
        }
        Ok(answer)
    })
    .await
}
