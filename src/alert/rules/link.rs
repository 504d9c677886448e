//! Rules about links.

use std::time::Duration;

use crate::{
    alert::{
        Basis,
        Condition::Link,
        expression::{LINK, holds, holds_since, in_state, rose_by_more, window},
        lookback::{self, DAY},
        recording::AN_HOUR,
        rule::{Rule, Severity, Subject, minutes},
    },
    model::LinkState,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ClusterLinkFailed",
        expression: || in_state(LINK, STATE, &["FAILED"]),
        hold_duration: minutes(1),
        keep_firing_for: minutes(5),
        severity: Severity::Critical,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` failed.",
        meaning: "The link has failed for good: nothing is mirrored over it until somebody mends or replaces it.",
        condition: Some(Link(|link| link.in_state(&[LinkState::Failed]))),
    },
    Rule {
        name: "ClusterLinkUnavailable",
        expression: || in_state(LINK, STATE, &["UNAVAILABLE"]),
        hold_duration: minutes(2),
        keep_firing_for: minutes(5),
        severity: Severity::Critical,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` cannot reach the remote cluster.",
        meaning: "The remote cluster has been out of reach for about five minutes already when the server says so: nothing is mirrored, and the data loss of a failover grows.",
        condition: Some(Link(|link| link.in_state(&[LinkState::Unavailable]))),
    },
    Rule {
        name: "ClusterLinkStateUnknown",
        expression: || in_state(LINK, STATE, &["UNKNOWN"]),
        hold_duration: minutes(15),
        keep_firing_for: minutes(5),
        severity: Severity::Warning,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` is in a state nobody knows.",
        meaning: "The server cannot say whether this link works, or says it in a word that this exporter has not heard of; its log has the word.",
        condition: Some(Link(|link| link.in_state(&[LinkState::Unknown]))),
    },
    Rule {
        name: "ClusterLinkFlapping",
        expression: || {
            let transitions = "clusterlink_link_state_transitions_total{@}";
            rose_by_more(5, LINK, transitions, HALF_AN_HOUR)
        },
        hold_duration: minutes(1),
        keep_firing_for: minutes(30),
        severity: Severity::Warning,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` keeps changing its state.",
        meaning: "The link changed its state more than 5 times in 30 minutes: look at the network and the load between the two clusters.",
        condition: Some(Link(|link| link.changed_more_than(5, HALF_AN_HOUR))),
    },
    Rule {
        name: "ClusterLinkPaused",
        expression: || in_state(LINK, STATE, &["PAUSED"]),
        hold_duration: minutes(60),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` has been paused for an hour.",
        meaning: "An operator paused the link, and nothing is mirrored over it until it is resumed; the source may delete what was not mirrored.",
        condition: Some(Link(|link| link.in_state(&[LinkState::Paused]))),
    },
    Rule {
        name: "ClusterLinkDisappeared",
        expression: || holds_since(LINK, "clusterlink:link:gone_since{@:}", AN_HOUR),
        hold_duration: minutes(5),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` is gone.",
        meaning: "The link was listed within the last hour and is not now: it was deleted or renamed, or the configuration of the exporter leaves it out.",
        condition: Some(Link(|link| link.disappeared().then_some(Basis::Current))),
    },
    Rule {
        name: "ClusterLinkTasksNotReported",
        expression: || {
            let reported = "clusterlink_link_tasks_reported{@}";
            let unreported = "clusterlink:link_tasks_unreported:last_seen{@:}";
            format!(
                "{}\nand on ({LINK}) (max_over_time({reported}[{}]) == 1)",
                holds(LINK, unreported),
                window(DAY)
            )
        },
        hold_duration: minutes(15),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Link,
        summary: "The tasks of cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` are not reported any more.",
        meaning: "The server named the tasks of this link within the last day and names none now: nobody knows whether they work. What fired on their states stands for up to an hour.",
        condition: Some(Link(|link| link.stopped_naming_tasks(DAY))),
    },
];

const STATE: &str = "clusterlink:link_state:last_seen";
const HALF_AN_HOUR: Duration = lookback::window(30);
