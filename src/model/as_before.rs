//! Whether anything was said that was not said before: what is made of a cluster for people to read is made again only then.

use std::sync::Arc;

use super::{Cluster, Fact, Mirrors, ObservedLink, ObservedMirrors};

impl Cluster {
    /// Whether the answers say of it what they said `before`. When they came and how the polls went may differ.
    ///
    /// The patterns name every field, so that nobody adds one and forgets this.
    pub fn is_as(&self, before: &Self) -> bool {
        let Self {
            name,
            id,
            endpoint,
            limits,
            intent,
            polls: _,
            listed_at,
            listed,
            remnants,
            links,
            is_stale,
            is_reselected,
            missing,
        } = self;
        *name == before.name
            && *id == before.id
            && *endpoint == before.endpoint
            && *limits == before.limits
            && (Arc::ptr_eq(intent, &before.intent) || *intent == before.intent)
            && listed_at.is_some() == before.listed_at.is_some()
            && *listed == before.listed
            && *remnants == before.remnants
            && *is_stale == before.is_stale
            && *is_reselected == before.is_reselected
            && *missing == before.missing
            && links.len() == before.links.len()
            && links
                .iter()
                .zip(&before.links)
                .all(|(link, before)| Arc::ptr_eq(link, before) || link.is_as(before))
    }
}

impl ObservedLink {
    /// As [`Cluster::is_as`]. What was remembered to estimate lags from may differ too: the estimates are compared.
    fn is_as(&self, before: &Self) -> bool {
        let Self {
            link_name,
            cluster_link_id,
            remote_cluster_id,
            link_state,
            last_state,
            state_since,
            state_transitions,
            link_error,
            tasks,
            unnamed_tasks,
            task_names_since,
            mirror_partitions,
            configs,
            mirrors,
            lag_history: _,
            troubled_topics,
            described_at,
            failure,
            is_stale,
            is_restored,
            verdict,
        } = self;
        *link_name == before.link_name
            && *cluster_link_id == before.cluster_link_id
            && *remote_cluster_id == before.remote_cluster_id
            && *link_state == before.link_state
            && *last_state == before.last_state
            && *state_since == before.state_since
            && *state_transitions == before.state_transitions
            && *link_error == before.link_error
            && *tasks == before.tasks
            && *unnamed_tasks == before.unnamed_tasks
            && *task_names_since == before.task_names_since
            && *mirror_partitions == before.mirror_partitions
            && *configs == before.configs
            && are_as(mirrors, &before.mirrors)
            && *troubled_topics == before.troubled_topics
            && described_at.is_some() == before.described_at.is_some()
            && *failure == before.failure
            && *is_stale == before.is_stale
            && *is_restored == before.is_restored
            && *verdict == before.verdict
    }
}

fn are_as(mirrors: &Fact<ObservedMirrors>, before: &Fact<ObservedMirrors>) -> bool {
    match (mirrors, before) {
        (Ok(mirrors), Ok(before)) => mirrors.are_as(before),
        (Err(why), Err(before)) => why == before,
        _ => false,
    }
}

impl ObservedMirrors {
    fn are_as(&self, before: &Self) -> bool {
        let Self {
            summary,
            is_failing,
            is_stale,
        } = self;
        (Arc::ptr_eq(summary, &before.summary) || summary.are_as(&before.summary))
            && *is_failing == before.is_failing
            && *is_stale == before.is_stale
    }
}

