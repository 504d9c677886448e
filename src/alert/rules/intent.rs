//! Rules about what should be true of links: `expect`, the audit of their settings, and their other halves.

use crate::{
    alert::{
        Condition,
        details::Source,
        expression::{CHECKS, EXPECTATIONS, FINDINGS, exists, holds},
        identity::{CHECK, EXPECTATION, FINDING, LINK_NAME, REMOTE_CLUSTER_ID, TASK_NAME},
        latched::{Instance, Latched, is_judged, is_judged_of_task},
        rule::{Rule, Severity, Subject, minutes},
    },
    model::{Cluster, Expectation},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ClusterLinkExpectationViolated",
        // Lag above the objective has a rule of its own, which does not forget it with a restart.
        expression: || {
            let violated = r#"clusterlink:expectation_violated:last_seen{expectation!="rpo"@:}"#;
            format!(
                "{}\nor ({})",
                holds(EXPECTATIONS, violated),
                exists(EXPECTATIONS)
            )
        },
        hold_duration: minutes(5),
        keep_firing_for: minutes(5),
        severity: Severity::Critical,
        subject: Subject::Expectation,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` is not as `expect` says: `{{ $labels.expectation }}`{{ with $labels.task_name }} of task `{{ . }}`{{ end }}.",
        meaning: "The link is not what the configuration of the exporter expects of it (`expect`): somebody relies on what is not there.",
        condition: Some(Condition::Latched(Latched {
            seen: violations,
            cleared: |cluster, identity| match identity.label(EXPECTATION) {
                // It is about a pattern, which the list answers.
                expectation if expectation == Expectation::Exists.label() => cluster.is_listed(),
                expectation => {
                    let task_name = identity.label(TASK_NAME);
                    is_judged_of_task(cluster, identity, expectation, task_name)
                }
            },
        })),
    },
    Rule {
        name: "ClusterLinkPairInconsistent",
        expression: || holds(CHECKS, "clusterlink:pair_inconsistent:last_seen{@:}"),
        hold_duration: minutes(5),
        keep_firing_for: minutes(5),
        severity: Severity::Critical,
        subject: Subject::Pair,
        summary: "The halves of bidirectional link `{{ $labels.link_name }}` on clusters `{{ $labels.cluster_id }}` and `{{ $labels.remote_cluster_id }}` do not fit together: `{{ $labels.check }}`.",
        meaning: "A bidirectional link is two links of one name, one on each cluster: where they do not fit, one direction is not mirrored, or there is no way back after a failover.",
        condition: Some(Condition::Latched(Latched {
            seen: broken_pairs,
            cleared: |cluster, identity| is_judged(cluster, identity, identity.label(CHECK)),
        })),
    },
    Rule {
        name: "ClusterLinkConfigFinding",
        expression: || holds(FINDINGS, "clusterlink:link_config_finding:last_seen{@:}"),
        hold_duration: minutes(30),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Finding,
        summary: "The settings of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` need a look: `{{ $labels.finding }}`.",
        meaning: "The settings of the link contradict each other or what it does, though it may look healthy.",
        condition: Some(Condition::Latched(Latched {
            seen: findings,
            cleared: |cluster, identity| is_judged(cluster, identity, identity.label(FINDING)),
        })),
    },
];

fn violations<'a>(cluster: &'a Cluster, instances: &mut Vec<Instance<'a>>) {
    for shown in cluster.shown_expectations() {
        let Some(violation) = shown.violation else {
            continue;
        };
        if shown.expectation != Expectation::Rpo {
            instances.push(Instance {
                labels: vec![
                    (LINK_NAME, shown.link_name),
                    (TASK_NAME, shown.task_name),
                    (EXPECTATION, shown.expectation.label()),
                ],
                details: Source::found(violation),
            });
        }
    }
}

fn broken_pairs<'a>(cluster: &'a Cluster, instances: &mut Vec<Instance<'a>>) {
    for (link, verdict) in cluster.judged_links() {
        let Some(pair) = &verdict.pair else { continue };
        let Some(remote) = &pair.remote_cluster_id else {
            continue;
        };
        instances.extend(pair.broken().map(|(check, why)| Instance {
            labels: vec![
                (LINK_NAME, link.link_name.as_str()),
                (REMOTE_CLUSTER_ID, remote.as_str()),
                (CHECK, check.label()),
            ],
            details: Source::found(why),
        }));
    }
}

fn findings<'a>(cluster: &'a Cluster, instances: &mut Vec<Instance<'a>>) {
    for (link, verdict) in cluster.judged_links() {
        instances.extend(verdict.findings.iter().map(|found| Instance {
            labels: vec![
                (LINK_NAME, link.link_name.as_str()),
                (FINDING, found.kind.label()),
            ],
            details: Source::found(&found.detail),
        }));
    }
}
