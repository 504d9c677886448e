//! The variables of a board, from the widest to the narrowest: each offers what the ones before it leave.

use serde_json::{Value, json};

use super::promql::expand;

/// A variable of a board.
#[derive(Clone, Copy)]
pub(super) enum Variable {
    /// Which Prometheus.
    Datasource,
    /// Which job of it scrapes the exporter.
    Job,
    /// Which process of the exporter.
    Instance,
    /// Which clusters.
    Cluster,
    /// Which links of them.
    Link,
    /// Which tasks of those.
    Task,
}

/// The data source of everything that is asked.
pub(super) fn datasource() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

impl Variable {
    /// The variable for a board.
    pub(super) fn json(self) -> Value {
        match self {
            Self::Datasource => prometheus(),
            Self::Job => query(
                ("job", "Job"),
                "The job of Prometheus that scrapes the exporter",
                "clusterlink_exporter_build_info",
            ),
            Self::Instance => query(
                ("instance", "Instance"),
                "Which processes of the exporter",
                "clusterlink_exporter_build_info{job}",
            ),
            Self::Cluster => query(
                ("cluster_name", "Cluster"),
                "Names of clusters in the exporter's configuration",
                "clusterlink_poll_success{job}",
            ),
            Self::Link => query(
                ("link_name", "Link"),
                "Links of the selected clusters",
                "clusterlink_link_poll_success{cluster}",
            ),
            Self::Task => query(
                ("task_name", "Task"),
                "Tasks of the selected links",
                "clusterlink_task_state{link}",
            ),
        }
    }
}

/// Every Prometheus that Grafana has.
fn prometheus() -> Value {
    json!({
        "type": "datasource",
        "name": "datasource",
        "label": "Data source",
        "description": "The Prometheus that scrapes the exporter",
        "query": "prometheus",
        "options": [],
        "refresh": 1,
        "regex": "",
        "hide": 0,
        "includeAll": false,
        "multi": false,
        "skipUrlSync": false,
    })
}

/// The values of the label that the variable is named after, asked anew when the time range changes.
fn query((name, label): (&str, &str), description: &str, series: &str) -> Value {
    let definition = format!("label_values({}, {name})", expand(series));
    json!({
        "type": "query",
        "name": name,
        "label": label,
        "description": description,
        "datasource": datasource(),
        "definition": definition,
        "query": definition,
        "refresh": 2,
        "sort": 1,
        "regex": "",
        "multi": true,
        "includeAll": true,
        "allValue": ".+",
        "current": { "selected": true, "text": ["All"], "value": ["$__all"] },
        "options": [],
        "hide": 0,
        "skipUrlSync": false,
    })
}
