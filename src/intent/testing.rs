//! Small worlds for the tests of this room, and what is judged of them as lines of text.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::judge;
use crate::model::{
    Cluster, Expect, Failure, Found, Intent, Judged, Limits, Link, LinkConfigs, LinkFilter,
    LinkPatterns, LinkState, MirrorLag, MirrorStatus, Mirrors, ObservedLink, ObservedTask, Reason,
    ReportedError, Snapshot, TaskState, Unknown, UnknownJudgement,
};

pub(super) const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);
/// When a poll after that failed.
pub(super) const LATER: Timestamp = Timestamp::constant(1_700_000_030, 0);

/// The settings of half a link that is bidirectional.
pub(super) const BIDIRECTIONAL: &[(&str, &str)] = &[
    ("link.mode", "BIDIRECTIONAL"),
    ("connection.mode", "OUTBOUND"),
];

pub(super) fn unpolled(id: &str) -> Cluster {
    let limits = Limits {
        poll_interval: Duration::from_secs(30),
        stale_after: Duration::from_secs(120),
    };
    Cluster::unpolled(id.into(), Some(id.into()), limits, &[])
}

/// A cluster of that name and id which was polled well and has these links.
pub(super) fn cluster(id: &str, links: impl IntoIterator<Item = ObservedLink>) -> Cluster {
    let mut cluster = unpolled(id);
    cluster.links = links.into_iter().map(Arc::new).collect();
    cluster.listed = cluster.links.len();
    cluster.listed_at = Some(NOW);
    cluster.polls.ended_at = Some(NOW);
    cluster.polls.count = 1;
    cluster
}

/// A link whose tasks, settings and mirror topics are not known.
pub(super) fn link(name: &str, remote: &str, state: &str) -> ObservedLink {
    let link = Link {
        cluster_link_id: "id".to_owned(),
        remote_cluster_id: Some(remote.into()),
        link_state: Some(LinkState::parse(state)),
        ..Link::named(name)
    };
    ObservedLink::described(link, NOW)
}

impl ObservedLink {
    pub(super) fn configs(mut self, entries: &[(&str, &str)]) -> Self {
        let mut configs = LinkConfigs::default();
        for (key, value) in entries {
            configs.set(key, Some(value));
        }
        self.configs = Ok(configs.into());
        self
    }

    pub(super) fn tasks(mut self, tasks: &[(&str, &str)]) -> Self {
        let task = |(name, state): &(&str, &str)| ObservedTask {
            task_name: (*name).into(),
            state: TaskState::parse(state),
            state_since: NOW,
            state_transitions: 0,
            errors: Vec::new(),
        };
        self.tasks = Some(tasks.iter().map(task).collect());
        self
    }

    /// With the same tasks named for so many seconds.
    pub(super) fn named_for(mut self, seconds: i64) -> Self {
        self.task_names_since = NOW - jiff::SignedDuration::from_secs(seconds);
        self
    }

    /// With an error of this task, which says so in its state too.
    pub(super) fn task_error(mut self, name: &str, code: &str) -> Self {
        let tasks = self.tasks.as_mut().map(Arc::make_mut);
        let tasks = tasks.into_iter().flatten();
        for task in tasks.filter(|task| task.task_name.as_str() == name) {
            task.state = TaskState::InError;
            task.errors = vec![ReportedError {
                error_code: code.into(),
                error_message: "something is wrong".to_owned(),
            }];
        }
        self
    }

    /// With so many mirror topics in each status, none of which lags.
    pub(super) fn mirrors(mut self, statuses: &[(&str, usize)]) -> Self {
        let mut mirrors = Mirrors::none(NOW);
        for (status, count) in statuses {
            mirrors.statuses[MirrorStatus::parse(status).index()] = *count;
        }
        self.mirrors = Ok(mirrors.into());
        self
    }

    /// With mirror topics that lag by so many seconds.
    pub(super) fn lag(self, seconds: u64, is_lower_bound: bool) -> Self {
        self.change_mirrors(|mirrors| {
            mirrors.lag = MirrorLag {
                messages: 7,
                max_messages: 7,
                age: Duration::from_secs(seconds),
                is_lower_bound,
                is_partial: false,
            };
        })
    }

    /// With so many mirror topics that are stalled.
    pub(super) fn stalled(self, topics: usize) -> Self {
        self.change_mirrors(|mirrors| mirrors.stalled = topics)
    }

    /// With mirror topics of which nobody knows whether they are stalled.
    pub(super) fn stalled_unknown(self, why: Unknown) -> Self {
        self.change_mirrors(|mirrors| mirrors.stalled_unknown = Some(why))
    }

    /// With mirror topics of which some lag by so many seconds, and of others it is not known.
    pub(super) fn partial_lag(self, seconds: u64) -> Self {
        self.lag(seconds, false)
            .change_mirrors(|mirrors| mirrors.lag.is_partial = true)
    }

    fn change_mirrors(mut self, change: impl FnOnce(&mut Mirrors)) -> Self {
        let mut observed = self.mirrors.unwrap_or_else(|_| Mirrors::none(NOW).into());
        change(Arc::make_mut(&mut observed.summary));
        self.mirrors = Ok(observed);
        self
    }
}

