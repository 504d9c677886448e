//! What a condition reads of a cluster, a link or a task: what is shown now, and the look-back.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    clock::EngineInstant,
    details::Source,
    identity::{Identity, LINK_NAME, TASK_NAME},
    lookback::{Absence, ClusterLookback, HOUR, History, LinkLookback, TaskLookback},
};
use crate::model::{Cluster, Field, LinkState, ObservedLink, State, TaskState};

/// What a match rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// What is shown now.
    Current,
    /// What was shown last, while nothing is known.
    LastKnown,
}

impl Basis {
    /// The details of what the match rests on: those that are shown now are not about what was shown last.
    pub(super) fn of(self, details: Source<'_>) -> Source<'_> {
        match self {
            Self::Current => details,
            Self::LastKnown => Source::Nothing,
        }
    }
}

/// A cluster, as a condition reads it.
#[derive(Clone, Copy, Debug)]
pub struct ClusterView<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) lookback: &'a ClusterLookback,
    pub(super) now: EngineInstant,
    /// The time of day.
    pub(super) wall: Timestamp,
}

/// A link that is shown, or was within the look-back.
#[derive(Clone, Copy, Debug)]
pub struct LinkView<'a> {
    pub(super) cluster: ClusterView<'a>,
    pub(super) lookback: &'a LinkLookback,
    /// `None` where it is not shown.
    pub(super) observed: Option<&'a ObservedLink>,
}

/// A task that is shown, or was within the look-back.
#[derive(Clone, Copy, Debug)]
pub struct TaskView<'a> {
    pub(super) link: LinkView<'a>,
    pub(super) lookback: &'a TaskLookback,
}

impl<'a> ClusterView<'a> {
    /// Every link that is shown, or was within the look-back.
    pub(super) fn links(self) -> impl Iterator<Item = LinkView<'a>> {
        // Both are sorted by name, and every link that is shown is in the look-back.
        let mut shown = self.cluster.shown_links();
        self.lookback.links.iter().map(move |lookback| LinkView {
            cluster: self,
            lookback,
            observed: if lookback.absence().is_none() {
                shown.next()
            } else {
                None
            },
        })
    }

    pub(super) fn identity(&self) -> Identity {
        Identity::cluster(&self.cluster.name, self.lookback.id())
    }

    pub(super) fn details(&self) -> Source<'a> {
        Source::Cluster(self.cluster)
    }

    /// Whether the last poll got the list and every wanted link.
    pub fn poll_succeeded(&self) -> bool {
        self.cluster.poll_succeeded()
    }

    /// Whether the last good poll is older than so many intervals; there may have been none.
    pub fn is_older_than(&self, intervals: u32) -> bool {
        let last = self.cluster.polls.last_success;
        let age = self
            .wall
            .duration_since(last.unwrap_or(Timestamp::UNIX_EPOCH));
        let limit = self.cluster.limits.poll_interval.saturating_mul(intervals);
        Duration::try_from(age).is_ok_and(|age| age > limit)
    }

    /// Whether the API refused our credentials within the window.
    pub fn were_refused(&self, window: Duration) -> bool {
        self.lookback.polls.were_refused(window, self.now)
    }

    /// How many answers within the window were 429, and how many answers there were.
    pub fn throttled(&self, window: Duration) -> (u64, u64) {
        self.lookback.polls.throttled(window, self.now)
    }

    /// The fields that had values within the window that nobody has heard of.
    pub fn unrecognized(&self, window: Duration) -> impl Iterator<Item = Field> {
        let polls = &self.lookback.polls;
        let fields = Field::ALL.iter().copied();
        fields.filter(move |field| polls.was_unrecognized(*field, window, self.now))
    }

    /// Whether the bearer token expires within this time and the next interval.
    pub fn expires_within(&self, lead: Duration) -> bool {
        // Written as in PromQL, where an interval may be longer than the lead.
        let left = |expiry: Timestamp| expiry.duration_since(self.wall);
        let signed = |duration| SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        let limit = signed(lead) - signed(self.cluster.limits.poll_interval);
        self.lookback
            .polls
            .expiry()
            .is_some_and(|expiry| left(expiry) < limit)
    }

    /// Whether the bearer token was renewed within the window.
    pub fn was_renewed(&self, window: Duration) -> bool {
        self.lookback.polls.was_renewed(window, self.now)
    }
}

