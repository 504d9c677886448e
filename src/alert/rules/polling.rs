//! Rules about our polling of a cluster: what cannot be polled, and why.

use std::time::Duration;

use crate::{
    alert::{
        Condition::{self, Cluster, Each},
        details::Source,
        expression::{
            CLUSTER, DETAILS, EXPORTED_ENDPOINT, by, current, holds, own_endpoint, polls_failing,
            rise, rising, window,
        },
        identity::{ENDPOINT, FIELD},
        latched::{Instance, Latched},
        lookback::{self, HOUR, NOW, QUARTER},
        rule::{Rule, Severity, Subject, minutes},
    },
    model::{Endpoint, Field},
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ClusterLinkBlind",
        expression: || {
            let last = |family: &str| {
                let hour = window(HOUR);
                by(CLUSTER, &format!("last_over_time({family}{{@}}[{hour}])"))
            };
            let late = |age: &str| {
                let threshold = last("clusterlink_poll_interval_seconds");
                format!("{age} > 5 * {threshold}")
            };
            let family = "clusterlink_poll_last_success_timestamp_seconds";
            // As old as it was when it was scraped: the time since then says nothing of the polls.
            let now = format!("min by ({CLUSTER}) (timestamp({family}{{@}}) - {family}{{@}})");
            let now = late(&now);
            let last = late(&format!("time() - {}", last(family)));
            // An exporter that is gone has its own alert: only what was failing when it went stays.
            format!("{now}\nor ({last})\nand ({})", polls_failing())
        },
        hold_duration: minutes(2),
        keep_firing_for: minutes(0),
        severity: Severity::Critical,
        subject: Subject::Cluster,
        summary: "Nothing is known about the links on cluster `{{ $labels.cluster_name }}`.",
        meaning: "The last good poll of this cluster is older than five times its interval: a link or a task can break now, and no alert will say so.",
        condition: Some(Cluster(|cluster| cluster.is_older_than(5))),
    },
    Rule {
        name: "ClusterLinkApiAuthFailing",
        expression: || {
            // Who may see the links and not their settings misses nothing that the other alerts need.
            let endpoints = Endpoint::ALL
                .iter()
                .filter(|endpoint| !endpoint.is_detail());
            let endpoints: Vec<_> = endpoints.map(|endpoint| endpoint.label()).collect();
            let endpoints = endpoints.join("|");
            let refused = |which: &str| {
                rising(&format!(
                    r#"clusterlink_api_requests_total{{code=~"401|403",{which}@}}"#
                ))
            };
            let ours = refused(&format!(
                r#"endpoint=~"{endpoints}",{EXPORTED_ENDPOINT}="""#
            ));
            let renamed = refused(&format!(r#"{EXPORTED_ENDPOINT}=~"{endpoints}""#));
            let either = own_endpoint(&format!("{ours} or {renamed}"));
            current(&format!(
                "sum by ({CLUSTER}) ({}) > 0",
                by(REQUESTS, &either)
            ))
        },
        hold_duration: minutes(5),
        keep_firing_for: minutes(0),
        severity: Severity::Critical,
        subject: Subject::Cluster,
        summary: "The REST API refuses the credentials for cluster `{{ $labels.cluster_name }}`.",
        meaning: "The server answers 401 (it does not know the credentials) or 403 (they may not see the links), so that we are blind about some or all links.",
        condition: Some(Cluster(|cluster| cluster.were_refused(NOW))),
    },
    Rule {
        name: "ClusterLinkPollFailing",
        expression: polls_failing,
        hold_duration: minutes(10),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Cluster,
        summary: "Polling cluster `{{ $labels.cluster_name }}` fails.",
        meaning: "The list of links or one of the links cannot be read; after a while what was known of it is withdrawn.",
        condition: Some(Cluster(|cluster| !cluster.poll_succeeded())),
    },
    Rule {
        name: "ClusterLinkApiThrottled",
        expression: || {
            let count = |codes: &str| {
                let requests = format!("clusterlink_api_requests_total{{{codes}@}}");
                let requests = own_endpoint(&rise(&requests, QUARTER));
                format!("sum by ({CLUSTER}) ({})", by(REQUESTS, &requests))
            };
            let (throttled, answered) = (count(r#"code="429""#), count(r#"code!="error""#));
            current(&format!("{throttled}\n/ {answered}\n> 0.05"))
        },
        hold_duration: minutes(15),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Cluster,
        summary: "The REST API throttles the polls of cluster `{{ $labels.cluster_name }}`.",
        meaning: "More than 5 % of the answers are 429: poll less often, fewer links, or with credentials of our own.",
        condition: Some(Cluster(|cluster| {
            let (throttled, answered) = cluster.throttled(QUARTER);
            answered > 0 && throttled as f64 / answered as f64 > 0.05
        })),
    },
    Rule {
        name: "ClusterLinkCredentialExpiring",
        expression: || {
            let expiry = "clusterlink_exporter_credential_expiry_timestamp_seconds{@}";
            // When it was scraped: a token that was renewed since then is not known to be.
            let left = by(CLUSTER, &format!("{expiry} - timestamp({expiry})"));
            let interval = by(CLUSTER, "clusterlink_poll_interval_seconds{@}");
            let renewed = by(CLUSTER, &format!("changes({expiry}[{}])", window(RENEWAL)));
            format!("{left} < 360 - {interval}\nunless {renewed} > 0")
        },
        hold_duration: minutes(5),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Cluster,
        summary: "The bearer token for cluster `{{ $labels.cluster_name }}` is about to expire.",
        meaning: "The token should have been renewed three minutes before its end and was not; when it has expired we are blind about this cluster.",
        condition: Some(Cluster(|cluster| {
            cluster.expires_within(minutes(6)) && !cluster.was_renewed(RENEWAL)
        })),
    },
    Rule {
        name: "ClusterLinkUnrecognizedValue",
        expression: || {
            let window = window(HOUR);
            let increase =
                format!("increase(clusterlink_unrecognized_values_total{{@}}[{window}])");
            format!("{} > 0", by(FIELDS, &increase))
        },
        hold_duration: minutes(5),
        keep_firing_for: minutes(0),
        severity: Severity::Info,
        subject: Subject::Cluster,
        summary: "The REST API on cluster `{{ $labels.cluster_name }}` sends a `{{ $labels.field }}` that this exporter has not heard of.",
        meaning: "The value counts as UNKNOWN or, where it looks like an error code, stands as it is; the log has it. A newer exporter may know it.",
        condition: Some(Each(FIELD, |cluster| {
            cluster.unrecognized(HOUR).map(Field::label).collect()
        })),
    },
    Rule {
        name: "ClusterLinkDetailsFailing",
        expression: || holds(DETAILS, "clusterlink:details_failing:last_seen{@:}"),
        hold_duration: minutes(15),
        keep_firing_for: minutes(0),
        severity: Severity::Warning,
        subject: Subject::Cluster,
        summary: "The `{{ $labels.endpoint }}` of the links on cluster `{{ $labels.cluster_name }}` cannot be read or understood.",
        meaning: "The settings (configs) or mirror topics (mirrors) of links were asked for, and the answer did not come, was refused, or does not say what it should: what rests on them is not judged, and what fired on them stands for up to an hour.",
        condition: Some(Condition::Latched(Latched {
            seen: |cluster, instances| {
                let failing = Endpoint::DETAILS
                    .iter()
                    .filter(|endpoint| cluster.details_succeeded(**endpoint) == Some(false));
                instances.extend(failing.map(|endpoint| Instance {
                    labels: vec![(ENDPOINT, endpoint.label())],
                    details: why_failing(cluster, *endpoint),
                }));
            },
            cleared: |cluster, identity| {
                let has_label = |endpoint: &&Endpoint| endpoint.label() == identity.label(ENDPOINT);
                let mut endpoints = Endpoint::DETAILS.iter().filter(has_label);
                let succeeded = endpoints
                    .next()
                    .and_then(|it| cluster.details_succeeded(*it));
                succeeded.unwrap_or_else(|| cluster.is_listed())
            },
        })),
    },
];

/// How long a renewed token needs no alert.
const RENEWAL: Duration = lookback::window(10);
const REQUESTS: &str = "cluster_name, cluster_id, endpoint, code@&";
const FIELDS: &str = "cluster_name, cluster_id, field@&";

fn why_failing(cluster: &crate::model::Cluster, endpoint: Endpoint) -> Source<'_> {
    match cluster.polls.left_out.get(&endpoint) {
        Some(failure) => Source::found(&failure.message),
        None => Source::found("the answer lacks names, states or values"),
    }
}