/// Expects links of these names and nothing of them.
pub(super) fn expect(patterns: &[&str]) -> Expect {
    let patterns: Vec<_> = patterns
        .iter()
        .map(|pattern| (*pattern).to_owned())
        .collect();
    Expect {
        links: LinkPatterns::new(&patterns).unwrap(),
        states: Vec::new(),
        tasks: [].into(),
        rpo: None,
    }
}

impl Expect {
    pub(super) fn state(mut self, states: &[&str]) -> Self {
        self.states = states.iter().map(|state| LinkState::parse(state)).collect();
        self
    }

    pub(super) fn task(mut self, name: &str, states: &[&str]) -> Self {
        let states = states.iter().map(|state| TaskState::parse(state));
        self.tasks.insert(name.into(), states.collect());
        self
    }

    pub(super) fn rpo(mut self, seconds: u64) -> Self {
        self.rpo = Some(Duration::from_secs(seconds));
        self
    }
}

/// Wants links of these names, whatever they are.
pub(super) fn intent_of(links: &[&str]) -> Intent {
    let include: Vec<_> = links.iter().map(|pattern| (*pattern).to_owned()).collect();
    Intent {
        links: LinkFilter::new(&include, &[]).unwrap(),
        ..Intent::default()
    }
}

/// Wants every link, and expects this.
pub(super) fn wanting(expect: Expect) -> Intent {
    Intent {
        expect: vec![expect],
        ..Intent::default()
    }
}

pub(super) fn failure() -> Failure {
    Failure {
        reason: Reason::Timeout,
        message: "too slow".to_owned(),
    }
}

/// The judged snapshot of these clusters.
pub(super) fn judged(clusters: impl IntoIterator<Item = Cluster>) -> Snapshot {
    let clusters = clusters.into_iter().map(Arc::new).collect();
    let snapshot = Snapshot {
        clusters,
        ..Snapshot::default()
    };
    judge(&Snapshot::default(), snapshot)
}

/// `cluster link finding: detail` of every link.
pub(super) fn findings(snapshot: &Snapshot) -> Vec<String> {
    lines(snapshot, |verdict| {
        let found = verdict.findings.iter();
        found
            .map(|Found { kind, detail }| format!("{}: {detail}", kind.label()))
            .collect()
    })
}

/// `cluster link judgement: why` of all that is not known of every link, mirror topics left out.
pub(super) fn unknowns(snapshot: &Snapshot) -> Vec<String> {
    lines(snapshot, |verdict| {
        let of_mirrors = [
            UnknownJudgement::MIRROR_STATUSES,
            UnknownJudgement::MIRRORS_STALLED,
        ];
        let unknown = verdict.unknown.iter();
        unknown
            .filter(|it| !of_mirrors.contains(&it.judgement))
            .map(|it| format!("{}: {}", it.judgement, it.why.label()))
            .collect()
    })
}

/// `cluster link check: holds`, or why not, of every link.
pub(super) fn pairs(snapshot: &Snapshot) -> Vec<String> {
    lines(snapshot, |verdict| {
        let checks = verdict.pair.iter().flat_map(|pair| &pair.checks);
        let line = |(check, judged): &(crate::model::Check, Judged)| {
            format!("{}: {}", check.label(), in_words(judged, "holds"))
        };
        checks.map(line).collect()
    })
}

/// What was seen, the word for what is good, or why it is not known.
fn in_words(judged: &Judged, good: &str) -> String {
    match judged {
        Judged::Good => good.to_owned(),
        Judged::Bad(look_up) => look_up.clone(),
        Judged::Unknown(why) => format!("not known: {why}"),
    }
}

fn lines(snapshot: &Snapshot, of: impl Fn(&crate::model::Verdict) -> Vec<String>) -> Vec<String> {
    let mut lines = Vec::new();
    for cluster in &snapshot.clusters {
        for (link, verdict) in cluster.judged_links() {
            let whose = format!("{} {}", cluster.name, link.link_name);
            lines.extend(of(verdict).iter().map(|line| format!("{whose} {line}")));
        }
    }
    lines
}

/// `link task expectation: met`, or why not, of the first cluster; then what is missing.
pub(super) fn expectations(snapshot: &Snapshot) -> Vec<String> {
    let cluster = &snapshot.clusters[0];
    let mut lines = Vec::new();
    for (link, verdict) in cluster.judged_links() {
        for expected in &verdict.expectations {
            let task = expected.task_name.as_ref();
            let task = task.map_or_else(String::new, |name| format!(" {name}"));
            let outcome = in_words(&expected.outcome, "met");
            let expectation = expected.expectation.label();
            lines.push(format!("{}{task} {expectation}: {outcome}", link.link_name));
        }
    }
    let missing = cluster.missing.iter();
    lines.extend(missing.map(|pattern| format!("missing: {pattern}")));
    lines
}

/// The verdict on the first cluster's first link: the word, then every reason and every gap.
pub(super) fn readiness(snapshot: &Snapshot) -> String {
    let mut links = snapshot.clusters[0].judged_links();
    let (_, verdict) = links.next().expect("the cluster has a link");
    let failover = &verdict.failover;
    let blockers = failover.blockers.iter();
    let blockers = blockers.map(|found| format!("; {}: {}", found.kind.label(), found.detail));
    let gaps = failover.gaps.iter();
    let gaps = gaps.map(|missing| format!("; {}: {}", missing.gap.label(), missing.detail));
    let word = failover.readiness().as_str().to_owned();
    std::iter::once(word).chain(blockers).chain(gaps).collect()
}
