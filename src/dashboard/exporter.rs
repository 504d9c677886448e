//! The board about the exporter itself: does it see, does it tell, does it live.

mod discovery;
mod notifications;
mod polling;

use serde_json::json;

use super::{
    board::{Board, Row},
    mapping::{self, BLUE_GREY, GREEN, ORANGE, RED, YELLOW},
    panel::{Panel, lines, stat, steps},
    queries, shared,
    table::{Column, table},
    variable::Variable,
};
use crate::model::Endpoint;

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
        rows: [sees(), polls(), tells(), lives()]
            .into_iter()
            .flatten()
            .collect(),
    }
}

/// Whether the exporter sees all.
fn sees() -> Vec<Row> {
    vec![
        Row::Panels(
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
        Row::Panels(9, vec![(24, clusters())]),
    ]
}

/// How it polls, and what the API answers.
fn polls() -> Vec<Row> {
    vec![
        Row::Heading("Polling"),
        Row::Panels(
            8,
            vec![
                (8, polling::poll_age()),
                (8, polling::poll_duration()),
                (8, polling::poll_failures()),
            ],
        ),
        Row::Heading("Confluent's API"),
        Row::Panels(
            8,
            vec![
                (8, polling::requests_by_code()),
                (8, polling::error_ratio()),
                (8, polling::throttling()),
            ],
        ),
        Row::Panels(
            8,
            vec![(12, polling::latency()), (12, polling::unrecognized())],
        ),
        Row::Heading("Discovery"),
        Row::Panels(
            7,
            vec![
                (8, discovery::refreshes()),
                (8, discovery::list_age()),
                (8, discovery::listed_clusters()),
            ],
        ),
    ]
}

/// Whether what it tells arrives.
fn tells() -> Vec<Row> {
    vec![
        Row::Heading("Alerts and notifications"),
        Row::Panels(
            8,
            vec![
                (8, notifications::alerts()),
                (8, notifications::notifications()),
                (8, notifications::queue_length()),
            ],
        ),
        Row::Panels(
            8,
            vec![
                (12, notifications::notification_latency()),
                (12, notifications::refused()),
            ],
        ),
    ]
}

/// What its process uses.
fn lives() -> Vec<Row> {
    vec![
        Row::Heading("Process"),
        Row::Panels(
            7,
            vec![(6, memory()), (6, cpu()), (6, descriptors()), (6, series())],
        ),
    ]
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
    .mappings(shared::no_data())
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
        "Of the selected instances, as the one counts that fails. What was known of them stands until `stale_after`, then it is withdrawn. Next: the table below, then \
         poll failures by reason.",
    )
    .now("sum(1 - least(clusterlink_poll_success{poll}))", "failing")
    .mappings(shared::no_data())
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
    let age = "time() - clusterlink_poll_last_success_timestamp_seconds{poll}";
    let interval = "clusterlink_poll_interval_seconds{poll}";
    let seen = "1 + 0 * clusterlink_links{poll} or 0 * clusterlink_poll_success{poll}";
    let details = |endpoint| of(&queries::details(endpoint));
    let intervals = of(&format!("({age}) / {interval}"));
    table(
        "Clusters",
        "Each cluster as each replica polls it, the oldest data first. SEEN says whether links, tasks and mirror topics of it \
         are shown at all; Settings and Mirror topics, where they are asked for, whether the last round of requests for them got \
         and understood everything. What is not known because of it is on the boards Link and Failover.",
        vec![
            Column::value("Age in intervals", &format!("sort_desc({intervals})"))
                .decimals(1)
                .descending()
                .coloured(&[(None, GREEN), (Some(2.0), YELLOW), (Some(5.0), RED)]),
            Column::value("Seen", &of(seen)).badge(mapping::verdict("SEEN", "BLIND")),
            Column::label("cluster_name", "Cluster"),
            Column::label("cluster_id", "Cluster id"),
            Column::label("instance", "Instance"),
            Column::value("Last poll", &of("clusterlink_poll_success{poll}"))
                .badge(mapping::verdict("WORKED", "FAILED")),
            Column::value("Settings", &details(Endpoint::Configs))
                .badge(mapping::verdict("READ", "FAILED")),
            Column::value("Mirror topics", &details(Endpoint::Mirrors))
                .badge(mapping::verdict("READ", "FAILED")),
            Column::value("Age", &of(age)).unit("s"),
            Column::value("Took", &of("clusterlink_poll_duration_seconds{poll}")).unit("s"),
            Column::value("Interval", &of(interval)).unit("s"),
            Column::value("Links", &of("clusterlink_links{poll}")).decimals(0),
            Column::value("Remnants", &of("clusterlink_unmanaged_source_links{poll}")).decimals(0),
        ],
    )
    .no_value(mapping::NO_DATA)
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
