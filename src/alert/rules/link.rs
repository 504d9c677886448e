//! Rules about links.

use crate::{
    alert::{
        Basis,
        Condition::Link,
        expression::{above_least, gone, standing},
        rule::{Rule, Severity, Subject, minutes},
    },
    model::LinkState,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ClusterLinkFailed",
        expression: || standing(r#"clusterlink_link_state{state="FAILED"@}"#),
        wait: minutes(1),
        keep_firing: minutes(5),
        severity: Severity::Critical,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` failed.",
        meaning: "The link has failed for good: nothing is mirrored over it until somebody mends or replaces it.",
        daemon: Some(Link(|link| link.stands(&[LinkState::Failed]))),
    },
    Rule {
        name: "ClusterLinkUnavailable",
        expression: || standing(r#"clusterlink_link_state{state="UNAVAILABLE"@}"#),
        wait: minutes(2),
        keep_firing: minutes(5),
        severity: Severity::Critical,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` cannot reach the remote cluster.",
        meaning: "The remote cluster has been out of reach for about five minutes already when the server says so: nothing is mirrored, and the data loss of a failover grows.",
        daemon: Some(Link(|link| link.stands(&[LinkState::Unavailable]))),
    },
    Rule {
        name: "ClusterLinkStateUnknown",
        expression: || standing(r#"clusterlink_link_state{state="UNKNOWN"@}"#),
        wait: minutes(15),
        keep_firing: minutes(5),
        severity: Severity::Warning,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` is in a state nobody knows.",
        meaning: "The server cannot say whether this link works, or says it in a word that this exporter has not heard of; its log has the word.",
        daemon: Some(Link(|link| link.stands(&[LinkState::Unknown]))),
    },
    Rule {
        name: "ClusterLinkFlapping",
        expression: || {
            let changes = above_least("clusterlink_link_state_transitions_total{@}", "30m");
            format!("{changes} > 5")
        },
        wait: minutes(1),
        keep_firing: minutes(30),
        severity: Severity::Warning,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` keeps changing its state.",
        meaning: "The link changed its state more than 5 times in 30 minutes: look at the network and the load between the two clusters.",
        daemon: Some(Link(|link| link.changed_more_than(5, minutes(30)))),
    },
    Rule {
        name: "ClusterLinkPaused",
        expression: || standing(r#"clusterlink_link_state{state="PAUSED"@}"#),
        wait: minutes(60),
        keep_firing: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` has been paused for an hour.",
        meaning: "An operator paused the link, and nothing is mirrored over it until it is resumed; the source may delete what was not mirrored.",
        daemon: Some(Link(|link| link.stands(&[LinkState::Paused]))),
    },
    Rule {
        name: "ClusterLinkDisappeared",
        expression: || gone("clusterlink_link_poll_success{@}"),
        wait: minutes(5),
        keep_firing: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Link,
        summary: "Cluster link `{{ $labels.link_name }}` on cluster `{{ $labels.cluster_name }}` is gone.",
        meaning: "The link was listed within the last hour and is not now: it was deleted or renamed, or the configuration of the exporter leaves it out.",
        daemon: Some(Link(|link| link.disappeared().then_some(Basis::Seen))),
    },
];
