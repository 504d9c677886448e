//! Families about our own polls. They stand from before the first poll on, for as long as the cluster is configured.

use super::{Family, Kind, Label, Shows, samples::unix_seconds};
use crate::model::{Endpoint, Field, Reason};

const ENDPOINT: Label = Label::one_of("endpoint", || {
    Endpoint::ALL.iter().map(|e| e.label()).collect()
});
const REASON: Label = Label::one_of("reason", || {
    Reason::ALL.iter().map(|it| it.label()).collect()
});
const FIELD: Label = Label::one_of("field", || Field::ALL.iter().map(|it| it.label()).collect());

/// People expect an exporter to ask when it is scraped; this one does not.
macro_rules! by_own_clock {
    ($meaning:literal) => {
        concat!(
            $meaning,
            "; the exporter polls by its own clock, not when it is scraped"
        )
    };
}

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "clusterlink_poll_success",
        meaning: by_own_clock!(
            "1 if the last poll of the cluster got the list and every wanted link"
        ),
        kind: Kind::Gauge,
        shows: Shows::Polls,
        labels: &[],
        collect: |cluster, samples| samples.push(&[], f64::from(cluster.poll_succeeded())),
    },
    Family {
        name: "clusterlink_poll_last_success_timestamp_seconds",
        meaning: by_own_clock!(
            "When the last successful poll ended, in Unix seconds; 0 until the first"
        ),
        kind: Kind::Gauge,
        shows: Shows::Polls,
        labels: &[],
        collect: |cluster, samples| {
            samples.push(&[], cluster.polls.last_success.map_or(0.0, unix_seconds));
        },
    },
    Family {
        name: "clusterlink_poll_duration_seconds",
        meaning: by_own_clock!(
            "How long the last poll took, in seconds, all requests and retries included"
        ),
        kind: Kind::Gauge,
        shows: Shows::Polls,
        labels: &[],
        collect: |cluster, samples| samples.push(&[], cluster.polls.last_duration.as_secs_f64()),
    },
    Family {
        name: "clusterlink_poll_interval_seconds",
        meaning: by_own_clock!(
            "The time between two polls, in seconds: as configured, or stretched while the API throttles"
        ),
        kind: Kind::Gauge,
        shows: Shows::Polls,
        labels: &[],
        collect: |cluster, samples| samples.push(&[], cluster.limits.poll_interval.as_secs_f64()),
    },
    Family {
        name: "clusterlink_poll_failures_total",
        meaning: by_own_clock!("Failed polls by their first cause"),
        kind: Kind::Counter,
        shows: Shows::Polls,
        labels: &[REASON],
        collect: |cluster, samples| {
            for (reason, count) in Reason::ALL.iter().zip(cluster.polls.failures) {
                samples.push(&[reason.label()], count as f64);
            }
        },
    },
    Family {
        name: "clusterlink_api_requests_total",
        meaning: "Requests sent to the REST API, retries included; \
                  code is the HTTP status, or `error` where no answer came",
        kind: Kind::Counter,
        shows: Shows::Polls,
        labels: &[ENDPOINT, Label::open("code")],
        collect: |cluster, samples| {
            for ((endpoint, status), count) in &cluster.polls.requests {
                let code = status.map_or_else(|| "error".to_owned(), |status| status.to_string());
                samples.push(&[endpoint.label(), &code], *count as f64);
            }
        },
    },
    Family {
        name: "clusterlink_api_request_duration_seconds",
        meaning: "Duration of requests to the REST API, in seconds, bodies included",
        kind: Kind::Histogram,
        shows: Shows::Polls,
        labels: &[ENDPOINT],
        collect: |cluster, samples| {
            for (endpoint, latency) in &cluster.polls.latency {
                samples.push_histogram(&[endpoint.label()], latency);
            }
        },
    },
    Family {
        name: "clusterlink_details_success",
        meaning: by_own_clock!(
            "1 if the settings (configs) or mirror topics (mirrors) that were asked for last came and were understood, 0 if \
             not; absent where they are not asked for"
        ),
        kind: Kind::Gauge,
        shows: Shows::Polls,
        labels: &[Label::one_of("endpoint", || {
            Endpoint::DETAILS
                .iter()
                .map(|endpoint| endpoint.label())
                .collect()
        })],
        collect: |cluster, samples| {
            for endpoint in Endpoint::DETAILS {
                if let Some(succeeded) = cluster.details_succeeded(endpoint) {
                    samples.push(&[endpoint.label()], f64::from(succeeded));
                }
            }
        },
    },
    Family {
        name: "clusterlink_unrecognized_values_total",
        meaning: "Occurrences in the API's answers of states, statuses and error codes this exporter has not heard of, and of \
                  items that do not say what they are about",
        kind: Kind::Counter,
        shows: Shows::Polls,
        labels: &[FIELD],
        collect: |cluster, samples| {
            for (field, count) in Field::ALL.iter().zip(cluster.polls.unrecognized) {
                samples.push(&[field.label()], count as f64);
            }
        },
    },
];

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use insta::assert_snapshot;

    use super::*;
    use crate::{
        metrics::testing::{NOW, documented, failure, samples_of, unpolled},
        model::Cluster,
    };

    #[test]
    fn a_cluster_that_was_never_polled_has_every_series_at_zero() {
        assert_snapshot!(samples_of(FAMILIES, &unpolled("prod")), @r#"
        clusterlink_poll_success 0

        clusterlink_poll_last_success_timestamp_seconds 0

        clusterlink_poll_duration_seconds 0

        clusterlink_poll_interval_seconds 30

        clusterlink_poll_failures_total{reason="timeout"} 0
        clusterlink_poll_failures_total{reason="connect"} 0
        clusterlink_poll_failures_total{reason="tls"} 0
        clusterlink_poll_failures_total{reason="auth"} 0
        clusterlink_poll_failures_total{reason="forbidden"} 0
        clusterlink_poll_failures_total{reason="not_found"} 0
        clusterlink_poll_failures_total{reason="throttled"} 0
        clusterlink_poll_failures_total{reason="server_error"} 0
        clusterlink_poll_failures_total{reason="bad_response"} 0

        clusterlink_api_requests_total{endpoint="links",code="200"} 0
        clusterlink_api_requests_total{endpoint="link",code="200"} 0

        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="0.025"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="0.05"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="0.1"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="0.25"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="0.5"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="1"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="2.5"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="5"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="10"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="+Inf"} 0
        clusterlink_api_request_duration_seconds_sum{endpoint="links"} 0
        clusterlink_api_request_duration_seconds_count{endpoint="links"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="0.025"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="0.05"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="0.1"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="0.25"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="0.5"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="1"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="2.5"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="5"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="10"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="+Inf"} 0
        clusterlink_api_request_duration_seconds_sum{endpoint="link"} 0
        clusterlink_api_request_duration_seconds_count{endpoint="link"} 0

        clusterlink_unrecognized_values_total{field="link_state"} 0
        clusterlink_unrecognized_values_total{field="task_state"} 0
        clusterlink_unrecognized_values_total{field="mirror_status"} 0
        clusterlink_unrecognized_values_total{field="error_code"} 0
        clusterlink_unrecognized_values_total{field="item"} 0
        "#);
    }

    fn failing() -> Cluster {
        let mut cluster = documented();
        let polls = &mut cluster.polls;
        polls.count = 2;
        polls.last_failure = Some(failure(Reason::Throttled));
        polls.last_success = Some(NOW);
        polls.last_duration = Duration::from_millis(1250);
        polls.failures[6] = 1;
        polls.unrecognized = [1, 2, 0, 4, 0];
        for (status, took) in [(Some(200), 30), (Some(429), 50), (None, 12_000)] {
            *polls.requests.entry((Endpoint::Links, status)).or_default() += 1;
            let latency = polls.latency.entry(Endpoint::Links).or_default();
            latency.observe(Duration::from_millis(took));
        }
        cluster
    }

    #[test]
    fn a_failed_poll_is_counted_by_its_cause_and_the_time_of_the_last_good_one_stands_still() {
        assert_snapshot!(samples_of(FAMILIES, &failing()), @r#"
        clusterlink_poll_success 0

        clusterlink_poll_last_success_timestamp_seconds 1700000060.5

        clusterlink_poll_duration_seconds 1.25

        clusterlink_poll_interval_seconds 30

        clusterlink_poll_failures_total{reason="timeout"} 0
        clusterlink_poll_failures_total{reason="connect"} 0
        clusterlink_poll_failures_total{reason="tls"} 0
        clusterlink_poll_failures_total{reason="auth"} 0
        clusterlink_poll_failures_total{reason="forbidden"} 0
        clusterlink_poll_failures_total{reason="not_found"} 0
        clusterlink_poll_failures_total{reason="throttled"} 1
        clusterlink_poll_failures_total{reason="server_error"} 0
        clusterlink_poll_failures_total{reason="bad_response"} 0

        clusterlink_api_requests_total{endpoint="links",code="error"} 1
        clusterlink_api_requests_total{endpoint="links",code="200"} 1
        clusterlink_api_requests_total{endpoint="links",code="429"} 1
        clusterlink_api_requests_total{endpoint="link",code="200"} 0

        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="0.025"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="0.05"} 2
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="0.1"} 2
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="0.25"} 2
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="0.5"} 2
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="1"} 2
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="2.5"} 2
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="5"} 2
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="10"} 2
        clusterlink_api_request_duration_seconds_bucket{endpoint="links",le="+Inf"} 3
        clusterlink_api_request_duration_seconds_sum{endpoint="links"} 12.08
        clusterlink_api_request_duration_seconds_count{endpoint="links"} 3
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="0.025"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="0.05"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="0.1"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="0.25"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="0.5"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="1"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="2.5"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="5"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="10"} 0
        clusterlink_api_request_duration_seconds_bucket{endpoint="link",le="+Inf"} 0
        clusterlink_api_request_duration_seconds_sum{endpoint="link"} 0
        clusterlink_api_request_duration_seconds_count{endpoint="link"} 0

        clusterlink_unrecognized_values_total{field="link_state"} 1
        clusterlink_unrecognized_values_total{field="task_state"} 2
        clusterlink_unrecognized_values_total{field="mirror_status"} 0
        clusterlink_unrecognized_values_total{field="error_code"} 4
        clusterlink_unrecognized_values_total{field="item"} 0
        "#);
    }

    #[test]
    fn a_withdrawn_cluster_keeps_its_poll_series() {
        let withdrawn = Cluster {
            is_stale: true,
            ..failing()
        };
        assert_eq!(
            samples_of(FAMILIES, &withdrawn),
            samples_of(FAMILIES, &failing())
        );
    }
}
