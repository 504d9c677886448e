//! Polling, and what Confluent's API answers.

use crate::dashboard::{
    panel::{Panel, lines},
    queries,
};

pub(super) fn poll_age() -> Panel {
    lines(
        "Age of the data by cluster",
        "How long ago each cluster was polled with success, by replica; dashed five intervals, when ClusterLinkBlind pages.",
        "s",
    )
    .over_time(
        "time() - clusterlink_poll_last_success_timestamp_seconds{poll}",
        "{{cluster_name}} ({{instance}})",
    )
    .over_time(
        "5 * max(clusterlink_poll_interval_seconds{poll})",
        "5 × the longest interval",
    )
    .limit('B')
}

pub(super) fn poll_duration() -> Panel {
    lines(
        "Poll duration against the interval",
        "How long polls take; dashed the interval. Near it, give the cluster a longer `poll_interval` or more \
         `max_concurrent_requests`.",
        "s",
    )
    .over_time(
        "clusterlink_poll_duration_seconds{poll}",
        "{{cluster_name}} ({{instance}})",
    )
    .over_time(
        "clusterlink_poll_interval_seconds{poll}",
        "interval of {{cluster_name}} ({{instance}})",
    )
    .limit('B')
}

pub(super) fn poll_failures() -> Panel {
    lines(
        "Poll failures by reason",
        "Failed polls by their first cause, of the replica with the most. auth, forbidden: credentials; timeout, connect, tls: the way there; throttled: too \
         many requests; server_error, bad_response: the API itself.",
        "short",
    )
    .over_time(
        "sum by (reason) (once(increase(clusterlink_poll_failures_total{poll}[$__rate_interval])))",
        "{{reason}}",
    )
}

pub(super) fn requests_by_code() -> Panel {
    lines(
        "Requests by answer",
        "Requests a second by HTTP status, all replicas together, retries included; `error` had no answer.",
        "reqps",
    )
    .stacked()
    .over_time(
        "sum by (code) (rate(clusterlink_api_requests_total{poll}[$__rate_interval]))",
        "{{code}}",
    )
}

pub(super) fn error_ratio() -> Panel {
    lines(
        "Share of requests that failed",
        "Which part of the requests to each cluster had no answer, or one of 400 and above.",
        "percentunit",
    )
    .set("max", 1)
    .over_time(
        r#"(sum by (cluster_name, cluster_id) (rate(clusterlink_api_requests_total{poll,code=~"error|[45].."}[$__rate_interval])) or 0 * sum by (cluster_name, cluster_id) (rate(clusterlink_api_requests_total{poll}[$__rate_interval]))) / (sum by (cluster_name, cluster_id) (rate(clusterlink_api_requests_total{poll}[$__rate_interval])) > 0)"#,
        "{{cluster_name}}",
    )
}

pub(super) fn throttling() -> Panel {
    lines(
        "Throttling",
        "Which part of the answers are 429; above 5 % for a quarter of an hour is ClusterLinkApiThrottled. Poll less often, fewer \
         links, or with credentials of our own.",
        "percentunit",
    )
    .set("max", 1)
    .over_time(
        r#"(sum by (cluster_name, cluster_id) (rate(clusterlink_api_requests_total{poll,code="429"}[$__rate_interval])) or 0 * sum by (cluster_name, cluster_id) (rate(clusterlink_api_requests_total{poll}[$__rate_interval]))) / (sum by (cluster_name, cluster_id) (rate(clusterlink_api_requests_total{poll}[$__rate_interval])) > 0)"#,
        "{{cluster_name}}",
    )
}

pub(super) fn latency() -> Panel {
    let of = |quantile| {
        let histogram = "clusterlink_api_request_duration_seconds";
        queries::quantile(quantile, histogram, "endpoint", "poll")
    };
    lines(
        "Latency of the API, p50 and p99",
        "How long requests take by endpoint, bodies included. A whole poll must fit its `poll_timeout`.",
        "s",
    )
    .over_time(&of(0.5), "p50 {{endpoint}}")
    .over_time(&of(0.99), "p99 {{endpoint}}")
}

pub(super) fn unrecognized() -> Panel {
    lines(
        "Values nobody has heard of",
        "States, statuses and error codes of the API that this version does not know; they count as UNKNOWN and are logged. A \
         newer exporter may know them.",
        "short",
    )
    .over_time(
        "sum by (field) (once(increase(clusterlink_unrecognized_values_total{poll}[$__rate_interval])))",
        "{{field}}",
    )
}
