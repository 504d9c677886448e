//! What a condition sees of a cluster, a link or a task: what is shown now, and what is remembered.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{
    details::Source,
    identity::{Identity, LINK_NAME, TASK_NAME},
    memory::{ClusterMemory, HOUR, History, LinkMemory, Lost, Moment, State, TaskMemory},
};
use crate::model::{Cluster, Field, LinkState, ObservedLink, TaskState};

/// On what it rests that a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// On what is shown now.
    Seen,
    /// On what was shown last, while nothing is known.
    Remembered,
}

impl Basis {
    /// The details of what it rests on. What is shown now is not about what was shown last.
    pub(super) fn of(self, details: Source<'_>) -> Source<'_> {
        match self {
            Self::Seen => details,
            Self::Remembered => Source::Nothing,
        }
    }
}

/// A cluster, as a condition sees it.
#[derive(Clone, Copy, Debug)]
pub struct ClusterSight<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) memory: &'a ClusterMemory,
    pub(super) now: Moment,
    /// The time of day.
    pub(super) wall: Timestamp,
}

/// A link that is shown or remembered.
#[derive(Clone, Copy, Debug)]
pub struct LinkSight<'a> {
    pub(super) cluster: ClusterSight<'a>,
    pub(super) memory: &'a LinkMemory,
    /// `None` where it is not shown.
    pub(super) observed: Option<&'a ObservedLink>,
}

/// A task that is shown or remembered.
#[derive(Clone, Copy, Debug)]
pub struct TaskSight<'a> {
    pub(super) link: LinkSight<'a>,
    pub(super) memory: &'a TaskMemory,
}

impl<'a> ClusterSight<'a> {
    /// Every link that is shown or remembered.
    pub(super) fn links(self) -> impl Iterator<Item = LinkSight<'a>> {
        // Both are sorted by name, and what is shown is remembered.
        let mut shown = self.cluster.shown_links();
        self.memory.links.iter().map(move |memory| LinkSight {
            cluster: self,
            memory,
            observed: if memory.lost().is_none() {
                shown.next()
            } else {
                None
            },
        })
    }

    pub(super) fn identity(&self) -> Identity {
        Identity::cluster(&self.cluster.name, self.memory.id())
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
        self.memory.polls.were_refused(window, self.now)
    }

    /// How many answers within the window were 429, and how many answers there were.
    pub fn throttled(&self, window: Duration) -> (u64, u64) {
        self.memory.polls.throttled(window, self.now)
    }

    /// The fields that had values within the window that nobody has heard of.
    pub fn unrecognized(&self, window: Duration) -> impl Iterator<Item = Field> {
        let polls = &self.memory.polls;
        let fields = Field::ALL.into_iter();
        fields.filter(move |field| polls.was_unrecognized(*field, window, self.now))
    }

    /// Whether the bearer token expires within this time and the next interval.
    pub fn expires_within(&self, lead: Duration) -> bool {
        // Written as in PromQL, where an interval may be longer than the lead.
        let left = |expiry: Timestamp| expiry.duration_since(self.wall);
        let signed = |duration| SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        let limit = signed(lead) - signed(self.cluster.limits.poll_interval);
        self.memory
            .polls
            .expiry()
            .is_some_and(|expiry| left(expiry) < limit)
    }

    /// Whether the bearer token was renewed within the window.
    pub fn was_renewed(&self, window: Duration) -> bool {
        self.memory.polls.was_renewed(window, self.now)
    }
}

