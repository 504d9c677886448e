//! The board about the exporter itself: does it see, does it tell, does it live.

use serde_json::json;

use super::{
    board::{Board, Strip},
    mapping::{self, BLUE_GREY, GREEN, Mappings, ORANGE, RED, YELLOW},
    panel::{Panel, lines, stat, steps},
    table::{Column, table},
    variable::Variable,
};
use crate::telemetry::Outcome;

/// Holds for the processes of the exporter and for no other of the selected jobs.
const OURS: &str = "on (job, instance) clusterlink_exporter_build_info{process}";

pub(super) fn board() -> Board {
    Board {
        uid: "clusterlink-exporter",
        title: "Cluster linking / Exporter",
        description: "The exporter itself: whether it polls, what the API answers, whether notifications arrive, what the \
            process uses.",
        variables: &[
            Variable::Datasource,
            Variable::Job,
            Variable::Instance,
            Variable::Cluster,
        ],
        screen: vec![
            Strip::Panels(
                4,
                vec![
                    (4, up()),
                    (5, version()),
                    (4, configuration()),
                    (4, failing_clusters()),
                    (4, queue_tile()),
                    (3, credentials()),
                ],
            ),
            Strip::Panels(9, vec![(24, clusters())]),
            Strip::Heading("Polling"),
            Strip::Panels(
                8,
                vec![(8, poll_age()), (8, poll_duration()), (8, poll_failures())],
            ),
            Strip::Heading("Confluent's API"),
            Strip::Panels(
                8,
                vec![
                    (8, requests_by_code()),
                    (8, error_ratio()),
                    (8, throttling()),
                ],
            ),
            Strip::Panels(8, vec![(12, latency()), (12, unrecognized())]),
            Strip::Heading("Alerts and notifications"),
            Strip::Panels(
                8,
                vec![(8, alerts()), (8, notifications()), (8, queue_length())],
            ),
            Strip::Panels(8, vec![(12, notification_latency()), (12, refused())]),
            Strip::Heading("Process"),
            Strip::Panels(
                7,
                vec![(6, memory()), (6, cpu()), (6, descriptors()), (6, series())],
            ),
        ],
    }
}

fn up() -> Panel {
    stat(
        "Up",
        "Whether Prometheus reaches each process of the exporter. DOWN: look at its last lines of log and its limit of memory. \
         NO DATA: no process was ever scraped in this time; look at the targets of Prometheus.",
    )
    .named()
    .now(
        "up{process} and on (job) last_over_time(clusterlink_exporter_build_info{process}[$__range])",
        "{{instance}}",
    )
    .mappings(mapping::verdict("UP", "DOWN").nothing(mapping::NO_DATA, RED))
    .unit("none")
}

fn version() -> Panel {
    stat(
        "Version and time since start",
        "Which build runs and since when. Short times again and again are a restart loop.",
    )
    .named()
    .now(
        "(time() - process_start_time_seconds{process}) * on (job, instance) group_left (version) \
         clusterlink_exporter_build_info{process}",
        "{{version}} on {{instance}}",
    )
    .mappings(Mappings::default().nothing(mapping::NO_DATA, RED))
    .thresholds(&[(None, BLUE_GREY)])
    .unit("s")
}

fn configuration() -> Panel {
    stat(
        "Configuration",
        "Whether the last attempt to load the configuration worked, and how long ago the one in use was loaded. FAILED: the one \
         before it is still in use, and a restart would not start; `cluster-link-exporter check-config` names every problem.",
    )
    .now(
        "min(clusterlink_exporter_config_last_reload_successful{process})",
        "last load",
    )
    .now(
        "time() - max(clusterlink_exporter_config_last_reload_success_timestamp_seconds{process})",
        "in use for",
    )
    .mappings(mapping::verdict("LOADED", "FAILED").nothing(mapping::NO_DATA, RED))
    .unit("none")
    .of_query(
        'B',
        &[
            ("unit", "s".into()),
            ("mappings", json!([])),
            ("thresholds", steps(&[(None, BLUE_GREY)])),
        ],
    )
}

fn failing_clusters() -> Panel {
    stat(
        "Clusters whose last poll failed",
        "Counted by replica. What was known of them stands until `stale_after`, then it is withdrawn. Next: the table below, then \
         poll failures by reason.",
    )
    .now("sum(1 - clusterlink_poll_success{poll})", "failing")
    .mappings(Mappings::default().nothing(mapping::NO_DATA, RED))
    .set("decimals", 0)
    .thresholds(&[(None, GREEN), (Some(1.0), RED)])
}

