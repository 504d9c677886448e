//! Whether one could fail over to a link's mirror topics now. What each reason means is in the table of
//! [`crate::model::Blocker`].
//!
//! A source that cannot be reached blocks nothing by itself, and neither does what follows from it: unavailable sources,
//! stalled mirrors, a lag that grows. That is what a failover is for.

use super::{
    Case,
    audit::{OFFSET_SYNC, joined},
    expectation::{Seen, Wanted, above, seen},
};
use crate::model::{
    Blocker, Check, Endpoint, Failover, Found, Gap, LinkState, MirrorStatus, Mirrors, Pair, Task,
    TaskName, TaskState,
};

#[cfg(test)]
mod tests;

/// What a failover is judged by.
struct Judging<'a> {
    case: &'a Case<'a>,
    wanted: &'a Wanted<'a>,
    pair: Option<&'a Pair>,
    state: Option<&'a LinkState>,
    mirrors: Option<&'a Mirrors>,
    is_source_gone: bool,
}

/// Whether one could fail over, and what is against it.
pub(super) fn failover(case: &Case, wanted: &Wanted, pair: Option<&Pair>) -> Failover {
    let state = case.link.link.link_state.as_ref();
    let judging = Judging {
        case,
        wanted,
        pair,
        state,
        mirrors: case.link.shown_mirrors(),
        is_source_gone: state == Some(&LinkState::Unavailable),
    };
    let blockers = Blocker::ALL.iter().filter_map(|kind| {
        Some(Found {
            kind: *kind,
            detail: judging.against(*kind)?,
        })
    });
    let gaps = Gap::ALL.iter().filter_map(|kind| {
        Some(Found {
            kind: *kind,
            detail: judging.unseen(*kind)?,
        })
    });
    Failover {
        blockers: blockers.collect(),
        gaps: gaps.collect(),
        is_source_gone: judging.is_source_gone,
    }
}

