//! Whether one could fail over to a link's mirror topics now. What each reason means is in the table of
//! [`crate::model::Blocker`].
//!
//! A source that cannot be reached blocks nothing by itself, and neither does what follows from it: unavailable sources,
//! stalled mirrors, a lag that grows. That is what a failover is for.

use super::{
    LinkContext,
    expectation::{TaskLookup, Wanted, above, exact, look_up},
    feature::OFFSET_SYNC,
    pair::{self, joined},
};
use crate::model::{
    Blocker, Check, Endpoint, Fact, Failover, Found, Gap, Judged, LinkMode, LinkState,
    MirrorStatus, Mirrors, Missing, Pair, Task, TaskName, TaskState, Unknown, whole_seconds,
};

#[cfg(test)]
mod tests;

/// What a failover is judged by.
struct FailoverCheck<'a> {
    context: &'a LinkContext<'a>,
    wanted: &'a Wanted<'a>,
    pair: Option<&'a Pair>,
    state: Option<&'a LinkState>,
    mirrors: Fact<&'a Mirrors>,
    is_source_gone: bool,
}

/// Whether one could fail over, and what is against it.
pub(super) fn failover(context: &LinkContext, wanted: &Wanted, pair: Option<&Pair>) -> Failover {
    let state = context.link.link_state.as_ref();
    let check = FailoverCheck {
        context,
        wanted,
        pair,
        state,
        mirrors: context.link.shown_mirrors(),
        is_source_gone: state == Some(&LinkState::Unavailable),
    };
    let blockers = Blocker::ALL.iter().filter_map(|kind| {
        Some(Found {
            kind: *kind,
            detail: check.against(*kind)?,
        })
    });
    let gaps = Gap::ALL.iter().filter_map(|gap| {
        let (why, detail) = check.unseen(*gap)?;
        Some(Missing {
            gap: *gap,
            why,
            detail,
        })
    });
    Failover {
        blockers: blockers.collect(),
        gaps: gaps.collect(),
        is_source_gone: check.is_source_gone,
    }
}

