//! Rules about the mirror topics of links. A poll can succeed without an answer about them: only such an answer, or that the
//! link is gone, ends their alerts.

use crate::{
    alert::{
        Condition,
        details::Source,
        expression::{LINK, holds},
        identity::{Identity, LINK_NAME},
        latched::{Instance, Latched, is_judged},
        rule::{Rule, Severity, Subject, minutes},
    },
    model::{
        Cluster, Expectation, LinkState, MirrorStatus, Mirrors, ObservedLink, UnknownJudgement,
    },
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ClusterLinkMirrorLagAboveRpo",
        expression: || {
            // The exporter compares the lag with the objective itself: that a lower bound is within it says nothing, and
            // that one is above it does.
            let violated = r#"clusterlink:expectation_violated:last_seen{expectation="rpo"@:}"#;
            holds(LINK, violated)
        },
        hold_duration: minutes(5),
        keep_firing_for: minutes(5),
        severity: Severity::Critical,
        subject: Subject::Lag,
        summary: "The mirror topics of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` lag longer than their `rpo` allows.",
        meaning: "A failover now would lose more than the configuration allows: the mirror topics stand where their sources stood longer ago than `rpo` of `expect`.",
        condition: Some(Condition::Latched(Latched {
            seen: lags_above_rpo,
            cleared: |cluster, identity| is_judged(cluster, identity, Expectation::Rpo.label()),
        })),
    },
    Rule {
        name: "ClusterLinkMirrorTopicsFailed",
        expression: || any_topic(&[MirrorStatus::Failed.label()]),
        hold_duration: minutes(5),
        keep_firing_for: minutes(0),
        severity: Severity::Critical,
        subject: Subject::Mirrors,
        summary: "Mirror topics of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` have failed.",
        meaning: "A mirror topic that has failed follows its source no longer and does not heal by itself: what it lacks would be lost in a failover.",
        condition: Some(Condition::Latched(Latched {
            seen: |cluster, instances| {
                of_links(cluster, instances, Source::topics, |_, mirrors| {
                    mirrors.count(&MirrorStatus::Failed)
                });
            },
            cleared: statuses_known,
        })),
    },
    Rule {
        name: "ClusterLinkMirrorTopicsSourceUnavailable",
        expression: || any_topic(&[MirrorStatus::SourceUnavailable.label()]),
        hold_duration: minutes(5),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Mirrors,
        summary: "Mirror topics of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` cannot reach their sources.",
        meaning: "The source topics cannot be read: they are gone, the link may not read them, or their cluster is out of reach.",
        condition: Some(Condition::Latched(Latched {
            seen: |cluster, instances| {
                of_links(cluster, instances, Source::topics, |_, mirrors| {
                    mirrors.count(&MirrorStatus::SourceUnavailable)
                });
            },
            cleared: statuses_known,
        })),
    },
    Rule {
        name: "ClusterLinkMirrorTopicsStuckPending",
        expression: || {
            let is_pending = |name: &&str| MirrorStatus::parse(name).is_pending();
            let names = MirrorStatus::TABLE.iter().map(|row| row.name);
            any_topic(&names.filter(is_pending).collect::<Vec<_>>())
        },
        hold_duration: minutes(30),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Transitions,
        summary: "Mirror topics of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` have been pending for half an hour.",
        meaning: "A promote, failover or restore of mirror topics does not finish: until it does, the topics are neither mirrors nor writable.",
        condition: Some(Condition::Latched(Latched {
            seen: |cluster, instances| {
                of_links(cluster, instances, Source::pending, |_, mirrors| {
                    mirrors.count_where(MirrorStatus::is_pending)
                });
            },
            cleared: statuses_known,
        })),
    },
    Rule {
        name: "ClusterLinkMirrorTopicsStalled",
        expression: || holds(LINK, "clusterlink:mirror_stalled_topics:last_seen{@:}"),
        hold_duration: minutes(5),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Lag,
        summary: "Mirror topics of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` stand still.",
        meaning: "The link is ACTIVE, and mirror topics that lag have fetched nothing for a quarter of an hour: they do not catch up, and no state says so.",
        condition: Some(Condition::Latched(Latched {
            seen: |cluster, instances| of_links(cluster, instances, with_lag, stalled),
            cleared: |cluster, identity| {
                let link = cluster.shown_link(identity.link_name());
                link.is_some_and(is_idle)
                    || is_judged(cluster, identity, UnknownJudgement::MIRRORS_STALLED)
            },
        })),
    },
    Rule {
        name: "ClusterLinkMirrorTopicsUnknown",
        expression: || any_topic(&[MirrorStatus::Unknown.label()]),
        hold_duration: minutes(15),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Mirrors,
        summary: "The status of mirror topics of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` is not known.",
        meaning: "The server does not say in which status these mirror topics are, or says it in a word that this exporter has not heard of: they may have failed. What fired on them stands for up to an hour.",
        condition: Some(Condition::Latched(Latched {
            seen: |cluster, instances| {
                of_links(cluster, instances, Source::topics, |_, mirrors| {
                    mirrors.count(&MirrorStatus::Unknown)
                });
            },
            cleared: statuses_known,
        })),
    },
];

