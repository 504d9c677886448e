//! Every alert that the example must know.

use cluster_link_exporter::alert::{Subject, rules};
use serde_json::{Value, json};

/// An alert as Alertmanager knows it.
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) severity: &'static str,
    pub(crate) scope: &'static str,
    /// What tells one alert of this name from another.
    pub(crate) identity: &'static [&'static str],
}

/// All of them, in the order of the table.
pub(crate) fn table() -> Vec<Named> {
    rules()
        .flat_map(|rule| {
            rule.subject.scopes().iter().map(|scope| Named {
                name: rule.name,
                severity: rule.severity.label(),
                scope,
                identity: identity(rule.subject, scope),
            })
        })
        .collect()
}

fn identity(subject: Subject, scope: &str) -> &'static [&'static str] {
    match subject {
        Subject::Task => &["cluster_name", "cluster_id", "link_name", "task_name"],
        Subject::Link | Subject::Mirrors | Subject::Transitions | Subject::Lag => {
            &["cluster_name", "cluster_id", "link_name"]
        }
        Subject::Expectation if scope == "task" => &[
            "cluster_name",
            "cluster_id",
            "link_name",
            "task_name",
            "expectation",
        ],
        Subject::Expectation => &["cluster_name", "cluster_id", "link_name", "expectation"],
        Subject::Finding => &["cluster_name", "cluster_id", "link_name", "finding"],
        Subject::Pair => &[
            "cluster_name",
            "cluster_id",
            "link_name",
            "remote_cluster_id",
            "check",
        ],
        Subject::Cluster => &["cluster_name", "cluster_id"],
        Subject::Job => &["job"],
        Subject::Everything => &[],
    }
}

impl Named {
    /// The alert's labels; `value` gives those of its identity.
    pub(crate) fn labels(&self, value: impl Fn(&str) -> String) -> Value {
        let mut labels = json!({
            "alertname": self.name,
            "severity": self.severity,
            "component": "cluster-link",
            "scope": self.scope,
        });
        for name in self.identity {
            labels[name] = json!(value(name));
        }
        labels
    }
}