impl Mirrors {
    fn are_as(&self, before: &Self) -> bool {
        let Self {
            observed_at: _,
            statuses,
            errors,
            lag,
            stalled,
            stalled_unknown,
            is_understood,
            hanging,
            topics,
        } = self;
        *statuses == before.statuses
            && *errors == before.errors
            && *lag == before.lag
            && *stalled == before.stalled
            && *stalled_unknown == before.stalled_unknown
            && *is_understood == before.is_understood
            && *hanging == before.hanging
            && *topics == before.topics
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::model::{
        ErrorCode, Failure, Limits, Link, LinkState, ObservedTask, Reason, ReportedError, Task,
        TaskState, Unknown, Verdict,
    };

    const THEN: Timestamp = Timestamp::constant(1_700_000_000, 0);
    const NOW: Timestamp = Timestamp::constant(1_700_000_030, 0);

    fn cluster(at: Timestamp) -> Cluster {
        let task = Task {
            task_name: Task::ACL_SYNC.into(),
            state: TaskState::Active,
            errors: Vec::new(),
        };
        let description = Link {
            link_state: Some(LinkState::Active),
            tasks: Some(vec![task]),
            ..Link::named("orders-dr")
        };
        let mut link = ObservedLink::described(description, THEN);
        link.described_at = Some(at);
        link.task_names_since = THEN;
        link.mirrors = Ok(Mirrors::none(at).into());
        let limits = Limits {
            poll_interval: Duration::from_secs(30),
            stale_after: Duration::from_secs(120),
        };
        let mut cluster = Cluster::unpolled("prod".into(), None, limits, &[]);
        cluster.listed_at = Some(at);
        cluster.polls.count = if at == THEN { 1 } else { 2 };
        cluster.polls.ended_at = Some(at);
        cluster.links = vec![Arc::new(link)];
        cluster
    }

    #[test]
    fn the_same_answers_at_another_time_say_nothing_new() {
        assert!(cluster(NOW).is_as(&cluster(THEN)));
    }

    #[test]
    fn whatever_else_differs_is_new() {
        type Change<'a> = &'a dyn Fn(&mut Cluster);
        fn link(cluster: &mut Cluster) -> &mut ObservedLink {
            Arc::make_mut(&mut cluster.links[0])
        }
        fn task(cluster: &mut Cluster) -> &mut ObservedTask {
            let tasks = link(cluster).tasks.as_mut().expect("it has tasks");
            &mut Arc::make_mut(tasks)[0]
        }
        fn mirrors(cluster: &mut Cluster) -> &mut Mirrors {
            let mirrors = link(cluster).mirrors.as_mut().expect("they are known");
            Arc::make_mut(&mut mirrors.summary)
        }
        let error = || ReportedError {
            error_code: ErrorCode::from("TIMEOUT_ERROR"),
            error_message: String::new(),
        };
        let changes: [(&str, Change); 22] = [
            ("id", &|it| it.id = Some("lkc-1".into())),
            ("listed", &|it| it.listed += 1),
            ("never listed", &|it| it.listed_at = None),
            ("stale list", &|it| it.is_stale = true),
            ("interval", &|it| it.limits.poll_interval *= 2),
            ("pattern without a link", &|it| {
                it.missing = ["x".to_owned()].into();
            }),
            ("no link", &|it| it.links.clear()),
            ("link id", &|it| link(it).cluster_link_id = "2".to_owned()),
            ("link state", &|it| {
                link(it).link_state = Some(LinkState::Failed);
            }),
            ("link state not sent", &|it| link(it).link_state = None),
            ("since", &|it| link(it).state_since = NOW),
            ("link error", &|it| link(it).link_error = Some(error())),
            ("no tasks", &|it| link(it).tasks = None),
            ("task state", &|it| task(it).state = TaskState::InError),
            ("task error", &|it| task(it).errors.push(error())),
            ("transitions", &|it| task(it).state_transitions += 1),
            ("never described", &|it| link(it).described_at = None),
            ("failed", &|it| {
                link(it).failure = Some(Failure {
                    reason: Reason::Timeout,
                    message: String::new(),
                });
            }),
            ("stale", &|it| link(it).is_stale = true),
            ("settings", &|it| link(it).configs = Err(Unknown::Failed)),
            ("mirror topic", &|it| mirrors(it).statuses[0] += 1),
            ("verdict", &|it| {
                link(it).verdict = Some(Arc::new(Verdict::default()));
            }),
        ];
        for (what, change) in changes {
            let mut after = cluster(NOW);
            change(&mut after);
            assert!(!after.is_as(&cluster(THEN)), "{what}");
        }
    }
}