impl FailoverCheck<'_> {
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
                let mirrors = self.mirrors.ok();
                let mirrors = mirrors.filter(|it| it.stalled > 0 && !self.is_source_gone)?;
                Some(format!(
                    "{} of {} mirror topics",
                    mirrors.stalled,
                    mirrors.listed()
                ))
            }
            Blocker::LagAboveRpo => {
                let (rpo, lag) = (self.wanted.rpo?, &self.mirrors.ok()?.lag);
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
        let state = match look_up(Task::OFFSET_SYNC, self.context.link) {
            TaskLookup::Unknown => return None,
            TaskLookup::Missing => &TaskState::NotConfigured,
            TaskLookup::In(state) => state,
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
        let configs = self.context.link.known_configs().ok()?;
        let found = OFFSET_SYNC.without_filters(configs);
        found
            .bad()
            .map(|_| format!("`{}` is empty", OFFSET_SYNC.filters))
    }

    /// Whether offsets are to be copied: by the configuration of this program, or by the link's own.
    fn wants(&self, name: &TaskName) -> bool {
        let may_be_off = |allowed: &&[TaskState]| allowed.contains(&TaskState::NotConfigured);
        let allowed = self.wanted.tasks.get(name);
        let is_expected = allowed.is_some_and(|allowed| !allowed.iter().all(may_be_off));
        let configs = self.context.link.known_configs();
        is_expected || configs.is_ok_and(|configs| configs.offset_sync == Some(true))
    }

    fn other_tasks(&self) -> Option<String> {
        let link = self.context.link;
        let others = self.wanted.tasks.keys();
        let others = others.filter(|name| name.as_str() != Task::OFFSET_SYNC);
        joined(others.filter_map(|name| {
            let judged = self.wanted.task(name, link)?;
            let why = judged.bad()?;
            match look_up(name.as_str(), link) {
                TaskLookup::In(state) if self.follows_from_the_link(state) => None,
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
        let mirrors = self.mirrors.ok()?;
        let count = mirrors.count_where(is_such);
        (count > 0).then(|| format!("{count} of {} mirror topics", mirrors.listed()))
    }

    fn pair_broken(&self) -> Option<String> {
        let broken = self.pair?.broken();
        let broken = broken.filter(|(check, _)| !self.follows_from_the_source(*check));
        joined(broken.map(|(check, why)| format!("{}: {why}", check.label())))
    }

    /// A half that is cut off differs from the other one in its state and that of its tasks.
    fn follows_from_the_source(&self, check: Check) -> bool {
        match check {
            Check::StatesAgree | Check::TasksAgree => self.is_source_gone,
            Check::RemoteLinkExists | Check::ConnectionModes => false,
        }
    }

    fn stale(&self) -> Option<String> {
        let LinkContext { cluster, link, .. } = self.context;
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

    /// Why this is not known, and the same for a person; `None` where it is known.
    fn unseen(&self, gap: Gap) -> Option<(Unknown, String)> {
        let meaning = |why| (why, gap.row().meaning.to_owned());
        match gap {
            Gap::State => {
                let is_sent = self.state.is_some();
                (!is_sent).then(|| meaning(Unknown::NotSent))
            }
            Gap::Tasks => {
                let is_unknown = self.context.link.tasks_unknown();
                is_unknown.then(|| meaning(Unknown::NotSent))
            }
            Gap::Settings => self.unseen_settings(),
            Gap::Mirrors => self.unseen_mirrors(),
            Gap::Stalled => {
                let why = self.mirrors.ok()?.known_stalled().err()?;
                (!self.is_source_gone).then(|| (why, why.to_string()))
            }
            Gap::Lag => self.unseen_lag(),
            Gap::Pair => self.unseen_pair(),
        }
    }

    /// Whether offsets are copied for any group, and whether they should be, is said by the settings alone.
    fn unseen_settings(&self) -> Option<(Unknown, String)> {
        let configs = self.context.link.known_configs();
        // Offsets are copied by the half that reads; the source half of a source-initiated link has no such settings.
        if configs.is_ok_and(|configs| configs.link_mode == Some(LinkMode::Source)) {
            return None;
        }
        let judged: Judged = configs
            .map(|configs| OFFSET_SYNC.without_filters(configs))
            .into();
        let why = judged.unknown().filter(|why| *why != Unknown::NotAsked)?;
        Some((why, self.said(Endpoint::Configs, why)))
    }

    fn unseen_mirrors(&self) -> Option<(Unknown, String)> {
        let is_failing = self
            .context
            .link
            .mirrors
            .as_ref()
            .is_ok_and(|it| it.is_failing);
        let why = match self.mirrors {
            // What is shown is older than the last answer should be.
            Ok(_) if is_failing => Unknown::Failed,
            Ok(mirrors) => {
                let why = mirrors.unknown_statuses()?;
                let count = mirrors.count(&MirrorStatus::Unknown);
                let listed = mirrors.listed();
                let detail =
                    format!("the status of {count} of {listed} mirror topics is not known");
                return Some((why, detail));
            }
            Err(Unknown::NotAsked) => {
                return Some((Unknown::NotAsked, "they were not asked for".to_owned()));
            }
            Err(why) => why,
        };
        Some((why, self.said(Endpoint::Mirrors, why)))
    }

    /// Why there is no answer, by the last failure where there was one.
    fn said(&self, endpoint: Endpoint, why: Unknown) -> String {
        match self.context.cluster.polls.left_out.get(&endpoint) {
            Some(failure) if matches!(why, Unknown::Failed | Unknown::Refused) => {
                format!("the answer was: {}", failure.reason.label())
            }
            _ => why.to_string(),
        }
    }

    fn unseen_lag(&self) -> Option<(Unknown, String)> {
        let (rpo, lag) = (self.wanted.rpo?, self.mirrors.ok()?.lag);
        let why = exact(&lag).err()?;
        let is_open = lag.age <= rpo && !self.is_source_gone;
        let detail = || match why {
            Unknown::TooEarly => above(&lag, rpo),
            _ => format!("{why}, {} is allowed", whole_seconds(rpo)),
        };
        is_open.then(|| (why, detail()))
    }

    /// That the other end is not seen is what a failover is for: it matters where the halves did not fit before. What an
    /// end that is seen does not say matters too.
    fn unseen_pair(&self) -> Option<(Unknown, String)> {
        let pair = self.pair?;
        let mut unknown = pair
            .unknown()
            .filter(|(check, _)| !self.follows_from_the_source(*check));
        let (check, why) = unknown.next()?;
        if self.context.remote.is_unseen() {
            let last = pair::last_broken(self.context)?;
            return Some((
                why,
                format!("{why}; when both halves were seen last: {last}"),
            ));
        }
        Some((why, format!("{}: {why}", check.label())))
    }
}
