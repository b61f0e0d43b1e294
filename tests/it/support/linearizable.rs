//! Whether a history of calls by many at once could have happened one after the other (Wing and Gong's search, with
//! the states seen kept): each call takes effect at some moment between question and answer; one without an answer
//! takes effect at any later moment, or never.

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;

/// What one thing does, alone.
pub(crate) trait Model {
    /// The thing.
    type State: Clone + Eq + Hash;
    /// What is asked and, when it was told, what was answered.
    type Call: Debug;

    /// The thing after a call that answers this; none when it can't.
    fn after(&self, state: &Self::State, call: &Self::Call) -> Option<Self::State>;

    /// Whether a call between these two changed nothing for any other call: it can then be taken at once, since
    /// whatever is possible later is possible without it.
    fn changed_nothing(&self, before: &Self::State, after: &Self::State) -> bool {
        before == after
    }
}

/// A call of a history.
#[derive(Debug)]
pub(crate) struct Recorded<C> {
    /// When it was asked, nanoseconds of the history.
    pub(crate) asked: u128,
    /// When it was answered; none for a time-out or a broken connection.
    pub(crate) answered: Option<u128>,
    /// What.
    pub(crate) call: C,
}

/// States looked at before the search gives up.
const MOST: usize = 500_000;

/// Looks for an order; panics with the history when there is none.
pub(crate) fn check<M: Model>(model: &M, start: &M::State, history: &[Recorded<M::Call>]) {
    assert!(
        history.len() <= 128,
        "a history of {} calls is too long",
        history.len()
    );
    let answered: u128 = history
        .iter()
        .enumerate()
        .filter(|(_, c)| c.answered.is_some())
        .fold(0, |all, (at, _)| all | (1 << at));
    // The earliest answer first: it is nearly always the right one.
    let mut order: Vec<usize> = (0..history.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(history[*at].answered.unwrap_or(u128::MAX)));
    let mut seen = HashSet::new();
    let mut open = vec![(0_u128, start.clone())];
    while let Some((done, state)) = open.pop() {
        if done & answered == answered {
            return;
        }
        if !seen.insert((done, state.clone())) {
            continue;
        }
        // What was asked after another call was answered comes after that call.
        let horizon = history
            .iter()
            .enumerate()
            .filter(|(at, _)| done & (1 << at) == 0)
            .filter_map(|(_, c)| c.answered)
            .min()
            .unwrap_or(u128::MAX);
        assert!(
            seen.len() < MOST,
            "no order found among {MOST} states: {history:#?}"
        );
        let mut next = Vec::new();
        for at in order.iter().copied() {
            let recorded = &history[at];
            if done & (1 << at) == 0
                && recorded.asked <= horizon
                && let Some(after) = model.after(&state, &recorded.call)
            {
                next.push((at, after));
            }
        }
        let read = next.iter().position(|(at, after)| {
            history[*at].answered.is_some() && model.changed_nothing(&state, after)
        });
        if let Some(read) = read {
            next = vec![next.swap_remove(read)];
        }
        open.extend(
            next.into_iter()
                .map(|(at, after)| (done | (1 << at), after)),
        );
    }
    panic!("no order of these calls explains their answers: {history:#?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cell that is written and read.
    struct Cell;

    #[derive(Debug)]
    enum Call {
        Write(u8),
        Read(u8),
    }

    impl Model for Cell {
        type State = u8;
        type Call = Call;

        fn after(&self, state: &u8, call: &Call) -> Option<u8> {
            match call {
                Call::Write(value) => Some(*value),
                Call::Read(value) => (value == state).then_some(*state),
            }
        }
    }

    const fn at(asked: u128, answered: Option<u128>, call: Call) -> Recorded<Call> {
        Recorded {
            asked,
            answered,
            call,
        }
    }

    #[test]
    fn a_write_without_an_answer_may_have_happened_or_not() {
        for seen in [0, 1] {
            check(
                &Cell,
                &0,
                &[
                    at(0, None, Call::Write(1)),
                    at(5, Some(6), Call::Read(seen)),
                ],
            );
        }
    }

    #[test]
    #[should_panic(expected = "no order")]
    fn a_read_of_the_past_is_found() {
        check(
            &Cell,
            &0,
            &[
                at(0, Some(1), Call::Write(1)),
                at(2, Some(3), Call::Read(0)),
            ],
        );
    }

    #[test]
    #[should_panic(expected = "no order")]
    fn a_write_that_goes_back_is_found() {
        let history = [
            at(0, None, Call::Write(1)),
            at(2, Some(3), Call::Read(1)),
            at(4, Some(5), Call::Read(0)),
        ];
        check(&Cell, &0, &history);
    }
}
