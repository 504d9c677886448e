//! What the boards mark in all graphs: changes of state, restarts of the exporter, alerts.

use serde_json::{Value, json};

use super::{
    mapping::{BLUE, ORANGE, RED},
    promql::{LINK, TASK, expand},
    variable::{Variable, datasource},
};

/// The annotations of a board with these variables, by when what happened.
pub(super) fn annotations(variables: &[Variable]) -> Vec<Value> {
    let has = |wanted: fn(&Variable) -> bool| variables.iter().any(wanted);
    let mut all = vec![built_in()];
    if has(|variable| matches!(variable, Variable::Link)) {
        let scope = if has(|variable| matches!(variable, Variable::Task)) {
            "task"
        } else {
            "link"
        };
        all.push(at_value(
            "State changes",
            BLUE,
            &format!(
                "{}\nor\n{}",
                became("link", "link", LINK),
                became("task", scope, TASK)
            ),
            (
                "{{link_name}} {{task_name}} became {{state}}",
                "On cluster {{cluster_name}}",
            ),
        ));
    }
    all.push(at_value(
        "Exporter restarts",
        ORANGE,
        "1000 * process_start_time_seconds{job} * on (job, instance) group_left (version) clusterlink_exporter_build_info{job}",
        ("Exporter started", "{{instance}}, version {{version}}"),
    ));
    all.push(annotation(
        "Firing alerts",
        RED,
        r#"once(clusterlink_alerts{job,alertstate="firing",alertname!="ClusterLinkWatchdog"}) > 0"#,
        ("{{alertname}}", "Fires in the exporter's own evaluation"),
        false,
    ));
    all
}

/// When each link or task came to its present state, in milliseconds, with the state. What never changed while it was
/// watched has come to no state.
fn became(noun: &str, scope: &str, key: &str) -> String {
    format!(
        "1000 * (once(clusterlink_{noun}_state{{{scope}}}) == 1) * on ({key}) group_left ()\n  \
         (once(clusterlink_{noun}_state_since_timestamp_seconds{{{scope}}}) and on ({key}) \
         once(clusterlink_{noun}_state_transitions_total{{{scope}}}) > 0)"
    )
}

/// What people and Grafana itself write down.
fn built_in() -> Value {
    json!({
        "builtIn": 1,
        "datasource": { "type": "grafana", "uid": "-- Grafana --" },
        "enable": true,
        "hide": true,
        "iconColor": BLUE,
        "name": "Annotations & Alerts",
        "type": "dashboard",
    })
}

/// Marks the times that the values are, in milliseconds.
fn at_value(name: &str, colour: &str, expression: &str, texts: (&str, &str)) -> Value {
    annotation(name, colour, expression, texts, true)
}

fn annotation(
    name: &str,
    colour: &str,
    expression: &str,
    (title, text): (&str, &str),
    at_value: bool,
) -> Value {
    json!({
        "datasource": datasource(),
        "enable": true,
        "expr": expand(expression),
        "hide": false,
        "iconColor": colour,
        "name": name,
        "step": "60s",
        "textFormat": text,
        "titleFormat": title,
        "useValueForTime": at_value,
    })
}