impl<'a> LinkView<'a> {
    /// Every task that is shown, or was within the look-back.
    pub(super) fn tasks(self) -> impl Iterator<Item = TaskView<'a>> {
        let tasks = self.lookback.tasks().iter();
        tasks.map(move |lookback| TaskView {
            link: self,
            lookback,
        })
    }

    pub(super) fn identity(&self) -> Identity {
        let link_name = self.lookback.name().as_str();
        self.cluster.identity().with(LINK_NAME, link_name)
    }

    pub(super) fn details(&self) -> Source<'a> {
        self.observed.map_or(Source::Nothing, Source::Link)
    }

    /// Whether the link is in one of these states or, while nobody knows in which it is, was so last within the hour.
    pub fn in_state(&self, states: &[LinkState]) -> Option<Basis> {
        let history = self.lookback.history()?;
        in_state(history, states, self)
    }

    /// Whether its tasks were named within the window and are not now, or were not when that was known last.
    pub fn stopped_naming_tasks(&self, window: Duration) -> Option<Basis> {
        let now = self.cluster.now;
        let is_known = self
            .lookback
            .absence()
            .is_none_or(|absence| absence.is_within(HOUR, now));
        let stopped = self.lookback.stopped_naming_tasks(window, now);
        (stopped && is_known && !self.is_gone()).then_some(self.basis())
    }

    /// Whether a good poll no longer lists it, and it does not answer by its name.
    fn is_gone(&self) -> bool {
        self.lookback.absence().is_some_and(Absence::is_gone)
    }

    fn basis(&self) -> Basis {
        match self.observed {
            Some(_) => Basis::Current,
            None => Basis::LastKnown,
        }
    }

    /// Whether the state changed more often than that within the window, at most an hour.
    pub fn changed_more_than(&self, times: u64, window: Duration) -> Option<Basis> {
        let history = self.lookback.history()?;
        changed(history, times, window, self.cluster.now)
    }

    /// Whether the link was shown within the hour, and a good poll since then did not bring it back.
    pub fn disappeared(&self) -> bool {
        let absence = self.lookback.absence();
        self.is_gone() && absence.is_some_and(|absence| absence.is_within(HOUR, self.cluster.now))
    }
}

impl<'a> TaskView<'a> {
    pub(super) fn identity(&self) -> Identity {
        self.link
            .identity()
            .with(TASK_NAME, self.lookback.name().as_str())
    }

    pub(super) fn details(&self) -> Source<'a> {
        let link = self.link.observed;
        let task = link.and_then(|link| link.named_task(self.lookback.name().as_str()));
        task.map_or(Source::Nothing, Source::Task)
    }

    /// The task's link.
    pub fn link(&self) -> &LinkView<'a> {
        &self.link
    }

    /// Whether the task is in one of these states or, while nobody knows in which it is, was so last within the hour.
    pub fn in_state(&self, states: &[TaskState]) -> Option<Basis> {
        in_state(self.lookback.history(), states, &self.link)
    }

    /// Whether it was named within the window, and the server names other tasks since then and not this one.
    pub fn disappeared(&self, window: Duration) -> Option<Basis> {
        let disappeared = self.lookback.disappeared(window, self.link.cluster.now);
        (disappeared && !self.link.is_gone()).then_some(self.link.basis())
    }

    /// Whether the state changed more often than that within the window, at most an hour.
    pub fn changed_more_than(&self, times: u64, window: Duration) -> Option<Basis> {
        let now = self.link.cluster.now;
        changed(self.lookback.history(), times, window, now)
    }

    /// Whether the task was ACTIVE within the window, at most a day.
    pub fn was_active(&self, window: Duration) -> bool {
        self.lookback.was_active(window, self.link.cluster.now)
    }
}

/// What `last_known` of the expressions says.
fn in_state<S: State>(history: &History<S>, states: &[S], link: &LinkView) -> Option<Basis> {
    if let Some(state) = history.shown() {
        if states.contains(state) {
            return Some(Basis::Current);
        }
        if state.decided().is_ok() {
            return None;
        }
    }
    let was_in_state = history.in_state(states, HOUR, link.cluster.now);
    (was_in_state && !link.is_gone()).then_some(Basis::LastKnown)
}

fn changed<S: State>(
    history: &History<S>,
    times: u64,
    window: Duration,
    now: EngineInstant,
) -> Option<Basis> {
    let basis = match history.shown() {
        Some(_) => Basis::Current,
        None => Basis::LastKnown,
    };
    history
        .changed_more_than(times, window, now)
        .then_some(basis)
}
