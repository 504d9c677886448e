//! Every alert that the example must know: the rules of the table, and those that it names before their feature is there.

use cluster_link_exporter::alert::{Subject, rules};
use serde_json::{Value, json};

/// Alerts of features to come that the example names already: name, severity, scope. A rule that is built is deleted here.
const LATER: &[(&str, &str, &str)] = &[
    // Mirror topics: lag against the objective of `expect`.
    ("ClusterLinkMirrorLagAboveRpo", "critical", "mirror"),
];

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
    let built = rules().map(|rule| Named {
        name: rule.name,
        severity: rule.severity.label(),
        scope: rule.subject.scope(),
        identity: match rule.subject {
            Subject::Task => &["cluster_name", "cluster_id", "link_name", "task_name"],
            Subject::Link => &["cluster_name", "cluster_id", "link_name"],
            Subject::Cluster => &["cluster_name", "cluster_id"],
            Subject::Job => &["job"],
            Subject::Everything => &[],
        },
    });
    let later = LATER.iter().map(|&(name, severity, scope)| Named {
        name,
        severity,
        scope,
        identity: &["cluster_name", "cluster_id", "link_name"],
    });
    built.chain(later).collect()
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

#[test]
fn what_is_built_is_no_longer_to_come() {
    for (name, ..) in LATER {
        assert!(
            rules().all(|rule| rule.name != *name),
            "`{name}` has a rule now: delete it from `LATER`"
        );
    }
}
