//! Every alert that the example must know.

use cluster_link_exporter::alert::{Identity, Rule, Selector, Subject, rules};
use serde_json::{Value, json};

/// An alert as Alertmanager knows it.
pub(crate) struct Named {
    pub(crate) name: &'static str,
    pub(crate) severity: &'static str,
    pub(crate) scope: &'static str,
    /// What tells one alert of this name from another.
    pub(crate) identity: Vec<String>,
}

/// All of them, in the order of the table.
pub(crate) fn table() -> Vec<Named> {
    rules()
        .flat_map(|rule| {
            rule.subject.scopes().iter().map(|scope| Named {
                name: rule.name,
                severity: rule.severity.label(),
                scope,
                identity: identity(rule),
            })
        })
        .map(|alert| match alert.scope {
            // It is about the link itself: its `task_name` is empty, which is as if it had none.
            "link" => alert.without("task_name"),
            _ => alert,
        })
        .collect()
}

/// The labels by which alerts of this rule differ: those of the leftmost aggregation of its expression. What stands within
/// it aggregates by others, what follows only takes some away or adds some of the same labels.
fn identity(rule: &Rule) -> Vec<String> {
    let expression = Selector::default().fill(&(rule.expression)());
    let labels = match expression.split_once("by (") {
        Some((_, rest)) => rest.split_once(')').expect("the labels end").0,
        None if rule.subject == Subject::Job => "job",
        None => "",
    };
    let labels = labels.split(", ").filter(|label| !label.is_empty());
    labels.map(str::to_owned).collect()
}

impl Named {
    fn without(mut self, label: &str) -> Self {
        self.identity.retain(|name| name != label);
        self
    }

    /// The alert's labels; `value` gives those of its identity.
    pub(crate) fn labels(&self, value: impl Fn(&str) -> String) -> Value {
        let mut labels = json!({
            "alertname": self.name,
            "severity": self.severity,
            "component": "cluster-link",
            "scope": self.scope,
        });
        for name in &self.identity {
            labels[name] = json!(value(name));
        }
        labels
    }
}

#[test]
fn the_exporter_tells_its_alerts_apart_by_the_same_labels() {
    for rule in rules().filter(|rule| rule.condition.is_some()) {
        let labels = identity(rule).into_iter().map(|name| (name, json!("x")));
        let labels = Value::Object(labels.collect());
        let identity = serde_json::from_value::<Identity>(labels);
        assert!(identity.is_ok(), "{}: {identity:?}", rule.name);
    }
}
