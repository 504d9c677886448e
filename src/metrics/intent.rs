//! Families about what should be true of links.

use super::{Family, Kind, Label, Shows, link::LINK_NAME, task::TASK_NAME};
use crate::model::{
    Blocker, Check, Expectation, Finding, Readiness, TableWord, Unknown, UnknownJudgement,
};

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "clusterlink_expectation_met",
        meaning: "1 if what `expect` of the configuration says of the link or task holds, 0 if not; task_name is empty for \
            the link itself; a pattern that matches no link is `exists` 0 with the pattern as link_name; absent where it is not known",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[
            LINK_NAME,
            TASK_NAME,
            Label::one_of("expectation", || names(Expectation::TABLE)),
        ],
        collect: |cluster, samples| {
            for shown in cluster.shown_expectations() {
                let labels = [shown.link_name, shown.task_name, shown.expectation.label()];
                samples.push(&labels, f64::from(shown.violation.is_none()));
            }
        },
    },
    Family {
        name: "clusterlink_link_config_finding",
        meaning: "1 for each finding of the audit of the link's settings; absent where it is clean or not known, which clusterlink_judgement_unknown tells apart",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[
            LINK_NAME,
            Label::one_of("finding", || names(Finding::TABLE)),
        ],
        collect: |cluster, samples| {
            for (link, verdict) in cluster.judged_links() {
                for found in &verdict.findings {
                    samples.push(&[link.link_name.as_str(), found.kind.label()], 1.0);
                }
            }
        },
    },
    Family {
        name: "clusterlink_pair_consistent",
        meaning: "1 if the check holds between this half of a bidirectional link and the other one, 0 if not; absent where \
            it is not known, as clusterlink_judgement_unknown says, or does not apply",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[
            LINK_NAME,
            Label::open("remote_cluster_id"),
            Label::one_of("check", || names(Check::TABLE)),
        ],
        collect: |cluster, samples| {
            for (link, verdict) in cluster.judged_links() {
                let Some(pair) = &verdict.pair else { continue };
                let Some(remote) = &pair.remote_cluster_id else {
                    continue;
                };
                for (check, judged) in &pair.checks {
                    if judged.unknown().is_none() {
                        let link_name = link.link_name.as_str();
                        let labels = [link_name, remote.as_str(), check.label()];
                        samples.push(&labels, f64::from(judged.bad().is_none()));
                    }
                }
            }
        },
    },
    Family {
        name: "clusterlink_failover_ready",
        meaning: "1 if nothing is known that is against a failover over this link now, 0 if something is; an unavailable \
            source is not; absent where it cannot be judged: \
            something that was asked for is not known",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for (link, verdict) in cluster.judged_links() {
                let failover = &verdict.failover;
                let is_ready = failover.readiness() == Readiness::Ready;
                if is_ready || !failover.blockers.is_empty() {
                    samples.push(&[link.link_name.as_str()], f64::from(is_ready));
                }
            }
        },
    },
    Family {
        name: "clusterlink_judgement_unknown",
        meaning: "1 for each finding, check, expectation and question about mirror topics of the link that is to be judged \
            and cannot be now, and why; absent where it is known. task_name is empty but for a task's expectation",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[
            LINK_NAME,
            TASK_NAME,
            Label::one_of("judgement", UnknownJudgement::words),
            Label::one_of("reason", || {
                Unknown::ALL.iter().map(|it| it.label()).collect()
            }),
        ],
        collect: |cluster, samples| {
            for (link, verdict) in cluster.judged_links() {
                for unknown in &verdict.unknown {
                    let task_name = unknown.task_name.as_ref();
                    let labels = [
                        link.link_name.as_str(),
                        task_name.map_or("", |name| name.as_str()),
                        unknown.judgement,
                        unknown.why.label(),
                    ];
                    samples.push(&labels, 1.0);
                }
            }
        },
    },
    Family {
        name: "clusterlink_failover_blocker",
        meaning: "1 for each reason that is known to be against a failover over this link now; absent otherwise",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME, Label::one_of("reason", || names(Blocker::TABLE))],
        collect: |cluster, samples| {
            for (link, verdict) in cluster.judged_links() {
                for found in &verdict.failover.blockers {
                    samples.push(&[link.link_name.as_str(), found.kind.label()], 1.0);
                }
            }
        },
    },
    Family {
        name: "clusterlink_mirror_rpo_objective_seconds",
        meaning: "How long the link's mirror topics may lag by `expect` of the configuration, in seconds",
        kind: Kind::Gauge,
        shows: Shows::Answers,
        labels: &[LINK_NAME],
        collect: |cluster, samples| {
            for (link, verdict) in cluster.judged_links() {
                if let Some(rpo) = verdict.rpo {
                    samples.push(&[link.link_name.as_str()], rpo.as_secs_f64());
                }
            }
        },
    },
];

