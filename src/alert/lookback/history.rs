//! The look-back of a state set and of the counter of its changes.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    absence::{Absence, Observation},
    counter::CounterWindow,
    window::HOUR,
};
use crate::{
    alert::clock::{EngineClock, EngineInstant},
    model::State,
};

/// How many changes are remembered: no rule asks for as many within a window. What never rests costs no more than that.
const MOST_CHANGES: usize = 16;

/// The state that a link or a task showed last, and what the counter of its changes did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "S: State"))]
pub(in crate::alert) struct History<S: State> {
    #[serde(deserialize_with = "parsed")]
    state: S,
    /// `None`: it is shown now.
    #[serde(rename = "lost")]
    absence: Option<Absence>,
    changes: CounterWindow,
    /// The last state that was decided, where the one above is not, and when it was last shown.
    #[serde(default, bound(deserialize = "S: State"))]
    decided: Option<Box<Decided<S>>>,
}

/// A state that was shown last before others that decide nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "S: State"))]
struct Decided<S: State> {
    #[serde(deserialize_with = "parsed")]
    state: S,
    until: EngineInstant,
}

impl<S: State> History<S> {
    pub(super) fn first(state: &S, changes: u64) -> Self {
        Self {
            state: state.shown(),
            absence: None,
            changes: CounterWindow::first(changes),
            decided: None,
        }
    }

    /// Takes what is shown now; says whether it is anything new.
    pub(super) fn observe(&mut self, state: &S, changes: u64, clock: EngineClock) -> bool {
        let absence = self.absence.take();
        let until = absence.map_or(clock.before, Absence::until);
        let counted = self.changes.observe(changes, until, HOUR, clock.now);
        self.changes.keep(MOST_CHANGES);
        let shown = state.shown();
        let other = self.state != shown;
        let before = std::mem::replace(&mut self.state, shown);
        if self.state.decided().is_ok() {
            self.decided = None;
        } else if before.decided().is_ok() {
            let decided = Decided {
                state: before,
                until,
            };
            self.decided = Some(Box::new(decided));
        }
        counted || other || absence.is_some()
    }

    /// It is not shown now; says whether that is anything new.
    pub(super) fn lose(&mut self, observation: Observation) -> bool {
        Absence::note(&mut self.absence, observation)
    }

    /// Since when it is not shown; `None` while it is.
    pub(super) fn absence(&self) -> Option<Absence> {
        self.absence
    }

    /// The state that is shown.
    pub(in crate::alert) fn shown(&self) -> Option<&S> {
        self.absence.is_none().then_some(&self.state)
    }

    /// Whether one of these states was decided last, within the window, or is shown now. Where `UNKNOWN` is among them, what
    /// was shown last counts, decided or not.
    pub(in crate::alert) fn in_state(
        &self,
        states: &[S],
        window: Duration,
        now: EngineInstant,
    ) -> bool {
        let is_known = self
            .absence
            .is_none_or(|absence| absence.is_within(window, now));
        if states.contains(&self.state) {
            return is_known;
        }
        let decided = self.decided.as_ref();
        decided.is_some_and(|decided| {
            states.contains(&decided.state) && decided.until.is_within(window, now)
        })
    }

    /// Whether the state changed more often than that within the window, at most an hour.
    pub(in crate::alert) fn changed_more_than(
        &self,
        times: u64,
        window: Duration,
        now: EngineInstant,
    ) -> bool {
        debug_assert!(times < MOST_CHANGES as u64, "raise `MOST_CHANGES`");
        self.changes(window, now) > times
    }

    /// Whether it was shown within the window.
    pub(super) fn was_shown(&self, window: Duration, now: EngineInstant) -> bool {
        self.absence
            .is_none_or(|absence| absence.is_within(window, now))
    }

    /// How often the state changed within the window, at most an hour; so many changes or more where it never rests.
    fn changes(&self, window: Duration, now: EngineInstant) -> u64 {
        if self.was_shown(window, now) {
            self.changes.above_least(window, now)
        } else {
            0
        }
    }
}

fn parsed<'de, D: Deserializer<'de>, S: State>(deserializer: D) -> Result<S, D::Error> {
    String::deserialize(deserializer).map(|text| S::parse(&text))
}

/// Reads a name or an id.
pub(super) fn named<'de, D, N>(deserializer: D) -> Result<N, D::Error>
where
    D: Deserializer<'de>,
    N: From<String>,
{
    String::deserialize(deserializer).map(N::from)
}

/// The same where there may be none.
pub(super) fn perhaps_named<'de, D, N>(deserializer: D) -> Result<Option<N>, D::Error>
where
    D: Deserializer<'de>,
    N: From<String>,
{
    Ok(Option::<String>::deserialize(deserializer)?.map(N::from))
}