impl<'a> LinkSight<'a> {
    /// Every task that is shown or remembered.
    pub(super) fn tasks(self) -> impl Iterator<Item = TaskSight<'a>> {
        let tasks = self.memory.tasks().iter();
        tasks.map(move |memory| TaskSight { link: self, memory })
    }

    pub(super) fn identity(&self) -> Identity {
        let link_name = self.memory.name().as_str();
        self.cluster.identity().with(LINK_NAME, link_name)
    }

    pub(super) fn details(&self) -> Source<'a> {
        self.observed.map_or(Source::Nothing, Source::Link)
    }

    /// Whether the link is in one of these states or, while nobody knows in which it is, was so last within the hour.
    pub fn stands(&self, states: &[LinkState]) -> Option<Basis> {
        let history = self.memory.history()?;
        stands(history, states, self)
    }

    /// Whether its tasks were named within the window and are not now, or were not when that was known last.
    pub fn stopped_naming_tasks(&self, window: Duration) -> Option<Basis> {
        let now = self.cluster.now;
        let is_known = self
            .memory
            .lost()
            .is_none_or(|lost| lost.is_within(HOUR, now));
        let stopped = self.memory.stopped_naming_tasks(window, now);
        (stopped && is_known && !self.is_gone()).then_some(self.basis())
    }

    /// Whether a good poll no longer lists it, and it does not answer by its name.
    fn is_gone(&self) -> bool {
        self.memory.lost().is_some_and(Lost::is_gone)
    }

    fn basis(&self) -> Basis {
        match self.observed {
            Some(_) => Basis::Seen,
            None => Basis::Remembered,
        }
    }

    /// Whether the state changed more often than that within the window, at most an hour.
    pub fn changed_more_than(&self, times: u64, window: Duration) -> Option<Basis> {
        let history = self.memory.history()?;
        changed(history, times, window, self.cluster.now)
    }

    /// Whether the link was shown within the hour, and a good poll since then did not bring it back.
    pub fn disappeared(&self) -> bool {
        let lost = self.memory.lost();
        self.is_gone() && lost.is_some_and(|lost| lost.is_within(HOUR, self.cluster.now))
    }
}

impl<'a> TaskSight<'a> {
    pub(super) fn identity(&self) -> Identity {
        self.link
            .identity()
            .with(TASK_NAME, self.memory.name().as_str())
    }

    pub(super) fn details(&self) -> Source<'a> {
        let mut tasks = self
            .link
            .observed
            .iter()
            .flat_map(|observed| &observed.tasks);
        let observed = tasks.find(|observed| observed.task.task_name == *self.memory.name());
        observed.map_or(Source::Nothing, Source::Task)
    }

    /// The task's link.
    pub fn link(&self) -> &LinkSight<'a> {
        &self.link
    }

    /// Whether the task is in one of these states or, while nobody knows in which it is, was so last within the hour.
    pub fn stands(&self, states: &[TaskState]) -> Option<Basis> {
        stands(self.memory.history(), states, &self.link)
    }

    /// Whether it was named within the window, and the server names other tasks since then and not this one.
    pub fn disappeared(&self, window: Duration) -> Option<Basis> {
        let disappeared = self.memory.disappeared(window, self.link.cluster.now);
        (disappeared && !self.link.is_gone()).then_some(self.link.basis())
    }

    /// Whether the state changed more often than that within the window, at most an hour.
    pub fn changed_more_than(&self, times: u64, window: Duration) -> Option<Basis> {
        let now = self.link.cluster.now;
        changed(self.memory.history(), times, window, now)
    }

    /// Whether the task was ACTIVE within the window, at most a day.
    pub fn was_active(&self, window: Duration) -> bool {
        self.memory.was_active(window, self.link.cluster.now)
    }
}

/// What `last_known` of the expressions says.
fn stands<S: State>(history: &History<S>, states: &[S], link: &LinkSight) -> Option<Basis> {
    if let Some(state) = history.shown() {
        if states.contains(state) {
            return Some(Basis::Seen);
        }
        if state.is_decided() {
            return None;
        }
    }
    let stands = history.stands(states, HOUR, link.cluster.now);
    (stands && !link.is_gone()).then_some(Basis::Remembered)
}

fn changed<S: State>(
    history: &History<S>,
    times: u64,
    window: Duration,
    now: Moment,
) -> Option<Basis> {
    let basis = match history.shown() {
        Some(_) => Basis::Seen,
        None => Basis::Remembered,
    };
    (history.changes(window, now) > times).then_some(basis)
}
