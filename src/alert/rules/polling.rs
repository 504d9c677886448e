//! Rules about our polling of a cluster: what we cannot see.

use crate::{
    alert::{
        Condition::{Cluster, Each},
        expression::{above_least, current, merged, polls_failing},
        identity::FIELD,
        memory::HOUR,
        rule::{Rule, Severity, Subject, minutes},
    },
    model::{Endpoint, Field},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ClusterLinkBlind",
        expression: || {
            let late = |age: &str| {
                let threshold = merged("last_over_time(clusterlink_poll_interval_seconds{@}[1h])");
                format!("time() - {age} > 5 * {threshold}")
            };
            let now = late(&merged(
                "clusterlink_poll_last_success_timestamp_seconds{@}",
            ));
            let last = late(&merged(
                "last_over_time(clusterlink_poll_last_success_timestamp_seconds{@}[1h])",
            ));
            // An exporter that is gone has its own alert: only what was failing when it went stays.
            format!("{now}\nor ({last})\nand ({})", polls_failing())
        },
        wait: minutes(2),
        keep_firing: minutes(0),
        severity: Severity::Critical,
        subject: Subject::Cluster,
        summary: "Nothing is known about the links on cluster `{{ $labels.cluster_name }}`.",
        meaning: "The last good poll of this cluster is older than five times its interval: a link or a task can break now, and no alert will say so.",
        daemon: Some(Cluster(|cluster| cluster.is_older_than(5))),
    },
    Rule {
        name: "ClusterLinkApiAuthFailing",
        expression: || {
            // Who may see the links and not their settings misses nothing that the other alerts need.
            let endpoints = Endpoint::ALL
                .iter()
                .filter(|endpoint| !endpoint.is_detail());
            let endpoints: Vec<_> = endpoints.map(|endpoint| endpoint.label()).collect();
            let refused = format!(
                r#"increase(clusterlink_api_requests_total{{code=~"401|403",endpoint=~"{}"@}}[5m])"#,
                endpoints.join("|")
            );
            current(&format!(
                "sum without (endpoint, code) ({}) > 0",
                merged(&refused)
            ))
        },
        wait: minutes(5),
        keep_firing: minutes(0),
        severity: Severity::Critical,
        subject: Subject::Cluster,
        summary: "The REST API refuses the credentials for cluster `{{ $labels.cluster_name }}`.",
        meaning: "The server answers 401 (it does not know the credentials) or 403 (they may not see the links), so that we are blind about some or all links.",
        daemon: Some(Cluster(|cluster| cluster.were_refused(minutes(5)))),
    },
    Rule {
        name: "ClusterLinkPollFailing",
        expression: polls_failing,
        wait: minutes(10),
        keep_firing: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Cluster,
        summary: "Polling cluster `{{ $labels.cluster_name }}` fails.",
        meaning: "The list of links or one of the links cannot be read; after a while what was known of it is withdrawn.",
        daemon: Some(Cluster(|cluster| !cluster.poll_succeeded())),
    },
    Rule {
        name: "ClusterLinkApiThrottled",
        expression: || {
            let count = |codes: &str| {
                let requests = format!("clusterlink_api_requests_total{{{codes}@}}");
                format!(
                    "sum without (endpoint, code) ({})",
                    above_least(&requests, "5m")
                )
            };
            let (throttled, answered) = (count(r#"code="429""#), count(r#"code!="error""#));
            current(&format!("{throttled}\n/ {answered}\n> 0.05"))
        },
        wait: minutes(15),
        keep_firing: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Cluster,
        summary: "The REST API throttles the polls of cluster `{{ $labels.cluster_name }}`.",
        meaning: "More than 5 % of the answers are 429: poll less often, fewer links, or with credentials of our own.",
        daemon: Some(Cluster(|cluster| {
            let (throttled, answered) = cluster.throttled(minutes(5));
            answered > 0 && throttled as f64 / answered as f64 > 0.05
        })),
    },
    Rule {
        name: "ClusterLinkCredentialExpiring",
        expression: || {
            let expiry = "clusterlink_exporter_credential_expiry_timestamp_seconds{@}";
            let (left, interval) = (
                merged(expiry),
                merged("clusterlink_poll_interval_seconds{@}"),
            );
            let renewed = merged(&format!("changes({expiry}[10m])"));
            format!("{left} - time() < 360 - {interval}\nunless {renewed} > 0")
        },
        wait: minutes(5),
        keep_firing: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Cluster,
        summary: "The bearer token for cluster `{{ $labels.cluster_name }}` is about to expire.",
        meaning: "The token should have been renewed three minutes before its end and was not; when it has expired we are blind about this cluster.",
        daemon: Some(Cluster(|cluster| {
            cluster.expires_within(minutes(6)) && !cluster.was_renewed(minutes(10))
        })),
    },
    Rule {
        name: "ClusterLinkUnrecognizedValue",
        expression: || {
            format!(
                "{} > 0",
                merged("increase(clusterlink_unrecognized_values_total{@}[1h])")
            )
        },
        wait: minutes(5),
        keep_firing: minutes(0),
        severity: Severity::Info,
        subject: Subject::Cluster,
        summary: "The REST API on cluster `{{ $labels.cluster_name }}` sends a `{{ $labels.field }}` that this exporter has not heard of.",
        meaning: "The value counts as UNKNOWN or, where it looks like an error code, stands as it is; the log has it. A newer exporter may know it.",
        daemon: Some(Each(FIELD, |cluster| {
            cluster.unrecognized(HOUR).map(Field::label).collect()
        })),
    },
];