impl Judging<'_> {
    /// What was seen of this reason; `None` where it is none.
    fn against(&self, blocker: Blocker) -> Option<String> {
        match blocker {
            Blocker::LinkFailed => self.link_failed(),
            Blocker::LinkPaused => {
                let is_paused = self.state == Some(&LinkState::Paused);
                is_paused.then(|| "`link_state` is PAUSED".to_owned())
            }
            Blocker::OffsetSync => self.offset_sync(),
            Blocker::TaskExpectation => self.other_tasks(),
            Blocker::MirrorsFailed => self.topics(|status| match status {
                MirrorStatus::Failed => true,
                MirrorStatus::LinkFailed => self.state != Some(&LinkState::Failed),
                _ => false,
            }),
            Blocker::MirrorsSourceUnavailable => self
                .topics(|status| *status == MirrorStatus::SourceUnavailable)
                .filter(|_| !self.is_source_gone),
            Blocker::MirrorsPending => self.topics(MirrorStatus::is_pending),
            Blocker::MirrorsStalled => {
                let mirrors = self
                    .mirrors
                    .filter(|it| it.stalled > 0 && !self.is_source_gone)?;
                Some(format!(
                    "{} of {} mirror topics",
                    mirrors.stalled,
                    mirrors.listed()
                ))
            }
            Blocker::LagAboveRpo => {
                let (rpo, lag) = (self.wanted.rpo?, &self.mirrors?.lag);
                (lag.age > rpo && !self.is_source_gone).then(|| above(lag, rpo))
            }
            Blocker::PairBroken => self.pair_broken(),
            Blocker::DataStale => self.stale(),
        }
    }

    fn link_failed(&self) -> Option<String> {
        let state = self.state?;
        match state {
            LinkState::Failed | LinkState::Unknown | LinkState::Unrecognized(_) => {
                Some(format!("`link_state` is {}", state.label()))
            }
            LinkState::Active | LinkState::Unavailable | LinkState::Paused => None,
        }
    }

    fn offset_sync(&self) -> Option<String> {
        let name = TaskName::from(Task::OFFSET_SYNC);
        let state = match seen(Task::OFFSET_SYNC, self.case.link) {
            Seen::Unknown => return None,
            Seen::Missing => &TaskState::NotConfigured,
            Seen::In(state) => state,
        };
        let is_against = match state {
            TaskState::Active => false,
            TaskState::NotConfigured => self.wants(&name),
            state => !self.follows_from_the_link(state),
        };
        let is_seen = is_against.then(|| format!("{name} is {}", state.label()));
        is_seen.or_else(|| self.no_group())
    }

    /// Offset sync that was switched off and on again is at work and copies nothing.
    fn no_group(&self) -> Option<String> {
        let configs = self.case.link.configs.as_ref()?;
        let found = OFFSET_SYNC.without_filters(configs);
        found.map(|_| format!("`{}` is empty", OFFSET_SYNC.filters))
    }

    /// Whether offsets are to be copied: by the configuration of this program, or by the link's own.
    fn wants(&self, name: &TaskName) -> bool {
        let may_be_off = |allowed: &&[TaskState]| allowed.contains(&TaskState::NotConfigured);
        let allowed = self.wanted.tasks.get(name);
        let is_expected = allowed.is_some_and(|allowed| !allowed.iter().all(may_be_off));
        let configs = self.case.link.configs.as_ref();
        is_expected || configs.is_some_and(|configs| configs.offset_sync == Some(true))
    }

    fn other_tasks(&self) -> Option<String> {
        let link = self.case.link;
        let others = self.wanted.tasks.keys();
        let others = others.filter(|name| name.as_str() != Task::OFFSET_SYNC);
        joined(others.filter_map(|name| {
            let why = self.wanted.task(name, link)?.err()?;
            match seen(name.as_str(), link) {
                Seen::In(state) if self.follows_from_the_link(state) => None,
                _ => Some(format!("{name}: {why}")),
            }
        }))
    }

    /// Whether the task's state only repeats that of its link, which is judged by itself.
    fn follows_from_the_link(&self, task: &TaskState) -> bool {
        let link = match task {
            TaskState::LinkFailed => LinkState::Failed,
            TaskState::LinkUnavailable => LinkState::Unavailable,
            TaskState::LinkPaused => LinkState::Paused,
            _ => return false,
        };
        self.state == Some(&link)
    }

    /// How many mirror topics have such a status; `None` where there is none.
    fn topics(&self, is_such: impl Fn(&MirrorStatus) -> bool) -> Option<String> {
        let mirrors = self.mirrors?;
        let count = mirrors.count_where(is_such);
        (count > 0).then(|| format!("{count} of {} mirror topics", mirrors.listed()))
    }

    fn pair_broken(&self) -> Option<String> {
        // A half that is cut off differs from the other one in its state and that of its tasks.
        let follows = |check| match check {
            Check::StatesAgree | Check::TasksAgree => self.is_source_gone,
            Check::RemoteLinkExists | Check::ConnectionModes => false,
        };
        let broken = self.pair?.broken().filter(|(check, _)| !follows(*check));
        joined(broken.map(|(check, why)| format!("{}: {why}", check.label())))
    }

    fn stale(&self) -> Option<String> {
        let Case { cluster, link, .. } = self.case;
        if cluster.is_fresh() && link.is_fresh() {
            return None;
        }
        let failure = link
            .failure
            .as_ref()
            .or(cluster.polls.last_failure.as_ref());
        let reason = failure.map_or("no answer yet", |failure| failure.reason.label());
        Some(format!("the last poll failed: {reason}"))
    }

    /// What is not known of this; `None` where it is known.
    fn unseen(&self, gap: Gap) -> Option<String> {
        let meaning = || gap.row().meaning.to_owned();
        match gap {
            Gap::State => self.state.is_none().then(meaning),
            Gap::Tasks => self.case.link.tasks_unknown().then(meaning),
            Gap::Mirrors => {
                let left_out = self.case.cluster.polls.left_out.get(&Endpoint::Mirrors);
                match (self.mirrors, left_out) {
                    (_, Some(failure)) => {
                        Some(format!("the answer was: {}", failure.reason.label()))
                    }
                    (None, None) => Some("they were not asked for".to_owned()),
                    (Some(_), None) => None,
                }
            }
            Gap::Lag => {
                let (rpo, lag) = (self.wanted.rpo?, self.mirrors?.lag);
                let is_open = lag.is_lower_bound && lag.age <= rpo && !self.is_source_gone;
                is_open.then(|| above(&lag, rpo))
            }
        }
    }
}