fn names(table: &[TableWord]) -> Vec<&'static str> {
    table.iter().map(|row| row.name).collect()
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use insta::assert_snapshot;

    use super::*;
    use crate::{
        intent::judge,
        metrics::testing::{
            NOW, SINCE, cluster, failure, link, only, samples_of, snapshot, task, unpolled,
            with_links, with_tasks,
        },
        model::{
            Cluster, Expect, Intent, LinkConfigs, LinkPatterns, LinkState, MirrorStatus, Mirrors,
            ObservedLink, Reason, Snapshot, TaskState,
        },
    };

    fn judged(clusters: impl IntoIterator<Item = Cluster>) -> Snapshot {
        judge(&Snapshot::default(), snapshot(clusters))
    }

    /// What the table says of the first of these clusters.
    fn first(clusters: impl IntoIterator<Item = Cluster>) -> String {
        samples_of(FAMILIES, &judged(clusters).clusters[0])
    }

    fn with_configs(mut link: ObservedLink, entries: &[(&str, &str)]) -> ObservedLink {
        let mut configs = LinkConfigs::default();
        for (key, value) in entries {
            configs.set(key, Some(value));
        }
        link.configs = Ok(configs.into());
        link
    }

    fn with_topics(mut link: ObservedLink, statuses: &[(&str, usize)], lag: u64) -> ObservedLink {
        let mut mirrors = Mirrors::none(NOW);
        for (status, count) in statuses {
            mirrors.statuses[MirrorStatus::parse(status).index()] = *count;
        }
        mirrors.lag.age = Duration::from_secs(lag);
        link.mirrors = Ok(mirrors.into());
        link
    }

    fn expecting(mut cluster: Cluster, links: &[&str]) -> Cluster {
        let links: Vec<_> = links.iter().map(|pattern| (*pattern).to_owned()).collect();
        let expect = Expect {
            links: LinkPatterns::new(&links).unwrap(),
            states: vec![LinkState::Active],
            tasks: [("ConsumerOffsetSync".into(), vec![TaskState::Active])].into(),
            rpo: Some(Duration::from_secs(300)),
        };
        cluster.intent = Arc::new(Intent {
            expect: vec![expect],
            ..Intent::default()
        });
        cluster
    }

    #[test]
    fn what_is_expected_and_not_so_is_0_and_a_pattern_without_a_link_stands_in_its_place() {
        let offsets = [task("ConsumerOffsetSync", "IN_ERROR", &[])];
        let orders = with_topics(link("dr-orders", "ACTIVE"), &[("ACTIVE", 3)], 301);
        let links = with_links(cluster("dr"), [with_tasks(orders, offsets)]);
        assert_snapshot!(first([expecting(links, &["dr-.*", "sales"])]), @r#"
        clusterlink_expectation_met{link_name="dr-orders",task_name="",expectation="exists"} 1
        clusterlink_expectation_met{link_name="dr-orders",task_name="",expectation="state"} 1
        clusterlink_expectation_met{link_name="dr-orders",task_name="ConsumerOffsetSync",expectation="task_state"} 0
        clusterlink_expectation_met{link_name="dr-orders",task_name="",expectation="rpo"} 0
        clusterlink_expectation_met{link_name="sales",task_name="",expectation="exists"} 0

        clusterlink_failover_ready{link_name="dr-orders"} 0

        clusterlink_failover_blocker{link_name="dr-orders",reason="offset_sync"} 1
        clusterlink_failover_blocker{link_name="dr-orders",reason="lag_above_rpo"} 1

        clusterlink_mirror_rpo_objective_seconds{link_name="dr-orders"} 300
        "#);
    }

    #[test]
    fn nothing_is_expected_of_a_link_that_no_item_matches_and_it_is_judged_all_the_same() {
        let healthy = with_tasks(link("orders", "ACTIVE"), [task("AclSync", "ACTIVE", &[])]);
        assert_snapshot!(
            first([with_links(cluster("dr"), [healthy])]),
            @r#"clusterlink_failover_ready{link_name="orders"} 1"#
        );
    }

    #[test]
    fn cleared_filters_are_a_finding() {
        let cleared = [("acl.sync.enable", "true"), ("acl.filters", "")];
        let orders = with_configs(link("orders", "ACTIVE"), &cleared);
        let found = judged([with_links(cluster("dr"), [orders])]);
        let family = only("clusterlink_link_config_finding");
        assert_snapshot!(
            samples_of(family, &found.clusters[0]),
            @r#"clusterlink_link_config_finding{link_name="orders",finding="acl_sync_without_filters"} 1"#
        );
    }

    fn half(far: &str) -> ObservedLink {
        let modes = [
            ("link.mode", "BIDIRECTIONAL"),
            ("connection.mode", "OUTBOUND"),
            ("consumer.offset.sync.enable", "false"),
        ];
        let mut half = with_configs(link("both", "ACTIVE"), &modes);
        half.remote_cluster_id = Some(far.into());
        with_tasks(half, [task("ConsumerOffsetSync", "ACTIVE", &[])])
    }

    #[test]
    fn the_halves_of_a_pair_are_compared_and_a_missing_one_is_told_by_the_other() {
        let east = || with_links(cluster("east"), [half("lkc-west")]);
        let west = with_links(cluster("west"), [half("lkc-east")]);
        let family = only("clusterlink_pair_consistent");
        let whole = judged([east(), west]);
        assert_snapshot!(samples_of(family, &whole.clusters[0]), @r#"
        clusterlink_pair_consistent{link_name="both",remote_cluster_id="lkc-west",check="remote_link_exists"} 1
        clusterlink_pair_consistent{link_name="both",remote_cluster_id="lkc-west",check="states_agree"} 1
        clusterlink_pair_consistent{link_name="both",remote_cluster_id="lkc-west",check="connection_modes"} 1
        clusterlink_pair_consistent{link_name="both",remote_cluster_id="lkc-west",check="tasks_agree"} 1
        "#);
        let halved = judged([east(), cluster("west")]);
        assert_snapshot!(
            samples_of(family, &halved.clusters[0]),
            @r#"clusterlink_pair_consistent{link_name="both",remote_cluster_id="lkc-west",check="remote_link_exists"} 0"#
        );
        assert_eq!(samples_of(family, &halved.clusters[1]), "");
    }

    #[test]
    fn an_outage_of_the_other_end_leaves_no_series_of_the_pair_and_no_reason_against_a_failover() {
        let east = || with_links(cluster("east"), [half("lkc-west")]);
        let never = unpolled("west");
        let mut failing = cluster("west");
        failing.polls.last_failure = Some(failure(Reason::Connect));
        failing.polls.ended_at = Some(SINCE);
        for west in [never, failing] {
            let judged = judged([east(), west]);
            let of = |family| samples_of(only(family), &judged.clusters[0]);
            let ready = r#"clusterlink_failover_ready{link_name="both"} 1"#;
            assert_eq!(of("clusterlink_failover_ready"), ready);
            assert_eq!(of("clusterlink_pair_consistent"), "");
            let unknown = of("clusterlink_judgement_unknown");
            assert_eq!(
                unknown.matches(r#"reason="failed""#).count(),
                5,
                "{unknown}"
            );
        }
    }

    #[test]
    fn a_dead_source_is_ready_and_stays_so_as_the_lag_grows() {
        let blocked = ["SOURCE_UNAVAILABLE", "ACTIVE"].map(|status| {
            let link = with_topics(link("orders", "UNAVAILABLE"), &[(status, 3)], 7200);
            let tasks = [task("ConsumerOffsetSync", "LINK_UNAVAILABLE", &[])];
            let links = with_links(cluster("dr"), [with_tasks(link, tasks)]);
            let judged = judged([expecting(links, &["orders"])]);
            let of = |family| samples_of(only(family), &judged.clusters[0]);
            [
                of("clusterlink_failover_ready"),
                of("clusterlink_failover_blocker"),
            ]
        });
        let ready = ["clusterlink_failover_ready{link_name=\"orders\"} 1", ""];
        assert_eq!(blocked, [ready, ready]);
    }

    #[test]
    fn old_data_block_a_failover_until_they_are_withdrawn_with_all_the_rest() {
        let mut stale = expecting(
            with_links(cluster("dr"), [link("orders", "ACTIVE")]),
            &["dr"],
        );
        stale.polls.last_failure = Some(failure(Reason::Timeout));
        stale.polls.ended_at = Some(SINCE);
        assert_snapshot!(first([stale.clone()]), @r#"
        clusterlink_expectation_met{link_name="dr",task_name="",expectation="exists"} 0

        clusterlink_failover_ready{link_name="orders"} 0

        clusterlink_failover_blocker{link_name="orders",reason="data_stale"} 1
        "#);
        stale.is_stale = true;
        assert_eq!(first([stale]), "");
    }

    #[test]
    fn an_old_server_that_sends_no_state_is_called_neither_ready_nor_not() {
        let mut old = link("old", "ACTIVE");
        old.link_state = None;
        assert_eq!(first([with_links(cluster("dr"), [old])]), "");
    }

    #[test]
    fn a_pattern_that_reads_like_a_link_it_does_not_match_is_one_series() {
        let links = with_links(cluster("dr"), [link("a+", "ACTIVE")]);
        let judged = judged([expecting(links, &["a+", r"a\+"])]);
        let text = samples_of(only("clusterlink_expectation_met"), &judged.clusters[0]);
        let exists: Vec<_> = text
            .lines()
            .filter(|line| line.contains("exists"))
            .collect();
        let series =
            r#"clusterlink_expectation_met{link_name="a+",task_name="",expectation="exists"} 0"#;
        assert_eq!(exists, [series]);
    }
}