fn queue_tile() -> Panel {
    stat(
        "Notifications that wait",
        "The longest queue of a receiver; more than a few for long is a receiver that does not take them. NO RECEIVERS: the \
         exporter sends no alerts itself.",
    )
    .now(
        "max(clusterlink_notifications_queue_length{process}) or max(clusterlink_exporter_build_info{process}) - 2",
        "waiting",
    )
    .mappings(mapping::tile("NO RECEIVERS"))
    .set("decimals", 0)
    .thresholds(&[(None, GREEN), (Some(10.0), ORANGE), (Some(500.0), RED)])
}

fn credentials() -> Panel {
    stat(
        "Token expires in",
        "When the first bearer token expires; it should be renewed three minutes before. NONE EXPIRES: API keys and users do \
         not say when.",
    )
    .now(
        "min(clusterlink_exporter_credential_expiry_timestamp_seconds{poll} - time()) or \
         max(clusterlink_exporter_build_info{process}) - 2",
        "first",
    )
    .mappings(mapping::tile("NONE EXPIRES"))
    .unit("s")
    .thresholds(&[(None, RED), (Some(60.0), YELLOW), (Some(180.0), GREEN)])
}

fn clusters() -> Panel {
    let of = |series: &str| format!("max by (instance, cluster_name, cluster_id) ({series})");
    table(
        "Clusters",
        "Each cluster as each replica polls it, the oldest data first. SEEN says whether links, tasks and mirror topics of it \
         are shown at all.",
        vec![
            Column::value('A', "Age in intervals").decimals(1).descending()
                .coloured(&[(None, GREEN), (Some(2.0), YELLOW), (Some(5.0), RED)]),
            Column::label("cluster_name", "Cluster"),
            Column::label("cluster_id", "Cluster id"),
            Column::label("instance", "Instance"),
            Column::value('B', "Last poll").badge(mapping::verdict("WORKED", "FAILED")),
            Column::value('C', "Age").unit("s").decimals(0),
            Column::value('D', "Took").unit("s").decimals(2),
            Column::value('E', "Interval").unit("s").decimals(0),
            Column::value('F', "Seen").badge(mapping::verdict("SEEN", "BLIND")),
            Column::value('G', "Links").decimals(0),
            Column::value('H', "Remnants").decimals(0),
        ],
    )
    .no_value(mapping::NO_DATA)
    .rows(&format!(
        "sort_desc({})",
        of("(time() - clusterlink_poll_last_success_timestamp_seconds{poll}) / clusterlink_poll_interval_seconds{poll}")
    ))
    .rows(&of("clusterlink_poll_success{poll}"))
    .rows(&of("time() - clusterlink_poll_last_success_timestamp_seconds{poll}"))
    .rows(&of("clusterlink_poll_duration_seconds{poll}"))
    .rows(&of("clusterlink_poll_interval_seconds{poll}"))
    .rows(&of(
        "1 + 0 * clusterlink_links{poll} or 0 * clusterlink_poll_success{poll}",
    ))
    .rows(&of("clusterlink_links{poll}"))
    .rows(&of("clusterlink_unmanaged_source_links{poll}"))
}