/// Whether it is known in which status each of the link's mirror topics is.
fn statuses_known(cluster: &Cluster, identity: &Identity) -> bool {
    is_judged(cluster, identity, UnknownJudgement::MIRROR_STATUSES)
}

/// True while the link has a topic in one of these statuses.
fn any_topic(statuses: &[&str]) -> String {
    let statuses = statuses.join("|");
    let operator = if statuses.contains('|') { "=~" } else { "=" };
    let recording = "clusterlink:mirror_topics:last_seen";
    holds(
        LINK,
        &format!(r#"{recording}{{mirror_status{operator}"{statuses}"@:}}"#),
    )
}

fn lags_above_rpo<'a>(cluster: &'a Cluster, instances: &mut Vec<Instance<'a>>) {
    for shown in cluster.shown_expectations() {
        if let (Expectation::Rpo, Some(above)) = (shown.expectation, shown.violation) {
            instances.push(Instance {
                labels: vec![(LINK_NAME, shown.link_name)],
                details: Source::found(above),
            });
        }
    }
}

/// How many topics are stalled while the link is ACTIVE, or says nothing of its state.
fn stalled(link: &ObservedLink, mirrors: &Mirrors) -> usize {
    if is_idle(link) { 0 } else { mirrors.stalled }
}

/// Whether the link is known to be in a state in which nothing is mirrored.
fn is_idle(link: &ObservedLink) -> bool {
    link.known_state()
        .is_ok_and(|state| *state != LinkState::Active)
}

fn with_lag(found: &str, mirrors: &Mirrors) -> Source<'static> {
    let lag = mirrors.known_lag().map(|lag| lag.in_words());
    let lag = lag.unwrap_or_else(|_| "not known".to_owned());
    let found = format!("{found}, the lag is {lag}");
    Source::Found(found.into(), Vec::new())
}

/// The links that have such topics; `details` completes how many they are.
fn of_links<'a>(
    cluster: &'a Cluster,
    instances: &mut Vec<Instance<'a>>,
    details: fn(&str, &Mirrors) -> Source<'a>,
    count: fn(&ObservedLink, &Mirrors) -> usize,
) {
    for link in cluster.shown_links() {
        let Ok(mirrors) = link.shown_mirrors() else {
            continue;
        };
        let count = count(link, mirrors);
        if count > 0 {
            let found = format!("{count} of {} mirror topics", mirrors.listed());
            instances.push(Instance {
                labels: vec![(LINK_NAME, link.link_name.as_str())],
                details: details(&found, mirrors),
            });
        }
    }
}
