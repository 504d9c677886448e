//! What a series in short stands for.

const CLUSTER: &str = r#"cluster_name="dr",cluster_id="lkc-1""#;
const LINK: &str = r#"link_name="orders""#;
const TASK: &str = r#"task_name="AclSync""#;

/// `b: task IN_ERROR` is that series as the second exporter serves it, `unlearnt polled` that of the cluster while its id
/// is not known.
pub(crate) fn series(short: &str) -> String {
    if let Some(short) = short.strip_prefix("unlearnt ") {
        return series(short).replace("lkc-1", "");
    }
    let (replica, what) = short.split_once(": ").unwrap_or(("a", short));
    let (what, value) = what.split_once(' ').unwrap_or((what, ""));
    let (family, labels) = match what {
        "task" => (
            "clusterlink_task_state",
            format!("{CLUSTER},{LINK},{TASK},state=\"{value}\""),
        ),
        "link" => (
            "clusterlink_link_state",
            format!("{CLUSTER},{LINK},state=\"{value}\""),
        ),
        "task_errors" => (
            "clusterlink_task_errors",
            format!("{CLUSTER},{LINK},{TASK},error_code=\"{value}\""),
        ),
        "task_since" => (
            "clusterlink_task_state_since_timestamp_seconds",
            format!("{CLUSTER},{LINK},{TASK}"),
        ),
        "task_changes" => (
            "clusterlink_task_state_transitions_total",
            format!("{CLUSTER},{LINK},{TASK}"),
        ),
        "link_changes" => (
            "clusterlink_link_state_transitions_total",
            format!("{CLUSTER},{LINK}"),
        ),
        "links" => ("clusterlink_links", CLUSTER.to_owned()),
        "reported" => (
            "clusterlink_link_tasks_reported",
            format!("{CLUSTER},{LINK}"),
        ),
        "unknown" => (
            "clusterlink_judgement_unknown",
            format!("{CLUSTER},{LINK},judgement=\"{value}\",reason=\"failed\""),
        ),
        "details" => (
            "clusterlink_details_success",
            format!("{CLUSTER},endpoint=\"{value}\""),
        ),
        "link_polled" => ("clusterlink_link_poll_success", format!("{CLUSTER},{LINK}")),
        "polled" => ("clusterlink_poll_success", CLUSTER.to_owned()),
        "last_success" => (
            "clusterlink_poll_last_success_timestamp_seconds",
            CLUSTER.to_owned(),
        ),
        "interval" => ("clusterlink_poll_interval_seconds", CLUSTER.to_owned()),
        "requests" => (
            "clusterlink_api_requests_total",
            format!("{CLUSTER},endpoint=\"links\",code=\"{value}\""),
        ),
        "unrecognized" => (
            "clusterlink_unrecognized_values_total",
            format!("{CLUSTER},field=\"{value}\""),
        ),
        "expiry" => (
            "clusterlink_exporter_credential_expiry_timestamp_seconds",
            CLUSTER.to_owned(),
        ),
        "discovered" => (
            "clusterlink_discovery_success",
            "discovery=\"api.confluent.cloud\"".to_owned(),
        ),
        "reloaded" => (
            "clusterlink_exporter_config_last_reload_successful",
            String::new(),
        ),
        "notified" => (
            "clusterlink_notifications_total",
            format!("receiver=\"ops\",outcome=\"{value}\""),
        ),
        "started" => ("process_start_time_seconds", String::new()),
        "up" => ("up", String::new()),
        other => judged(other, value),
    };
    let scraped = format!("job=\"cluster-link-exporter\",instance=\"{replica}\"");
    let labels = if labels.is_empty() {
        scraped
    } else {
        format!("{scraped},{labels}")
    };
    format!("{family}{{{labels}}}")
}

/// The family and the labels of what is judged of a link, or known of its mirror topics.
fn judged(what: &str, value: &str) -> (&'static str, String) {
    match what {
        "expected" => (
            "clusterlink_expectation_met",
            format!("{CLUSTER},{LINK},expectation=\"{value}\""),
        ),
        "finding" => (
            "clusterlink_link_config_finding",
            format!("{CLUSTER},{LINK},finding=\"{value}\""),
        ),
        "pair" => (
            "clusterlink_pair_consistent",
            format!("{CLUSTER},{LINK},remote_cluster_id=\"lkc-2\",check=\"{value}\""),
        ),
        "topics" => (
            "clusterlink_mirror_topics",
            format!("{CLUSTER},{LINK},mirror_status=\"{value}\""),
        ),
        "stalled" => (
            "clusterlink_mirror_stalled_topics",
            format!("{CLUSTER},{LINK}"),
        ),
        "lag" => (
            "clusterlink_mirror_lag_seconds",
            format!("{CLUSTER},{LINK}"),
        ),
        "objective" => (
            "clusterlink_mirror_rpo_objective_seconds",
            format!("{CLUSTER},{LINK}"),
        ),
        other => panic!("no such series: {other}"),
    }
}