fn poll_age() -> Panel {
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

fn poll_duration() -> Panel {
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

fn poll_failures() -> Panel {
    lines(
        "Poll failures by reason",
        "Failed polls by their first cause. auth, forbidden: credentials; timeout, connect, tls: the way there; throttled: too \
         many requests; server_error, bad_response: the API itself.",
        "short",
    )
    .over_time(
        "sum by (reason) (increase(clusterlink_poll_failures_total{poll}[$__rate_interval]))",
        "{{reason}}",
    )
}

fn requests_by_code() -> Panel {
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

fn error_ratio() -> Panel {
    lines(
        "Share of requests that failed",
        "Which part of the requests to each cluster had no answer, or one of 400 and above.",
        "percentunit",
    )
    .set("max", 1)
    .over_time(
        r#"(sum by (cluster_name) (rate(clusterlink_api_requests_total{poll,code=~"error|[45].."}[$__rate_interval])) or 0 * sum by (cluster_name) (rate(clusterlink_api_requests_total{poll}[$__rate_interval]))) / (sum by (cluster_name) (rate(clusterlink_api_requests_total{poll}[$__rate_interval])) > 0)"#,
        "{{cluster_name}}",
    )
}

fn throttling() -> Panel {
    lines(
        "Throttling",
        "Which part of the answers are 429; above 5 % for a quarter of an hour is ClusterLinkApiThrottled. Poll less often, fewer \
         links, or with credentials of our own.",
        "percentunit",
    )
    .set("max", 1)
    .over_time(
        r#"(sum by (cluster_name) (rate(clusterlink_api_requests_total{poll,code="429"}[$__rate_interval])) or 0 * sum by (cluster_name) (rate(clusterlink_api_requests_total{poll}[$__rate_interval]))) / (sum by (cluster_name) (rate(clusterlink_api_requests_total{poll}[$__rate_interval])) > 0)"#,
        "{{cluster_name}}",
    )
}

fn latency() -> Panel {
    let quantile = |quantile: &str| {
        format!(
            "histogram_quantile({quantile}, sum by (endpoint, le) \
             (rate(clusterlink_api_request_duration_seconds_bucket{{poll}}[$__rate_interval])))"
        )
    };
    lines(
        "Latency of the API, p50 and p99",
        "How long requests take by endpoint, bodies included. A whole poll must fit its `poll_timeout`.",
        "s",
    )
    .over_time(&quantile("0.50"), "p50 {{endpoint}}")
    .over_time(&quantile("0.99"), "p99 {{endpoint}}")
}

fn unrecognized() -> Panel {
    lines(
        "Values nobody has heard of",
        "States, statuses and error codes of the API that this version does not know; they count as UNKNOWN and are logged. A \
         newer exporter may know them.",
        "short",
    )
    .over_time(
        "sum by (field) (increase(clusterlink_unrecognized_values_total{poll}[$__rate_interval]))",
        "{{field}}",
    )
}

fn alerts() -> Panel {
    lines(
        "Alerts by the exporter's own evaluation",
        "How many alerts each rule has now, pending or firing; the Watchdog always fires.",
        "short",
    )
    .set("decimals", 0)
    .over_time(
        "sum by (alertname, alertstate) (once(clusterlink_alerts{process})) > 0",
        "{{alertname}} {{alertstate}}",
    )
}

fn notifications() -> Panel {
    lines(
        "Notifications by outcome",
        "What became of notifications. Everything but delivered is trouble: failed is tried again, refused and dropped are lost. \
         Empty without receivers.",
        "short",
    )
    .no_value("No receivers, or nothing is known")
    .over_time(
        "sum by (receiver, outcome) (increase(clusterlink_notifications_total{process}[$__rate_interval]))",
        "{{receiver}} {{outcome}}",
    )
}

fn queue_length() -> Panel {
    lines(
        "Queues of notifications",
        "Notifications that wait, those under way included. Growing: the receiver does not take them; \
         `cluster-link-exporter test-alert` shows its answers. Each holds 1,000.",
        "short",
    )
    .no_value("No receivers, or nothing is known")
    .over_time("clusterlink_notifications_queue_length{process}", "{{receiver}} ({{instance}})")
}

fn notification_latency() -> Panel {
    let quantile = |quantile: &str| {
        format!(
            "histogram_quantile({quantile}, sum by (receiver, le) \
             (rate(clusterlink_notification_duration_seconds_bucket{{process}}[$__rate_interval])))"
        )
    };
    lines(
        "Latency of receivers, p50 and p99",
        "How long attempts to send take, failed ones included.",
        "s",
    )
    .no_value("No receivers, or nothing is known")
    .over_time(&quantile("0.50"), "p50 {{receiver}}")
    .over_time(&quantile("0.99"), "p99 {{receiver}}")
}

fn refused() -> Panel {
    let bad = Outcome::ALL
        .iter()
        .filter(|outcome| !matches!(outcome, Outcome::Delivered));
    let bad: Vec<_> = bad.map(|outcome| outcome.label()).collect();
    lines(
        "Share of notifications that failed",
        "Which part of the notifications to each receiver did not arrive; above 1 % is ClusterLinkNotificationsFailing.",
        "percentunit",
    )
    .set("max", 1)
    .no_value("No notifications, or nothing is known")
    .over_time(
        &format!(
            r#"sum by (receiver) (rate(clusterlink_notifications_total{{process,outcome=~"{}"}}[$__rate_interval])) / (sum by (receiver) (rate(clusterlink_notifications_total{{process}}[$__rate_interval])) > 0)"#,
            bad.join("|")
        ),
        "{{receiver}}",
    )
}

fn memory() -> Panel {
    lines(
        "Memory",
        "Resident memory of each process. Steady growth over days is a fault worth a report.",
        "bytes",
    )
    .over_time(
        &format!("process_resident_memory_bytes{{process}} and {OURS}"),
        "{{instance}}",
    )
}

fn cpu() -> Panel {
    lines("CPU", "Cores that each process uses.", "none").over_time(
        &format!("rate(process_cpu_seconds_total{{process}}[$__rate_interval]) and {OURS}"),
        "{{instance}}",
    )
}

fn descriptors() -> Panel {
    lines(
        "File descriptors",
        "Open descriptors of each process; dashed the limit.",
        "short",
    )
    .over_time(
        &format!("process_open_fds{{process}} and {OURS}"),
        "{{instance}}",
    )
    .over_time(
        &format!("process_max_fds{{process}} and {OURS}"),
        "limit of {{instance}}",
    )
    .limit('B')
}

fn series() -> Panel {
    lines(
        "Series exposed",
        "How many series each scrape brings, as Prometheus counts them. Topics one by one make many.",
        "short",
    )
    .over_time(&format!("scrape_samples_scraped{{process}} and {OURS}"), "{{instance}}")
}
